"""The image room: pictures made, changed, looked at and judged. What it needs beyond the base is the extra `images`."""

from plugins.images._backend import State
from plugins.images._endpoint import ImageEndpoint
from plugins.images._families import INDEX
from plugins.images._grid import grid_of
from plugins.images._lora_training import Lesson, pairs_of, train_lora
from plugins.images._picture import Opened, Told, open_picture, read_told
from plugins.images._pipelines import PACKAGES as NEEDED
from plugins.images._recipe import Recipe
from plugins.images._studio import BACKENDS, Studio

__all__ = [
    "BACKENDS",
    "INDEX",
    "NEEDED",
    "ImageEndpoint",
    "Lesson",
    "Opened",
    "Recipe",
    "State",
    "Studio",
    "Told",
    "grid_of",
    "open_picture",
    "pairs_of",
    "read_told",
    "train_lora",
]
