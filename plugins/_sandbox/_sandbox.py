"""Confined processes for one workspace: the `Sandbox` that tools are given."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from plugins._given_programs import Ended
from plugins._outcome import ToolError
from plugins._sandbox._containers import ANSWERED, ASKED, CONTAINERS
from plugins._sandbox._desk import Desk, python_folders, visible_path
from plugins._sandbox._level import Level, NoConfinement
from plugins._sandbox._limits import Limits
from plugins._sandbox._process import Launcher, Process, disk_watch
from plugins._sandbox._standing import Standing
from plugins._sandbox._talker import Heard, Talker
from plugins._sandbox._ways import orders, readable_of, shell_words, temporary_of

__all__ = ["ConfinedProcesses"]

_FOR_PROGRAMS = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
_WHY = {"asked": None, "left": None}


class ConfinedProcesses:
    """Starts confined processes in a workspace; see `plugins.Sandbox`. May be used from several threads; `close` ends
    all that still runs and takes away what was laid into the workspace.

    Args:
        root: The workspace.
        level: How processes are confined here; asked when the first one is wanted.
        write: The only paths in it that may be written; None: all of it.
        protected: Absolute paths that are never written, present or not.
        hidden: The same, and not read.
        environment: What programs may see of the user's environment: where programs lie, and the language.
        limits: How much a program may take.
    """

    def __init__(
        self,
        root: Path,
        *,
        level: Callable[[], Level],
        write: Sequence[str] | None = None,
        protected: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._desk = Desk(root=str(root), write=write, protected=protected, hidden=hidden)
        self._find_level = level
        self._given = dict(environment or {})
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._talking = threading.Lock()
        self._scratch: str | None = None
        self._talkers: dict[str, Talker] = {}
        self._running: set[Process] = set()
        self._spare: Launcher | None = None
        self._closed = False

    def __enter__(self) -> ConfinedProcesses:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def level(self) -> str:
        """By what processes are confined here. Raises `ToolError` where nothing works."""
        return str(self._level())

    def run(
        self,
        command: str | Sequence[str],
        *,
        folder: str = "",
        environment: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        output: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Ended:
        """Run a program and wait for its end; see `plugins.Sandbox`."""
        words = shell_words(command) if isinstance(command, str) else list(command)
        began = time.monotonic()
        heard = Heard(self._limits.output, output)
        process = self._start(words, folder, environment, seconds=timeout, heard=heard)
        full = disk_watch(self._desk.root, self._limits.disk)

        def given_up() -> str | None:
            if cancel is not None and cancel.is_set():
                return "cancelled"
            return "output" if heard.too_much else "disk" if full() else None

        try:
            why = process.wait(began + timeout, given_up)
        finally:
            told = self._end(process)
        return ended_of(told, why, heard.text(), time.monotonic() - began)

    def talk(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Talker, bool]:
        """The talker of this name; see `plugins.Sandbox`."""
        with self._talking:
            found = self._talkers.get(name)
            exposed = found.exposed if found is not None and found.running else None
            fresh = found is None or exposed is not None or not found.running
            if found is None or fresh:
                if found is not None:
                    found.end()
                found = self._talkers[name] = self._start_talker(command, environment)
                found.instead_of = os.path.relpath(exposed, os.path.realpath(self._desk.root)) if exposed else ""
        found.cancel = cancel
        return found, fresh

    def close(self) -> None:
        """End all that runs; later calls are refused."""
        with self._lock:
            self._closed = True
        with self._talking:
            talkers, self._talkers = list(self._talkers.values()), {}
        for talker in talkers:
            talker.end()
        for process in list(self._running):
            self._end(process)
        with self._lock:
            if self._spare is not None:
                self._spare.dismiss()
                self._spare = None
            self._desk.clear()
            if self._scratch is not None:
                import shutil  # slow to import

                shutil.rmtree(self._scratch, ignore_errors=True)
                self._scratch = None

    def _level(self) -> Level:
        try:
            return self._find_level()
        except NoConfinement as error:
            raise ToolError(str(error), hint=error.hint, kind="no-sandbox") from error

    def _start_talker(self, command: Sequence[str], environment: Mapping[str, str] | None) -> Talker:
        asked, asking = os.pipe()
        answering, answered = os.pipe()
        heard = Heard(self._limits.output, None)
        standing: list[Standing] = []
        try:
            inside = (ASKED, ANSWERED) if self._level().way in CONTAINERS else (str(asked), str(answered))
            words = [{"{asked}": inside[0], "{answered}": inside[1]}.get(one, one) for one in command]
            process = self._start(
                words, "", environment, seconds=None, heard=heard, pass_=(asked, answered), standing=standing
            )
        except BaseException:
            for one in standing:
                one.close()
            os.close(asking)
            os.close(answering)
            raise
        finally:
            os.close(asked)
            os.close(answered)
        full = disk_watch(self._desk.root, self._limits.disk)
        process.pause()
        return Talker(process, heard, asking, answering, self._end, full, *standing)

    def _start(
        self,
        words: Sequence[str],
        folder: str,
        environment: Mapping[str, str] | None,
        *,
        seconds: float | None,
        heard: Heard,
        pass_: Sequence[int] = (),
        standing: list[Standing] | None = None,
    ) -> Process:
        level = self._level()
        with self._lock:
            if self._closed:
                raise ToolError("the run has ended; no process is started any more", kind="cancelled")
            told = self._orders(level, words, folder, environment or {}, seconds, talks=bool(pass_))
            if standing is not None:  # before the launcher lays anything over it
                standing.append(self._desk.standing())
            launcher, self._spare = (None, self._spare) if pass_ else (self._spare, None)
            process = Process(launcher or Launcher(pass_), told, output=heard.take)
            self._running.add(process)
        return process

    def _orders(
        self,
        level: Level,
        words: Sequence[str],
        folder: str,
        environment: Mapping[str, str],
        seconds: float | None,
        *,
        talks: bool,
    ) -> dict[str, Any]:
        root = os.path.realpath(self._desk.root)
        if (system := self._desk.holds_system()) is not None:
            raise ToolError(
                f"no program is run in the workspace {root}: it holds {system}, the programs of the system itself",
                hint="work with the file tools; the user can give a folder of its own as the workspace",
                kind="no-sandbox",
            )
        scratch = self._scratch_folder()
        try:
            return orders(
                level.way,
                words,
                desk=self._desk,
                folder=os.path.normpath(os.path.join(root, folder)),
                environment=self._environment(level, scratch, environment),
                scratch=scratch,
                limits=self._limits,
                seconds=seconds,
                program=level.program,
                namespaces=level.namespaces,
                image=level.image,
                talks=talks,
            )
        except ValueError as error:
            raise ToolError(f"it could not be confined, so it was not run: {error}", kind="sandbox") from error

    def _end(self, process: Process) -> dict[str, Any]:
        told = process.end()
        with self._lock:
            self._running.discard(process)
            if not self._running:  # while none runs, nothing of ours lies in the user's way
                self._desk.clear()
        if self._spare is None and not self._closed:
            threading.Thread(target=self._make_spare, name="confined start", daemon=True).start()
        return told

    def _make_spare(self) -> None:
        """Have the next program's launcher start while nobody waits for it."""
        with self._lock:
            if self._spare is None and not self._closed:
                with suppress(ToolError):  # the next call says it
                    self._spare = Launcher()

    def _environment(self, level: Level, scratch: str, more: Mapping[str, str]) -> dict[str, str]:
        root = os.path.realpath(self._desk.root)
        temporary = temporary_of(level.way, root, scratch)
        readable = [*readable_of(level.way), *python_folders(), self._desk.root]
        given = {name: self._given[name] for name in _FOR_PROGRAMS if name in self._given}
        given.setdefault("LANG", "C.UTF-8")
        path = {"PATH": visible_path(self._given.get("PATH", ""), readable)}
        return {
            **given,
            **(path if level.way not in CONTAINERS else {}),  # there the image knows where its programs lie
            "HOME": temporary,
            "TMPDIR": temporary,
            "USER": "agent",
            "LOGNAME": "agent",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": temporary,
            **more,
        }

    def _scratch_folder(self) -> str:
        if self._scratch is None:
            import tempfile  # slow to import

            self._scratch = os.path.realpath(tempfile.mkdtemp(prefix="thinkact-"))
            for name in ("tmp", "empty"):
                os.mkdir(os.path.join(self._scratch, name), 0o700)
            Path(self._scratch, "nothing").touch()
        return self._scratch


Stopped = Literal["time", "output", "memory", "processes", "disk", "cancelled"]


def ended_of(told: Mapping[str, Any], why: str | None, output: str, seconds: float) -> Ended:
    """How a program ended, from what the launcher told and why we ended it.

    Raises:
        ToolError: it was never started.
    """
    if "fault" in told:
        raise ToolError(f"it could not be confined, so it was not run: {told['fault']}", kind="sandbox")
    stopped: Any = why or _WHY.get(str(told["stopped"]), told["stopped"])
    return Ended(code=int(told["code"]), output=output, stopped=stopped, seconds=seconds)
