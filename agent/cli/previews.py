"""Pictures shown in the terminal: by kitty's protocol or iTerm2's where it says that it has one, else in half blocks.

Nothing is asked of the terminal, which would have to be waited for: what it is, it tells by the environment. What is
written is made here of the pixels alone, so that no file steers a terminal.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

from agent.cli.terminals import is_terminal
from agent.setting_table import PreviewName
from agent.settings import Settings
from plugins import ToolError
from plugins.images import open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS, ROWS = 40, 20
"""The most cells that a picture takes."""
_SHARP = 640  # pixels of the longer side, where the terminal shows pixels
_CHUNK = 4096  # characters, the most of one piece in kitty's protocol
_KITTY = ("kitty", "ghostty", "wezterm")
_ITERM = ("iterm.app", "mintty")


def way_of(settings: Settings, stream: IO[Any] | None, *, wanted: bool = True) -> PreviewName:
    """How pictures are shown on a stream. `wanted`: no flag says that none are."""
    if not wanted or settings.preview == "off" or not is_terminal(stream):
        return "off"
    if settings.preview != "auto":
        return settings.preview
    return _told_by(settings.variable, colour=not settings.no_color)


def _told_by(variable: Callable[[str], str | None], *, colour: bool) -> PreviewName:
    """What the environment says of the terminal."""
    term, program = (variable("TERM") or "").lower(), (variable("TERM_PROGRAM") or "").lower()
    if not colour or term in ("", "dumb", "linux"):
        return "off"
    if variable("TMUX") or term.startswith(("tmux", "screen")):
        return "blocks"  # it lets no pixels through
    if variable("KITTY_WINDOW_ID") or "kitty" in term or "ghostty" in term or program in _KITTY:
        return "kitty"
    return "iterm" if program in _ITERM else "blocks"


def shown(content: bytes, way: PreviewName, *, columns: int = COLUMNS + 1) -> str:
    """What a terminal is to be sent to show a picture; "" where it is none, or none is shown. `columns`: of the
    terminal."""
    if way in ("off", "auto"):
        return ""
    try:
        image = open_picture(content, "the picture").image
    except ToolError:
        return ""
    image = _on_white(image)
    wide, high = _cells(image, max(1, min(COLUMNS, columns - 1)))
    if way == "blocks":
        return "".join(f"{line}\n" for line in _blocks(image, wide, high))
    told = base64.b64encode(_png(image)).decode("ascii")
    if way == "iterm":
        named = f"inline=1;width={wide};height={high};preserveAspectRatio=1;size={len(told) * 3 // 4}"
        return f"\x1b]1337;File={named}:{told}\x07\n"
    return "".join(_kitty(told, wide, high)) + "\n"


def _on_white(image: Image) -> Image:
    from PIL import Image as Images

    if image.mode != "RGBA":
        return image.convert("RGB")
    return Images.alpha_composite(Images.new("RGBA", image.size, "white"), image).convert("RGB")


def _cells(image: Image, most: int) -> tuple[int, int]:
    """The columns and rows that a picture takes; a cell is twice as high as wide."""
    scale = min(most / image.width, 2 * ROWS / image.height)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale / 2))


def _blocks(image: Image, wide: int, high: int) -> Iterator[str]:
    """A line for each two rows of pixels: the upper one in the colour of the letter, the lower in that behind it."""
    small = image.resize((wide, 2 * high), 4 if image.width > wide else 0)  # Pillow's BOX and NEAREST
    pixels = small.tobytes()
    for row in range(high):
        line, before = [], ""
        for column in range(wide):
            upper, lower = (3 * ((2 * row + half) * wide + column) for half in (0, 1))
            colours = f"38;2;{_rgb(pixels, upper)};48;2;{_rgb(pixels, lower)}"
            line.append("▀" if colours == before else f"\x1b[{colours}m▀")
            before = colours
        yield f"{''.join(line)}\x1b[0m"


def _rgb(pixels: bytes, at: int) -> str:
    return ";".join(map(str, pixels[at : at + 3]))


def _png(image: Image) -> bytes:
    small = image.copy()
    small.thumbnail((_SHARP, _SHARP))
    written = io.BytesIO()
    small.save(written, "PNG")
    return written.getvalue()


def _kitty(told: str, wide: int, high: int) -> Iterator[str]:
    """The pieces of a picture; q=2 has the terminal answer nothing."""
    for at in range(0, len(told), _CHUNK):
        more = int(at + _CHUNK < len(told))
        begun = f"a=T,f=100,q=2,c={wide},r={high}," if at == 0 else ""
        yield f"\x1b_G{begun}m={more};{told[at : at + _CHUNK]}\x1b\\"
