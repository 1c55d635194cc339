"""What a tool's context leads to where nothing is kept: artifacts and notes that nobody needs."""

from __future__ import annotations

from collections.abc import Sequence

from plugins import Artifact, Found, Newest, Remembered, Seen, ToolError


class Nothing:
    """Artifacts and notes that nobody needs here."""

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        raise ToolError("nothing is kept here")

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        raise ToolError("nothing is kept here")

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        raise ToolError("nothing is remembered here")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        return []

    def newest(self, *, count: int = 20) -> Newest:
        return Newest(notes=(), total=0)

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        return ()
