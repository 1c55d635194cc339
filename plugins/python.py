"""The tool that runs Python: in an interpreter that keeps its variables for the run, confined, without a network."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from plugins import Artifact, Context, Effect, Observation, Talker, ToolError, ToolFailure, tool
from plugins._text import show

__all__ = ["run_python"]

_MOST_SECONDS = 600
_TELL_EVERY = 0.2  # seconds between two lines that are shown while it runs
_FOR_OUTPUT = 2.0  # seconds for what was said to come through, once the code has ended
_SERVED = (Effect.READ, Effect.FETCH)
_LOST = "its variables are lost; the next call begins a new interpreter"


@tool(
    effect=Effect.EXECUTE,
    timeout=_MOST_SECONDS + 60.0,
    aliases=("python", "run code", "compute", "plot", "analyse", "运行Python", "执行代码", "计算", "画图"),
)
def run_python(code: str, timeout: int = 60, *, context: Context) -> Observation:
    """Run Python in the workspace; variables stay for the next call. The last expression's value is shown; figures,
    images and tables become files. `tools.NAME(key=value)` calls tools that read or fetch. No network.

    Args:
        code: The code.
        timeout: Seconds until it is stopped, from 1 to 600.
    """
    if not code.strip():
        raise ToolError("code is empty", hint="give some Python")
    if not 1 <= timeout <= _MOST_SECONDS:
        raise ToolError(f"timeout is {timeout}: it must be from 1 to {_MOST_SECONDS} seconds", kind="arguments")
    if context.sandbox is None:
        raise ToolError("no programs are run here", hint="work with the file tools", kind="no-sandbox")
    source = Path(__file__).with_name("_interpreter.py").read_text("utf-8")
    command = [sys.executable, "-I", "-B", "-u", "-c", source, "{asked}", "{answered}"]
    talker, fresh = context.sandbox.talk("python", command)
    with talker.turn():
        return _Call(talker, context, float(timeout)).make(code, fresh=fresh)


def _note(changed: str) -> str:
    """What is said of a new interpreter; `changed`: the guarded file because of which the one before it was ended."""
    why = f", as {show(changed)}, which is kept from it, has changed" if changed else ""
    return f"(a new interpreter{why}: nothing was defined before this call)\n"


class _Call:
    """One piece of code that is run."""

    def __init__(self, talker: Talker, context: Context, seconds: float) -> None:
        self._talker, self._context, self._seconds = talker, context, seconds
        self._until = time.monotonic() + seconds
        self._mark = secrets.token_hex(16)
        self._said: list[str] = []
        self._shown = 0.0

    def make(self, code: str, *, fresh: bool) -> Observation:
        self._talker.said()  # what an earlier call's threads said since
        self._send({"run": code, "mark": self._mark})
        note = _note(self._talker.instead_of) if fresh else ""
        try:
            answer = self._answer()
        except ToolError as error:
            return self._cut_short(error)
        return self._told(answer, note)

    def _answer(self) -> dict[str, Any]:
        while True:
            line = self._talker.receive(self._until, output=self._hear)
            try:
                answer = json.loads(line)
                if not isinstance(answer, dict):
                    raise ValueError("no object")
            except ValueError:
                continue  # the code wrote to our pipe: that is no answer
            if answer.get("done") is True:
                return answer
            if isinstance(answer.get("call"), str):
                began = time.monotonic()
                self._send(self._served(answer["call"], answer.get("arguments")))
                self._until += time.monotonic() - began  # a call waits for others, a person even

    def _served(self, name: str, arguments: Any) -> dict[str, Any]:
        """What a tool gives that the code calls: those that read and fetch, by the rules of any call."""
        effect = self._context.effects.get(name)
        if effect is None:
            known = ", ".join(sorted(one for one, of in self._context.effects.items() if of in _SERVED))
            return {"ok": False, "text": f"there is no tool {name}; from code there are: {known}"}
        if effect not in _SERVED:
            text = f"{name} cannot be called from code: it does more than read (its effect is {effect.value})"
            return {"ok": False, "text": text}
        try:
            found = self._context.call(name, arguments if isinstance(arguments, Mapping) else {})
        except ToolError as error:
            return {"ok": False, "text": error.message}
        text = found.text
        if found.whole:
            with suppress(ToolError):
                text = self._context.artifacts.get(found.whole)[1].decode("utf-8", "replace")
        return {"ok": found.ok, "text": text, "value": found.value}

    def _send(self, told: Mapping[str, Any]) -> None:
        self._talker.send(json.dumps(told).encode(), self._until)

    def _hear(self, piece: str) -> None:
        self._said.append(piece)
        lines = [line.strip() for line in piece.splitlines() if line.strip() and self._mark not in line]
        if lines and time.monotonic() - self._shown >= _TELL_EVERY:
            self._shown = time.monotonic()
            self._context.progress(lines[-1][:200])

    def _output(self) -> str:
        """What the code said, up to the mark that says that it has ended."""
        until = time.monotonic() + _FOR_OUTPUT
        while self._mark not in (whole := "".join(self._said)) and time.monotonic() < until:
            self._said.append(self._talker.said())
            time.sleep(0.005)
        return whole.partition(f"\n{self._mark}")[0]

    def _told(self, answer: Mapping[str, Any], note: str) -> Observation:
        said, kept = self._output(), self._kept(answer.get("kept"))
        parts = [said.rstrip("\n")] if said.strip() else []
        shown, complaint = answer.get("shown"), answer.get("complaint")
        if isinstance(shown, str):
            parts.append(shown)
        parts += [f"kept: {name}, handle {one.handle}, {one.bytes} bytes" for name, one in kept]
        if isinstance(complaint, str):
            parts.append(complaint)
            last = complaint.splitlines()[-1] if complaint else "it failed"
            failure = ToolFailure(kind="exception", message=last)
            made = tuple(one for _, one in kept)
            return Observation(ok=False, text=note + "\n".join(parts), artifacts=made, error=failure)
        text = note + ("\n".join(parts) or "(no output and no value)")
        return Observation(ok=True, text=text, value=answer.get("value"), artifacts=tuple(one for _, one in kept))

    def _kept(self, made: Any) -> list[tuple[str, Artifact]]:
        found = []
        for one in made if isinstance(made, list) else ():
            with suppress(KeyError, TypeError, ValueError):
                content = base64.b64decode(one["content"])
                name, kind = str(one["name"])[:80], str(one["type"])[:80]
                found.append((name, self._context.artifacts.put(content, media_type=kind, name=name)))
        return found

    def _cut_short(self, error: ToolError) -> Observation:
        why = {
            "timeout": f"it was stopped after {self._seconds:g} seconds",
            "cancelled": "it was stopped with the call",
            "disk": "it was stopped: the disk is nearly full",
            "standstill": "it was stopped, as it would not stand still between two calls",
            "ended": f"the interpreter ended ({error.message})",
            "sandbox": error.message,
        }.get(error.kind, f"it was stopped: it went beyond its limit of {error.kind}")
        text = f"{why}; {_LOST}\n{''.join(self._said)}".rstrip()
        return Observation(ok=False, text=text, error=ToolFailure(kind=error.kind, message=f"{why}; {_LOST}"))
