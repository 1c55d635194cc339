"""The tool that runs a command: in a shell, confined to the workspace, without a network."""

from __future__ import annotations

import time
from collections.abc import Callable

from plugins import Context, Effect, Ended, Observation, ToolError, ToolFailure, tool

__all__ = ["run_shell"]

_MOST_SECONDS = 600
_TELL_EVERY = 0.2  # seconds between two lines that are shown while it runs


@tool(
    effect=Effect.EXECUTE,
    timeout=_MOST_SECONDS + 60.0,
    aliases=("shell", "run a command", "execute", "terminal", "bash", "运行命令", "执行命令", "终端"),
)
def run_shell(command: str, timeout: int = 60, *, context: Context) -> Observation:
    """Run a shell command in the workspace. No network; only the workspace can be written.

    Args:
        command: The command line, or several lines.
        timeout: Seconds until it is stopped, from 1 to 600.
    """
    if not command.strip():
        raise ToolError("command is empty", hint="give a command line")
    if "\0" in command:
        raise ToolError("command holds a NUL character", hint="leave it out")
    if not 1 <= timeout <= _MOST_SECONDS:
        raise ToolError(f"timeout is {timeout}: it must be from 1 to {_MOST_SECONDS} seconds", kind="arguments")
    if context.sandbox is None:
        raise ToolError("no programs are run here", hint="work with the file tools", kind="no-sandbox")
    seconds = float(timeout)
    ended = context.sandbox.run(command, timeout=seconds, output=_shown(context))
    return _told(ended, seconds)


def _shown(context: Context) -> Callable[[str], None]:
    """Shows the newest line of what is said, and not each of thousands."""
    last, held = [0.0], [""]

    def show(piece: str) -> None:
        held[0] = (held[0] + piece)[-4_000:]
        lines = [line.strip() for line in held[0].splitlines() if line.strip()]
        if lines and time.monotonic() - last[0] >= _TELL_EVERY:
            last[0], held[0] = time.monotonic(), ""
            context.progress(lines[-1][:200])

    return show


def _told(ended: Ended, seconds: float) -> Observation:
    value = {"code": ended.code, "stopped": ended.stopped}
    said = ended.output if ended.output.strip() else "(it said nothing)"
    if ended.stopped is None and ended.code == 0:
        return Observation(ok=True, text=said, value=value)
    why = _why(ended, seconds)
    return Observation(
        ok=False, text=f"{why}\n{said}", value=value, error=ToolFailure(kind=ended.stopped or "exit", message=why)
    )


def _why(ended: Ended, seconds: float) -> str:
    match ended.stopped:
        case None:
            return f"it ended with exit code {ended.code}"
        case "time":
            return f"it was stopped after {seconds:g} seconds"
        case "cancelled":
            return "it was stopped with the call"
        case "disk":
            return "it was stopped: the disk is nearly full"
        case limit:
            return f"it was stopped: it went beyond its limit of {limit}"
