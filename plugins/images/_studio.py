"""The studio: the back-ends of this machine, and which of them draws."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from plugins._given_images import Drawing, Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, Commission, State
from plugins.images._draw import DrawBackend
from plugins.images._pipelines import demo_backend, own_backend

__all__ = ["BACKENDS", "Studio"]

BACKENDS = ("diffusers", "demo", "draw")
"""Their names, in the order in which they are asked where the user names none."""
_MOST = 64  # pictures of one call
_SEEDS = 2**32
_LONGEST = 20_000  # characters of a prompt


class Studio:
    """Draws pictures, by the first back-end that can. A context manager; `close` lets go of what is loaded.

    Args:
        backend: The name of the only one that is to draw, or "auto".
        model: The folder of a model of the user's, in the layout of diffusers.
    """

    def __init__(self, backend: str = "auto", *, model: Path | None = None) -> None:
        self._backends: Sequence[Backend] = [own_backend(model), demo_backend(), DrawBackend()]
        if backend not in ("auto", *BACKENDS):
            raise ToolError(
                f"there is no back-end {backend!r} for pictures", hint=f"one of auto, {', '.join(BACKENDS)}"
            )
        self._named = backend

    def states(self) -> Sequence[State]:
        """How it stands with each back-end, in the order in which they are asked."""
        return [one.state for one in self._backends]

    def abilities(self) -> Mapping[str, str]:
        """See `plugins.Images`."""
        found: dict[str, str] = {}
        for state in self.states():
            if self._named in ("auto", state.name) and state.works:
                for ability in sorted(state.abilities):
                    found.setdefault(ability, state.name)
        return found

    def draw(
        self,
        drawing: Drawing,
        *,
        tool: str = "generate_image",
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Drawn]:
        """See `plugins.Images`."""
        _judge(drawing)
        first = random.SystemRandom().randrange(_SEEDS) if drawing.seed is None else drawing.seed
        wanted = Commission(
            drawing=drawing,
            seeds=[(first + number) % _SEEDS for number in range(drawing.count)],
            tool=tool,
            parents=parents,
            progress=progress or (lambda _done, _of: None),
            cancelled=cancelled or (lambda: False),
        )
        return self._able("generate").draw(wanted)

    def close(self) -> None:
        """Let go of what is loaded."""
        for one in self._backends:
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _able(self, ability: str) -> Backend:
        name = self.abilities().get(ability)
        for one in self._backends:
            if one.state.name == name:
                return one
        told = "; ".join(f"{state.name}: {state.why}" for state in self.states())
        raise ToolError(f"nothing here can {ability} pictures: {told}", hint="thinkact images status tells what to do")


def _judge(drawing: Drawing) -> None:
    """Refuse what no back-end could draw."""
    if not drawing.prompt.strip():
        raise ToolError("the prompt is empty", hint="say what is to be seen")
    if len(drawing.prompt) > _LONGEST or len(drawing.negative_prompt) > _LONGEST:
        raise ToolError(f"a prompt has more than {_LONGEST:,} characters", hint="a few sentences do")
    if not 1 <= drawing.count <= _MOST:
        raise ToolError(f"count must be from 1 to {_MOST}, not {drawing.count}")
    if drawing.seed is not None and not 0 <= drawing.seed < _SEEDS:
        raise ToolError(f"seed must be from 0 to {_SEEDS - 1}, not {drawing.seed}", hint="leave it out for a new one")
    if drawing.steps < 0 or drawing.steps > 1000:
        raise ToolError(f"steps must be from 1 to 1000, not {drawing.steps}", hint="20 to 50 are usual")
