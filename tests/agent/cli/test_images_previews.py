"""Pictures in the terminal: which way, what is written for it, and that nothing is where nobody looks."""

from __future__ import annotations

import base64
import io
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import pyte
import pytest
from PIL import Image

from agent.cli.previews import shown, way_of
from agent.settings import Settings
from plugins.images import open_picture
from tests.place import Place, no_traceback


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def way(environment: Mapping[str, str], stream: IO[Any] | None = None, *, wanted: bool = True) -> str:
    settings = Settings.load(cwd=Path("/"), environ=environment, config=Path("/no/config.toml"))
    return way_of(settings, stream or Terminal(), wanted=wanted)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "TMUX": "x"}, "blocks"),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, "blocks"),
        ({"TERM": "dumb"}, "off"),
        ({}, "off"),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, "off"),
        ({"TERM": "xterm-kitty", "THINKACT_PREVIEW": "off"}, "off"),
        ({"TERM": "xterm-kitty", "THINKACT_PREVIEW": "blocks"}, "blocks"),
    ],
)
def test_the_way_follows_from_what_the_terminal_says_of_itself(environment: dict[str, str], expected: str) -> None:
    assert way(environment) == expected
    assert way(environment, io.StringIO()) == "off"
    assert way(environment, wanted=False) == "off"


def picture(*, size: tuple[int, int] = (80, 40)) -> bytes:
    image, written = Image.new("RGB", size, "red"), io.BytesIO()
    image.paste("blue", (size[0] // 2, 0, *size))
    image.save(written, "PNG")
    return written.getvalue()


def test_half_blocks_show_the_picture_in_its_colours_and_shape() -> None:
    screen = pyte.Screen(60, 24)
    pyte.Stream(screen).feed(shown(picture(), "blocks").replace("\n", "\r\n"))
    for row in range(10):
        cells = [screen.buffer[row][column] for column in range(41)]
        assert [(one.data, one.fg, one.bg) for one in (cells[0], cells[39])] == [
            ("▀", "ff0000", "ff0000"),
            ("▀", "0000ff", "0000ff"),
        ]
        assert cells[40].data == " "
    assert screen.buffer[10][0].data == " "


@pytest.mark.parametrize("size", [(1, 1), (4000, 10), (10, 4000), (300, 300)])
def test_no_picture_takes_more_than_its_place(size: tuple[int, int]) -> None:
    lines = re.sub(r"\x1b\[[^m]*m", "", shown(picture(size=size), "blocks", columns=30)).splitlines()
    assert 1 <= len(lines) <= 20
    assert all(set(line) == {"▀"} and len(line) <= 29 for line in lines)


def test_the_protocols_carry_the_picture_made_anew() -> None:
    noise, written = Image.effect_noise((900, 600), 90), io.BytesIO()
    noise.save(written, "PNG")
    content = written.getvalue() + b"\x1b]0;behind\x07"
    kitty = shown(content, "kitty")
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", kitty)
    assert pieces[0][0].startswith("a=T,f=100,q=2,c=40,r=13,m=")
    assert len(pieces) > 9
    assert [flags[-3:] for flags, _ in pieces[1:-1]] == ["m=1"] * len(pieces[1:-1])
    assert pieces[-1][0].endswith("m=0")
    assert max(len(told) for _, told in pieces) <= 4096
    sent = base64.b64decode("".join(told for _, told in pieces))
    assert open_picture(sent, "sent").image.size == (640, 427)
    assert re.sub(r"\x1b_G[^\x1b]*\x1b\\", "", kitty) == "\n"
    iterm = re.fullmatch(r"\x1b\]1337;File=inline=1;width=40;height=13;[^:]*:([^\x07]*)\x07\n", shown(content, "iterm"))
    assert iterm is not None
    assert open_picture(base64.b64decode(iterm[1]), "sent").image.size == (640, 427)


def test_what_is_no_picture_is_not_shown() -> None:
    assert shown(b"\x1b[2J", "blocks") == ""
    assert shown(picture(), "off") == ""


def at_terminal(place: Place, *words: str, **settings: str) -> str:
    """What a command writes to a terminal of its own."""
    pty = pytest.importorskip("pty")
    pid, descriptor = pty.fork()
    if pid == 0:  # pragma: no cover - the command
        os.chdir(place.folder)
        environment = place.environment(TERM="xterm-256color", THINKACT_IMAGES="draw", TMUX="", **settings)
        environment.pop("NO_COLOR", None)
        os.execvpe(sys.executable, [sys.executable, "-m", "agent", *words], environment)
    told = b""
    try:
        while piece := os.read(descriptor, 65536):
            told += piece
    except OSError:  # how a terminal says that its other end is closed
        pass
    os.waitpid(pid, 0)
    os.close(descriptor)
    return told.decode("utf-8", "replace")


def test_pictures_are_shown_where_they_are_made_and_where_they_are_asked_for(tmp_path: Path) -> None:
    place = Place(tmp_path)
    words = ("tools", "call", "generate_image", "prompt=a large red circle on a white background", "path=圆.png")
    called = at_terminal(place, *words)
    assert called.count("▀") == 40 * 20
    assert "圆.png" in called
    assert "▀" not in at_terminal(place, *words, "--no-preview")
    assert at_terminal(place, "images", "show", "workspace/圆.png").count("▀") == 40 * 20
    assert at_terminal(place, "images", "again", "workspace/圆.png").count("▀") == 40 * 20
    ran = at_terminal(place, "run", "Draw a large green cross and save it as out/cross.png", "-y")
    assert ran.count("▀") == 40 * 20
    assert "▀" not in at_terminal(place, "run", "Draw a small blue circle", "-y", THINKACT_PREVIEW="off")


def test_nothing_is_shown_where_nobody_looks(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "图.png").write_bytes(picture())
    ended = place.thinkact("images", "show", "图.png", TERM="xterm-kitty")
    no_traceback(ended)
    assert ended.stdout == "图.png: 80 x 40\n"
    (tmp_path / "words.png").write_text("words")
    assert place.thinkact("images", "show", "图.png", "words.png").returncode == 2
