"""What the parameters of the commands can be completed with: pairs of a value and what it is, in their order.

Each function is a parameter's `autocompletion`: it is given what was typed of the word so far, and may give more than
fits. It must be quick, load nothing heavy, run no foreign code, and make nothing; where it cannot know, it gives
nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import typer

if TYPE_CHECKING:
    from agent.archive.stored import Fact
    from agent.cli.tool_files import WrittenTool
    from agent.settings import Settings

Pairs: TypeAlias = list[tuple[str, str]]

FILES, FOLDERS = "\x00files", "\x00folders"
"""In the place of what a value is: the shell itself completes names of files, or of folders."""
_MOST = 200
"""Names of a folder, runs and notes that are given at most."""
_TIME = 0.06
"""Seconds that are spent on telling what each value is; after that they are given without."""
_HEAD = 8_192
"""Bytes at the beginning of a file that are looked at for a goal."""


def _quiet(find: Callable[[str], Iterable[tuple[str, str]]]) -> Callable[[str], Pairs]:
    """What a function finds, up to where it fails: a broken home is no reason to spoil somebody's line."""

    @wraps(find)
    def found(incomplete: str) -> Pairs:
        pairs: Pairs = []
        with suppress(Exception):
            for pair in islice(find(incomplete), _MOST):
                pairs.append(pair)
        return pairs

    return found


def _settings() -> Settings:
    from agent.settings import Settings

    settings, _ = Settings.examine(cwd=Path.cwd())
    return settings


def files(incomplete: str) -> Pairs:
    """Any file."""
    return [(incomplete, FILES)]


def folders(incomplete: str) -> Pairs:
    """A folder."""
    return [(incomplete, FOLDERS)]


@_quiet
def goal_files(incomplete: str) -> Iterator[tuple[str, str]]:
    """Goal files, each with its goal, and the folders on the way to others."""
    beginning, slash, _ = incomplete.rpartition("/")
    folder = Path(beginning + slash or ".").expanduser()
    hidden = incomplete.rpartition("/")[2].startswith(".")
    until = time.monotonic() + _TIME
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        name = f"{beginning}{slash}{entry.name}"
        if not name.startswith(incomplete) or (entry.name.startswith(".") and not hidden):
            continue
        if entry.is_dir():
            yield f"{name}/", ""
        elif entry.suffix in (".yaml", ".yml") and entry.is_file():
            goal = _goal_in(entry) if time.monotonic() < until else ""
            if goal is not None:
                yield name, goal


def _goal_in(file: Path) -> str | None:
    """What a goal file says that its goal is, if that stands in one line; None for a file that is none."""
    import re

    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD).decode("utf-8-sig", "replace")
    except OSError:
        return ""
    found = re.search(r"^(?:goal|goals|ai_goals|ai_role)[ \t]*:[ \t]*(.*)", head, re.MULTILINE)
    return found[1].strip().strip("\"'|>-") if found is not None else None


@_quiet
def run_ids(incomplete: str) -> Iterator[tuple[str, str]]:
    """The runs, the newest first, each with its state and goal."""
    yield from _runs(incomplete, ended=True)


@_quiet
def runs_to_resume(incomplete: str) -> Iterator[tuple[str, str]]:
    """The same without those that have reached their goal."""
    yield from _runs(incomplete, ended=False)


def _runs(incomplete: str, *, ended: bool) -> Iterator[tuple[str, str]]:
    from agent.archive.finding import newest

    runs = _settings().runs_folder
    until = time.monotonic() + _TIME
    names = newest(runs)
    last = next(names, None)
    if last is None:
        return
    yield "last", "the newest run"
    for name in (last, *names):
        if not name.startswith(incomplete):
            continue
        state, goal = _state(runs / name) if time.monotonic() < until else ("", "")
        if ended or state != "reached":
            yield name, f"{state} · {goal}" if state else ""


def _state(folder: Path) -> tuple[str, str]:
    """How a run stands, and its goal; nothing where it cannot be read."""
    from agent.archive.summary import Summary
    from memory.journal import held

    summary, working = Summary(), held(folder / "journal.db")
    with suppress(Exception):
        for fact in _facts(folder):
            summary.apply(fact)
        return summary.state or ("running" if working else "stopped"), summary.goal
    return "unreadable", summary.goal


def _facts(folder: Path) -> Iterator[Fact]:
    from agent.archive.stored import facts
    from memory.journal import read_stored

    return facts(read_stored(folder / "journal.db"))


@_quiet
def tool_names(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001  (what they all are given)
    """The tools by name, each with what it does."""
    yield from ((name, tool.about) for name, tool in sorted(_tools().items()))


@_quiet
def mcp_servers(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """The MCP servers that are named here, each with what is started."""
    from agent.opening.mcp import find_entries

    yield from ((one.name, one.shown) for one in find_entries(_settings(), Path.cwd()) if one.fault is None)


@_quiet
def limits_of_tools(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """The tools, ready for the number of calls."""
    yield from ((f"{name}=", tool.about) for name, tool in sorted(_tools().items()))


def _tools() -> dict[str, WrittenTool]:
    """The tools by name; of two of one name the first counts, as in a run."""
    from agent.cli.tool_files import BUILT_IN, installed_plugin_files, plugin_files, tools_in

    tools: dict[str, WrittenTool] = {}
    own = plugin_files(_settings().plugins_folder)
    for _, sources in (*plugin_files(BUILT_IN), *own, *installed_plugin_files()):
        for one in tools_in(sources):
            tools.setdefault(one.name, one)
    return tools


def tool_arguments(context: typer.Context, incomplete: str) -> Pairs:
    """The arguments of the tool that stands before them on the line, ready for a value."""
    name = context.params.get("name")

    @_quiet
    def found(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
        tool = _tools().get(str(name))
        yield from ((f"{one.name}=", one.annotation) for one in (tool.arguments if tool is not None else ()))

    return found(incomplete)


@_quiet
def plugin_names(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """The plugins by name, each with where it comes from."""
    from agent.cli.tool_files import BUILT_IN, installed_plugin_files, plugin_files, tools_in

    yield from ((name, "comes with thinkact") for name, sources in plugin_files(BUILT_IN) if any(tools_in(sources)))
    yield from ((name, str(sources[0])) for name, sources in plugin_files(_settings().plugins_folder))
    yield from ((name, "an installed package") for name, _ in installed_plugin_files())


@_quiet
def model_names(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """Models that are known without asking anybody: those of the settings and of the latest runs."""
    yield "offline", "the rule-based model"
    settings = _settings()
    seen = {"offline"}
    if settings.model and settings.model not in seen:
        seen.add(settings.model)
        yield settings.model, f"set in {settings.origin('THINKACT_MODEL')}"
    for name in _models_of_runs(settings.runs_folder):
        if name not in seen:
            seen.add(name)
            yield name, "called by an earlier run"


def _models_of_runs(runs: Path) -> Iterator[str]:
    from agent.archive.finding import newest
    from agent.archive.stored import current

    until = time.monotonic() + _TIME
    for name in islice(newest(runs), 20):
        if time.monotonic() > until:
            return
        with suppress(Exception):
            for fact in islice(_facts(runs / name), 1):
                yield str(current(fact)["model"])


@_quiet
def namespaces(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """The namespaces that hold notes."""
    from agent.opening.store import notes_file, open_notes

    settings = _settings()
    if notes_file(settings).exists():
        with open_notes(settings, busy_seconds=0.05, upkeep=False) as recall:
            yield from ((name, "") for name in recall.namespaces())


def note_ids(context: typer.Context, incomplete: str) -> Pairs:
    """The newest notes by id, each with its text: the project's and, where no namespace is named, those everywhere."""

    @_quiet
    def found(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
        from agent.opening.notes import GLOBAL
        from agent.opening.store import notes_file, open_notes

        settings, named = _settings(), context.params.get("namespace")
        if not notes_file(settings).exists():
            return
        for space in (named,) if named else (None, GLOBAL):
            with open_notes(settings, space, busy_seconds=0.05, upkeep=False) as recall:
                yield from ((one.id, one.text) for one in recall.list(_MOST, 0))

    return found(incomplete)


@_quiet
def bases(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
    """The namespaces that hold documents."""
    from agent.opening.store import documents_file, open_documents

    settings = _settings()
    if documents_file(settings).exists():
        with open_documents(settings, None, busy_seconds=0.05, upkeep=False) as recall:
            yield from ((name, "") for name in recall.namespaces())


def documents(context: typer.Context, incomplete: str) -> Pairs:
    """The documents of a knowledge base, as `kb remove` takes them."""

    @_quiet
    def found(incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG001
        from agent.opening.store import documents_file, open_documents

        settings, here = _settings(), Path.cwd()
        if documents_file(settings).exists():
            with open_documents(settings, context.params.get("namespace"), busy_seconds=0.05, upkeep=False) as recall:
                for one in recall.sources():
                    way = Path(one.name)
                    name = way.relative_to(here).as_posix() if way.is_relative_to(here) else one.name
                    yield name, f"{one.passages} passage{'' if one.passages == 1 else 's'}"

    return found(incomplete)
