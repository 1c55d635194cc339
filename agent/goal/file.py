"""Goal files: YAML of this format, or AutoGPT's `ai_settings.yaml`, read into a `Goal` or refused with every reason.

A refusal is one `GoalError` whose text has a line for each complaint, `file:line:column: key path: what is wrong`,
the clearest first, and whose hint belongs to the first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.errors import GoalError
from agent.goal.advice import Surroundings, advice
from agent.goal.complaints import Complaint, Rank, Reading, tell, told
from agent.goal.envelope import Goal
from agent.goal.folder import read_text
from agent.goal.inputs import BROKEN, Input, fill_inputs, inputs_shape
from agent.goal.made import goal_of, goal_of_ai_settings
from agent.goal.schema import ai_settings_shape, goal_shape
from agent.goal.templates import Templates
from agent.goal.yaml_scan import Place, Table, YamlFault, scan

__all__ = ["check_goal", "read_goal", "read_goal_text"]

_AI_SETTINGS = ("ai_name", "ai_role", "ai_goals")


def read_goal(file: Path, *, inputs: Mapping[str, str] | None = None) -> Goal:
    """Read a goal file; `inputs` are the values of `--set`, as text.

    Raises:
        GoalError: the file cannot be read, is not what the format asks for, or an input is wrong or missing.
    """
    goal, _ = _read(read_text(file), file, inputs or {}, lenient=False)
    return goal


def read_goal_text(text: str, *, file: Path, lenient: bool = False) -> Goal:
    """Read the text of a goal file as if it stood in `file`, which need not be there.

    `lenient`: an input that must be given is no fault; texts that hold one stay as they are written.

    Raises:
        GoalError: as `read_goal`.
    """
    goal, _ = _read(text, file, {}, lenient=lenient)
    return goal


def check_goal(
    file: Path, *, inputs: Mapping[str, str] | None = None, around: Surroundings | None = None
) -> tuple[str, ...]:
    """What a goal file that can be read does not say well, one line each: for `goal check`.

    Inputs that are required and not given are no fault here; what depends on their values is then not checked.
    `around` is where the goal would be run: without it, nothing is said of what only that tells.

    Raises:
        GoalError: as `read_goal`.
    """
    goal, reading = _read(read_text(file), file, inputs or {}, lenient=True)
    lines = []
    for path, sentence in advice(goal, around):
        one_for_all = path.rpartition("[")[0]  # a list of one may be written without brackets
        place = reading.places.get(path) or reading.places.get(one_for_all) or Place(1, 1)
        lines.append(f"{file}:{place.line}:{place.column}: {path + ': ' if path else ''}{sentence}")
    return tuple(lines)


def _read(text: str, file: Path, given: Mapping[str, str], *, lenient: bool) -> tuple[Goal, Reading]:
    root, reading = _document(text, file), Reading()
    source = os.path.abspath(file)  # noqa: PTH100 - resolve() would follow links, absolute() would keep ".."
    if any(root.get(key) is not None for key in _AI_SETTINGS):
        fill_inputs({}, given, reading)
        goal = goal_of_ai_settings(ai_settings_shape().read(root, "", reading) or {}, source, reading)
    else:
        inputs = _inputs(root, given, reading, lenient=lenient)
        goal = goal_of(_values(root, inputs, reading), inputs, source, reading)
    if reading.complaints:
        message, hint = told(reading.complaints, file=str(file))
        raise GoalError(message, hint=hint)
    return goal, reading


def _document(text: str, file: Path) -> Table:
    """The file's mapping, within the caps."""
    try:
        root = scan(text)
    except YamlFault as fault:
        complaint = Complaint(place=fault.place, path="", message=fault.message)
        raise GoalError(tell(complaint, file=str(file)), hint=fault.hint) from None
    if isinstance(root, Table):
        return root
    found = "is empty" if root is None else "holds no keys"
    raise GoalError(f"{file}:1:1: {found}", hint="a goal file needs at least one line: goal: what is wanted")


def _inputs(root: Table, given: Mapping[str, str], reading: Reading, *, lenient: bool) -> dict[str, Input]:
    """The inputs come first: all other texts may hold them."""
    declared: dict[str, Any] = {}
    for key, node in root.entries:
        if key.text == "inputs":
            reading.places["inputs"] = key.place
            if isinstance(node, Table):
                read = inputs_shape().read(node, "inputs", reading) or {}
                broken = {complaint.path.split(".")[1] for complaint in reading.complaints if "." in complaint.path}
                names = [name.text for name, _ in node.entries]
                declared = {name: BROKEN if name in broken else read.get(name, BROKEN) for name in names}
    return fill_inputs(declared, given, reading, lenient=lenient)


def _values(root: Table, inputs: Mapping[str, Input], reading: Reading) -> dict[str, Any]:
    """All values, with the inputs filled in; an input that stands nowhere is a complaint."""
    templates = Templates({name: one.filling for name, one in inputs.items()})
    reading.expand = templates
    values: dict[str, Any] = goal_shape().read(root, "", reading) or {}
    # the inputs were read before, and now again with the whole: what is wrong with them is said once
    reading.complaints[:] = dict.fromkeys(reading.complaints)
    for name, one in inputs.items():
        if name not in templates.used:
            where = " in the env of a run check or of an mcp server" if one.type == "secret" else ""
            hint = f"write {{{{ {name} }}}}{where} where its value belongs, or take it out"
            reading.complain(f"inputs.{name}", "is not used", rank=Rank.UNUSED, hint=hint)
    return values
