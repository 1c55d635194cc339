"""The findings told: for people what works first and what is broken last, where they look; for programs as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import typer

from agent.cli.doctor.finding import Finding, State
from agent.cli.tables import as_json, fitted
from agent.terminal import plain

_ORDER: tuple[State, ...] = ("ok", "absent", "warning", "fault")
_COLOURS = {"ok": typer.colors.GREEN, "absent": None, "warning": typer.colors.YELLOW, "fault": typer.colors.RED}
_STATE = max(map(len, _ORDER))
_FRAME = " " * (_STATE + 2)


def tell_json(findings: Sequence[Finding]) -> None:
    """Print every finding as an object of a list."""
    as_json([asdict(one) for one in findings])


def tell(findings: Sequence[Finding]) -> None:
    """Print the findings, a line each, and under what is amiss the command that mends it."""
    settings = [one for one in findings if one.name == "setting"]
    if settings:
        typer.echo("settings, and where each comes from")
        for one in settings:
            typer.echo("\n".join(fitted(f"  {plain(one.what)}", frame="    ")))
        typer.echo("")
    rest = [one for one in findings if one.name != "setting"]
    names = max((len(one.name) for one in rest), default=0)
    colour = not any(one.value["setting"] == "NO_COLOR" and one.value["value"] == "yes" for one in settings)
    for one in sorted(rest, key=lambda one: _ORDER.index(one.state)):
        first, *more = fitted(f"{one.state.ljust(_STATE)}  {one.name.ljust(names)}  {plain(one.what)}", frame=_FRAME)
        state, told = first[:_STATE], first[_STATE:]
        shown = typer.style(state, fg=_COLOURS[one.state], bold=one.state == "fault") if colour else state
        typer.echo("\n".join([f"{shown}{told}", *more]))
        if one.mend is not None and one.state != "ok":
            typer.echo(f"{_FRAME}mend: {plain(one.mend)}")  # whole: it is there to be pasted
    typer.echo("")
    typer.echo(_summary(rest))


def _summary(findings: Sequence[Finding]) -> str:
    count = Counter(one.state for one in findings)
    many = [f"{number} {word}{'s' if number > 1 else ''}" for word in ("fault", "warning") if (number := count[word])]
    if not count["fault"]:
        return "all that is needed works" + (f"; {many[0]}" if many else "")
    return f"{' and '.join(many)}; the line under each says how to mend it"
