"""A plugin's tools, called with arguments that make sense and with odd ones; what comes of it, judged."""

from __future__ import annotations

import inspect
import queue
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.cli.plugin.examining.findings import Finding, State
from agent.cli.plugin.examining.odd import examples, in_short, odd, plausible
from agent.cli.plugin.examining.results import oddities
from plugins import Observation, Plugin, Prepared, Tool, Toolbox
from plugins.testing import Trial

_AFTER = 1.0  # seconds that a tool has to end by itself when it was cut off
_FRAME = re.compile(r'File "(.+?)", line (\d+)')


class Calls:
    """Calls the tools of a plugin, each call for at most `seconds`. `given` are arguments of the author's own, beside
    the examples in a tool's docstring; `web`: a tool that is let to may open addresses. The first trial has no model
    and no person, the second has."""

    def __init__(
        self,
        plugin: Plugin,
        box: Toolbox,
        trials: Sequence[Trial],
        *,
        seconds: float,
        given: Mapping[str, Any],
        web: bool,
    ) -> None:
        self._plugin, self._box, self._trials = plugin, box, trials
        self._seconds, self._given = seconds, given
        self._http = _web() if web else None
        self._returned: list[Any] = []

    def of(self, tool: Tool, at: Callable[[str], None]) -> Iterator[Finding]:
        """Everything that is found out about one tool."""
        faults: dict[tuple[Any, ...], Finding] = {}
        many: dict[tuple[Any, ...], int] = {}
        seen = Seen()
        for what, arguments, trial in self._calls(tool):
            at(f"{tool.name} was called with {what or in_short(arguments)}")
            observation, findings = self._made(tool, arguments, trial, what)
            seen.add(observation)
            for one in findings:
                key = (one.state, one.what.partition(" (with ")[0], one.line)
                faults.setdefault(key, one)
                many[key] = many.get(key, 0) + 1
            if observation.error is not None and observation.error.kind == "timeout":
                break  # each further one would wait as long
        for key, one in faults.items():
            more = f"; and so do {many[key] - 1} more calls" if many[key] > 1 else ""
            yield replace(one, what=one.what + more)
        if not any(one.state == "fault" for one in faults.values()):
            yield seen.finding(tool, owned=self._owned(tool))

    def _calls(self, tool: Tool) -> Iterator[tuple[str, Mapping[str, Any], Trial]]:
        """Calls that make sense first, the author's own among them, then odd ones; each with what is odd in it."""
        first, *others = examples(tool) or [{}]
        base = plausible(tool.parameters, {**first, **self._taken(tool)})
        for trial in self._trials if tool.context else self._trials[:1]:
            yield "", base, trial
        for one in others:
            yield "", plausible(tool.parameters, one), self._trials[0]
        for what, arguments in odd(tool.parameters, base):
            yield what, arguments, self._trials[0]

    def _taken(self, tool: Tool) -> dict[str, Any]:
        """Of what the author gave, the arguments that a tool takes."""
        return {name: value for name, value in self._given.items() if name in tool.parameters.get("properties", {})}

    def _owned(self, tool: Tool) -> bool:
        """Was the tool called with something that its author chose for it?"""
        return bool(self._taken(tool) or examples(tool))

    def _made(
        self, tool: Tool, arguments: Mapping[str, Any], trial: Trial, what: str
    ) -> tuple[Observation, list[Finding]]:
        prepared = self._box.prepare(tool.name, arguments, trial.files, hooks=False)
        if isinstance(prepared, Observation):
            return prepared, []
        self._returned.clear()
        came: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        context = replace(trial.context, http=self._http) if self._http is not None else trial.context
        watched = Prepared(
            tool=replace(tool, function=self._recording(tool.function)),
            arguments=prepared.arguments,
            arguments_hash=prepared.arguments_hash,
        )
        self._box.start(watched, context, cut=16_000, done=came.put, within=self._seconds)
        observation = came.get()
        with_what = f" (with {what or in_short(arguments)})"
        return observation, list(self._judged(tool, observation, with_what))

    def _recording(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function; what it returns is looked at."""

        def call(**arguments: Any) -> Any:
            result = function(**arguments)
            if inspect.isawaitable(result):
                return later(result)
            self._returned.append(result)
            return result

        async def later(awaitable: Any) -> Any:
            result = await awaitable
            self._returned.append(result)
            return result

        return call

    def _judged(self, tool: Tool, observation: Observation, with_what: str) -> Iterator[Finding]:
        error, place = observation.error, _defined(tool)

        def finding(state: State, what: str, at: tuple[str, int] | None, instead: str) -> Finding:
            file, line = at or place
            return Finding(state=state, what=what + with_what, tool=tool.name, file=file, line=line, instead=instead)

        if error is not None and error.kind == "timeout":
            yield self._cut(tool, finding)
        elif error is not None and error.kind == "crash":
            at = _raised(error.detail or "", self._plugin)
            what = error.message.removeprefix("failed: ").split("\n")[0][:200]
            yield finding("fault", f"it raises {what}", at, _instead_of(what))
        elif error is not None and (not error.message.strip() or len(error.message) > 2000):
            yield finding("warning", "what it tells of a mistake is empty, or very long", None, "one line, and a hint")
        for result in self._returned:
            for state, what, instead in oddities(result):
                yield finding(state, what, None, instead)

    def _cut(self, tool: Tool, finding: Callable[..., Finding]) -> Finding:
        """A call that was cut off: where it is, and whether it goes on all the same."""
        deadline = time.monotonic() + _AFTER
        at, alive = _where(tool, self._plugin), True
        while alive and time.monotonic() < deadline:
            time.sleep(0.05)
            alive = any(one.name == f"tool {tool.name}" for one in threading.enumerate())
        limit = f"it is not through after {self._seconds:g} s; a run cuts it off after {tool.timeout:g} s"
        goes_on = ", and it works on although nobody waits for it any more" if alive else ""
        instead = (
            "look at context.cancelled in loops, and give what it waits for a timeout; --seconds N lets it take longer"
        )
        made: Finding = finding("fault", limit + goes_on, at, instead)
        return made


@dataclass
class Seen:
    """What came of the calls of one tool."""

    made: int = 0
    did: int = 0
    refused: int = 0
    told: int = 0
    complaint: str = ""

    def add(self, observation: Observation) -> None:
        """One more call."""
        self.made += 1
        self.did += observation.ok
        if observation.error is not None:
            self.complaint = self.complaint or observation.error.message.split("\n")[0][:200]
            self.refused += observation.error.kind == "arguments"
            self.told += observation.error.kind not in ("arguments", "crash", "timeout")

    def finding(self, tool: Tool, *, owned: bool) -> Finding:
        """How it went. A tool that never did what it is for is not shown to work; it is at fault where its author chose
        (`owned`) what it was called with."""
        if self.did:
            what = f"of {self.made} calls with plain and odd arguments it did {self.did}, told what is wrong with "
            what += f"{self.told}, and thinkact refused {self.refused} for it"
            return Finding(state="ok", what=what, tool=tool.name)
        file, line = _defined(tool)
        what = f"none of {self.made} calls succeeded{', not even with your arguments' if owned else ''}; "
        call = f"{tool.name}({', '.join(f'{name}=...' for name in tool.parameters.get('required', ()))})"
        return Finding(
            state="fault" if owned else "warning",
            what=f"{what}the first says: {self.complaint}",
            tool=tool.name,
            file=file,
            line=line,
            instead=f"under Example: in its docstring, or as KEY=VALUE here, what works: {call}",
        )


def _instead_of(what: str) -> str:
    if what.startswith("SystemExit"):
        return "return, or raise ToolError: a tool does not end the program"
    return 'raise ToolError("what is wrong", hint="what to do instead") where this can happen'


def _web() -> Any:
    from pathlib import Path

    from agent.opening.web import open_web
    from agent.settings import Settings

    return open_web(Settings.load(cwd=Path.cwd()))


def _defined(tool: Tool) -> tuple[str | None, int | None]:
    code = getattr(inspect.unwrap(tool.function), "__code__", None)
    return (code.co_filename, code.co_firstlineno) if code else (None, None)


def _raised(trace: str, plugin: Plugin) -> tuple[str, int] | None:
    """The last line of the plugin's own code in a traceback."""
    own = [(file, int(line)) for file, line in _FRAME.findall(trace) if file.startswith(plugin.origin)]
    return own[-1] if own else None


def _where(tool: Tool, plugin: Plugin) -> tuple[str, int] | None:
    """The line of the plugin's own code in which a call of a tool is."""
    threads = [one.ident for one in threading.enumerate() if one.name == f"tool {tool.name}"]
    frame = sys._current_frames().get(threads[-1] or 0) if threads else None
    while frame is not None and not frame.f_code.co_filename.startswith(plugin.origin):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None
