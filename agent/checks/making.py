"""Making the checks of a goal, one function a kind."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agent.checks import pattern
from agent.checks.scene import Scene, Verdict, listed
from agent.checks.unfinished import placeholder, unfinished
from agent.events import CheckResult
from agent.globs import matches
from agent.goal import (
    AbsentCheck,
    AnswerCheck,
    Check,
    CitationsCheck,
    FileCheck,
    Goal,
    JudgeCheck,
    RegexCheck,
    RunCheck,
    SchemaCheck,
    UnchangedCheck,
)
from agent.spending import counted
from plugins import Files, ToolError


def describe(check: Check) -> str:
    """A check in one line, as the model and the user read it."""
    match check:
        case FileCheck():
            size = f", with at least {counted(check.min_bytes, 'byte')} and no placeholder"
            return f"file {check.file} is there{size if check.min_bytes > 1 else ' and holds no placeholder'}"
        case RegexCheck():
            return f"{check.path} has at least {_matches(check.min_count)} of the regular expression {check.regex}"
        case RunCheck():
            return f"the program succeeds: {check.run}"
        case SchemaCheck():
            return f"{check.path} is JSON that fits the schema {check.schema.replace(chr(92), '/').rpartition('/')[2]}"
        case AnswerCheck():
            return f"the answer matches the regular expression {check.answer}"
        case AbsentCheck():
            return f"no file matches {check.absent}"
        case UnchangedCheck():
            return f"files that match {check.unchanged} stay as they are"
        case CitationsCheck():
            pages = f"cites at least {counted(check.min_count, 'page')} by address, each opened in this run"
            words = f"; {counted(check.min_quotes, 'statement')} in their own words" if check.min_quotes else ""
            return f"{check.citations} {pages}, and quotes only what they say{words}"
        case JudgeCheck():
            return f"a judge says yes to: {check.judge}"


def make(goal: Goal, scene: Scene, *, attempt: int) -> Iterator[CheckResult]:
    """Make every check of the goal, then look for what nobody may hand in unfinished."""
    for number, check in enumerate(goal.checks, 1):
        try:
            passed, detail = scene.ran.get(number) or _make(check, goal, scene)
        except ToolError as error:
            passed, detail = False, error.message
        yield CheckResult(name=describe(check), passed=passed, detail=detail, required=check.required, attempt=attempt)
    for name, detail in unfinished(goal, scene):
        yield CheckResult(name=name, passed=False, detail=detail, attempt=attempt)


def before(goal: Goal, scene: Scene) -> Iterator[CheckResult]:
    """Make the checks that cost nothing before the run begins, and give those that pass already: they cannot tell
    success. Checks that pass by nature at the start (`absent`, `unchanged`), cost money or run programs are left out.
    """
    for check in goal.checks:
        if isinstance(check, FileCheck | RegexCheck | SchemaCheck):
            try:
                passed, detail = _make(check, goal, scene)
            except ToolError:
                continue
            if passed:
                name = describe(check)
                yield CheckResult(name=name, passed=True, detail=detail, required=check.required, phase="before")


def baseline(goal: Goal, files: Files) -> dict[str, str]:
    """Hashes of the files that `unchanged` checks name, taken when the run begins."""
    globs = [check.unchanged for check in goal.checks if isinstance(check, UnchangedCheck)]
    if not globs:
        return {}
    return {path: _mark(files, path) for path in listed(files) if any(matches(path, glob) for glob in globs)}


def _mark(files: Files, path: str) -> str:
    """What tells a change of a file: its hash; a link, a pipe and what cannot be read have none."""
    try:
        return files.sha256(path) or ""
    except ToolError:
        return ""


def _make(check: Check, goal: Goal, scene: Scene) -> Verdict:
    match check:
        case FileCheck():
            return _file(check, goal, scene)
        case RegexCheck():
            count = pattern.count(check.regex, scene.text(check.path), where=check.path)
            wanted = f", wanted are {check.min_count}" if count < check.min_count else ""
            return not wanted, f"{_matches(count)} in {check.path}{wanted}"
        case RunCheck():
            return False, "the program was not run"
        case SchemaCheck():
            return _schema(check, scene)
        case AnswerCheck():
            found = pattern.first(check.answer, scene.answer, where="the answer")
            return (False, "the answer does not match") if found is None else (True, f"found {found[:60]!r}")
        case AbsentCheck():
            there = [path for path in listed(scene.files) if matches(path, check.absent)]
            return (not there, f"there: {', '.join(there[:5])}" if there else "none there")
        case UnchangedCheck():
            return _unchanged(check, scene)
        case CitationsCheck():
            from agent.checks.citing import judge_citations  # its patterns take a while to compile

            return judge_citations(check, scene)
        case JudgeCheck():
            return scene.judged.get(check.judge, (False, "there is no model that could judge"))


def _matches(count: int) -> str:
    return f"{count} {'match' if count == 1 else 'matches'}"


def _file(check: FileCheck, goal: Goal, scene: Scene) -> Verdict:
    if not scene.files.exists(check.file):
        return False, f"{check.file} is not there"
    entry = scene.files.entry(check.file)
    if entry.folder:
        return False, f"{check.file} is a folder"
    if entry.bytes < max(1, check.min_bytes):
        return False, f"{check.file} has {counted(entry.bytes, 'byte')}, wanted are {max(1, check.min_bytes)}"
    found = placeholder(scene.text(check.file), goal, fresh=scene.fresh(check.file))
    return (False, f"{check.file} still holds a placeholder: {found!r}") if found else (True, f"{entry.bytes} bytes")


def _schema(check: SchemaCheck, scene: Scene) -> Verdict:
    import jsonschema
    import referencing

    try:
        value = json.loads(scene.text(check.path))
    except (ValueError, RecursionError) as error:
        return False, f"{check.path} is no JSON: {error}"
    schema = dict(check.content)
    form = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        # An empty registry: a `$ref` to elsewhere is not fetched.
        misfits = form(schema, registry=referencing.Registry()).iter_errors(value)
        misfit = jsonschema.exceptions.best_match(misfits)
    except (referencing.exceptions.Unresolvable, jsonschema.exceptions.SchemaError, RecursionError) as error:
        return False, f"the schema cannot be used: {str(error).splitlines()[0][:200] if str(error) else error!r}"
    return (True, "fits") if misfit is None else (False, f"{misfit.json_path}: {misfit.message[:200]}")


def _unchanged(check: UnchangedCheck, scene: Scene) -> Verdict:
    then = {path: sha for path, sha in scene.baseline.items() if matches(path, check.unchanged)}
    now = {path: _mark(scene.files, path) for path in listed(scene.files) if matches(path, check.unchanged)}
    touched = sorted(path for path in then.keys() | now.keys() if then.get(path) != now.get(path))
    if touched:
        return False, f"changed: {', '.join(touched[:5])}"
    return True, f"{counted(len(now), 'file')} as {'it was' if len(now) == 1 else 'they were'}"
