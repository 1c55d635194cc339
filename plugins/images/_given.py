"""The pictures that a tool is given by name."""

from __future__ import annotations

import hashlib

from plugins._contract import Context, ToolError
from plugins._text import show

__all__ = ["picture_of"]


def picture_of(name: str, context: Context) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """The bytes of a picture, by its path in the workspace or by the handle of an artifact, and the parents that a
    picture made from it has: its name and SHA-256. Whether it is a picture is for whoever opens it to say.

    Raises:
        ToolError: there is none of this name, or it lies outside the workspace or is no file.
    """
    name = name.strip()
    if not name:
        raise ToolError("no picture is named", hint="give its path in the workspace, or the handle of an artifact")
    if context.workspace.exists(name):
        name = str(context.workspace.path(name))
        content = context.workspace.read(name)
    else:
        content = _artifact(name, context)
    return content, ((name, hashlib.sha256(content).hexdigest()),)


def _artifact(name: str, context: Context) -> bytes:
    try:
        return context.artifacts.get(name)[1]
    except ToolError as error:
        raise ToolError(
            f"there is no picture {show(name)}: neither a file of the workspace nor an artifact is called so",
            hint="list_files tells what files there are",
        ) from error
