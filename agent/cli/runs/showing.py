"""`thinkact runs show`: one run step by step, with its calls, their results, costs and files.

A long run has thousands of events, and of most of them one line is told; so this is told from their stored fields (see
`agent.archive.stored`), not through the screen, which tells a run while it happens.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from agent.archive.stored import Fact, current
from agent.cli.runs.places import (
    JsonOption,
    RunArgument,
    command,
    facts_of,
    folder_of,
    is_held,
    pass_over_imports,
    without_end,
)
from agent.cli.runs.steps import Steps
from agent.cli.tables import width
from agent.cli.terminals import is_terminal
from agent.terminal import json_line, neutral

application = command()


@application.command("show")
def show(wanted: RunArgument = "last", as_data: JsonOption = False) -> None:
    """Tell a run from its journal, step by step: every call, result, check, file and cost."""
    folder = folder_of(wanted)
    pass_over_imports()
    if as_data:
        _write(["[\n", ",\n".join(_event(fact) for fact in facts_of(folder)), "\n]\n"])
        return
    _tell(folder)


def _write(pieces: Iterable[str]) -> None:
    sys.stdout.write("".join(pieces))
    sys.stdout.flush()


def _event(fact: Fact) -> str:
    """An event as `--output stream-json` has it. Its stored text is taken as it is where nothing in it could harm a
    terminal."""
    text = fact.body.decode()
    if neutral(text) != text:
        text = json_line(current(fact))
    path = f', "path": {json_line(fact.path)}' if fact.path else ""
    return f'{{"seq": {fact.seq}, "time": {round(fact.time, 3)}, {text[1:-1]}{path}}}'


def _tell(folder: Path) -> None:
    working = is_held(folder)
    steps = Steps()
    lines: list[str] = []
    try:
        for fact in facts_of(folder):
            lines += steps.lines(fact)
        lines += steps.end(folder.name)
        if steps.summary.state is None:
            lines.append(without_end(folder.name, begun=steps.summary.began is not None, working=working))
    finally:  # where the journal is damaged, what stands before is told all the same
        _write(f"{line}\n" for line in _fitted(lines))


def _fitted(lines: list[str]) -> list[str]:
    """At a terminal: the lines folded at its width, so that nothing foreign begins at its edge."""
    if not is_terminal(sys.stdout):
        return lines
    import shutil

    columns = shutil.get_terminal_size().columns
    if all(2 * len(line) <= columns or width(line) <= columns for line in lines):
        return lines
    from agent.screen import FRAME, folded

    return [piece for line in lines for piece in folded(line, columns, FRAME)]
