"""The endpoint that pictures are asked of, and shown to: where it is, and what the user lets it be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

__all__ = ["IMAGE_MODEL", "ImageEndpoint"]

IMAGE_MODEL = "gpt-image-2.6-flare"
"""Asked where the user names no other. OpenAI retires models within a year or two: the setting is the one to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEndpoint:
    """A service that speaks OpenAI's API, as the user's settings name it.

    Attributes:
        base_url: Such as https://api.openai.com/v1.
        host: For people: never with a password.
        api_key: Only ever in the client that asks; None: none.
        official: Is it OpenAI's own, or Azure's?
        keyless: May it be asked without a key, as on this machine or in a private network?
        draws: Is it to be asked for pictures? A chat server has no images API, so somebody has to say so.
        image_model: Draws.
        vision_model: Looks at pictures; "": none does.
        timeout: Seconds that an answer may take, which for a picture can be minutes.
        connect: Opens the transport; None: one with the SDK's usual ways.
    """

    base_url: str
    host: str
    api_key: str | None = field(default=None, repr=False)
    official: bool = False
    keyless: bool = False
    draws: bool = False
    image_model: str = IMAGE_MODEL
    vision_model: str = ""
    timeout: float = 600.0
    connect: Callable[[], httpx2.Client] | None = field(default=None, repr=False, compare=False)

    @property
    def lacks(self) -> tuple[str, str]:
        """What it lacks to be asked anything at all, and what to do about that; both "" where it lacks nothing."""
        if self.api_key or self.keyless:
            return "", ""
        return f"there is no key for {self.host}", "set OPENAI_API_KEY"
