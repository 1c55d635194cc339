"""A confined process as we see it: started through the launcher, heard while it runs, ended with us."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from plugins._apart import needed_environment
from plugins._outcome import ToolError
from plugins._sandbox._descriptors import free_bytes, is_ready
from plugins._sandbox._ways import launcher_words

__all__ = ["Launcher", "Process"]

_LOOK_EVERY = 0.05  # seconds
_DISK_EVERY = 0.5
_GRACE = 60.0  # seconds that the launcher has to end everything


class Launcher:
    """A launcher that waits for its orders: it may be started before they are known, as a Python takes its time.

    Args:
        pass_: Descriptors that the program is to get beside its three.

    Raises:
        ToolError: it cannot be started.
    """

    def __init__(self, pass_: Sequence[int] = ()) -> None:
        self.report, self._writing = os.pipe()
        self._passed = list(pass_)
        try:
            self.popen = subprocess.Popen(
                launcher_words(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(self._writing, *pass_),
                env=needed_environment(),
                start_new_session=True,
            )
        except OSError as error:
            os.close(self.report)
            raise ToolError(f"a confined process cannot be started: {error}", kind="sandbox") from error
        finally:
            os.close(self._writing)

    def order(self, told: Mapping[str, Any]) -> None:
        """Give it its orders."""
        orders = marshal.dumps({**told, "report": self._writing, "pass": self._passed})
        with suppress(OSError):
            assert self.popen.stdin is not None
            self.popen.stdin.write(len(orders).to_bytes(8, "little") + orders)
            self.popen.stdin.flush()

    def dismiss(self) -> None:
        """It is not needed: it ends without having done anything."""
        for pipe in (self.popen.stdin, self.popen.stdout):
            assert pipe is not None
            pipe.close()
        os.close(self.report)
        self.popen.wait()


class Process:
    """A program under way. `output` hears what it says, in pieces of bytes, in a thread of ours.

    Args:
        launcher: The one that starts it.
        told: Its orders, without descriptors.
        output: Hears what the program says.
    """

    def __init__(self, launcher: Launcher, told: Mapping[str, Any], *, output: Callable[[bytes], None]) -> None:
        self._popen, self._report = launcher.popen, launcher.report
        self._lock = threading.Lock()
        self._ended: dict[str, Any] | None = None
        self._paused = False
        launcher.order(told)
        self._hearing = threading.Thread(target=self._hear, args=(output,), name="confined output", daemon=True)
        self._hearing.start()

    @property
    def running(self) -> bool:
        """Has nobody heard of its end yet?"""
        return self._ended is None and not self._look(0.0)

    def wait(self, until: float, given_up: Callable[[], str | None]) -> str | None:
        """Wait for the end, until a moment of `time.monotonic` or a reason to give up: None where it came by itself,
        else why it is to be ended."""
        while not self._look(min(_LOOK_EVERY, max(0.0, until - time.monotonic()))):
            if time.monotonic() >= until:
                return "time"
            if (reason := given_up()) is not None:
                return reason
        return None

    def pause(self) -> None:
        """Stop all of it where it is, until `resume`; return once it stands still, or has ended."""
        self._order(b"p")
        while self._ended is None and not self._paused:
            self._look(_GRACE)
        self._paused = False

    def resume(self) -> None:
        """Let it go on."""
        self._order(b"r")

    def _order(self, word: bytes) -> None:
        with suppress(OSError, ValueError):
            assert self._popen.stdin is not None
            self._popen.stdin.write(word)
            self._popen.stdin.flush()

    def end(self) -> dict[str, Any]:
        """End it, with all that it started, and tell how it ended: `code`, `stopped`, or `fault`. May be called again,
        also by another thread."""
        with self._lock:
            if self._ended is None or "code" not in self._ended:
                self._order(b"e")
            until = time.monotonic() + _GRACE
            while not self._look(max(0.0, until - time.monotonic())) and time.monotonic() < until:
                self._paused = False
            with suppress(OSError, ValueError):
                assert self._popen.stdin is not None
                self._popen.stdin.close()
            self._hearing.join(
                _GRACE
            )  # it hears the launcher's end at once, where a wait with a limit would look now and then
            try:
                self._popen.wait(0 if not self._hearing.is_alive() else _GRACE)
            except subprocess.TimeoutExpired:
                self._reap()
            if self._report >= 0:
                os.close(self._report)
                self._report = -1
            return self._ended or {"fault": "the launcher ended without a word"}

    def _reap(self) -> None:
        try:
            self._popen.wait(_GRACE)
        except subprocess.TimeoutExpired:  # pragma: no cover - a machine that stands still
            self._popen.kill()
            self._popen.wait()

    def _look(self, seconds: float) -> bool:
        """Has it ended, or does it within these seconds?"""
        if self._ended is not None:
            return True
        if self._report < 0:
            return True
        if not is_ready(self._report, seconds):
            return False
        said = b""
        while not said.endswith(b"\n") and (piece := os.read(self._report, 1)):
            said += piece
        try:
            found = json.loads(said)
        except ValueError:
            found = {"fault": "the launcher ended without a word"}
        if "paused" in found:
            self._paused = True
            return False
        self._ended = found
        return True

    def _hear(self, output: Callable[[bytes], None]) -> None:
        assert self._popen.stdout is not None
        descriptor = self._popen.stdout.fileno()
        while piece := os.read(descriptor, 65536):
            output(piece)
        self._popen.stdout.close()


def disk_watch(root: str, least: int) -> Callable[[], bool]:
    """Tells, at most twice a second, whether the disk of the workspace has become nearly full."""
    last = [0.0]

    def is_full() -> bool:
        now = time.monotonic()
        if now - last[0] < _DISK_EVERY:
            return False
        last[0] = now
        with suppress(OSError):
            return free_bytes(root) < least
        return False

    return is_full
