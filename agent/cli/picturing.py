"""The pictures of a run on its screen, as far as the terminal can."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.terminals import is_terminal

if TYPE_CHECKING:
    from agent.events import ArtifactReference
    from agent.setting_table import PreviewName
    from agent.settings import Settings

_LARGEST = 100_000_000  # bytes of a picture that is shown


def picturing(settings: Settings, folder: Path, columns: int) -> Callable[[ArtifactReference], str] | None:
    """What shows the pictures that a run keeps in its folder; None where nothing is to be shown."""
    if not is_terminal(sys.stderr) or settings.preview == "off":
        return None

    def picture(one: ArtifactReference) -> str:
        from agent.cli.previews import way_of

        way = way_of(settings, sys.stderr)
        return "" if way == "off" or one.bytes > _LARGEST else shown_file(folder / one.path, way, columns)

    return picture


def shown_file(file: Path, way: PreviewName, columns: int) -> str:
    """What a terminal is to be sent to show a picture of a file; "" where it cannot be read."""
    from agent.cli.previews import shown

    try:
        return shown(file.read_bytes(), way, columns=columns)
    except OSError:
        return ""
