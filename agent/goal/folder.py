"""What lies beside a goal file: files to work from, schema files, the workspace; and the text of the file itself."""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.errors import GoalError
from agent.events import JSON
from agent.goal.complaints import Reading

MAX_BYTES = 256 * 1024
"""Goal files and schema files larger than this are refused before they are parsed."""
MAX_FILES = 1_000
"""So many files may be handed over."""


def read_text(file: Path) -> str:
    """The text of a file of at most `MAX_BYTES`, in UTF-8, without its byte order mark.

    Raises:
        GoalError: it is not there, no regular file, too large, or in another encoding (and where).
    """
    try:
        if file.exists() and not file.is_file():
            raise GoalError(f"{file}: is a folder or no regular file", hint="name a goal file, such as goal.yaml")
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise GoalError(f"{file}: there is no such file") from None
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else fault
        raise GoalError(f"{file}: cannot be read: {reason}") from None
    if len(content) > MAX_BYTES:
        raise GoalError(f"{file}: is larger than {MAX_BYTES // 1024} kB", hint="hand long texts over under context")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise GoalError(f"{file}:1:1: is written in UTF-16", hint="save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = content[: fault.start].split(b"\n")
        column = len(before[-1].decode("utf-8", "replace")) + 1
        raise GoalError(
            f"{file}:{len(before)}:{column}: holds a byte that is not UTF-8", hint="save it as UTF-8"
        ) from None


def workspace_beside(text: str | None, folder: Path, reading: Reading) -> str | None:
    """The absolute folder that `workspace.dir` names; it need not be there yet."""
    if text is None or text in reading.unfilled:
        return None
    try:
        named = Path(text).expanduser()
    except RuntimeError:
        reading.complain("workspace.dir", f"has no home folder to put in place of {text.split('/')[0]}")
        return None
    path = os.path.normpath(folder / named)
    if Path(path).exists() and not Path(path).is_dir():
        reading.complain("workspace.dir", f"{path} is not a folder")
    return path


def files_beside(patterns: Sequence[str | None], folder: Path, reading: Reading) -> tuple[str, ...]:
    """The absolute paths of the files that `context` names, each once: in the order named, a pattern's sorted."""
    found: dict[str, None] = {}
    for index, pattern in enumerate(patterns):
        path = f"context[{index}]" if f"context[{index}]" in reading.places else "context"
        if pattern is None or pattern in reading.unfilled:
            continue
        files = list(_matches(pattern, folder))
        if not files:
            inside = os.path.normpath(folder / pattern)
            folder_named = f'"{pattern}" is a folder; write {pattern.rstrip("/")}/**'
            message = folder_named if Path(inside).is_dir() else f'no file matches "{pattern}" in {folder}'
            reading.complain(path, message)
        found |= dict.fromkeys(files)
        if len(found) > MAX_FILES:
            reading.complain(path, f"more than {MAX_FILES:,} files")
            break
    return tuple(found)


def _matches(pattern: str, folder: Path) -> Iterator[str]:
    """Regular files, sorted; a name that is there is itself, also where it holds `[` or `*`.

    Links to folders are not followed by `**`, and hidden files are found only by a pattern that names them so.
    """
    literal = os.path.normpath(folder / pattern)
    if Path(literal).is_file():
        yield literal
        return
    parts = pattern.split("/")
    fixed = next((index for index, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    start, rest = Path(os.path.normpath(folder.joinpath(*parts[:fixed]))), "/".join(parts[fixed:])
    hidden = any(part.startswith(".") for part in parts[fixed:])
    names: list[str] = []
    if not rest:
        return
    with contextlib.suppress(ValueError, NotImplementedError, OSError):  # "**.md", or a folder that may not be read
        for path in start.glob(rest):
            seen = hidden or not any(part.startswith(".") for part in path.relative_to(start).parts)
            if seen and path.is_file():
                names.append(str(path))
            if len(names) > MAX_FILES:
                break
    yield from sorted(names)


def schema_beside(name: str, path: str, folder: Path, reading: Reading) -> tuple[str, Mapping[str, JSON]]:
    """The absolute path and the content of a JSON Schema file; `path` is the key path that names it."""
    file = Path(os.path.normpath(folder / name))
    if name in reading.unfilled:
        return str(file), {}
    try:
        content = json.loads(read_text(file), parse_constant=_no_constant)
        _is_schema(content)
    except GoalError as fault:
        reading.complain(path, fault.message, hint=fault.hint)
    except json.JSONDecodeError as fault:
        reading.complain(path, f"{file}:{fault.lineno}:{fault.colno}: is not JSON: {fault.msg}")
    except (ValueError, RecursionError) as fault:
        reason = "is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        reading.complain(path, f"{file}: {reason}")
    else:
        return str(file), content
    return str(file), {}


def _no_constant(word: str) -> None:
    raise ValueError(f"is not JSON: {word}")


def _is_schema(content: Any) -> None:
    """Raise ValueError for what is no JSON Schema, or one that would have to be fetched to be used."""
    from jsonschema.exceptions import best_match
    from jsonschema.validators import validator_for

    if not isinstance(content, dict):
        raise ValueError("is no JSON Schema: it must be an object")
    validator = validator_for(content)
    metaschema = validator(validator.META_SCHEMA, format_checker=validator.FORMAT_CHECKER)  # regexes are checked too
    fault = best_match(metaschema.iter_errors(content))
    if fault is not None:
        where = fault.json_path.removeprefix("$").lstrip(".")
        raise ValueError(f"is no JSON Schema: {where + ': ' if where else ''}{fault.message}")
    for reference in _references(content):
        if not reference.startswith("#"):
            raise ValueError(f'refers to "{reference[:80]}"; only references inside the file (#/...) are followed')


def _references(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
                yield value
            yield from _references(value)
    elif isinstance(content, list):
        for value in content:
            yield from _references(value)
