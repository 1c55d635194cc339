"""What a confined process says: heard up to a limit, and, of one that stays, answers to what it is asked."""

from __future__ import annotations

import codecs
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from plugins._outcome import ToolError
from plugins._sandbox._descriptors import is_ready, unblock
from plugins._sandbox._process import Process
from plugins._sandbox._standing import Standing

__all__ = ["Heard", "Talker"]

_LONGEST_LINE = 24 << 20  # bytes of one line that a talker writes
_WAITING_LINES = 4
_LOOK_EVERY = 0.05  # seconds


class Heard:
    """What a program said, kept up to a limit and told piece by piece."""

    def __init__(self, most: int, told: Callable[[str], None] | None) -> None:
        self._most = most
        self._told = told
        self._pieces: list[bytes] = []
        self._size = 0
        self._decoder, self._rest = (codecs.getincrementaldecoder("utf-8")("replace") for _ in range(2))
        self._lock = threading.Lock()

    @property
    def too_much(self) -> bool:
        """Did it say more than is kept?"""
        return self._size > self._most

    def take(self, piece: bytes) -> None:
        """Hear a piece. What is beyond the limit is heard and not kept."""
        with self._lock:
            room = max(0, self._most - self._size)
            self._size += len(piece)
            if room:
                self._pieces.append(piece[:room])
        if self._told is not None and room and (text := self._decoder.decode(piece[:room])):
            with suppress(Exception):  # a listener that fails must not let the pipe run full
                self._told(text)

    def text(self) -> str:
        """What was said since this was asked last; a character that is not whole yet waits for its rest."""
        with self._lock:
            whole = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            return self._rest.decode(whole)


class Talker:
    """A confined process that is asked and answers in lines of bytes, over pipes of its own. Once `cancel` is set, it
    is ended by whoever waits for it."""

    def __init__(
        self,
        process: Process,
        heard: Heard,
        asking: int,
        answering: int,
        ending: Callable[[Process], dict[str, Any]],
        full: Callable[[], bool],
        standing: Standing,
    ) -> None:
        self._process, self._heard, self._ending, self._full = process, heard, ending, full
        self._asking, self._answering, self._standing = asking, answering, standing
        self.instead_of = ""
        unblock(asking)
        self._lines: queue.Queue[bytes | None] = queue.Queue(_WAITING_LINES)
        self._told: dict[str, Any] | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self.cancel: threading.Event | None = None
        self._reader = threading.Thread(target=self._read, name="confined answers", daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        """Does it still run?"""
        return self._told is None and self._process.running

    @property
    def exposed(self) -> str | None:
        """A guarded path where something has changed since it was started: it may see or change what is there."""
        return self._standing.changed()

    def send(self, line: bytes, until: float) -> None:
        """Ask; `line` holds no line break. Where it does not listen until then, or has ended, `receive` tells so."""
        view = memoryview(line + b"\n")
        with suppress(OSError):
            while view and (left := until - time.monotonic()) > 0:
                if is_ready(self._asking, min(left, 0.5), writing=True):
                    view = view[os.write(self._asking, view) :]

    def receive(self, until: float, *, output: Callable[[str], None] | None = None) -> bytes:
        """The next line of an answer; see `plugins.Talker`."""
        while True:
            try:
                line = self._lines.get(timeout=min(_LOOK_EVERY, max(0.0, until - time.monotonic())))
            except queue.Empty:
                line = b""
            if output is not None and (said := self.said()):
                output(said)
            if line:
                return line
            why = self._given_up(until) if line is not None else "ended"
            if why is not None:
                told = self.end()
                if output is not None:
                    output(self.said())
                if why == "ended" and told.get("stopped") not in (None, "asked"):
                    why = str(told["stopped"])
                raise ToolError(told.get("fault") or f"it ended with {told.get('code')}", kind=why)

    def said(self) -> str:
        """What it wrote to its outputs since it was asked last."""
        return self._heard.text()

    def end(self) -> dict[str, Any]:
        """End it, and tell how it ended."""
        with self._lock:
            if self._told is None:
                self._told = self._ending(self._process)
                self._standing.close()
                with suppress(OSError):
                    os.close(self._asking)
            return self._told

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A stretch in which nobody else asks it. Out of it the process stands still: nothing that is confined runs
        while another confinement is set up, whose paths it could change at that moment."""
        with self._turn:
            if self.exposed is None:
                self._process.resume()
            else:  # it changed while another had its turn
                self.end()
            try:
                yield
            finally:
                if self.running:
                    self._process.pause()

    def _given_up(self, until: float) -> str | None:
        if self.cancel is not None and self.cancel.is_set():
            return "cancelled"
        if time.monotonic() >= until:
            return "timeout"
        return "output" if self._heard.too_much else "disk" if self._full() else None

    def _read(self) -> None:
        """Read until its end. Nobody else closes what is read from: its number could be another's by the next read."""
        held = b""
        with suppress(OSError):
            while self._told is None and (piece := os.read(self._answering, 1 << 16)):
                held += piece
                *lines, held = held.split(b"\n")
                for line in [one for one in lines if one]:
                    self._put(line)
                if len(held) > _LONGEST_LINE:
                    break
        self._put(None)
        os.close(self._answering)

    def _put(self, line: bytes | None) -> None:
        """Hand a line on: whoever writes without end waits for us, and not the other way round."""
        while self._told is None:
            with suppress(queue.Full):
                self._lines.put(line, timeout=0.2)
                return
