"""What has a name in a workspace, but for a file's content: a link and where it leads, a folder, rights."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from plugins._beneath import Reach
from plugins._durable import remove_folder
from plugins._folder import Folder
from plugins._outcome import ToolError

__all__ = ["Forms", "kind"]


def kind(form: str) -> str:
    """`link`, `folder`, `file`, `other`; "" for nothing."""
    return form.partition(" ")[0]


class Forms:
    """Forms of a workspace's names, as texts: "" for nothing, `link TARGET`, `folder 755`, `file 644`, `other`. Rights
    are nine bits in octal digits; there are none on Windows."""

    def __init__(
        self,
        held: Reach,
        *,
        telling: Callable[..., AbstractContextManager[None]],
        check_writable: Callable[[str], str],
    ) -> None:
        self._held, self._telling, self._check_writable = held, telling, check_writable

    def look(self, path: str) -> str:
        """The form of a name. Raises ToolError where what lies behind a link is asked for."""
        parent, _, name = path.rpartition("/")
        with self._telling(path, doing="look at"):
            try:
                with self._held.folder(parent) as folder:
                    return _form(folder, name)
            except (FileNotFoundError, NotADirectoryError):
                return ""

    def give(self, path: str, form: str) -> None:
        """Give a name this form: `link` and `folder` are made where nothing is, rights are set, "" takes away a link or
        an empty folder. A link or a file that stands in the way of a link is taken away; nothing else is.

        Raises:
            ToolError: the name is protected, or something is in the way.
        """
        self._check_writable(path)
        parent, _, name = path.rpartition("/")
        with self._telling(path, doing="put back"), self._held.folder(parent) as folder:
            now = kind(_form(folder, name))
            if form == "":
                if now == "folder":
                    remove_folder(folder, name, path=path)
                elif now:
                    folder.remove(name)
            elif kind(form) == "link":
                if now in ("link", "file"):
                    folder.remove(name)
                folder.link(name, form.partition(" ")[2])
            elif kind(form) == "folder" and now != "folder":
                if now:
                    raise ToolError(f"'{path}' cannot be made a folder: something else stands there")
                folder.make(name)
            if " " in form and kind(form) in ("folder", "file"):
                folder.allow(name, int(form.partition(" ")[2], 8))
            folder.sync()


def _form(folder: Folder, name: str) -> str:
    try:
        mode = folder.status(name).st_mode
    except FileNotFoundError:
        return ""
    if stat.S_ISLNK(mode):
        return f"link {folder.target(name)}"
    what = "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
    return what if what == "other" or sys.platform == "win32" else f"{what} {mode & 0o777:o}"
