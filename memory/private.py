"""Folders that nobody but their owner looks into: a goal, its files and its notes are nobody else's business."""

from __future__ import annotations

from pathlib import Path

__all__ = ["make_private_folder"]


def make_private_folder(folder: Path, *, anew: bool = False) -> None:
    """Make a folder, and every one above it that is missing, each with rights for its owner alone (0700; on Windows it
    takes the rights of the folder it is made in). One that is there keeps the rights it has.

    Args:
        folder: What is to be made.
        anew: It must not be there yet.

    Raises:
        FileExistsError: it is there and is no folder, or is there and `anew` is set.
        OSError: it cannot be made.
    """
    if not folder.parent.exists():
        make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=not anew)
