"""Who draws pictures, as the user's settings name it, and which tools for pictures can work by that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.errors import ModelRefused
from agent.model.choice import OFFLINE, Choice
from agent.model.dialect import Endpoint
from agent.model.transport import open_transport
from agent.settings import Settings
from plugins import ImageEndpoint, Studio, ToolError

if TYPE_CHECKING:
    import httpx2

__all__ = ["image_endpoint", "open_studio"]

_LEAST = 300.0  # seconds that a picture may take: services that draw well are slow, and begin no answer before the end


def open_studio(settings: Settings, choice: Choice | None = None) -> Studio:
    """The studio of a run whose model is `choice` (None: of a call outside of a run); nothing is loaded or opened
    before something is drawn."""
    return Studio(
        settings.images,
        model=settings.image_model,
        models=settings.image_models,
        cache=settings.hub_cache,
        caption_model=settings.image_caption_model,
        detection_model=settings.image_detection_model,
        clip=settings.image_clip_model,
        upscaler=settings.image_upscale_model,
        depth=settings.image_depth_model,
        endpoint=image_endpoint(settings, choice),
    )


def image_endpoint(settings: Settings, choice: Choice | None = None) -> ImageEndpoint | None:
    """Where pictures are asked for, and shown: where the run's model is asked, with the same key and by the same way,
    so that nobody is sent a picture who does not see the rest of the run. None where there is no such place.

    Left to itself it draws where it is OpenAI's own, which has an images API. Any other endpoint draws where the user
    says that it can, by naming it (`THINKACT_IMAGES=openai`) or its model. Beside the offline model nothing of a run is
    sent anywhere, unless the user says so, and not by a `.env`.
    """
    offline = choice.name == OFFLINE if choice is not None else settings.model == OFFLINE
    talked_to = choice is not None and not offline
    base_url, key = (choice.base_url, choice.api_key) if choice and talked_to else (settings.base_url, settings.api_key)
    if base_url is None and key is None:
        return None
    place, timeout = Endpoint.of(base_url), max(_LEAST, settings.beginning)

    def connect() -> httpx2.Client:
        try:
            proxy = settings.https_proxy or settings.all_proxy
            return open_transport(place, timeout=timeout, proxy=proxy, follow=True)
        except ModelRefused as error:
            raise ToolError(error.message, hint=error.hint) from error

    def counts(name: str) -> bool:
        return not offline or settings.origin(name) != ".env"

    named = settings.images == "openai" and counts("THINKACT_IMAGES")
    named = named or (settings.image_api_model is not None and counts("THINKACT_IMAGE_API_MODEL"))
    vision = settings.vision_model if counts("THINKACT_VISION_MODEL") else None
    made = ImageEndpoint(
        base_url=place.url,
        host=place.host,
        api_key=key,
        official=place.official,
        keyless=place.private,
        draws=named or (place.official and not offline),
        vision_model=vision or "",
        timeout=timeout,
        connect=connect,
    )
    return made if settings.image_api_model is None else replace(made, image_model=settings.image_api_model)
