"""`thinkact runs stats`: what all runs took, by goal and by model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.archive.finding import newest
from agent.archive.summary import Summary, Total, added, by_goal, by_model, summarise
from agent.cli.completing import values
from agent.cli.runs.places import JsonOption, command, facts_of, runs_folder
from agent.cli.saying import say
from agent.cli.tables import as_json, table
from agent.errors import RunError
from agent.quantities import write_duration
from agent.spending import dollars, thousands

application = command()

_SHOWN = 20


@application.command("stats")
def stats(
    as_data: JsonOption = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw it, too.", autocompletion=values.files)
    ] = None,
) -> None:
    """Add up cost, tokens and time of all runs, by goal and by model, the dearest first."""
    if plot is not None:
        from agent.cli.runs.drawing import must_be_drawable

        must_be_drawable(plot)
    runs = runs_folder()
    summaries = list(_summaries(runs))
    goals, models = by_goal(summaries), by_model(summaries)
    if as_data:
        everything = {"runs": len(summaries), "total": _plain(_sum(goals))}
        as_json({**everything, "goals": list(map(_plain, goals)), "models": list(map(_plain, models))})
    elif not summaries:
        say("there is no run yet; start one with: thinkact run GOAL")
    else:
        table(_rows("GOAL", goals))
        typer.echo("")
        table(_rows("MODEL", models))
    if plot is not None and summaries:
        from agent.cli.runs.drawing import draw

        draw(goals, models, plot)
        say(f"drawn: {plot}")


def _summaries(runs: Path) -> Iterator[Summary]:
    """Every run that can be read; of the others it is said that they are not counted."""
    for name in newest(runs):
        try:
            yield summarise(facts_of(runs / name))
        except RunError as error:
            say(f"not counted: {error.message}")


def _rows(head: str, totals: Sequence[Total]) -> list[list[str]]:
    rows = [["RUNS", "REACHED", "STEPS", "CALLS", "TOKENS", "USD", "TIME", head]]
    rows += [_row(one) for one in totals[:_SHOWN]]
    if len(totals) > _SHOWN:
        rows.append([*[""] * 7, f"and {len(totals) - _SHOWN} more, in --json"])
    return [*rows, _row(_sum(totals, "all"))] if head == "GOAL" and len(totals) > 1 else rows


def _row(one: Total) -> list[str]:
    spend = one.spend
    usd = dollars(spend.usd) if spend.priced else f"{dollars(spend.usd)}+"
    counts = [one.runs, one.reached, one.steps, spend.model_calls]
    return [*map(str, counts), thousands(spend.tokens), usd, write_duration(round(one.seconds)), one.name]


def _sum(totals: Sequence[Total], name: str = "") -> Total:
    everything = Total(name)
    for one in totals:
        everything.runs += one.runs
        everything.reached += one.reached
        everything.steps += one.steps
        everything.seconds += one.seconds
        added(everything.spend, one.spend)
    return everything


def _plain(one: Total) -> dict[str, Any]:
    spend = one.spend
    return {
        **({"name": one.name} if one.name else {}),
        "runs": one.runs,
        "reached": one.reached,
        "steps": one.steps,
        "model_calls": spend.model_calls,
        "prompt_tokens": spend.prompt_tokens,
        "cached_tokens": spend.cached_tokens,
        "completion_tokens": spend.completion_tokens,
        "usd": round(spend.usd, 6) if spend.priced else None,
        "usd_known": round(spend.usd, 6),
        "seconds": round(one.seconds, 1),
    }
