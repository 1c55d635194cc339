"""A plugin's hooks, each given calls and events like those of a run."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agent.cli.plugin.examining.findings import Finding
from agent.cli.plugin.examining.odd import FILE, plausible
from agent.events import Event, Finished, Observed, RunStarted, Thought, ToolCall, ToolStarted, encode
from plugins import Files, Plugin, Toolbox, built_in_plugins
from plugins._hooks import HookFailed, Hooks
from plugins._worker import Hung, Worker

_MEND = "let it take what it does not know: event.get(...), arguments.get(...)"


def try_hooks(plugin: Plugin, files: Files, seconds: float, at: Callable[[str], None]) -> Iterator[Finding]:
    """What is found out about the hooks: those that raise, hang, or give back what is no arguments."""
    for hook in plugin.before_call:
        yield from _before_call(plugin, hook, files, seconds, at)
    for observer in plugin.observers:
        yield from _observer(observer, seconds, at)


def _before_call(
    plugin: Plugin, hook: Any, files: Files, seconds: float, at: Callable[[str], None]
) -> Iterator[Finding]:
    name, refused, seen = _called(hook), 0, 0
    box = Toolbox([*built_in_plugins(), plugin])
    hooks = Hooks([(plugin.name, hook)], seconds=seconds)
    for tool in box.tools.values():
        at(f"the hook {name} was given a call of {tool.name}")
        prepared = box.prepare(tool.name, plausible(tool.parameters, {}), files, hooks=False)
        arguments = getattr(prepared, "arguments", None)
        if arguments is None:
            continue
        seen += 1
        try:
            hooks.apply(tool, dict(arguments), files)
        except HookFailed as failed:
            error = failed.observation.error
            if error is not None and error.kind == "denied":
                refused += 1
                continue
            what = f"given a call of {tool.name}, {failed.observation.text.splitlines()[0]}"
            yield _finding(hook, name, what, error.detail if error is not None else None)
            return
    what = f"the before_call hook lets {seen - refused} of {seen} calls pass, one of each tool"
    yield Finding(state="ok", what=what, tool=name)


def _observer(observer: Any, seconds: float, at: Callable[[str], None]) -> Iterator[Finding]:
    name, worker = _called(observer), Worker()
    for event in _events():
        at(f"the observer {name} was given an event {event['kind']}")
        outcome = worker.run(lambda event=event: observer(dict(event)), seconds=seconds)  # type: ignore[misc]
        if isinstance(outcome.error, Hung):
            what = f"the observer is not through with {event['kind']} after {seconds:g} s; a run leaves it out then"
            yield _finding(observer, name, what, None)
            return
        if outcome.error is not None:
            trace = "".join(traceback.format_exception(outcome.error))
            kind = type(outcome.error).__name__
            what = f"given an event {event['kind']}, the observer raises {kind}: {str(outcome.error)[:150]}"
            yield _finding(observer, name, what, trace)
            return
    yield Finding(state="ok", what="the observer takes the events of a run", tool=name)


def _finding(hook: Any, name: str, what: str, trace: str | None) -> Finding:
    import re

    code = getattr(inspect.unwrap(hook), "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code else (None, None)
    own = [int(number) for place, number in re.findall(r'File "(.+?)", line (\d+)', trace or "") if place == file]
    return Finding(state="fault", what=what, tool=name, file=file, line=own[-1] if own else line, instead=_MEND)


def _called(hook: Any) -> str:
    return str(getattr(hook, "__name__", type(hook).__name__))


def _events() -> Iterator[Mapping[str, Any]]:
    """A short run, as observers hear of it."""
    call = ToolCall(id="t1", tool="read_file", arguments={"path": FILE})
    events: tuple[Event, ...] = (
        RunStarted(
            run_id="20260101-000000-test",
            goal={"goal": ["Read notes.txt", "写下桥墩的事"]},
            source=None,
            model="offline",
            workspace="/workspace",
            namespace="test",
            unattended=True,
            tools=("read_file",),
            thinkact="0",
        ),
        Thought(text="I read it. 我来读。", calls=(call,), step=1),
        ToolStarted(
            call="t1", tool="read_file", arguments=call.arguments, arguments_hash="0", effect="read", repeatable=True
        ),
        Observed(call="t1", tool="read_file", ok=True, text="The pier is old."),
        Finished(state="reached", answer="桥墩很旧。", reason=""),
    )
    for seq, event in enumerate(events, 1):
        yield {"seq": seq, "time": 1767225600.0, **encode(event)}
