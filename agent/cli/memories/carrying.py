"""`memory export`, `memory import` and `memory rebuild`."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import mending
from agent.cli.completing import values
from agent.cli.memories.places import JsonOption, NamespaceOption, open_memory
from agent.cli.saying import say
from agent.cli.tables import as_json
from agent.errors import UsageError
from agent.spending import counted
from agent.terminal import json_line, plain

if TYPE_CHECKING:
    from memory.recall import Imported, Recall

_MOST = 256 * 1024 * 1024
"""Bytes of a file that is imported: all of it is taken in one transaction."""

_FEW = 1_000
"""Changes that the vector index takes in beside everything else."""


def export(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to; stdout, if not given.")
    ] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="Of every namespace.")] = False,
    namespace: NamespaceOption = None,
    as_data: Annotated[bool, typer.Option("--json", help="One JSON document in place of a line for each.")] = False,
) -> None:
    """Write notes as JSON, a line each, oldest first, with their history; `memory import` reads them."""
    if everywhere and namespace is not None:
        raise UsageError("--all is every namespace: it goes with no --namespace")
    with open_memory(namespace) as recall:
        names = recall.namespaces() if everywhere else [recall.namespace]
    rows = (row for name in names for row in _notes_of(name))
    lines, notes = list[str](), 0
    for row in rows:
        lines.append(json_line(row))
        notes += row.get("superseded_by") is None
    if as_data:
        _write(output, ["[", *(f"  {line}," for line in lines[:-1]), *(f"  {line}" for line in lines[-1:]), "]"])
    else:
        _write(output, lines)
    if output is not None:
        earlier = len(lines) - notes
        history = f", with {counted(earlier, 'earlier version')}," if earlier else ""
        say(f"{counted(notes, 'note')}{history} written to {output}")


def _notes_of(name: str) -> Iterator[dict[str, Any]]:
    with open_memory(name) as recall:
        yield from recall.export()


def _write(output: Path | None, lines: Sequence[str]) -> None:
    """Write lines to stdout or into a file, whole or not at all."""
    if output is None:
        for line in lines:
            typer.echo(line)
        return
    beside = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        try:
            beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
            beside.replace(output)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}", hint="choose another place") from error


def import_notes(
    file: Annotated[Path, typer.Argument(help="What `memory export` wrote; - is stdin.")],
    own: Annotated[
        bool, typer.Option("--own", help="They are your own, put back: they keep who said them, and count as yours.")
    ] = False,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace", help="Where to; each where it comes from, if not given.", autocompletion=values.namespaces
        ),
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """Take notes in that were exported: all of them, or none where one cannot be one. Known ones are passed over."""
    with ExitStack() as stack, open_memory(namespace) as recall:
        rows = list(_rows(_opened(stack, file), str(file)))
        imported = recall.import_notes(rows, trusted=own, apart=namespace is None)
        here = recall.namespace
        lagging = _lags(recall)
    spaces = list(imported.namespaces) or [here]
    if as_data:
        counts = {"added": imported.added, "known": imported.known, "mended": imported.mended, "left": imported.left}
        as_json(counts | {"namespaces": spaces})
        return
    where = ", ".join(map(plain, spaces))
    typer.echo(f"{counted(imported.added, 'note')} taken in, {imported.known} known already, in {where}")
    _tell(imported, here=here, asked=namespace is not None)
    if lagging:
        say(f"until {mending.thinkact('memory', 'rebuild')} has made their index, a search compares all vectors")


def _lags(recall: Recall) -> bool:
    """Is the vector index far behind the notes, where there are so many that it is asked?"""
    from memory.recall import EXACT_UP_TO

    return recall.count() > EXACT_UP_TO and recall.stats().waiting > _FEW


def _tell(imported: Imported, *, here: str, asked: bool) -> None:
    """What a person may not expect of an import."""
    if imported.mended:
        say(f"{counted(imported.mended, 'note')} got the origin back that an import without --own had taken")
    if imported.left:
        left = counted(imported.left, "note")
        which = "it" if imported.left == 1 else "them"
        say(f"{left} left out: what replaced {which} is neither in the file nor here; import that first")
    if not asked and imported.namespaces and here not in imported.namespaces:
        say(f"none is of this project: --namespace {shlex.quote(plain(here))} puts them here")


def _opened(stack: ExitStack, file: Path) -> IO[bytes]:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        if file.stat().st_size > _MOST:
            raise UsageError(f"{file} is larger than {_MOST // 2**20} MB", hint="import it in parts: a line is a note")
        return stack.enter_context(file.open("rb"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="give what memory export wrote") from error


def _rows(file: IO[bytes], name: str) -> Iterator[Any]:
    """The objects of a file of JSON: a line each, or one list of them."""
    content = file.read(_MOST + 1).removeprefix(b"\xef\xbb\xbf")
    if content.lstrip().startswith(b"["):
        listed = _json(content, name)
        yield from listed if isinstance(listed, list) else [listed]
        return
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield _json(line, f"{name}:{number}")


def _json(text: bytes, place: str) -> Any:
    try:
        return json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        why = getattr(error, "msg", None) or "it is not UTF-8 text" if isinstance(error, ValueError) else "too deep"
        raise UsageError(
            f"{place}: this is no JSON ({why})", hint="each line is one note, as memory export writes it"
        ) from error
