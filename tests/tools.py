"""Small tools that many rooms are tried with: one looks, one writes a file, one sends."""

from __future__ import annotations

from plugins import Context, Effect, WorkspacePath, tool


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    return f"{name} is blue"


@tool(effect=Effect.WRITE)
def put(path: WorkspacePath, text: str, *, context: Context) -> str:
    """Put a text into a file.

    Args:
        path: The file.
        text: The text.
    """
    context.workspace.write(path, text.encode())
    return f"put {len(text)} characters into {path}"


@tool(effect=Effect.SEND)
def post(text: str) -> str:
    """Post a text.

    Args:
        text: The text.
    """
    return f"posted {text}"
