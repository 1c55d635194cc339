"""A model behind an endpoint that speaks chat completions: OpenAI's own, or any server that is like it.

The body that is sent is ready bytes, so that the time before a request does not grow with the history, and the reply
is read as plain dicts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from types import TracebackType
from typing import Self

from agent.errors import ContextTooLong, ModelError
from agent.events import Thought, ThoughtDelta, Usage
from agent.model import Request, Thinking, add_up
from agent.model.asking import Asking
from agent.model.call_ids import CallIds
from agent.model.connection import Connection
from agent.model.dialect import Dialect, Endpoint
from agent.model.exchange import Exchange
from agent.model.patience import Patience
from agent.model.prices import Prices
from agent.model.retry import Retry

__all__ = ["OpenAIModel"]


class OpenAIModel:
    """A model, asked by chat completions. May be used from several threads; `close` ends its connections.

    Args:
        name: As the endpoint calls it.
        base_url: Of the endpoint; None: OpenAI's own. Not read from the environment.
        api_key: Sent as it is; none is needed in a private network.
        window: The model's size in tokens where it is stated; else it is learned.
        timeout: Seconds until the reply begins (a model on this machine may have to be loaded first).
        idle: Seconds of silence within a reply after which it is given up.
        stream: Ask for the reply as it is made.
        retry: When to try again.
        patience: Waits for the first words, and says so.
        proxy: URL of a proxy; None: what the environment says. Never used for this machine, nor for what `NO_PROXY`
            names.
        sleep: Waits for seconds.

    Raises:
        SettingsError: `base_url` is no URL.
    """

    offline = False

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        window: int | None = None,
        timeout: float = 600.0,
        idle: float = 120.0,
        stream: bool = True,
        retry: Retry | None = None,
        patience: Patience | None = None,
        proxy: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.endpoint = Endpoint.of(base_url)
        self._stated_window = window
        self._learned_window: int | None = None
        self._retry = retry or Retry()
        self._sleep = sleep
        self._prices = Prices(name, self.endpoint, keyed=bool((api_key or "").strip()))
        self._ids = CallIds()
        self._connection = Connection(
            name, self.endpoint, key=(api_key or "").strip(), timeout=timeout, idle=idle, proxy=proxy
        )
        self._patience = patience or Patience()
        self._dialect = Dialect(name, stream=stream, official=self.endpoint.official, host=self.endpoint.host)
        # no method of this model: it would hold itself, and its connections would stay open until somebody cleans up
        self._exchange = Exchange(self._connection, self._dialect, meanwhile=_Meanwhile(self._prices, self._ids))

    @property
    def window(self) -> int | None:
        """Its size in tokens: stated, learned from a refusal, or from the price list once that is loaded."""
        stated = self._stated_window or self._prices.window(load=False)
        known = [one for one in (stated, self._learned_window) if one]
        return min(known) if known else None

    def think(self, request: Request) -> Thinking:
        """Answer a request, streaming. A "restart" delta voids what came of an attempt that broke off.

        What attempts cost that were billed and failed is in the usage of the thought, or of the error.

        Raises:
            OutOfTime: the request's time is over, or will be before the next try.
            ModelUnavailable: after bounded tries.
            ModelRefused: the endpoint says no for good.
            ContextTooLong: the prompt does not fit.
        """
        asking = Asking(
            request,
            self._exchange,
            patience=self._patience,
            retry=self._retry,
            host=self.endpoint.host,
            priced=self._priced,
            sleep=self._sleep,
        )
        try:
            return (yield from self._thought(request, asking))
        except ModelError as error:
            if isinstance(error, ContextTooLong) and error.limit:
                self._learned_window = error.limit
            if asking.wasted:
                error.usage = add_up(*asking.wasted)
            raise

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage: 0.0 on this machine where no key is sent, None where the price is unknown. The
        first question about another endpoint takes part of a second: the list is loaded then."""
        return self._prices.price(usage)

    def close(self) -> None:
        """End the connections. The next request opens new ones."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _thought(self, request: Request, asking: Asking) -> Generator[ThoughtDelta, None, Thought]:
        started = time.monotonic()
        reading = yield from asking.read()
        text, calls, finish = reading.result(new_id=self._ids.take)
        self._dialect.keepsakes.note(calls, reading.extras, reading.reasoning)
        usage = self._priced(reading.usage())
        asking.pay(usage)
        return Thought(
            text=text,
            calls=calls,
            usage=add_up(*asking.wasted, usage),
            model=self.name,
            finish=finish,
            seconds=time.monotonic() - started,
            request=request.hash,
        )

    def _priced(self, usage: Usage) -> Usage:
        return replace(usage, usd=self.price(usage))


class _Meanwhile:
    """What is done while the server works, not between its reply and the next request."""

    def __init__(self, prices: Prices, ids: CallIds) -> None:
        self._prices = prices
        self._ids = ids

    def __call__(self, request: Request) -> None:
        self._prices.warm()
        _ = request.hash
        self._ids.note(request.messages)
