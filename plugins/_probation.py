"""Probation: a plugin that is new, or has changed, is first imported in a process of its own.

What ends that process would end every command, at once and without a word: native code that crashes, `os._exit`,
another program in its place. What hangs there cannot always be left to itself here. So neither is imported here. What
let its process live is written down, and costs no process again until it changes, or Python, or what is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plugins._importing import StillLoading
from plugins._origins import Origin

__all__ = ["Probation"]

_CHILD = (
    "import json, sys; order = json.load(sys.stdin); sys.path[:] = order['path']; "
    "from plugins._probation_child import main; main(order)"
)
_LOOK = 0.5  # seconds between two looks how far it has come
_SILENCE = 5.0  # seconds beyond those of an import after which the process is ended from here
_FIELDS = frozenset({"stamp", "fault", "until"})  # of what is kept of a plugin
_TOO_LATE = -14  # the code after SIGALRM
_HUNG = 3600.0  # seconds for which one that hung is left out unasked: it may have been a busy machine


class Probation:
    """Tells which plugins must not be imported here, each tried for at most `seconds`.

    `ledger` is the file in which it is kept what was tried. Where it cannot be read or written, each is tried each
    time. `fresh`: what was compiled of a plugin does not count, its text does. Without `write` the ledger stays as
    it is.
    """

    def __init__(self, ledger: Path, *, seconds: float, fresh: bool = False, write: bool = True) -> None:
        self._ledger, self._seconds, self._fresh, self._writes = ledger, seconds, fresh, write

    def faults(self, origins: Sequence[Origin], *, again: bool = False) -> dict[str, str]:
        """By what it is called: what is wrong with each plugin that must not be imported. `again`: those that were
        found to be so are tried once more."""
        book, surroundings = self._read(), _surroundings()
        known = _known(book.get(sys.prefix), surroundings)
        stamps = {one.told: _stamp(one) for one in origins}
        untried = [one for one in origins if not _counts(known.get(one.told), stamps[one.told], again=again)]
        if untried:
            for one in untried:
                known.pop(one.told, None)
            for one, verdict in _tried(untried, self._seconds, fresh=self._fresh):
                known[one.told] = {"stamp": stamps[one.told], **verdict}
            if self._writes:
                self._write(book | {sys.prefix: {"surroundings": surroundings, "plugins": known}})
        return {told: known[told]["fault"] for told in stamps if told in known and known[told]["fault"]}

    def _read(self) -> dict[str, Any]:
        try:
            book = json.loads(self._ledger.read_bytes())
            return book if isinstance(book, dict) else {}
        except (OSError, ValueError):
            return {}

    def _write(self, book: Mapping[str, Any]) -> None:
        """Two commands may write at a time: each writes a whole book, and the last one counts."""
        unfinished = self._ledger.with_name(f"{self._ledger.name}.{os.getpid()}.tmp")
        try:
            unfinished.write_text(json.dumps(book), "utf-8")
            unfinished.replace(self._ledger)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()


def _known(page: Any, surroundings: str) -> dict[str, Any]:
    """What was found in these surroundings, by what a plugin is called. What another version has written, or a
    damaged file holds, is not known."""
    if not isinstance(page, dict) or page.get("surroundings") != surroundings:
        return {}
    entries = page.get("plugins")
    return {
        told: one
        for told, one in (entries.items() if isinstance(entries, dict) else ())
        if isinstance(one, dict) and one.keys() >= _FIELDS and isinstance(one["until"], float | None)
    }


def _surroundings() -> str:
    """Python, and what is installed in it: a package that comes, goes or changes its version changes its folder."""
    told = [sys.version]
    for folder in sys.path:
        if folder.endswith("-packages"):
            with suppress(OSError):
                told.append(f"{folder} {Path(folder).stat().st_mtime_ns}")
    return _digest(told)


def _stamp(origin: Origin) -> str:
    """What changes when a plugin's code does."""
    told = []
    with suppress(OSError):  # gone between two looks
        for file in origin.files():
            status = file.stat()
            told.append(f"{file} {status.st_mtime_ns} {status.st_size}")
    return _digest(told)


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _counts(entry: Mapping[str, Any] | None, stamp: str, *, again: bool) -> bool:
    """Does what was found of a plugin still hold?"""
    if entry is None or entry["stamp"] != stamp:
        return False
    return entry["fault"] is None or (not again and (entry["until"] is None or time.time() < entry["until"]))


def _tried(origins: Sequence[Origin], seconds: float, *, fresh: bool) -> Iterator[tuple[Origin, dict[str, Any]]]:
    """Import them one after the other, in one process as long as it lives; what each did to it."""
    left = list(origins)
    while left:
        try:
            ended = _child(left, seconds, fresh=fresh)
        except OSError:
            return  # no process can be started: nothing is known of them
        for one in left[: ended.through]:
            yield one, {"fault": None, "until": None}
        left = left[ended.through :]
        if not left or not ended.begun:
            return
        yield left[0], ended.verdict(left.pop(0), seconds)


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a process ended: its code (None: it was ended from here), what it wrote down, and its last words."""

    code: int | None
    notes: str
    words: str

    @property
    def through(self) -> int:
        """How many plugins let it live."""
        return self.notes.count("\0through")

    @property
    def begun(self) -> bool:
        """Was it at a plugin when it ended?"""
        return self.notes.count("\0begun") > self.through

    def verdict(self, origin: Origin, seconds: float) -> dict[str, Any]:
        """What the last plugin did to it."""
        last = self.notes.rpartition("\0begun")[2]
        place = _place(last, origin)
        if self.code is None or self.code == _TOO_LATE or "Timeout (" in last:
            return {"fault": f"{place}: {StillLoading(seconds, None)}", "until": time.time() + _HUNG}
        how = f"signal {-self.code}" if self.code < 0 else f"code {self.code}"
        what = f"importing it ended the whole process ({how}), so it is not done until it changes"
        return {"fault": f"{place}: {what}{f', its last words: {self.words}' if self.words else ''}", "until": None}


def _place(notes: str, origin: Origin) -> str:
    """The line of the plugin's own code that it was at, as far as it is known."""
    left = re.findall(r"\0left (.+)", notes)
    if left:
        return str(left[-1])
    files = {_dumped(str(file)): file for file in origin.files()}
    for name, line in re.findall(r'File "(.+?)", line (\d+)', notes):
        if name in files:
            return f"{files[name]}:{line}"
    return origin.start or origin.told


def _dumped(path: str) -> str:
    """A path as `faulthandler` writes it."""
    return re.sub(r"[^ -~]", lambda found: found[0].encode("ascii", "backslashreplace").decode(), path)


def _child(origins: Sequence[Origin], seconds: float, *, fresh: bool) -> _Ended:
    """Raises `OSError` where no process can be started."""
    import subprocess  # as long as all plugins are known, nothing of this is needed
    import tempfile

    order = {"path": sys.path, "seconds": seconds, "fresh": fresh, "origins": [one.as_data() for one in origins]}
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as notes, tempfile.TemporaryFile() as words:
        asked.write(json.dumps(order).encode())
        asked.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CHILD],
            stdin=asked,
            stdout=notes,
            stderr=words,
            process_group=None if sys.platform == "win32" else 0,
        )
        try:
            _wait(process, notes, seconds + _SILENCE)
            code = process.poll()
        finally:
            _end(process)
        return _Ended(code, _text(notes), _last_line(_text(words)))


def _wait(process: Any, notes: IO[bytes], patience: float) -> None:
    """Wait until the process ends, or has made no step for so many seconds."""
    size, since = 0, time.monotonic()
    while time.monotonic() - since < patience:
        if _ends(process, _LOOK):
            return
        now = os.fstat(notes.fileno()).st_size
        if now != size:
            size, since = now, time.monotonic()


def _ends(process: Any, seconds: float) -> bool:
    """Does it end within these seconds? On Linux it is heard at once; Python's own wait looks every 50 ms. A Python
    that was built for an older Linux lacks `pidfd_open`."""
    import subprocess

    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        import select

        with suppress(OSError):
            descriptor = os.pidfd_open(process.pid)
            try:
                poll = select.poll()
                poll.register(descriptor, select.POLLIN)
                poll.poll(seconds * 1000)
            finally:
                os.close(descriptor)
            return process.poll() is not None
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return True
    return False


def _end(process: Any) -> None:
    """End the process, and those that the plugins started in it."""
    if sys.platform != "win32":
        import signal

        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
