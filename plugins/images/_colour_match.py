"""The colours of a picture brought to those of another: the mean and the spread of each channel (Reinhard 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["SPACES", "Colours"]

SPACES = ("none", "lab", "hsv")
"""Where colours are compared: CIELAB, or hue, saturation and value."""
_MOST = 3.0  # times that a spread is widened at most: what is nearly even would become noise
_WHITE = (0.95047, 1.0, 1.08883)  # of D65, in XYZ
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_EDGE = 6 / 29


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a picture: the mean and the standard deviation of each channel in a space."""

    space: str
    mean: Any
    deviation: Any

    @classmethod
    def of(cls, image: Image, space: str) -> Colours:
        """Those of an RGB picture in one of `SPACES`."""
        channels = _into(image, space)
        return cls(space, _mean(channels, space), _deviation(channels, space))

    def given_to(self, image: Image) -> Image:
        """A picture (RGB) with these colours."""
        import numpy as np

        if self.space == "none":
            return image
        channels = _into(image, self.space)
        mean, deviation = _mean(channels, self.space), _deviation(channels, self.space)
        wider = np.clip(self.deviation / np.maximum(deviation, 1e-6), 0, _MOST)
        return _from((channels - mean) * wider + self.mean, self.space)


def _into(image: Image, space: str) -> Any:
    import numpy as np

    if space == "hsv":
        return np.asarray(image.convert("HSV"), dtype=np.float64)
    value = np.asarray(image, dtype=np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    x, y, z = np.moveaxis(_bent(linear @ np.array(_TO_XYZ).T / np.array(_WHITE)), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _bent(value: Any) -> Any:
    import numpy as np

    return np.where(value > _EDGE**3, np.cbrt(value), value / (3 * _EDGE**2) + 4 / 29)


def _from(channels: Any, space: str) -> Image:
    import numpy as np
    from PIL import Image as Images

    if space == "hsv":
        channels = np.concatenate([np.mod(channels[..., :1], 256), np.clip(channels[..., 1:], 0, 255)], axis=-1)
        whole = np.rint(channels).astype(int)
        whole[..., 0] %= 256
        return Images.fromarray(whole.astype(np.uint8), "HSV").convert("RGB")
    light = (channels[..., 0] + 16) / 116
    bent = np.stack([light + channels[..., 1] / 500, light, light - channels[..., 2] / 200], axis=-1)
    xyz = np.where(bent > _EDGE, bent**3, 3 * _EDGE**2 * (bent - 4 / 29)) * np.array(_WHITE)
    linear = np.clip(xyz @ np.linalg.inv(np.array(_TO_XYZ)).T, 0, 1)
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return Images.fromarray(np.clip(np.rint(value * 255), 0, 255).astype(np.uint8))


def _mean(channels: Any, space: str) -> Any:
    """The mean of each channel; of the hue, which is an angle, its direction, where a pixel counts as it has colour."""
    import numpy as np

    mean = channels.reshape(-1, 3).mean(axis=0)
    if space == "hsv":
        turns = np.exp(1j * channels[..., 0] * 2 * np.pi / 256) * channels[..., 1]
        mean[0] = np.angle(turns.sum()) * 256 / (2 * np.pi)
    return mean


def _deviation(channels: Any, space: str) -> Any:
    """The standard deviation of each channel; hues are turned and not spread."""
    deviation = channels.reshape(-1, 3).std(axis=0)
    if space == "hsv":
        deviation[0] = 1.0
    return deviation
