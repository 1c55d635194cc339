"""A confined program that stays and speaks over its own standard input and outputs, as a server of tools does."""

from __future__ import annotations

import json
import marshal
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from plugins._sandbox._descriptors import unblock
from plugins._sandbox._desk import Desk, python_folders, visible_path
from plugins._sandbox._level import Level
from plugins._sandbox._limits import Limits
from plugins._sandbox._reach import reach
from plugins._sandbox._ways import launcher_words, orders, readable_of, temporary_of

__all__ = ["Served"]


class Served:
    """One program: `words` are started by the caller, with the descriptors `inherited`, whatever pipes it wants as
    the three standard ones, and `needed_environment`; then `order` has it become the program. It ends with `end`, or
    with this process, and all that it started ends too.

    Args:
        level: By what it is confined; no container, which has the image's programs and not those of this machine.
        home: A folder of its own, which stays: it may write there. None: one that goes with it.
        read: What it may read: absolute paths, each with the real one.
        write: Folders that it may read and write, in the same way.
        hidden: Absolute paths that it neither reads nor writes, wherever they lie.
        network: Whether it has the network.
    """

    def __init__(
        self,
        level: Level,
        *,
        home: Path | None = None,
        read: Mapping[str, str] = MappingProxyType({}),
        write: Mapping[str, str] = MappingProxyType({}),
        hidden: Sequence[Path] = (),
        network: bool = False,
    ) -> None:
        import tempfile  # slow to import

        self._level = level
        self._reach, self._placed, self._standing = reach(
            read, write, network=network, hidden=hidden, holding=level.way != "landlock" or level.namespaces
        )
        self._scratch = os.path.realpath(tempfile.mkdtemp(prefix="thinkact-"))
        for name in ("tmp", "empty", "home"):
            os.mkdir(os.path.join(self._scratch, name), 0o700)
        Path(self._scratch, "nothing").touch()
        self._home = os.path.realpath(home or Path(self._scratch, "home"))
        there, self._ordering = os.pipe()
        self._reporting, told = os.pipe()
        unblock(self._reporting)
        self._given = [there, told]
        self.words = tuple(launcher_words(str(there)))

    @property
    def inherited(self) -> tuple[int, ...]:
        """The descriptors that the launcher gets."""
        return tuple(self._given)

    def order(
        self, words: Sequence[str], *, folder: str, given: Mapping[str, str], environment: Mapping[str, str]
    ) -> None:
        """Have the launcher, once it is started, become the program.

        Args:
            words: The program, by its whole path, and its arguments.
            folder: Where it begins.
            given: Of the user's environment, where programs lie and the language.
            environment: What the program gets besides, or in place of that.
        """
        told: dict[str, Any] = orders(
            self._level.way,
            words,
            desk=Desk(root=self._home, plain=True),
            folder=os.path.realpath(folder),
            environment=self._environment(given, environment),
            scratch=self._scratch,
            limits=Limits(),
            seconds=None,
            program=self._level.program,
            namespaces=self._level.namespaces,
            reach=self._reach,
        )
        told["placeholders"] += self._placed.held
        whole = marshal.dumps({**told, "report": self._given[1], "pass": []})
        self._let_go()
        with suppress(OSError):  # it has ended already, which its pipes tell
            _write_all(self._ordering, len(whole).to_bytes(8, "little") + whole)

    def exposed(self) -> str | None:
        """A path at which something stands now that the program may see, or change, though it must not: it was put
        there since it was confined. None where there is none."""
        return next((path for one in self._standing if (path := one.changed()) is not None), None)

    def end(self) -> None:
        """End the program, with all that it started. May be called again."""
        self._let_go()
        if self._ordering >= 0:
            os.close(self._ordering)
            self._ordering = -1

    def clear(self) -> str | None:
        """Take away what was laid out for the program, which has ended; why it could not be confined, or None."""
        import shutil  # slow to import

        self.end()
        said = b""
        if self._reporting >= 0:
            with suppress(BlockingIOError):
                while piece := os.read(self._reporting, 4096):
                    said += piece
            os.close(self._reporting)
            self._reporting = -1
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._placed.clear()
        for one in self._standing:
            one.close()
        with suppress(ValueError, AttributeError):
            fault = json.loads(said.splitlines()[-1] if said else b"{}").get("fault")
            return None if fault is None else str(fault)
        return None

    def _let_go(self) -> None:
        """The launcher has its own of these by now."""
        while self._given:
            os.close(self._given.pop())

    def _environment(self, given: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
        readable = [*readable_of(self._level.way), *python_folders(), *self._reach.read, *self._reach.write]
        temporary = temporary_of(self._level.way, self._home, self._scratch)
        return {
            "LANG": "C.UTF-8",
            **{name: given[name] for name in ("LANG", "LC_ALL", "LC_CTYPE", "TZ") if name in given},
            "PATH": visible_path(given.get("PATH", ""), readable),
            "HOME": self._home,
            "TMPDIR": temporary,
            "USER": "agent",
            "LOGNAME": "agent",
            "PYTHONDONTWRITEBYTECODE": "1",
            **more,
        }


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
