"""The image room: pictures made, changed, looked at and judged. What it needs beyond the base is the extra `images`."""

from plugins.images._grid import grid_of
from plugins.images._picture import Opened, Told, open_picture, read_told
from plugins.images._recipe import Recipe

__all__ = ["Opened", "Recipe", "Told", "grid_of", "open_picture", "read_told"]
