"""`thinkact images train-lora`: a style learned from a folder of pictures."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from agent.cli.images.files import wrong_usage
from agent.cli.images.models import library_of
from agent.cli.kb.stopping import Stopping
from agent.cli.saying import say
from agent.cli.terminals import is_terminal
from agent.errors import UsageError
from agent.screen import make_console
from agent.settings import Settings
from agent.terminal import plain
from plugins.images import INDEX, NEEDED, Lesson, pairs_of, train_lora

_EVERY = 10.0  # seconds between two lines of a log


def learn(pictures: Path, out: Path, model: str, caption: str, wanted: Mapping[str, Any]) -> int:
    """Train it; 0 once it is written, 130 where it was stopped.

    Raises:
        UsageError: something is wrong with what was given, or the extra is not installed.
    """
    settings = Settings.load(cwd=Path.cwd())
    named = model or settings.image_model
    if not named:
        raise UsageError("no model is named", hint="name it: --model, or THINKACT_IMAGE_MODEL")
    missing = [one for one in (*NEEDED, "peft") if find_spec(one) is None]
    if missing:
        raise UsageError(f"{', '.join(missing)} is not installed", hint="pip install 'thinkact[images]'")
    with wrong_usage():
        folder = library_of(settings).find(named).folder
        lesson = Lesson(
            pairs=pairs_of(pictures, caption), out=out, **{**wanted, "side": wanted["side"] or _side(folder)}
        )
        done = _trained(folder, lesson, colour=not settings.no_color)
    if done < lesson.steps:
        say(f"stopped after {done} of {lesson.steps} steps; the same command goes on from there")
        return 130
    size = out.stat().st_size
    typer.echo(plain(f"{out}: {len(lesson.pairs)} pictures, {lesson.steps} steps, {size / 1000:.0f} kB"))
    return 0


def _side(folder: Path) -> int:
    """The side at which the model of a folder draws, in pixels."""
    try:
        unet = json.loads((folder / "unet" / "config.json").read_text("utf-8"))
        vae = json.loads((folder / "vae" / "config.json").read_text("utf-8"))
        halvings = max(0, len(vae.get("block_out_channels") or vae["encoder_block_out_channels"]) - 1)
        return int(unet["sample_size"]) << halvings
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} is no model with a UNet", hint=f"name a folder with its {INDEX}") from error


def _trained(folder: Path, lesson: Lesson, *, colour: bool) -> int:
    """The steps that are done in all; fewer than the lesson's where Ctrl-C was pressed."""
    stopping, done = Stopping("stopped; the same command goes on from what was kept"), 0

    def tell(at: int, of: int, loss: float) -> None:
        nonlocal done
        done = at
        told(at, of, loss)

    try:
        with stopping.within(), _told(colour=colour) as told, stopping.gently():
            train_lora(folder, lesson, progress=tell, cancelled=stopping.asked)
    except KeyboardInterrupt:
        if not done:  # nothing was kept yet
            raise
    return done


@contextmanager
def _told(*, colour: bool) -> Iterator[Callable[[int, int, float], None]]:
    """A bar at a terminal; elsewhere a line now and then."""
    since = time.monotonic()

    def line(done: int, of: int, loss: float) -> None:
        nonlocal since
        if done == of or time.monotonic() - since >= _EVERY:
            since = time.monotonic()
            say(f"step {done} of {of}, loss {loss:.4f}")

    if not is_terminal(sys.stderr):
        yield line
        return
    columns = (BarColumn(bar_width=24), TextColumn("{task.completed}/{task.total}"), TimeRemainingColumn(compact=True))
    shown = Progress(
        *columns, TextColumn("loss {task.fields[loss]}"), console=make_console(colour=colour), transient=True
    )
    with shown:
        task = shown.add_task("", total=None, loss="")

        def bar(done: int, of: int, loss: float) -> None:
            shown.update(task, completed=done, total=of, loss=f"{loss:.4f}")

        yield bar
