"""Who draws pictures, as the user's settings name it."""

from __future__ import annotations

from agent.settings import Settings
from plugins import Studio


def open_studio(settings: Settings) -> Studio:
    """The studio of a run; nothing is loaded before something is drawn."""
    return Studio(
        settings.images,
        model=settings.image_model,
        caption_model=settings.image_caption_model,
        detection_model=settings.image_detection_model,
    )
