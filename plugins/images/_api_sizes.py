"""The sizes at which the images API draws."""

from __future__ import annotations

from plugins._outcome import ToolError

__all__ = ["any_size", "fitted", "judge"]

_UNIT, _LONGEST, _RATIO = 16, 3840, 3
_LEAST, _MOST = 655_360, 8_294_400  # pixels of a picture
_RULES = "multiples of 16, at most 3840, at most 3:1, and 0.66 to 8.3 megapixels"


def judge(size: tuple[int, int], model: str) -> None:
    """Refuse a size that the API does not draw, before it is asked. A model whose rules are not known here is left to
    judge by itself.

    Raises:
        ToolError: with the nearest size that it draws.
    """
    if not any_size(model) or _is_drawn(*size):
        return
    width, height = _nearest(*_within_ratio(*size))
    raise ToolError(f"{model} does not draw {size[0]} x {size[1]}: {_RULES}", hint=f"such as {width}x{height}")


def fitted(size: tuple[int, int]) -> tuple[int, int]:
    """The size at which a picture of this size is drawn, of the same shape as nearly as can be.

    Raises:
        ToolError: the picture is longer than the API's pictures can be.
    """
    width, height = size
    if max(size) > _RATIO * min(size):
        told = f"the picture of {width} x {height} is longer than 3:1, and such are not drawn by this API"
        raise ToolError(told, hint="cut it first")
    return size if _is_drawn(width, height) else _nearest(width, height)


def any_size(model: str) -> bool:
    """Is this one of the models that draw at any size within the rules, so that a picture can be drawn at its own?"""
    return "gpt-image-2" in model.lower()


def _is_drawn(width: int, height: int) -> bool:
    in_steps = width % _UNIT == 0 == height % _UNIT and 0 < max(width, height) <= _LONGEST
    return in_steps and max(width, height) <= _RATIO * min(width, height) and _LEAST <= width * height <= _MOST


def _within_ratio(width: int, height: int) -> tuple[int, int]:
    return max(width, -(-height // _RATIO)), max(height, -(-width // _RATIO))


def _nearest(width: int, height: int) -> tuple[int, int]:
    """A size that is drawn, of nearly this shape, which is at most 3:1."""
    area = width * height
    # a little inside of the limits, as rounding to the unit moves a side by up to 2 %
    scale = min(max(1.0, (_LEAST * 1.05 / area) ** 0.5), (_MOST * 0.97 / area) ** 0.5, _LONGEST / max(width, height))
    options = [
        (wide, high) for wide in _rounded(width * scale) for high in _rounded(height * scale) if _is_drawn(wide, high)
    ]
    return min(options, key=lambda one: abs(one[0] * height - one[1] * width))


def _rounded(side: float) -> tuple[int, int]:
    below = int(side) // _UNIT * _UNIT
    return below, below + _UNIT
