"""What a model costs and how much it holds, as far as the bundled price list knows. Never asks the network.

The list is a heavy import: it is loaded at the first question about a model that may cost something, or beforehand by
`warm` on a thread of its own. A model on this machine costs nothing where no key is sent, and no list is loaded for it.
One elsewhere in a private network may stand behind a gateway that is paid, and so may one here that wants a key.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agent.events import Usage
from agent.model.dialect import Endpoint

__all__ = ["Prices"]


@dataclass(frozen=True)
class Prices:
    """The entry of one model, by its name as sent and the endpoint that it is asked at; `keyed`: with a key."""

    name: str
    endpoint: Endpoint
    keyed: bool = False

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage; None where the list does not know the model. At an endpoint that it does not know
        a model costs what the list says of its name."""
        if self._free or usage.tokens == 0:
            return 0.0
        if self._entry is None:
            return None
        from genai_prices import Usage as Tokens

        provider, model = self._entry
        tokens = Tokens(
            input_tokens=usage.prompt_tokens,
            # a server that reports more cached tokens than it read must not make the price an error
            cache_read_tokens=min(usage.cached_tokens, usage.prompt_tokens),
            output_tokens=usage.completion_tokens,
        )
        return float(model.calc_price(tokens, provider).total_price)

    def per_million(self) -> tuple[float, float] | None:
        """US dollars for a million tokens of prompt and of reply, as a short request pays them; None where unknown."""
        prompt = self.price(Usage(prompt_tokens=1000))
        reply = self.price(Usage(completion_tokens=1000))
        return None if prompt is None or reply is None else (round(prompt * 1000, 4), round(reply * 1000, 4))

    def window(self, *, load: bool = True) -> int | None:
        """The model's window in tokens; None where it is not known, which in a private network without a key is always:
        the same name may be served there with any window.

        Args:
            load: Load the list where it is not loaded yet; else nothing is known before it is.
        """
        at_home = self.endpoint.private and not self.keyed
        if at_home or not (load or self._loaded) or self._entry is None:
            return None
        window = self._entry[1].context_window
        return window if isinstance(window, int) and window > 0 else None

    def warm(self) -> threading.Thread | None:
        """Load the list on a thread, for later questions; None where that is not needed."""
        if self._free or self._loaded:
            return None
        thread = threading.Thread(target=lambda: self._entry, name="thinkact-prices", daemon=True)
        thread.start()
        return thread

    @property
    def _free(self) -> bool:
        return self.endpoint.loopback and not self.keyed

    @property
    def _loaded(self) -> bool:
        return "_entry" in vars(self) or "genai_prices.data" in sys.modules

    @cached_property
    def _entry(self) -> tuple[Any, Any] | None:
        from genai_prices.data_snapshot import get_snapshot

        maker, _, name = self.name.rpartition("/")  # as gateways name the models of others: openai/gpt-5.4-mini
        elsewhere = self.endpoint.private or self.keyed
        for model, provider, url in (
            (self.name, None, self.endpoint.url),
            *(((self.name, None, None), (name, maker, None)) if elsewhere else ()),
        ):
            try:
                found = get_snapshot().find_provider_model(model, None, provider, url)
            except LookupError:
                continue
            return found
        return None
