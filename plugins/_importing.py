"""Importing a plugin's code: under a clock, away from stdout, and with one line that says where it failed."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeAlias

from plugins._schema import PluginFault
from plugins._text import in_words
from plugins._worker import Hung, Worker

__all__ = ["Importer", "StillLoading", "fault_in_words", "import_file", "inside", "module_name"]

IsOwn: TypeAlias = Callable[[str], bool]
"""Is a module, by its name, one of the plugin's own?"""


class StillLoading(Exception):
    """A plugin's import was not through in time; `file` and `line` are where its own code was then, if it was."""

    def __init__(self, seconds: float, place: tuple[str, int] | None) -> None:
        super().__init__(
            f"it was still being imported after {seconds:g} s and is left out: do what takes long inside the function "
            "that needs it"
        )
        self.place = place


class Importer:
    """Runs what imports plugins, one after the other, each for at most `seconds` (None: however long it takes).

    With a clock the code runs in a thread: there it can be left to itself where it hangs, whatever it hangs in.
    """

    def __init__(self, *, seconds: float | None) -> None:
        self._seconds = seconds
        self._worker = Worker()

    def load(self, load: Callable[[], Any], is_own: IsOwn) -> Any:
        """What `load` returns.

        Raises:
            StillLoading: it is not through.
            BaseException: whatever it raises.
        """
        with _apart():
            if self._seconds is None:
                return load()
            thread: list[int] = []

            def in_thread() -> Any:
                thread.append(threading.get_ident())
                return load()

            outcome = self._worker.run(in_thread, seconds=self._seconds)
        if isinstance(outcome.error, Hung):
            raise StillLoading(self._seconds, _whereabouts(thread, is_own))
        if outcome.error is not None:
            raise outcome.error
        return outcome.value


def _whereabouts(thread: list[int], is_own: IsOwn) -> tuple[str, int] | None:
    """The line of the plugin's own code that a thread is in."""
    frame = sys._current_frames().get(thread[0]) if thread else None
    while frame is not None and not is_own(str(frame.f_globals.get("__name__"))):
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else None


@contextmanager
def _apart() -> Iterator[None]:
    """While foreign code is imported, stdout is kept for the answer, and a question on stdin gets no answer."""
    before = sys.stdin
    sys.stdin = io.StringIO()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdin = before


def module_name(name: str, file: Path) -> str:
    """The module that a plugin's file becomes. It is a name of our own: a plugin called json.py must neither hide nor
    be hidden by the module json."""
    digest = hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:8]
    return f"_thinkact_plugin_{digest}_{re.sub(r'[^0-9a-zA-Z_]', '_', name)}"


def import_file(name: str, file: Path, package: Path | None, *, fresh: bool = False) -> ModuleType:
    """Import a file, or the package that it begins, as the module `name`; a failed one leaves nothing behind.

    `fresh`: it is compiled anew. Python tells compiled files by the second of the last change and the size, and an
    author may save twice within a second.
    """
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_file_location

    class FreshLoader(SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType:
            path = self.get_filename(fullname)
            return self.source_to_code(self.get_data(path), path)

    _forget(name)  # it may have been loaded before, and its file changed since
    places = [str(package)] if package else None
    loader = FreshLoader(name, str(file)) if fresh else None
    spec = spec_from_file_location(name, file, loader=loader, submodule_search_locations=places)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and annotations look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        _forget(name)
        raise
    return module


def _forget(name: str) -> None:
    for one in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
        del sys.modules[one]


def inside(module: str) -> IsOwn:
    """Is a module this one, or in this package?"""
    return lambda name: name == module or name.startswith(f"{module}.")


def fault_in_words(error: BaseException, origin: str, is_own: IsOwn) -> str:
    """One line: where in the plugin's own code, and what. `origin` stands where no such place is known."""
    if isinstance(error, PluginFault):
        return str(error)
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}: {error.msg}"
    if isinstance(error, StillLoading):
        file, line = error.place or (origin, 0)
        return f"{file}:{line}: {error}" if line else f"{file}: {error}"
    what = " ".join(in_words(error).split())
    if isinstance(error, SystemExit):
        what = f"it ended the program ({what}) instead of being imported"
    elif isinstance(error, ModuleNotFoundError):
        what += f" ({_missing(error, Path(origin))})"
    where, trace = origin, error.__traceback__
    while trace is not None:
        if is_own(str(trace.tb_frame.f_globals.get("__name__"))):
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{where}: {what}"


def _missing(error: ModuleNotFoundError, origin: Path) -> str:
    """What to do about a module that is not there. What lies beside the plugin is no package that anybody can install;
    under its name strangers may offer one."""
    name = (error.name or "").partition(".")[0]
    if name in ("thinkact", "plugins", "agent", "memory"):
        return "what thinkact gives to plugins is in one module: write `from plugins import tool`"
    beside = origin if origin.is_dir() else origin.parent
    if not name or not ((beside / f"{name}.py").is_file() or (beside / name).is_dir()):
        return "install it where thinkact is installed"
    write = f"write `from . import {name}`"
    return write if origin.is_dir() else f"put both into a folder, this file as its __init__.py, and {write}"
