"""One tool, called with no model: what `thinkact tools call` does."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from agent.approval import Approval, Policy
from agent.cli.meter import Meter
from agent.cli.saying import say
from agent.cli.terminals import is_terminal
from agent.goal import Goal
from agent.observed import failed
from agent.opening.desk import find_workspace
from agent.opening.documents import find_documents
from agent.opening.inputs import parse_inputs
from agent.opening.mcp_servers import open_servers
from agent.opening.notes import RecallNotes
from agent.opening.parts import ShelfArtifacts, make_toolbox, open_workspace
from agent.opening.project import default_namespace
from agent.opening.sandbox import open_sandbox
from agent.opening.search import open_search
from agent.opening.store import open_notes
from agent.opening.studio import open_studio
from agent.opening.web import open_web
from agent.settings import Settings
from memory.artifacts import Shelf
from plugins import Context, McpServers, Observation, Prepared, Toolbox, ToolError

_PATIENCE = 5.0  # seconds that a tool has to come to an end after Ctrl-C
_PAUSE = 0.5  # seconds between two looks: Ctrl-C does not end a longer wait on Windows
DENIED = "THINKACT_DENY names it"


def servers_of(settings: Settings, workspace: Path | None) -> McpServers:
    """The MCP servers whose tools can be called by hand, which must be closed; each is started when it is called."""
    cwd = Path.cwd()
    desk = find_workspace(flag=workspace, stated=None, cwd=cwd).root
    logs = settings.home / "mcp"
    return open_servers(settings, cwd, goal=None, logs=logs, tell=say, quiet=True, workspace=desk)


def toolbox_of(settings: Settings, servers: McpServers) -> Toolbox:
    """Every tool that can be called by hand."""
    return make_toolbox(settings, memory=True, person=True, servers=servers.plugins)


def call_tool(
    name: str, words: Sequence[str], workspace: Path | None, *, settings: Settings, toolbox: Toolbox
) -> dict[str, Any]:
    """Call a tool with `key=value` words in the workspace; its observation as JSON.

    A tool that needs a model works as it does without one; a question to the person is asked at the terminal. What the
    settings deny is not called, and calls that the tool makes itself are ruled on as in a run that nobody attends.
    """
    kept, goal = settings.home / "calls", Goal(goals=("one call",))
    space = default_namespace(settings, Path.cwd())
    with (
        open_workspace(goal, workspace, settings, cwd=Path.cwd(), tell=say) as files,
        RecallNotes(space, partial(open_notes, settings, tell=say), run="", tell=say) as notes,
        find_documents(settings, space, say) or nullcontext() as documents,
        open_web(settings) as http,
        open_search(settings) as search,
        open_sandbox(goal, settings, files.root, cwd=Path.cwd()) as sandbox,
        open_studio(settings) as images,
        Meter(colour=not settings.no_color) as meter,
    ):
        prepared = toolbox.prepare(name, parse_inputs(words, ""), files)
        if isinstance(prepared, Observation):
            return as_dict(prepared)
        approval = Approval(Policy(allow=settings.allow, deny=settings.deny))
        if approval.denied(prepared.tool.name):  # what the user calls by hand needs no other leave
            return as_dict(failed("denied", f"{prepared.tool.name} is denied by the user's rules", DENIED))
        shelf = ShelfArtifacts(Shelf(kept))

        def nested(tool: str, arguments: Mapping[str, Any]) -> Observation:
            inner = toolbox.prepare(tool, arguments, files)
            return inner if isinstance(inner, Observation) else _ruled(approval, toolbox, inner, context())

        def context() -> Context:
            return Context(
                workspace=files,
                artifacts=shelf,
                notes=notes,
                ask=None,
                call=nested,
                person=partial(_person, meter),
                progress=meter,
                documents=documents,
                http=http,
                search=search,
                sandbox=sandbox,
                images=images,
                effects={one.name: one.effect for one in toolbox.tools.values() if not approval.denied(one.name)},
            )

        return as_dict(_run(toolbox, prepared, context()))


def _ruled(approval: Approval, toolbox: Toolbox, prepared: Prepared, context: Context) -> Observation:
    """A call that a tool makes, where the rules allow it."""
    tool = prepared.tool
    ruling = approval.rule(tool.name, tool.effect, 1)
    if ruling.decision == "allow":
        return _run(toolbox, prepared, context)
    return failed(
        "denied", ruling.reason, DENIED if approval.denied(tool.name) else f"THINKACT_ALLOW={tool.name} allows it"
    )


def _run(toolbox: Toolbox, prepared: Prepared, context: Context) -> Observation:
    """The call, to its end. Ctrl-C asks the tool to come to one, so that what it has done can be told, and gives it up
    after a while, or at once where it is pressed again."""
    box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
    running = toolbox.start(prepared, context, cut=1_000_000, done=box.put)
    try:
        return _awaited(box)
    except KeyboardInterrupt:
        say("stopping; once more stops at once")
        context.cancel.set()
        try:
            ended = _awaited(box, _PATIENCE)
        except queue.Empty:
            raise KeyboardInterrupt from None
        raise Interrupted(ended) from None
    finally:
        running.cancel("the call was stopped")


def _awaited(box: queue.SimpleQueue[Observation], seconds: float = math.inf) -> Observation:
    """What comes of a call within these seconds; raises queue.Empty where nothing does."""
    until = time.monotonic() + seconds
    while True:
        try:
            return box.get(timeout=_PAUSE)
        except queue.Empty:
            if time.monotonic() >= until:
                raise


class Interrupted(KeyboardInterrupt):
    """Ctrl-C was pressed, and this is what the tool had done.

    Args:
        observation: As the tool gave it.
    """

    def __init__(self, observation: Observation) -> None:
        super().__init__()
        self.observation = observation


def _person(meter: Meter, question: str, choices: Sequence[str] = ()) -> str:
    import sys
    import threading

    from agent.cli.dialogue import Dialogue
    from agent.cli.lines import Lines

    if not is_terminal(sys.stdin):
        raise ToolError("nobody can be asked: there is no terminal", kind="no-person")
    return Dialogue(Lines(meter.pause, threading.Event())).answer(question, choices)


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
