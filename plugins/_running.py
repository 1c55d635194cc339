"""A call on its way: a thread of its own, a clock, the locks of the paths that it writes, and exactly one end."""

from __future__ import annotations

import inspect
import threading
import time
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import replace
from typing import Any

from plugins._contract import Context, Observation, Tool, ToolError
from plugins._crew import Crew
from plugins._deadlines import Clock, Deadlines
from plugins._guarded import guard
from plugins._outline import takes
from plugins._result import fail, observe, tell_error
from plugins._revocation import Gate, Written
from plugins._text import show

__all__ = ["PathLocks", "Running"]

_PATIENCE = 1.0  # seconds that a write on its way has to end, when its call is given up


class PathLocks:
    """The paths that running calls may write. A folder stands for all that is in it, and the case of letters does
    not count: some file systems see none. All paths of a call are taken at once, so no two calls wait for each other.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held: list[tuple[str, ...]] = []

    def take(self, paths: Collection[str], given_up: Callable[[], bool]) -> bool:
        """Wait until nobody holds any of the paths, and hold them; False if the wait was given up (see `wake`)."""
        wanted = [_parts(path) for path in paths]
        with self._changed:
            self._changed.wait_for(lambda: given_up() or not self._taken(wanted))
            if given_up():
                return False
            self._held.extend(wanted)
            return True

    def give(self, paths: Collection[str]) -> None:
        """Let go of paths that were taken."""
        with self._changed:
            for path in paths:
                self._held.remove(_parts(path))
            self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look whether they have given up."""
        with self._changed:
            self._changed.notify_all()

    def _taken(self, wanted: list[tuple[str, ...]]) -> bool:
        return any(one[: len(two)] == two[: len(one)] for one in wanted for two in self._held)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in unicodedata.normalize("NFC", path).casefold().split("/") if part)


class Running:
    """A call on its way. `done` is called exactly once, from another thread or from within `cancel`.

    `here` tells which call is waiting in a thread: a call made from inside a tool ends with the call that made it.
    `depth` is 0 for a call of the run itself, 1 for one made from inside a tool, and so on.
    """

    def __init__(
        self,
        tool: Tool,
        arguments: Mapping[str, Any],
        context: Context,
        *,
        paths: Collection[str],
        crew: Crew,
        locks: PathLocks,
        deadlines: Deadlines,
        here: threading.local,
        cut: int,
        done: Callable[[Observation], None],
        within: float | None = None,
    ) -> None:
        self._tool = tool
        self._arguments = arguments
        self._artifacts = context.artifacts  # ours: a whole result is kept also while the tool's context closes
        self._cancel = context.cancel
        self._gate = Gate(context.cancel)
        self._written = Written()
        self._context = guard(context, tool, self._gate, self._waiting, self._written)
        self._crew = crew
        self._locks, self._paths, self._holds = locks, paths, False
        self._here = here
        self._outer: Running | None = getattr(here, "running", None)
        self.depth: int = 0 if self._outer is None else self._outer.depth + 1
        self._inner: list[Running] = []
        self._cut = cut
        self._done = done
        self._began = time.monotonic()
        self._seconds = tool.timeout if within is None else min(tool.timeout, within)
        self._clock = Clock(deadlines, self._seconds, self._expire)
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._waits = 0
        self._ending = False
        self._ended = threading.Event()
        self._stop_coroutine: Callable[[], object] | None = None

    def begin(self) -> None:
        """Start, in a thread of its own. It is a daemon: a hung tool does not hold the exit."""
        if self._outer is not None:
            self._outer._adopt(self)
        try:
            self._crew.run(f"tool {self._tool.name}", self._work)
        except RuntimeError as error:  # pragma: no cover  the system has no thread left
            self._end(fail("crash", f"failed: no thread could be started: {error}"), "the call has ended")

    def cancel(self, reason: str) -> None:
        """Give the call up, at once and for good; nothing happens if it has ended. `reason` is told to the model."""
        self._give_up("cancelled", f"cancelled: {reason}")

    def wait(self, seconds: float | None = None) -> bool:
        """Has the call ended, its `done` having returned, within these seconds?"""
        return self._ended.wait(seconds)

    def _adopt(self, inner: Running) -> None:
        with self._lock:
            self._inner.append(inner)
            too_late = self._ending
        if too_late:
            inner.cancel("the call that made it has ended")

    def _expire(self) -> None:
        self._give_up("timeout", f"timed out after {round(self._seconds, 3):g} s")

    def _give_up(self, kind: str, message: str) -> None:
        self._end(fail(kind, message), f"the call was given up ({message})", cancel=True)

    def _work(self) -> None:
        if self._cancel.is_set():
            self.cancel("the run is being stopped")
            return
        if self._paths and not self._hold():
            return
        try:
            self._clock.start()
            observation = self._observe(self._invoke())
        except BaseException as error:  # noqa: BLE001  SystemExit and its like end the call, not us
            observation = tell_error(error, artifacts=self._artifacts, cut=self._cut)
        self._end(observation, "the call has ended")

    def _observe(self, result: Any) -> Observation:
        return observe(result, artifacts=self._artifacts, cut=self._cut)

    def _invoke(self) -> Any:
        tool = self._tool
        arguments = self._converted()
        if tool.context is not None:
            arguments[tool.context] = self._context
        result = tool.function(**arguments)
        return self._await(result) if inspect.isawaitable(result) else result

    def _converted(self) -> dict[str, Any]:
        """The arguments as the function was annotated, its own: those that were approved stay what they are."""
        tool = self._tool
        arguments = deepcopy(dict(self._arguments))
        for name, convert in tool.convert.items():
            if arguments.get(name) is None:
                continue
            try:
                arguments[name] = convert(arguments[name])
            except (ValueError, TypeError) as error:  # such as a dataclass's `__post_init__`, which checks what it got
                message = f"argument {show(name)} does not fit: {error}"
                raise ToolError(message, hint=takes(tool), kind="arguments") from error
        return arguments

    def _await(self, awaitable: Awaitable[Any]) -> Any:
        import asyncio  # slow to import, and few tools need it

        async def whole() -> Any:
            task, loop = asyncio.current_task(), asyncio.get_running_loop()
            assert task is not None
            self._stop_coroutine = lambda: loop.call_soon_threadsafe(task.cancel)
            return await awaitable

        return asyncio.run(whole())

    def _hold(self) -> bool:
        """Take the locks; False if the call was given up meanwhile."""
        if not self._locks.take(self._paths, lambda: self._ending):
            return False
        with self._lock:
            if not self._ending:
                self._holds = True
                return True
        self._locks.give(self._paths)
        return False

    def _let_go(self) -> None:
        with self._lock:
            held, self._holds = self._holds, False
        if held:
            self._locks.give(self._paths)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """While a call waits for another call or for the human, time does not count against it, and the other call
        may write where this one writes: it would wait for us for ever."""
        with self._turn:
            self._waits += 1
            if self._waits == 1:
                self._clock.pause()
                self._let_go()
        before = getattr(self._here, "running", None)
        self._here.running = self
        try:
            yield
        finally:
            self._here.running = before
            with self._turn:
                self._waits -= 1
                if self._waits == 0:
                    if self._paths:
                        self._hold()
                    self._clock.start()

    def _end(self, observation: Observation, reason: str, *, cancel: bool = False) -> None:
        """The one end: whoever comes later is not heard. The calls made from inside end with it, and are told of
        first; a listener that fails keeps the others from nothing."""
        with ExitStack() as telling:
            inside = [*self._close(observation, reason, cancel=cancel, telling=telling)]
            message = "cancelled: the call that made it has ended"
            for one in inside:  # it grows by the calls made from inside those
                given_up = fail("cancelled", message)
                inside += one._close(given_up, f"the call was given up ({message})", cancel=True, telling=telling)

    def _close(self, observation: Observation, reason: str, *, cancel: bool, telling: ExitStack) -> Collection[Running]:
        """End, but for the telling, which is left to `telling`; the calls made from inside, which are to be ended
        too. Empty where it has ended already."""
        with self._lock:
            if self._ending:
                return ()
            self._ending = True
            inner = list(self._inner)
        self._clock.stop()
        if cancel:
            self._cancel.set()
        self._gate.close(reason, patience=_PATIENCE)
        if cancel and self._stop_coroutine is not None:
            self._abandon_coroutine()
        self._let_go()
        self._locks.wake()
        telling.callback(self._tell, observation)
        return inner

    def _tell(self, observation: Observation) -> None:
        seconds = time.monotonic() - self._began
        try:
            written, created = self._written.told()
            self._done(replace(observation, seconds=seconds, written=written, created=created))
        finally:
            self._ended.set()

    def _abandon_coroutine(self) -> None:
        assert self._stop_coroutine is not None
        try:
            self._stop_coroutine()
        except RuntimeError:  # its loop is closed: it has just ended by itself
            return
