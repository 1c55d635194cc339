"""The workspace: the one folder whose files a tool can name, and every door to them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from plugins._beneath import Reach, Way, reach
from plugins._complaint import check_regular, complaint, obstacle, unopened
from plugins._contract import FileEntry, ToolError, WorkspacePath
from plugins._durable import entered, remove_folder, replace, sweep
from plugins._entries import Entries, entry_of
from plugins._folder import Folder
from plugins._forms import Forms
from plugins._names import ELSEWHERE, WINDOWS, Names
from plugins._paths import fold, guards, holds, matches, pattern, shown, within
from plugins._spellings import FOLDING

__all__ = ["Workspace"]

_PIECE = 1 << 20  # bytes read or hashed at once
_AT_ONCE = 1 << 30  # bytes that one `read` gives at most
_REPOSITORY = ".git"


class Workspace:
    """The `Files` of one folder: nothing outside it can be named, whatever the names, links and races.

    Files are regular files with one name: links, pipes, devices and files with a second (hard) link are neither read
    nor written. Writes are atomic and on the disk when the method returns. Every failure is a `ToolError` that says
    which path, what is wrong and what to do. May be used from several threads at once; `close` it at the end (or use
    it in a `with`), later calls are refused. `forms`: what its names stand for beside a file's content.
    """

    def __init__(
        self,
        root: Path,
        held: Reach,
        *,
        roots: Sequence[str],
        write: Sequence[tuple[str, ...]],
        protected: frozenset[str],
        hidden: frozenset[str],
        folding: bool = FOLDING,
    ) -> None:
        self._root = root
        self._held = held
        self._write = tuple(write)
        self._protected = protected | hidden
        self._hidden = hidden
        self._swept: set[str] = set()  # folders where what killed writes left is gone
        self._names = Names(held, roots=roots, hidden=hidden, folding=folding)
        self._entries = Entries(held, hidden=hidden, telling=self._telling)
        self.forms = Forms(held, telling=self._telling, check_writable=self.check_writable)

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        create: bool = True,
        write: Sequence[str] = (),
        protected: Sequence[Path] = (),
        hidden: Sequence[Path] = (),
        way: Way | None = None,
    ) -> Workspace:
        """Open a folder as a workspace and hold it, also when it is renamed later.

        Args:
            root: The folder; it may be named through links.
            create: Make it, and the folders above it, where it is missing.
            write: Globs (`*`, `?`, `[…]`, `**`) on relative paths that narrow what may be written; none: everything.
            protected: Absolute files and folders, present or not, that are never written, moved or deleted.
            hidden: The same, and they are neither read nor listed.
            way: How files are reached, for tests; without it, the best that works here.

        Raises:
            ToolError: the folder is missing, is none, cannot be opened or made, lies in one of `protected` or
                `hidden`, or a glob of `write` leaves it.
        """
        path = os.path.abspath(root)  # noqa: PTH100 - Path.absolute keeps `..`
        globs = [pattern(text, windows=WINDOWS) for text in write]
        try:
            if create:
                os.makedirs(path, exist_ok=True)  # noqa: PTH103 - as the line above
            real = os.path.realpath(path, strict=True)
            roots = list(dict.fromkeys((path, real)))
            kept = guards(protected, roots=roots, why="never written")
            secret = guards(hidden, roots=roots, why="no tool's business")
            held = reach(real, way=way)
        except OSError as error:
            raise unopened(path, error) from error
        return cls(Path(path), held, roots=roots, write=globs, protected=kept, hidden=secret)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the folder go; calls under way end as they would, later ones are refused. May be called again."""
        self._held.close()

    @property
    def root(self) -> Path:
        """The folder's absolute path, to be shown; not to be joined and opened."""
        return self._root

    @property
    def way(self) -> Way:
        """How files are reached: "kernel", "walk" or "names"."""
        return self._held.way

    # names

    def path(self, text: str) -> WorkspacePath:
        """Confine and normalise a path as a model or a user wrote it: relative, with `/`, `""` for the workspace.

        An absolute path inside the workspace is made relative. A name that differs from an existing one only in its
        Unicode normal form becomes the existing one, as does on macOS and Windows one that the disk takes for the
        same; a new name becomes NFC. So a file has one path, however it is written.

        Raises:
            ToolError: it leaves the workspace, cannot be a name, or is hidden.
        """
        return self._names.path(text)

    def check_writable(self, path: str) -> WorkspacePath:
        """`path`, confined, if it may be written, moved or deleted as far as rules go; the disk is not asked.

        Raises:
            ToolError: it is the workspace itself, protected, of a `.git`, or outside the globs of `write`.
        """
        found = self.path(path)
        if not found:
            raise ToolError("the workspace itself cannot be written, moved or deleted", hint="name a file in it")
        if _REPOSITORY in fold(found).split("/"):  # its hooks and settings start programs, with the user's rights
            raise ToolError(
                f"'{shown(found)}' is git's own: it is never written, moved or deleted", hint="leave it to git"
            )
        if self._protected and within(fold(found), self._protected):
            raise ToolError(f"'{shown(found)}' is protected: it is never written, moved or deleted", hint=ELSEWHERE)
        if self._write and not any(matches(found, glob) for glob in self._write):
            allowed = ", ".join("/".join(glob) for glob in self._write[:8])
            raise ToolError(f"'{shown(found)}' may not be written by this goal", hint=f"it may write: {allowed}")
        return found

    # looking

    def exists(self, path: str) -> bool:
        """Is there anything of this name (a link counts, also one that leads nowhere)?"""
        found = self.path(path)
        with self._telling(found, "look at"):
            return self._status(found) is not None

    def entry(self, path: str) -> FileEntry:
        """Tell of one file or folder; of a link, the link itself, with 0 bytes."""
        found = self.path(path)
        with self._telling(found, "look at"):
            status = self._status(found)
            if status is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            return entry_of(found, status)

    def list(self, path: str = "", *, recursive: bool = False) -> Iterator[FileEntry]:
        r"""What is in a folder, sorted by name; with `recursive`, what is in a folder comes before the folder.

        Links are listed (0 bytes, no folder) and not followed. A name that cannot be named (control characters,
        bytes that are not UTF-8) is listed with those as `\x0a`. A folder that cannot be entered (rights, more
        than 100 folders deep, gone meanwhile) is listed without its content. Hidden paths and unfinished writes are
        not listed. The folder is read at the call; the folders in it, one after the other, while it is iterated.
        """
        found = self.path(path)
        return self._entries.list(found, recursive=recursive)

    def read(self, path: str, *, offset: int = 0, limit: int | None = None) -> bytes:
        """Bytes of a regular file, from `offset`, at most `limit`; what lies before and after is not read.

        Beyond the end: `b""`. More than 1 GiB at once is refused.
        """
        found = self.path(path)
        if offset < 0 or (limit is not None and limit < 0):
            raise ToolError(f"cannot read '{shown(found)}': offset and limit must be 0 or more", hint="count from 0")
        with self._telling(found, "read"), self._opened(found) as (descriptor, size):
            wanted = size - offset if limit is None else min(limit, size - offset)
            if wanted <= 0:
                return b""
            if wanted > _AT_ONCE:
                raise ToolError(
                    f"cannot read '{shown(found)}': {wanted} bytes are too many at once",
                    hint="read it in parts, by offset and limit",
                )
            os.lseek(descriptor, offset, os.SEEK_SET)
            return b"".join(_pieces(descriptor, wanted))

    def sha256(self, path: str) -> str | None:
        """SHA-256 of a file's content as 64 hex digits, read piece by piece; None for a folder or where there is
        nothing."""
        found = self.path(path)
        with self._telling(found, "read"):
            status = self._status(found)
            if status is None or stat.S_ISDIR(status.st_mode):
                return None
            digest = hashlib.sha256()
            with contextlib.suppress(FileNotFoundError), self._opened(found) as (descriptor, size):
                for piece in _pieces(descriptor, size):
                    digest.update(piece)
                return digest.hexdigest()
            return None

    # changing

    def write(self, path: str, content: bytes, *, mode: int | None = None) -> FileEntry:
        """Replace or create a file, atomically, making its folders; an existing file keeps its rights, a new one gets
        those of `mode` (nine bits), or what the user's umask gives.

        Whoever reads meanwhile sees the old content or the new, whole. After a failure the old file is as it was.
        What writes that were killed left in the folder is removed at the first write into it.
        """
        found = self.check_writable(path)
        with self._telling(found, "write"):
            parent, name = _cut(found)
            with self._made(parent) as folder:
                if parent not in self._swept:
                    self._swept.add(parent)
                    sweep(folder)
                return entry_of(found, replace(folder, name, content, path=found, mode=mode))

    def move(self, source: str, target: str) -> None:
        """Rename a file or folder, making the target's folders; refuses an existing target, in the same moment."""
        origin, goal = self._check_movable(source), self._check_movable(target)
        if origin == goal and self._names.folding:
            one = "this disk takes names that differ in letter case alone for one"
            raise ToolError(f"cannot move '{shown(origin)}': it has this name already", hint=one)
        if within(goal, {origin}) and goal != origin:
            raise ToolError(f"cannot move '{shown(origin)}' into itself", hint="choose a target outside of it")
        (old_parent, old_name), (new_parent, new_name) = _cut(origin), _cut(goal)
        with self._telling(origin, "move"), self._held.folder(old_parent) as folder:
            if stat.S_ISDIR(folder.status(old_name).st_mode):
                self._check_content(origin, goal)
            with self._telling(goal, "move to"), self._made(new_parent) as other:
                folder.move(old_name, other, new_name)
                other.sync()
            folder.sync()

    def delete(self, path: str) -> None:
        """Remove a file, an empty folder, or a link itself."""
        found = self.check_writable(path)
        parent, name = _cut(found)
        with self._telling(found, "delete"), self._held.folder(parent) as folder:
            if stat.S_ISDIR(folder.status(name).st_mode):
                remove_folder(folder, name, path=found)
            else:
                folder.remove(name)
            folder.sync()

    # how it is done

    @contextlib.contextmanager
    def _telling(self, path: str, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            root = str(self._root)
            raise complaint(error, path, doing=doing, held=self._held, root=root, hidden=self._hidden) from error
        except UnicodeEncodeError as error:  # pragma: no cover - only where the system's names are not UTF-8
            what = f"cannot {doing} '{shown(path)}': this system writes file names in {error.encoding}"
            raise ToolError(what, hint="use a plain ASCII name, or start Python with PYTHONUTF8=1") from error

    def _status(self, path: str) -> os.stat_result | None:
        """The status of what has this name, of a link its own; None where there is nothing."""
        if not path:
            return self._held.status()
        parent, name = _cut(path)
        try:
            with self._held.folder(parent) as folder:
                return folder.status(name)
        except (FileNotFoundError, NotADirectoryError) as error:
            found = obstacle(self._held, path)
            behind_link = found is not None and stat.S_ISLNK(found[1].st_mode)
            if behind_link or (found is None and error.errno == errno.ENOTDIR):
                raise  # what lies behind a link is not looked at
            return None

    @contextlib.contextmanager
    def _opened(self, path: str) -> Iterator[tuple[int, int]]:
        """A regular file, open for reading, and its size."""
        descriptor = self._held.open(path)
        try:
            status = os.fstat(descriptor)
            check_regular(path, status, doing="read")
            yield descriptor, status.st_size
        finally:
            os.close(descriptor)

    def _made(self, path: str) -> Folder:
        """A folder, open, made with the folders above it where it is missing."""
        with contextlib.suppress(FileNotFoundError):
            return self._held.folder(path)
        folder = self._held.folder("")
        for name in path.split("/"):
            with folder:
                inner = entered(folder, name)
            folder = inner
        return folder

    def _check_movable(self, path: str) -> WorkspacePath:
        found = self.check_writable(path)
        if holds(fold(found), self._protected):
            raise ToolError(f"'{shown(found)}' is a place of protected files: it cannot be moved", hint=ELSEWHERE)
        return found

    def _check_content(self, source: str, target: str) -> None:
        """With globs of what may be written, every file of a moved folder must be allowed at both places."""
        if self._write:
            for entry in self.list(source, recursive=True):
                if not entry.folder:
                    self.check_writable(entry.path)
                    self.check_writable(target + entry.path[len(source) :])


def _cut(path: str) -> tuple[str, str]:
    """A path's folder and its last name."""
    parent, _, name = path.rpartition("/")
    return parent, name


def _pieces(descriptor: int, wanted: int) -> Iterator[bytes]:
    """At most `wanted` bytes: a file that grows while it is read has an end all the same."""
    while wanted > 0 and (piece := os.read(descriptor, min(wanted, _PIECE))):
        wanted -= len(piece)
        yield piece
