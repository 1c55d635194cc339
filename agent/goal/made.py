"""From the values of a goal file to the `Goal` that they state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from agent.events import JSON
from agent.goal.complaints import Rank, Reading
from agent.goal.envelope import (
    AbsentCheck,
    AnswerCheck,
    Budget,
    Check,
    CitationsCheck,
    FileCheck,
    Goal,
    JudgeCheck,
    ModelChoice,
    RegexCheck,
    RunCheck,
    SchemaCheck,
    ToolRules,
    UnchangedCheck,
)
from agent.goal.folder import files_beside, schema_beside, workspace_beside
from agent.goal.inputs import Input

_AS_STATED = ("name", "role", "instructions", "mode", "parallel")
_Simple: TypeAlias = FileCheck | RunCheck | AnswerCheck | AbsentCheck | UnchangedCheck | CitationsCheck | JudgeCheck
_SIMPLE: Mapping[str, type[_Simple]] = {
    "file": FileCheck,
    "run": RunCheck,
    "answer": AnswerCheck,
    "absent": AbsentCheck,
    "unchanged": UnchangedCheck,
    "citations": CitationsCheck,
    "judge": JudgeCheck,
}


def goal_of(values: Mapping[str, Any], inputs: Mapping[str, Input], source: str, reading: Reading) -> Goal:
    """The goal of what `goal_shape` read; what the files beside it lack goes to `reading`.

    `source` is the file's absolute path.
    """
    folder = Path(source).parent
    workspace, memory = values.get("workspace", {}), values.get("memory", {})
    hosts, model = values.get("network", {}).get("hosts"), values.get("model", {})
    checks = [_check(one, f"checks[{index}]", folder, reading) for index, one in enumerate(values.get("checks", []))]
    stated = {"name": Path(source).stem} | {name: values[name] for name in _AS_STATED if name in values}
    if "attempts" in values.get("on_fail", {}):
        stated["attempts"] = values["on_fail"]["attempts"]
    return Goal(
        goals=tuple(values.get("goal", ())),
        constraints=tuple(values.get("constraints", ())),
        inputs={name: one.kept for name, one in inputs.items()},
        model=ModelChoice(name=model) if isinstance(model, str) else ModelChoice(**_tuples(model)),
        tools=ToolRules(**_tuples(values.get("tools", {}))),
        workspace=workspace_beside(workspace.get("dir"), folder, reading),
        write=tuple(workspace.get("write", ())),
        hosts=None if hosts is None else tuple(hosts),
        namespace=memory.get("namespace"),
        recall=memory.get("recall", True),
        budget=Budget(**values.get("budget", {})),
        checks=tuple(check for check in checks if check is not None),
        project_context=bool(values.get("project_context", False)),
        skills=bool(values.get("skills", False)),
        files=files_beside(values.get("context", ()), folder, reading),
        source=source,
        mcp=_servers(values.get("mcp", {}), reading),
        secrets=tuple(one.text for one in inputs.values() if one.type == "secret" and one.text),
        **stated,
    )


def goal_of_ai_settings(values: Mapping[str, Any], source: str, reading: Reading) -> Goal:
    """The goal of an `ai_settings.yaml`: its role, its goals however many, its budget; 0 means no limit."""
    role, name = values.get("ai_role", ""), values.get("ai_name", "")
    goals = _lines(values.get("ai_goals", ())) or ((role,) if role else ())
    if not goals:
        reading.complain("ai_goals" if "ai_goals" in reading.places else "", "there are no goals", rank=Rank.ABSENT)
    lists = {"Resources": values.get("resources", ()), "Best practices": values.get("best_practices", ())}
    told = [f"{title}:\n" + "\n".join(f"- {line}" for line in _lines(given)) for title, given in lists.items() if given]
    return Goal(
        goals=goals,
        name=name or Path(source).stem,
        role=f"{name}, {role}" if name and role else role,
        instructions="\n\n".join(told),
        constraints=_lines(values.get("constraints", ())),
        budget=Budget(usd=values.get("api_budget")),
        source=source,
    )


def _check(values: Mapping[str, Any] | None, path: str, folder: Path, reading: Reading) -> Check | None:
    """A check; None where a key that it needs could not be read, which has been said."""
    if values is None:
        return None
    required = values.get("required", True)
    for name, form in _SIMPLE.items():
        if name in values:
            return form(**values)
    if "in" not in values:
        return None
    if "regex" in values:
        count = values.get("min_count", 1)
        return RegexCheck(regex=values["regex"], path=values["in"], min_count=count, required=required)
    if "json_schema" in values:
        schema, content = schema_beside(values["json_schema"], f"{path}.json_schema", folder, reading)
        return SchemaCheck(schema=schema, path=values["in"], content=content, required=required)
    return None


def _servers(values: Mapping[str, Any], reading: Reading) -> dict[str, dict[str, JSON]]:
    """The servers of tools; one that names neither a program nor an address, or both, is a complaint."""
    for name, stated in values.items():
        if ("command" in stated) == ("url" in stated):
            what = "names both command and url" if "url" in stated else "needs a command, or a url"
            reading.complain(f"mcp.{name}", what, rank=Rank.ABSENT)
    return {name: dict(stated) for name, stated in values.items()}


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _lines(items: Any) -> tuple[str, ...]:
    """The texts of a list; `- Find: the best` is YAML for a mapping, and is the text `Find: the best` again."""
    return tuple(line for line in (_line(item).strip() for item in items) if line)


def _line(item: JSON) -> str:
    if isinstance(item, dict):
        return ", ".join(f"{key}: {_line(value)}" for key, value in item.items())
    if isinstance(item, list):
        return ", ".join(_line(one) for one in item)
    return str(item)
