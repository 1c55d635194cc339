"""The picture of `thinkact runs stats --plot`: bars for cost, tokens and time. Needs matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agent.archive.summary import Total
from agent.cli.tables import within
from agent.errors import UsageError
from agent.terminal import plain

_MOST = 12
"""Bars that a picture shows; what comes behind is small."""
_NAME = 40
"""Columns of a name that are shown beside its bar."""
_FONTS = (
    *("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "PingFang SC", "Hiragino Sans"),
    *("Microsoft YaHei", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Arial Unicode MS", "Noto Sans"),
)
"""Fonts in which a name is looked for, letter by letter, as far as they are installed."""
_ENDINGS = frozenset({".png", ".svg", ".pdf"})


def must_be_drawable(file: Path) -> None:
    """Refuse before anything is counted.

    Raises:
        UsageError: matplotlib is not installed, or the file's name says no format.
    """
    if file.suffix.lower() not in _ENDINGS:
        raise UsageError(f"--plot {file}: what it is to be is not said", hint="end it in .png, .svg or .pdf")
    if not file.parent.is_dir():
        raise UsageError(f"--plot {file}: there is no folder {file.parent}", hint="make it first, or name another")
    if find_spec("matplotlib") is None:
        raise UsageError("drawing needs matplotlib, which is not installed", hint="pip install 'thinkact[plot]'")


def draw(goals: Sequence[Total], models: Sequence[Total], file: Path) -> None:
    """Draw the totals into a file: by goal and by model, each by cost, tokens and time.

    Raises:
        UsageError: the file cannot be written.
    """
    figures: Any = import_module("matplotlib.figure")
    matplotlib: Any = import_module("matplotlib")
    measures: list[tuple[str, Callable[[Total], float]]] = [
        ("US dollars", lambda one: one.spend.usd),
        ("thousand tokens", lambda one: one.spend.tokens / 1000),
        ("minutes", lambda one: one.seconds / 60),
    ]
    shown = [("by goal", goals[:_MOST]), ("by model", models[:_MOST])]
    heights = [max(2, len(totals)) for _, totals in shown]
    with matplotlib.rc_context({"font.family": _installed(), "axes.unicode_minus": False}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a letter that no font here has: a box stands in its place
        figure = figures.Figure(figsize=(14, 1.5 + 0.45 * sum(heights)), layout="constrained")
        grid = figure.subplots(2, 3, squeeze=False, height_ratios=heights)
        for row, (title, totals) in zip(grid, shown, strict=True):
            for n, (place, (unit, measure)) in enumerate(zip(row, measures, strict=True)):
                _bars(place, totals, measure, named=n == 0)
                place.set_title(f"{unit}, {title}", parse_math=False)
        try:
            figure.savefig(file)
        except OSError as error:
            raise UsageError(f"--plot {file}: cannot be written: {error.strerror}") from error


def _bars(place: Any, totals: Sequence[Total], measure: Callable[[Total], float], *, named: bool) -> None:
    rows = range(len(totals))
    place.barh(rows, [measure(one) for one in totals])
    place.set_yticks(rows, [within(plain(one.name), _NAME) for one in totals] if named else [""] * len(totals))
    for label in place.get_yticklabels():
        label.set_parse_math(False)  # a dollar in a goal is a dollar
    place.invert_yaxis()


def _installed() -> list[str]:
    manager: Any = import_module("matplotlib.font_manager")
    there = set(manager.get_font_names())
    return [name for name in _FONTS if name in there] or ["sans-serif"]
