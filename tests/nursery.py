"""Real processes of `thinkact` that start fast: forked from one that has its modules loaded already.

To load the modules takes most of the time of a short command, and the tests run hundreds of them. So each worker of
pytest keeps a parent process that has imported them and nothing else: no thread, no file, no setting is there before
the fork. The child gets its own folder, environment, arguments and streams, runs `agent.__main__.main`, and ends as an
interpreter ends. What is about the start itself (`start` of a `Place`, kills) does not come through here.

    python tests/nursery.py DESCRIPTOR    the parent; DESCRIPTOR is its end of a socket pair
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
MODULES = (
    "agent.__main__",
    "agent.cli.application",
    "agent.cli.session",
    "agent.goal.file",
    "agent.model.fallback",
    "agent.model.offline_model",
    "agent.model.openai_model",
    "memory.recall",
    "jsonschema",
    "openai",
    "openai.resources.chat.completions",
)
"""What most commands load. None of them starts a thread or reads the environment when it is imported."""


class Nursery:
    """The parent process, as the tests hold it. It has one child at a time: who runs one holds `alone`."""

    def __init__(self) -> None:
        self.alone = threading.Lock()
        ours, theirs = socket.socketpair()
        self._line = ours
        self._parent = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        atexit.register(self.close)

    def run(
        self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], stdin: str | None, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """`thinkact` with these words, run to its end, as `subprocess.run` would tell of it.

        Raises:
            subprocess.TimeoutExpired: it was killed after so many seconds.
        """
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write((stdin or "").encode())
            given.seek(0)
            with Path(os.devnull).open("rb") as nothing:
                streams = [(nothing if stdin is None else given).fileno(), out.fileno(), err.fileno()]
                status = self.status(words, cwd=cwd, environment=environment, streams=streams, timeout=timeout)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode("utf-8").replace("\r\n", "\n"))
        return subprocess.CompletedProcess([sys.executable, "-m", "agent", *words], status, *texts)

    def seat(self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], terminal: int) -> Seated:
        """`thinkact` with these words, begun at a terminal, of which this is the descriptor. It is the one child from
        now on: who holds `alone` lets it go once this one has ended."""
        order = {"words": list(words), "cwd": str(cwd), "environment": dict(environment), "terminal": True}
        body = json.dumps(order).encode()
        socket.send_fds(self._line, [len(body).to_bytes(8, "big")], [terminal] * 3)
        self._line.sendall(body)
        return Seated(int.from_bytes(exactly(self._line, 8), "big"), self._line)

    def status(
        self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], streams: Sequence[int], timeout: float
    ) -> int:
        """How `thinkact` with these words and these descriptors for stdin, stdout and stderr ended; negative: by that
        signal. Raises as `run`."""
        order = {"words": list(words), "cwd": str(cwd), "environment": dict(environment)}
        body = json.dumps(order).encode()
        socket.send_fds(self._line, [len(body).to_bytes(8, "big")], streams)
        self._line.sendall(body)
        child = int.from_bytes(exactly(self._line, 8), "big")
        return self._status(child, timeout, words)

    def _status(self, child: int, timeout: float, words: Sequence[str]) -> int:
        self._line.settimeout(timeout)
        try:
            return os.waitstatus_to_exitcode(int.from_bytes(exactly(self._line, 8), "big"))
        except TimeoutError:
            self._line.settimeout(None)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            exactly(self._line, 8)
            raise subprocess.TimeoutExpired(list(words), timeout) from None
        finally:
            self._line.settimeout(None)

    def close(self) -> None:
        """End the parent."""
        self._line.close()
        self._parent.wait(10)


class Seated:
    """A child at a terminal, as `subprocess.Popen` would tell of it."""

    def __init__(self, child: int, line: socket.socket) -> None:
        self._child, self._line = child, line
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._ended(0)

    def wait(self) -> int | None:
        """Its exit code, once it has ended."""
        return self._ended(60)

    def kill(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)

    def _ended(self, seconds: float) -> int | None:
        if self.returncode is None and select.select([self._line], [], [], seconds)[0]:
            self.returncode = os.waitstatus_to_exitcode(int.from_bytes(exactly(self._line, 8), "big"))
        return self.returncode


@cache
def nursery() -> Nursery:
    """The one of this worker."""
    return Nursery()


def exactly(line: socket.socket, count: int) -> bytes:
    """So many bytes; EOFError where the other end is gone."""
    found = b""
    while len(found) < count:
        piece = line.recv(count - len(found))
        if not piece:
            raise EOFError("the other end is gone")
        found += piece
    return found


# -- the parent


def _serve(line: socket.socket) -> dict[str, Any] | None:
    """Fork a child for each order. Returns in a child, with its order, and in the parent at the end, with None."""
    while True:
        head, streams, _, _ = socket.recv_fds(line, 8, 3)
        if not head:
            return None
        order: dict[str, Any] = json.loads(exactly(line, int.from_bytes(head, "big")))
        child = os.fork()
        if child == 0:
            line.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            return order
        for stream in streams:
            os.close(stream)
        line.sendall(child.to_bytes(8, "big"))
        _, status = os.waitpid(child, 0)
        line.sendall(status.to_bytes(8, "big"))


def _become(order: Mapping[str, Any]) -> None:
    """Be the process that `python -m agent` with these words would be."""
    if order.get("terminal"):  # the session's own: Ctrl-C comes from there
        import fcntl
        import termios

        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[0] = order["cwd"]
    sys.argv = [str(ROOT / "agent" / "__main__.py"), *order["words"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the process's whole life
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115


def _main() -> None:
    line = socket.socket(fileno=int(sys.argv[1]))
    for name in MODULES:
        importlib.import_module(name)
    gc.freeze()  # what is shared with the children is not looked through again in each
    order = _serve(line)
    if order is not None:
        _become(order)
        from agent.__main__ import main

        main()


if __name__ == "__main__":
    _main()
