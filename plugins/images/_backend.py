"""What draws, or looks: a back-end says in no time whether it can work here and why not, and then does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from plugins._given_images import Answer, Box, Drawing, Drawn
from plugins._outcome import ToolError

__all__ = ["Backend", "Commission", "Dragging", "Enlargement", "State", "never", "unheard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How it stands with a back-end, as can be told without loading anything.

    Attributes:
        name: The back-end's.
        works: Can it be asked now?
        why: A few words: what it is where it works, what it lacks where it does not.
        hint: What would make it work; "" where it does.
        abilities: What it does: see `plugins.Images.abilities`; empty where it does not work.
        model: The model that it draws with, where that is known.
        world: What alone it draws, to be told to whoever writes prompts for it; "" where it draws anything.
    """

    name: str
    works: bool
    why: str
    hint: str = ""
    abilities: frozenset[str] = frozenset()
    model: str = ""
    world: str = ""


def unheard(_done: int, _of: int) -> None:
    """Progress that nobody is told of."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """A drawing that was asked for, with who asks and how it is told; see `plugins.Images.draw`."""

    drawing: Drawing
    seeds: Sequence[int]
    tool: str
    parents: Sequence[tuple[str, str]] = ()
    progress: Callable[[int, int], None] = field(default=unheard)
    cancelled: Callable[[], bool] = field(default=never)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlargement:
    """A picture that is to be enlarged, with how it is told; see `plugins.Images.upscale`."""

    image: bytes
    scale: int
    prompt: str
    seed: int
    parents: Sequence[tuple[str, str]] = ()
    progress: Callable[[int, int], None] = field(default=unheard)
    cancelled: Callable[[], bool] = field(default=never)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dragging:
    """A picture of which points are to be dragged, with how it is told; see `Studio.drag`. What is None is left
    to whoever does it."""

    image: bytes
    prompt: str
    moves: Sequence[tuple[float, float, float, float]]
    radius: float | None = None
    rounds: int | None = None
    steps: int | None = None
    strength: float | None = None
    guidance_scale: float | None = None
    seed: int
    parents: Sequence[tuple[str, str]] = ()
    progress: Callable[[int, int], None] = field(default=unheard)
    cancelled: Callable[[], bool] = field(default=never)


class Backend:
    """One that draws or looks. It does what its state tells in `abilities`, and is asked for nothing else: what it does
    not override is never called."""

    @property
    def state(self) -> State:
        """How it stands with it; within a few milliseconds."""
        raise NotImplementedError

    def state_with(self, model: str) -> State | None:  # noqa: ARG002
        """How it stands with it for a drawing that names this model; None where its models have no names."""
        return None

    def draw(self, wanted: Commission) -> Iterator[Drawn]:  # noqa: ARG002
        """One picture for each seed; see `plugins.Images.draw`."""
        raise self._unable("draw")

    def upscale(self, wanted: Enlargement) -> Drawn:  # noqa: ARG002
        """The picture enlarged; see `plugins.Images.upscale`."""
        raise self._unable("upscale")

    def drag(self, wanted: Dragging) -> Drawn:  # noqa: ARG002
        """The picture with its points dragged; see `Studio.drag`."""
        raise self._unable("drag")

    def depth(self, image: bytes, parents: Sequence[tuple[str, str]]) -> Drawn:  # noqa: ARG002
        """How near each point is; see `plugins.Images.depth`."""
        raise self._unable("tell depths")

    def look(self, image: bytes, question: str, candidates: int) -> Sequence[Answer]:  # noqa: ARG002
        """What it sees; see `plugins.Images.look`."""
        raise self._unable("look at pictures")

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:  # noqa: ARG002
        """Where it sees it; see `plugins.Images.find`."""
        raise self._unable("find things in pictures")

    def close(self) -> None:
        """Let go of what is loaded."""

    def _unable(self, what: str) -> ToolError:
        return ToolError(f"the back-end {self.state.name} does not {what}")
