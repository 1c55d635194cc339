"""One tool, called with no model: what `thinkact tools call` does."""

from __future__ import annotations

import queue
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.cli.inputs import parse_inputs, read_value
from agent.cli.parts import RecallNotes, ShelfArtifacts, make_toolbox, open_workspace
from agent.goal import Goal
from agent.settings import Settings
from memory.artifacts import Shelf
from memory.recall import Recall
from plugins import Context, Observation, Prepared, Toolbox, ToolError


def call_tool(name: str, words: Sequence[str], workspace: Path | None) -> dict[str, Any]:
    """Call a tool with `key=value` words in the workspace; its observation as JSON.

    A tool that needs a model works as it does without one; a question to the person is asked at the terminal.
    """
    settings = Settings.load(cwd=Path.cwd())
    toolbox = make_toolbox(settings, memory=True, person=True)
    kept = settings.home / "calls"
    with (
        open_workspace(Goal(goals=("one call",)), workspace, settings, cwd=Path.cwd()) as files,
        Recall(settings.memory_folder / "notes.db", namespace=settings.namespace or "default") as recall,
    ):
        arguments = {key: read_value(value) for key, value in parse_inputs(words, "").items()}
        prepared = toolbox.prepare(name, arguments, files)
        if isinstance(prepared, Observation):
            return as_dict(prepared)
        shelf = ShelfArtifacts(Shelf(kept))
        notes = RecallNotes(recall, "")

        def context() -> Context:
            return Context(
                workspace=files,
                artifacts=shelf,
                notes=notes,
                ask=None,
                call=lambda tool, given: _run(toolbox, toolbox.prepare(tool, given, files), context()),
                person=_person,
                progress=_silent,
            )

        return as_dict(_run(toolbox, prepared, context()))


def _run(toolbox: Toolbox, prepared: Prepared | Observation, context: Context) -> Observation:
    if isinstance(prepared, Observation):
        return prepared
    box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
    running = toolbox.start(prepared, context, cut=1_000_000, done=box.put)
    try:
        return box.get()
    finally:
        running.cancel("the call was stopped")


def _silent(text: str, *, done: float | None = None, total: float | None = None) -> None:
    """Nobody watches: the observation is all that is asked for."""
    del text, done, total


def _person(question: str, choices: Sequence[str] = ()) -> str:
    import sys
    import threading

    from agent.cli.dialogue import Dialogue

    if not sys.stdin.isatty():
        raise ToolError("nobody can be asked: there is no terminal", kind="no-person")
    return Dialogue(lambda: None, threading.Event()).answer(question, choices)


def as_dict(observation: Observation) -> dict[str, Any]:
    """An observation as JSON has it."""
    error = observation.error
    return {
        "ok": observation.ok,
        "text": observation.text,
        "value": observation.value,
        "artifacts": [
            {
                "handle": one.handle,
                "path": str(one.path),
                "media_type": one.media_type,
                "bytes": one.bytes,
                "sha256": one.sha256,
            }
            for one in observation.artifacts
        ],
        "error": {"kind": error.kind, "message": error.message, "hint": error.hint} if error else None,
        "seconds": round(observation.seconds, 4),
    }
