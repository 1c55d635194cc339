"""What a call of a server's tool gave: text for the model, JSON, and artifacts for pictures, sounds and resources."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from plugins._contract import Artifact, Artifacts, Observation, ToolError
from plugins._mcp._server import McpServer
from plugins._mcp._words import hide, visible, within

__all__ = ["links", "observed"]

_MOST_TEXT = 4_000_000  # characters
_MOST_BYTES = 50_000_000  # of one artifact
_MOST_PARTS = 200
_MOST_LINKS = 8


def links(result: Any) -> Iterator[str]:
    """The addresses of the resources that a result refers to and does not hold."""
    found = (str(one.uri) for one in result.content if one.type == "resource_link")
    for number, uri in enumerate(dict.fromkeys(found)):
        if number < _MOST_LINKS:
            yield uri


def observed(server: McpServer, result: Any, linked: Sequence[Any], artifacts: Artifacts) -> Observation:
    """A result as an observation.

    Raises:
        ToolError: the server says that the call failed.
    """
    parts = _Parts(server, artifacts)
    for one in result.content[:_MOST_PARTS]:
        parts.add(one)
    if len(result.content) > _MOST_PARTS:
        parts.lines.append(f"[{len(result.content) - _MOST_PARTS} more parts left out]")
    for one in linked:
        parts.resource(one)
    value = _hidden(result.structured_content, lambda text: visible(hide(text, server.hidden)))
    text = "\n".join(parts.lines).strip()
    if result.is_error:
        raise ToolError(text or "it failed, and did not say why", kind="tool")
    if not text:
        text = "done" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
    return Observation(ok=True, text=text[:_MOST_TEXT], value=value, artifacts=tuple(parts.artifacts))


class _Parts:
    def __init__(self, server: McpServer, artifacts: Artifacts) -> None:
        self._server, self._store = server, artifacts
        self.lines: list[str] = []
        self.artifacts: list[Artifact] = []

    def add(self, part: Any) -> None:
        if part.type == "text":
            self.lines.append(self._text(part.text))
        elif part.type in ("image", "audio"):
            self._blob(part.data, part.mime_type, part.type)
        elif part.type == "resource":
            self.resource(part.resource)
        else:
            self.lines.append(f"[resource {self._short(part.name)}: {self._short(str(part.uri))}]")

    def resource(self, part: Any) -> None:
        """A resource as an artifact; a text of a size to be read is told as well."""
        uri = self._short(str(part.uri))
        if (text := getattr(part, "text", None)) is None:
            self._blob(part.blob, part.mime_type or "application/octet-stream", f"resource {uri}")
            return
        text = self._text(text)
        self._keep(text.encode(), part.mime_type or "text/plain", f"resource {uri}")
        if len(text) <= 20_000:
            self.lines.append(text)

    def _text(self, text: str) -> str:
        return visible(hide(text[:_MOST_TEXT], self._server.hidden))

    def _short(self, text: str) -> str:
        return within(hide(text, self._server.hidden), 200)

    def _blob(self, encoded: str, media_type: str, what: str) -> None:
        try:
            content = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            self.lines.append(f"[{what}: it is not encoded as it should be, and is left out]")
            return
        self._keep(content, media_type, what)

    def _keep(self, content: bytes, media_type: str, what: str) -> None:
        if len(content) > _MOST_BYTES:
            self.lines.append(f"[{what}: {len(content)} bytes are too many to keep]")
            return
        kept = self._store.put(content, media_type=within(media_type, 100), name=_file_name(what, media_type))
        self.artifacts.append(kept)
        self.lines.append(f"[{what}: artifact {kept.handle}, {kept.media_type}, {kept.bytes} bytes]")


def _file_name(what: str, media_type: str) -> str:
    import mimetypes

    ending = mimetypes.guess_extension(media_type.partition(";")[0].strip()) or ""
    last = what.rpartition("/")[2] or what
    name = "".join(one if one.isalnum() or one in "._-" else "_" for one in last)[-60:]
    return name if "." in name else f"{name}{ending}"


def _hidden(value: Any, shown: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(str(name)): _hidden(one, shown) for name, one in value.items()}
    return [_hidden(one, shown) for one in value] if isinstance(value, list) else value
