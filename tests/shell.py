"""`thinkact` as a command of a shell, started from the nursery: what a page's blocks of commands need, without waiting
a second for each start.

    with Command(folder):
        subprocess.run(["bash", "-c", "thinkact --version"], env={"PATH": f"{folder}:…"})

The command is a small script: it hands its words, folder, environment and streams through a socket to this process,
which has the nursery fork a real `thinkact` with them, and it ends as that one does. Where the nursery is busy (one
command's output is piped into another), the script becomes a `thinkact` that starts by itself.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.nursery import exactly, nursery

_SECONDS = 90.0
_BY_YOURSELF = 1000
"""The answer to a script that is to start thinkact itself."""
_SCRIPT = """\
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect(sys.argv[1])
body = json.dumps({"words": sys.argv[2:], "cwd": os.getcwd(), "environment": dict(os.environ)}).encode()
socket.send_fds(line, [len(body).to_bytes(8, "big")], [0, 1, 2])
line.sendall(body)
answer = line.recv(8)
if not answer:
    sys.exit("thinkact: nobody answers")
status = int.from_bytes(answer, "big", signed=True)
if status == 1000:
    os.execv(sys.executable, [sys.executable, "-P", "-m", "agent", *sys.argv[2:]])
sys.exit(status if status >= 0 else 128 - status)
"""


class Command:
    """A folder with the command `thinkact` in it, which works while the `with` block lasts."""

    def __init__(self, folder: Path) -> None:
        self._short = Path(tempfile.mkdtemp(prefix="command-"))  # a socket's name may have some 100 bytes, no more
        self._line = socket.socket(socket.AF_UNIX)
        self._line.bind(str(self._short / "s"))
        self._line.listen()
        script = self._short / "script.py"
        script.write_text(_SCRIPT, "utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        python = shlex.quote(sys.executable)
        called = f"{python} -IS {shlex.quote(str(script))} {shlex.quote(str(self._short / 's'))}"
        for name, begun in (("thinkact", called), ("python", python), ("python3", python)):
            command = folder / name
            command.write_text(f'#!/bin/sh\nexec {begun} "$@"\n', "utf-8")
            command.chmod(0o755)

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)  # wakes who waits in `accept`
        self._line.close()
        shutil.rmtree(self._short)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._line.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line, suppress(OSError):  # a script that was killed waits for no answer
            head, streams, _, _ = socket.recv_fds(line, 8, 3)
            try:
                order = json.loads(exactly(line, int.from_bytes(head, "big")))
                status = self._started(order["words"], Path(order["cwd"]), order["environment"], streams)
            finally:
                for stream in streams:
                    os.close(stream)
            line.sendall(status.to_bytes(8, "big", signed=True))

    def _started(self, words: list[str], cwd: Path, environment: dict[str, str], streams: list[int]) -> int:
        one = nursery()
        if not one.alone.acquire(blocking=False):
            return _BY_YOURSELF
        try:
            return one.status(words, cwd=cwd, environment=environment, streams=streams, timeout=_SECONDS)
        finally:
            one.alone.release()
