"""Names inside the workspace: how a written path is read, shown and compared. Pure text, no disk.

A path here is relative to the workspace, its parts joined by `/`; `""` is the workspace itself.
"""

from __future__ import annotations

import fnmatch
import os
import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

from plugins._contract import ToolError

__all__ = [
    "fold",
    "guards",
    "holds",
    "is_temporary",
    "leads",
    "matches",
    "named",
    "normal",
    "pattern",
    "shown",
    "within",
]

NAME_LIMIT = 255  # bytes of UTF-8 in one name: what Linux and macOS file systems take
PATH_LIMIT = 4000  # bytes of UTF-8 in a whole path: below Linux's 4096, with room for the temporary file's name

_LINE_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TEMPORARY = re.compile(r"\.thinkact-[0-9a-f]{16}\.tmp", re.IGNORECASE)
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
_LONG = re.compile(r"^//\?/(?:(UNC/)|(?=[a-z]:))", re.IGNORECASE)  # how Windows writes a long path, of a share too
_WINDOWS_FORBIDDEN = frozenset('<>:"|?*\\')


def normal(text: str, *, roots: Sequence[str], windows: bool, folding: bool = False) -> str:
    """Read a path as a model or a user wrote it and give it its one form, without looking at the disk.

    Args:
        text: Relative to the workspace, or absolute and inside one of `roots`. Backslashes separate on Windows only.
        roots: The absolute spellings of the workspace's folder.
        windows: Whether the rules of Windows hold.
        folding: Whether the disk may take spellings that differ in letter case or normal form for one.

    Raises:
        ToolError: the path leaves the workspace, or holds a name that no file should have.
    """
    if odd := next((char for char in text if unicodedata.category(char) in _LINE_BREAKING), None):
        raise ToolError(
            f"the path '{shown(text)}' holds a character that no file name may have ({shown(odd)})",
            hint="use a name without control characters, line breaks and broken text",
        )
    parts = _relative(text, roots=roots, windows=windows, folding=folding or windows)
    kept: list[str] = []
    for part in parts:
        if part == "..":
            if not kept:
                raise _outside(text, roots)
            kept.pop()
        elif part not in ("", "."):
            _refuse_name(part, windows=windows)
            kept.append(part)
    path = "/".join(kept)
    if len(path.encode()) > PATH_LIMIT:
        raise ToolError(f"the path '{shown(path)}' is too long", hint=f"use at most {PATH_LIMIT} bytes of UTF-8")
    return path


def _relative(text: str, *, roots: Sequence[str], windows: bool, folding: bool) -> Sequence[str]:
    """The parts of `text` after the workspace's own, where it is absolute."""
    parts = _split(text, windows=windows)
    drive = windows and len(parts[0]) > 1 and parts[0][1] == ":"
    if not drive and not (parts[0] == "" and len(parts) > 1):
        return parts
    for root in roots:
        own, found = _collapse(_split(root, windows=windows)), _collapse(parts)
        if _same(found[: len(own)], own, folding=folding):
            return found[len(own) :]
    raise _outside(text, roots)


def _split(text: str, *, windows: bool) -> list[str]:
    if windows:
        text = _LONG.sub(lambda found: "//" if found[1] else "", text.replace("\\", "/"))
    return text.split("/")


def _collapse(parts: Sequence[str]) -> list[str]:
    """Resolve `.`, `..` and doubled separators of an absolute path, whose first part is its drive or empty."""
    kept = [parts[0]]
    for part in parts[1:]:
        if part == "..":
            del kept[max(1, len(kept) - 1) :]
        elif part not in ("", "."):
            kept.append(part)
    return kept


def _same(parts: Sequence[str], others: Sequence[str], *, folding: bool) -> bool:
    return list(parts) == list(others) or (folding and list(map(fold, parts)) == list(map(fold, others)))


def _outside(text: str, roots: Sequence[str]) -> ToolError:
    return ToolError(
        f"the path '{shown(text)}' lies outside the workspace",
        hint=f"use a path relative to the workspace ({shown(roots[0])}), without '..' and a leading '/'",
    )


def _refuse_name(name: str, *, windows: bool) -> None:
    if _TEMPORARY.fullmatch(name):
        raise ToolError(f"the name '{name}' is kept for unfinished writes", hint="choose another name")
    length = len(name.encode("utf-16-le")) // 2 if windows else len(name.encode())
    if length > NAME_LIMIT:
        raise ToolError(
            f"the name '{shown(name)}' is too long ({length} {'characters' if windows else 'bytes of UTF-8'})",
            hint=f"use at most {NAME_LIMIT}",
        )
    if not windows:
        return
    if bad := next((char for char in name if char in _WINDOWS_FORBIDDEN), None):
        raise ToolError(f"the name '{name}' holds '{bad}', which Windows does not allow", hint="choose another name")
    if name[-1] in ". ":
        raise ToolError(f"the name '{name}' ends with a dot or a space, which Windows drops", hint="leave it out")
    if _DEVICES.fullmatch(name):
        raise ToolError(f"the name '{name}' is a device on Windows", hint="choose another name")


def is_temporary(name: str) -> bool:
    """Is this the name of an unfinished write (`.thinkact-….tmp`)? Such files are never shown and cannot be named."""
    return _TEMPORARY.fullmatch(name) is not None


def shown(text: str) -> str:
    """`text` for one line of a message: as `named`, and cut in its middle where it is longer than 300 characters."""
    return named(text if len(text) <= 300 else f"{text[:180]}…{text[-110:]}")


def named(text: str) -> str:
    r"""`text` as any stream can carry it: what breaks lines, and bytes that are not UTF-8, written like `\x0a`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _LINE_BREAKING else char for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # Python's stand-in for a byte that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def fold(path: str) -> str:
    """A form in which all spellings that some file system takes for the same name are equal.

    Canonical caseless form; format characters are dropped because HFS+ ignores them in names.
    """
    if path.isascii():
        return path.casefold()
    plain = "".join(char for char in path if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", plain).casefold())


def guards(paths: Sequence[Path], *, roots: Sequence[str], why: str) -> frozenset[str]:
    """The folded, relative forms of those of the absolute `paths` that lie inside the workspace, present or not.

    Args:
        paths: Files or folders.
        roots: The absolute spellings of the workspace's folder.
        why: What the paths are, for the complaint.

    Raises:
        ToolError: the workspace itself lies in one of them.
    """
    found = set()
    insides = [fold(_slashed(root)).rstrip("/") for root in roots]
    for path in paths:
        for spelling in {os.path.abspath(path), os.path.realpath(path)}:  # noqa: PTH100 - the path before its links
            guard = fold(_slashed(spelling)).rstrip("/")
            if any(within(inside, {guard}) for inside in insides):
                raise ToolError(
                    f"the workspace {shown(roots[0])} lies in {shown(spelling)}, which is {why}",
                    hint="choose another folder for the workspace",
                )
            found |= {guard[len(inside) + 1 :] for inside in insides if guard.startswith(inside + "/")}
    return frozenset(found)


def _slashed(path: str) -> str:
    return path.replace(os.sep, "/")


def within(folded: str, guarded: Collection[str]) -> bool:
    """Is a folded path one of `guarded`, or inside one of them?"""
    return any(folded == guard or folded.startswith(guard + "/") for guard in guarded)


def holds(folded: str, guarded: Collection[str]) -> bool:
    """Does a folded path hold one of `guarded` somewhere below it?"""
    return any(guard.startswith(folded + "/") for guard in guarded)


def pattern(text: str, *, windows: bool) -> tuple[str, ...]:
    """Read a glob: `*`, `?` and `[…]` stay within a name, `**` is any number of folders, `out/` is `out/**`.

    Raises:
        ToolError: the pattern is empty, absolute, leaves the workspace, or is longer than any path.
    """
    if len(text) > PATH_LIMIT:
        raise ToolError(f"the pattern '{shown(text)}' is too long", hint=f"use at most {PATH_LIMIT} characters")
    parts = _split(unicodedata.normalize("NFC", text), windows=windows)
    kept = [part for part in parts if part not in ("", ".")]
    if not kept or parts[0] == "" or ".." in kept:
        raise ToolError(
            f"the pattern '{shown(text)}' does not name files of the workspace",
            hint="write it relative to the workspace, such as 'out/**' or '*.md'",
        )
    if parts[-1] == "" and kept[-1] != "**":
        kept.append("**")
    if kept[-1] == "**":
        kept.append("*")  # what is in the folder, not the folder itself
    return tuple(kept)


def matches(path: str, wanted: tuple[str, ...]) -> bool:
    """Does a normalised path match a glob that `pattern` has read? Letter case counts."""
    return len(wanted) in _places(path, wanted)


def leads(folder: str, wanted: tuple[str, ...]) -> bool:
    """May a normalised path below this folder match the glob?"""
    return not folder or any(place < len(wanted) for place in _places(folder, wanted))


def _places(path: str, wanted: tuple[str, ...]) -> set[int]:
    """The places in the pattern that are reached once it has taken in all names of the path."""
    places = _through(wanted, {0})
    for name in unicodedata.normalize("NFC", path).split("/"):
        after = {place for place in places if place < len(wanted) and wanted[place] == "**"}
        after |= {
            place + 1
            for place in places
            if place < len(wanted) and wanted[place] != "**" and fnmatch.fnmatchcase(name, wanted[place])
        }
        places = _through(wanted, after)
    return places


def _through(wanted: tuple[str, ...], places: set[int]) -> set[int]:
    """Places in the pattern reachable without using up a name: `**` may stand for no folder at all."""
    reached = set(places)
    for place in range(len(wanted)):
        if place in reached and wanted[place] == "**":
            reached.add(place + 1)
    return reached
