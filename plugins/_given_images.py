"""What a tool is given of pictures: what is to be drawn, what came of it, and who draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Answer", "Box", "ControlPicture", "Drawing", "Drawn", "Images", "Lora", "SourcePicture"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePicture:
    """A picture that a drawing begins from, instead of from noise alone. What is None, 0 or empty is left to whoever
    draws.

    Attributes:
        image: A file of any format that Pillow reads.
        strength: How much of it is drawn anew, from above 0 to 1 (SDEdit): the share of the steps that are taken.
        mask: A file whose white is to be drawn anew; its black comes back as it was, bit for bit.
        method: How a mask is filled: "blend", or "repaint" (each stretch of the denoising is drawn several times, so
            that what is new fits what is there; RePaint).
        resample: How many times each stretch is drawn by "repaint".
    """

    image: bytes
    strength: float | None = None
    mask: bytes | None = None
    method: str = ""
    resample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPicture:
    """A map that a drawing follows (ControlNet).

    Attributes:
        image: A file of the map itself: white lines on black for edges, light for near in depth, and so on.
        kind: "edges", "depth", "scribble" or "pose": which ControlNet reads it.
        scale: How closely it is followed; 1 is usual.
    """

    image: bytes
    kind: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """A style or subject that a model is to draw with.

    Attributes:
        name: Of a file in the model's folder `loras`, without its ending; or the path of a file.
        weight: 1: in full; 0: not at all.
    """

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a picture shows, or the answer to a question about it. `score`: from 0 to 1, how sure whoever looked is;
    None where it does not tell. `by`: who looked."""

    text: str
    by: str
    score: float | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where something is in a picture: its upper left corner and its size, in pixels; `score` and `by` as in
    `Answer`."""

    label: str
    x: int
    y: int
    width: int
    height: int
    by: str
    score: float | None = None


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
        source: A picture to begin from; None: from noise alone.
        controls: Maps that it follows, all at once.
        loras: What it is drawn with besides.
        reference: A picture whose look it takes up, where the model can (IP-Adapter, or a family that does).
        guider: Of diffusers, instead of plain classifier-free guidance: "apg", "cfg-zero" or "tcfg".
        classifier: What a CLIP beside the model is to see in the picture, which it is drawn towards.
        classifier_scale: How hard it is drawn there; 0: not at all.
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
    source: SourcePicture | None = None
    controls: Sequence[ControlPicture] = ()
    loras: Sequence[Lora] = ()
    reference: bytes | None = None
    guider: str = ""
    classifier: str = ""
    classifier_scale: float = 0.0

    @property
    def needs(self) -> Sequence[str]:
        """What whoever draws it must be able to do, the main thing first: "generate", "edit" or "inpaint", and then
        "control", "lora", "reference" where it is drawn with such."""
        masked = self.source is not None and self.source.mask is not None
        main = "inpaint" if masked else "edit" if self.source is not None else "generate"
        besides = {"control": self.controls, "lora": self.loras, "reference": self.reference}
        return (main, *(name for name, given in besides.items() if given))


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
        """What can be done here now, each with the back-end that does it: "generate", "edit", "inpaint", "control",
        "lora", "reference", "upscale", "depth", "caption", "ask", "find". Quick: nothing is loaded."""
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

    def upscale(
        self,
        image: bytes,
        *,
        scale: int = 4,
        method: str = "",
        prompt: str = "",
        seed: int | None = None,
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drawn:
        """A picture enlarged.

        Args:
            image: A file of any format that Pillow reads.
            scale: How many times as wide and as high.
            method: "diffusion" (a model makes up what the picture does not hold, as SR3 does), "lanczos" (by rule), or
                "" for the first that can.
            prompt: What it shows, for the model.
            seed: As of a drawing.
            parents, progress, cancelled: As in `draw`.

        Raises:
            ToolError: it cannot be done here.
        """
        ...

    def depth(self, image: bytes, *, parents: Sequence[tuple[str, str]] = ()) -> Drawn:
        """A depth map of a picture, as large as it is: what is nearest is white, what is furthest black.

        Args:
            image: A file of any format that Pillow reads.
            parents: As in `draw`.

        Raises:
            ToolError: nothing here can tell.
        """
        ...

    def look(self, image: bytes, question: str = "", *, candidates: int = 1) -> Sequence[Answer]:
        """What a picture shows, or the answer to a question about it, the likeliest first.

        Args:
            image: A file of any format that Pillow reads.
            question: "" for a caption.
            candidates: How many answers are wanted; there may be fewer.

        Raises:
            ToolError: nothing here can tell.
        """
        ...

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        """Where things are in a picture, the likeliest first; none where none of it is there.

        Args:
            image: A file of any format that Pillow reads.
            what: What to look for, in words ("a dog").

        Raises:
            ToolError: nothing here can tell.
        """
        ...

    def clip_model(self) -> Path | None:
        """The folder of the user's CLIP, by which pictures are compared with words and with each other; None where none
        is named."""
        ...
