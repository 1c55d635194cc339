"""The tool that reads what was too long to be shown."""

from __future__ import annotations

from plugins import Context, Effect, ToolError, tool
from plugins._decoding import decode
from plugins._kinds import binary_kind, size

__all__ = ["read_artifact"]

_PAGE = 8_000
_LONGEST = 48_000


@tool(
    effect=Effect.READ,
    repeatable=True,
    aliases=("artifact", "handle", "rest of the result", "结果的其余部分", "句柄"),
)
def read_artifact(handle: str, offset: int = 0, length: int = _PAGE, *, context: Context) -> str:
    """Read more of a result that was cut.

    Args:
        handle: As told where it was cut.
        offset: First character.
        length: At most so many.
    """
    if offset < 0 or length < 1:
        raise ToolError("offset must be 0 or more, and length 1 or more", hint="leave them out for the first page")
    artifact, content = context.artifacts.get(handle.strip())
    kind = binary_kind(content)
    if kind is not None:
        told = f"{artifact.media_type}, looks like {kind}, {size(len(content))}"
        raise ToolError(f"artifact {artifact.handle} is not text: {told}", hint="use a tool that takes such a file")
    text, _ = decode(content)
    if offset and offset >= len(text):
        raise ToolError(f"artifact {artifact.handle} has {len(text)} characters; offset {offset} is beyond its end")
    end = min(len(text), offset + min(length, _LONGEST))
    if (offset, end) == (0, len(text)):
        return text or "(the artifact is empty)"
    onward = f"; go on with offset={end}" if end < len(text) else ""
    return f"{text[offset:end]}\n[characters {offset}-{end} of {len(text)}{onward}]"
