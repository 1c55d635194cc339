"""Pictures behind a tool's gate: what it wants drawn is checked, and nothing is handed to a call that was given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_args, get_type_hints

from plugins._given_images import Drawing, Drawn, Images
from plugins._revocation import Gate


class GuardedImages:
    """Whoever draws, for one call."""

    def __init__(self, images: Images, gate: Gate) -> None:
        self._images, self._gate = images, gate

    def abilities(self) -> Mapping[str, str]:
        return self._images.abilities()

    def draw(
        self,
        drawing: Drawing,
        *,
        tool: str = "generate_image",
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Drawn]:
        self._gate.check()
        drawn = self._images.draw(_checked(drawing), tool=tool, parents=parents, progress=progress, cancelled=cancelled)
        for one in drawn:
            self._gate.check()
            yield one


def _checked(drawing: Any) -> Drawing:
    if not isinstance(drawing, Drawing):
        raise TypeError(f"context.images.draw: drawing must be a Drawing, not {type(drawing).__name__}")
    for name, kind in get_type_hints(Drawing).items():
        value, kinds = getattr(drawing, name), get_args(kind) or (kind,)
        whole = isinstance(value, int) and float in kinds
        if isinstance(value, bool) or not (isinstance(value, kinds) or whole):
            wanted = " or ".join("nothing" if one is type(None) else one.__name__ for one in kinds)
            raise TypeError(f"context.images.draw: {name} must be {wanted}, not {type(value).__name__}")
    return drawing
