"""The tools that read, write and find files of the workspace."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from plugins import Context, Effect, Observation, ToolError, WorkspacePath, tool
from plugins._decoding import decode, to_lines, to_newlines
from plugins._edit import line_end, replace
from plugins._encoding import Encoding
from plugins._kinds import binary_kind, size
from plugins._listing import glob, listed, walk
from plugins._matching import Hit, Searcher, TooSlow, searching
from plugins._paging import by_bytes, by_lines, check_text, check_whole, open_readable, read_text

__all__ = ["delete_file", "edit_file", "list_files", "move_file", "read_file", "search_files", "write_file"]

_HERE = WorkspacePath("")
_HITS = 100
_SEARCHED = 16_000_000  # bytes; a larger file is not searched
_APPENDED = 100_000_000  # bytes; a larger file is not added to
_SEARCHING = 100.0  # seconds; at its timeout the call would lose what was found
_NAMED = 1_000  # paths in a listing's value

Contents = Mapping[str, bytes | None]


@tool(
    effect=Effect.READ,
    repeatable=True,
    timeout=150.0,  # the converter gives up before
    aliases=("read", "open", "show", "cat", "view", "读取", "阅读", "打开", "查看", "读", "显示"),
)
def read_file(
    path: WorkspacePath,
    start_line: int = 1,
    lines: int = 400,
    offset: int | None = None,
    as_text: bool = True,
    *,
    context: Context,
) -> str:
    """Read a text or document (PDF, Office, EPUB, HTML, mail, ...), a page at a time.

    Args:
        path: File.
        start_line: Negative counts from the end.
        lines: At most so many.
        offset: Byte to begin at, instead.
        as_text: False gives the source of HTML and the like.
    """
    if lines < 1:
        raise ToolError("lines must be 1 or more", hint="leave it out for a page")
    if offset is not None and offset < 0:
        raise ToolError("offset must be 0 or more", hint="count bytes from the start of the file")
    source = open_readable(context, path, as_text=as_text)
    if not source.length:
        return "(the file is empty)"
    if offset is not None:
        return by_bytes(source, offset)
    return by_lines(source, start_line, lines, cancelled=lambda: context.cancelled)


def _written(arguments: Mapping[str, Any], old: Contents) -> Contents:
    path = arguments["path"]
    return {path: _new_content(path, arguments["content"], old[path], append=bool(arguments.get("append")))}


@tool(
    effect=Effect.WRITE,
    after=_written,
    aliases=("write", "save", "create", "append", "写", "写入", "保存", "生成", "创建", "追加"),
)
def write_file(path: WorkspacePath, content: str, append: bool = False, *, context: Context) -> dict[str, Any]:
    """Write a text file, replacing what is there.

    Args:
        path: File.
        content: Its whole text.
        append: Add to the end instead.
    """
    there = context.workspace.exists(path)
    old = _appendable(context, path) if there and append else None
    new = _new_content(path, content, old, append=append)
    context.workspace.write(path, new)
    change = "created" if not there else "appended" if append else "replaced"
    return {"path": path, "change": change, "bytes": len(new), "lines": len(to_lines(decode(new)[0]))}


def _appendable(context: Context, path: str) -> bytes:
    _check_addable(path, context.workspace.entry(path).bytes)
    return context.workspace.read(path)


def _check_addable(path: str, length: int) -> None:
    """A file that is added to is written anew, so that nobody sees half of it: that has its limits."""
    if length > _APPENDED:
        raise ToolError(
            f"cannot append to '{path}': it has {size(length)}, and at most {size(_APPENDED)} can be added to",
            hint="write to a new file",
        )


def _new_content(path: str, content: str, old: bytes | None, *, append: bool) -> bytes:
    """What the file will hold. What is appended takes over the encoding and the line ends of the file."""
    if not append or not old:
        return _encoded(path, content, Encoding())
    _check_addable(path, len(old))
    check_text(path, old, len(old))
    text, encoding = decode(old)
    if "\r" in text:
        content = content.replace("\r\n", "\n").replace("\n", line_end(text))
    new = old + _encoded(path, content, encoding, mark=False)
    if encoding.shifting and encoding.read(new) != text + content:
        raise ToolError(f"cannot append to '{path}': its end is spoilt ({encoding.name})", hint="write the file anew")
    return new


def _encoded(path: str, text: str, encoding: Encoding, *, mark: bool = True) -> bytes:
    try:
        return encoding.write_exactly(text, mark=mark)
    except UnicodeEncodeError as error:
        raise ToolError(
            f"'{path}' is stored as {encoding.name}, which has no {text[error.start]!a}",
            hint="use other characters, or write the whole file anew with write_file, as UTF-8",
        ) from error


def _edited(arguments: Mapping[str, Any], old: Contents) -> Contents:
    path = arguments["path"]
    content = old[path] or b""
    check_whole(path, len(content), doing="edit")
    text, encoding = _exact(path, content, decode(content)[1])
    return {path: _replaced(path, text, encoding, arguments)[0]}


@tool(
    effect=Effect.WRITE,
    after=_edited,
    aliases=("edit", "replace", "change", "patch", "编辑", "修改", "替换", "更改"),
)
def edit_file(
    path: WorkspacePath,
    old: str,
    new: str,
    all: bool = False,  # noqa: A002  the word that a model reads
    *,
    context: Context,
) -> dict[str, Any]:
    """Replace exact text in a file.

    Args:
        path: File.
        old: Text as it stands there, found once.
        new: What takes its place.
        all: Replace every place.
    """
    _, encoding, content = read_text(context.workspace, path, doing="edit")
    text, encoding = _exact(path, content, encoding)
    changed, places = _replaced(path, text, encoding, {"old": old, "new": new, "all": all})
    context.workspace.write(path, changed)
    return {"path": path, "replaced": len(places), "lines": places[:50], "bytes": len(changed)}


def _exact(path: str, content: bytes, encoding: Encoding) -> tuple[str, Encoding]:
    """The text, if writing it gives the same bytes again: what was not edited must stay as it is."""
    text = encoding.read_exactly(content)
    if encoding.write_exactly(text) != content:
        raise ToolError(
            f"'{path}' cannot be edited without changing other parts of it ({encoding.name}, not cleanly stored)",
            hint="read it and write the whole file anew with write_file",
        )
    return text, encoding


def _replaced(path: str, text: str, encoding: Encoding, arguments: Mapping[str, Any]) -> tuple[bytes, list[int]]:
    everywhere = bool(arguments.get("all"))
    changed, places = replace(text, arguments["old"], arguments["new"], everywhere=everywhere, name=path)
    return _encoded(path, changed, encoding), places


@tool(
    effect=Effect.READ,
    repeatable=True,
    aliases=("list", "ls", "dir", "tree", "files", "folder", "列出", "目录", "文件列表", "文件夹", "有哪些文件"),
)
def list_files(path: WorkspacePath = _HERE, pattern: str = "", *, context: Context) -> Observation:
    """List files and their sizes, subfolders included.

    Args:
        path: Folder.
        pattern: Glob, such as *.md or src/**.
    """
    found = walk(context.workspace, path, wanted=glob(pattern), cancelled=lambda: context.cancelled)
    text = listed(context.workspace, found, base=path, folders=not pattern.strip())
    return Observation(ok=True, text=text, value=[str(one.path) for one in found.files[:_NAMED]])


@tool(
    effect=Effect.READ,
    repeatable=True,
    timeout=120.0,
    aliases=("search", "grep", "find", "look for", "搜索", "查找", "寻找", "搜寻"),
)
def search_files(regex: str, path: WorkspacePath = _HERE, glob: str = "", *, context: Context) -> Observation:
    """Find lines that match a regular expression, as file:line: text.

    Args:
        regex: Python syntax; (?i) ignores case.
        path: Folder or file.
        glob: Only such files, e.g. *.py.
    """
    hits: list[dict[str, Any]] = []
    notes: list[str] = []
    until = time.monotonic() + _SEARCHING
    try:
        with searching(regex) as searcher:
            for name, line, text in _hits(searcher, path, glob, context, notes, until=until):
                hits.append({"path": name, "line": line, "text": text})
    except ValueError as error:
        raise ToolError(
            f"regex cannot be used: {error}", hint=r"put a \ before . * + ? ( ) [ ] { } | ^ $ to find them as they are"
        ) from error
    except OSError as error:
        raise ToolError(f"no process can be started to search in: {error.strerror}", hint="try again") from error
    if len(hits) >= _HITS:
        notes.append(f"only the first {_HITS} are shown; narrow it with path, glob or regex")
    told = [f"{hit['path']}:{hit['line']}: {hit['text']}" for hit in hits] or ["(nothing found)"]
    return Observation(ok=True, text="\n".join([*told, *(f"[{note}]" for note in notes)]), value=hits)


def _hits(
    searcher: Searcher, path: str, wanted: str, context: Context, notes: list[str], *, until: float
) -> Iterator[tuple[str, int, str]]:
    found = walk(context.workspace, path, wanted=glob(wanted), cancelled=lambda: context.cancelled)
    if found.cut:
        notes.append("there are too many files: not all were searched; name a subfolder")
    if found.closed:
        more = f" and {len(found.closed) - 1} more" if len(found.closed) > 1 else ""
        notes.append(f"not entered, since they cannot be opened: {found.closed[0]}/{more}")
    unread, left = 0, _HITS
    for number, one in enumerate(found.files):
        if number % 50 == 0 and number:
            context.progress("searching", done=number, total=len(found.files))
        if time.monotonic() > until:
            notes.append(f"stopped for lack of time: {number} of {len(found.files)} files searched; name a subfolder")
            break
        text = _searchable(context, one.path, one.bytes)
        if text is None:
            unread += 1
            continue
        for line, shown in _search(searcher, one.path, text, left, context, notes):
            left -= 1
            yield one.path, line, shown
        if left <= 0 or (notes and notes[-1].startswith("stopped")):
            break
    if unread:
        notes.append(f"{unread} not searched: not text, larger than {size(_SEARCHED)}, or unreadable")


def _search(searcher: Searcher, path: str, text: str, most: int, context: Context, notes: list[str]) -> list[Hit]:
    try:
        return searcher.search(text, most=most, cancelled=lambda: context.cancelled)
    except TooSlow:
        if context.cancelled:
            raise ToolError("the call was given up", kind="cancelled") from None
        notes.append(f"stopped at '{path}': the regex takes too long on it; make it simpler, without nested repeats")
        return []


def _searchable(context: Context, path: str, length: int) -> str | None:
    if length > _SEARCHED:
        return None
    try:
        content = context.workspace.read(path)
    except ToolError as error:
        if error.kind == "cancelled":
            raise
        return None
    if binary_kind(content) is not None:
        return None
    return to_newlines(decode(content)[0])


def _moved(arguments: Mapping[str, Any], old: Contents) -> Contents:
    source = arguments["source"]
    content = old[source]
    if content is None:
        raise ToolError("a folder cannot be told by its content")
    return {source: None, arguments["target"]: content}


@tool(effect=Effect.WRITE, after=_moved, aliases=("move", "rename", "mv", "移动", "重命名", "改名"))
def move_file(source: WorkspacePath, target: WorkspacePath, *, context: Context) -> dict[str, Any]:
    """Move or rename a file or folder.

    Args:
        source: What.
        target: Its new path; must be free.
    """
    workspace = context.workspace
    if workspace.exists(source) and workspace.exists(target) and source != target and workspace.entry(target).folder:
        inner = f"{target}/{source.rsplit('/', 1)[-1]}"
        raise ToolError(f"'{target}' is a folder that exists already", hint=f"name the file in it: '{inner}'")
    workspace.move(source, target)
    return {"path": target, "from": source}


def _deleted(arguments: Mapping[str, Any], old: Contents) -> Contents:
    path = arguments["path"]
    if old[path] is None:
        raise ToolError("a folder cannot be told by its content")
    return {path: None}


@tool(effect=Effect.WRITE, after=_deleted, aliases=("delete", "remove", "erase", "rm", "删除", "移除", "删掉"))
def delete_file(path: WorkspacePath, *, context: Context) -> dict[str, Any]:
    """Delete a file or an empty folder.

    Args:
        path: What.
    """
    context.workspace.delete(path)
    return {"deleted": path}
