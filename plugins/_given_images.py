"""What a tool is given of pictures: what is to be drawn, what came of it, and who draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["Drawing", "Drawn", "Images"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Pictures that are wanted. What is None, 0 or empty is left to whoever draws, and to the model's own defaults.

    Attributes:
        prompt, negative_prompt: What is to be seen, and what is not.
        width, height: In pixels.
        count: How many; picture number i (from 0) has the seed `seed + i`, and is drawn by itself.
        seed: From 0 to 2**32 - 1; None: drawn by lot, and told.
        steps: Of the denoising.
        guidance_scale: How far the picture follows the prompt (classifier-free guidance).
        scheduler: By its name in diffusers.
        model: A folder, or the name of a model that is here.
    """

    prompt: str
    negative_prompt: str = ""
    width: int = 0
    height: int = 0
    count: int = 1
    seed: int | None = None
    steps: int = 0
    guidance_scale: float | None = None
    scheduler: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture that was drawn.

    Attributes:
        content: A PNG file, which tells how it was made.
        width, height: In pixels.
        seed: Draws the very same picture again; None where whoever drew it has none.
        backend, model: Who drew it.
        notes: What the person should know, such as arguments that mean nothing to the back-end.
        recipe: All that the file tells, as plain data.
    """

    content: bytes
    width: int
    height: int
    seed: int | None
    backend: str
    model: str = ""
    notes: Sequence[str] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)


class Images(Protocol):
    """Whoever draws on this machine, or is asked to."""

    def abilities(self) -> Mapping[str, str]:
        """What can be done here now ("generate", …), each with the back-end that does it. Quick: nothing is loaded."""
        ...

    def draw(
        self,
        drawing: Drawing,
        *,
        tool: str = "generate_image",
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Drawn]:
        """Draw, one picture after another, so that those that are done can be kept where it ends early.

        Args:
            drawing: What is wanted.
            tool: Who asks, as the file is to tell.
            parents: The pictures that it is made from: a handle or path, and the SHA-256 of each.
            progress: Told of each step: how many of how many are done, of all pictures together.
            cancelled: Asked between steps; where it says yes, the picture under way is given up.

        Raises:
            ToolError: it cannot be drawn here; before anything is loaded, wherever that can be known.
        """
        ...
