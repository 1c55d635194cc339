"""`thinkact kb list` and `thinkact kb remove`."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typer

from agent.cli.asking import agreed
from agent.cli.kb.opened import opened, others, shown, wanted_namespace
from agent.cli.saying import say
from agent.cli.tables import as_json, table
from agent.errors import UsageError
from agent.screen import size
from agent.settings import Settings
from agent.spelling import nearest
from agent.spending import counted
from agent.terminal import plain
from memory.library import Library
from memory.recall import Source


def list_all(namespace: str | None, *, as_data: bool) -> None:
    """The command `list`."""
    settings, cwd = Settings.load(cwd=Path.cwd()), Path.cwd()
    space = wanted_namespace(namespace, settings)
    with opened(settings, space) as recall:
        sources = Library(recall).sources()
        hint = "" if sources else others(recall)
    if as_data:
        as_json(
            [
                {
                    "file": one.name,
                    "passages": one.passages,
                    "bytes": one.size,
                    "added": datetime.fromtimestamp(one.added).astimezone().isoformat(timespec="seconds"),
                    "there": os.path.lexists(one.name),
                }
                for one in sources
            ]
        )
        return
    if not sources:
        say(f"there are no documents in the knowledge base {space}; {hint}")
        return
    rows = [[_day(one.added), f"{one.passages:,}", size(one.size), shown(one.name, cwd)] for one in sources]
    table([["ADDED", "PASSAGES", "SIZE", "DOCUMENT"], *rows])
    total = sum(one.passages for one in sources)
    say(f"{counted(len(sources), 'document')}, {counted(total, 'passage')}")
    if gone := [one.name for one in sources if not os.path.lexists(one.name)]:
        named = ", ".join(shown(name, cwd) for name in gone[:3]) + (" …" if len(gone) > 3 else "")
        say(f"{counted(len(gone), 'file')} not there any more, and still answered from: {named} (kb remove)")


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().date().isoformat()


def remove(wanted: Sequence[str], namespace: str | None, *, everything: bool, yes: bool, as_data: bool) -> int:
    """The command `remove`; its exit code."""
    if bool(wanted) == everything:
        raise UsageError("name the documents to remove, or --all", hint="thinkact kb list shows all")
    settings, cwd = Settings.load(cwd=Path.cwd()), Path.cwd()
    space = wanted_namespace(namespace, settings)
    with opened(settings, space) as recall:
        library = Library(recall)
        sources = library.sources()
        names = [one.name for one in sources] if everything else _meant(wanted, sources, cwd)
        whole = f"all {len(names):,} documents" if len(names) > 1 else "the one document"
        question = f"Remove {whole} of the knowledge base {plain(space)}? The files themselves stay."
        if everything and names and not agreed(question, yes=yes):
            say("nothing was removed")
            return 1
        gone = library.remove(names)
    if as_data:
        as_json({"namespace": space, "removed": names if gone else []})
    else:
        typer.echo(f"{counted(gone, 'document')} removed")
    return 0 if gone or everything else 1


def _meant(wanted: Sequence[str], sources: Sequence[Source], cwd: Path) -> list[str]:
    """The names that these words mean: each a document, or a folder with all documents in it.

    Raises:
        UsageError: one of them means none.
    """
    names = [one.name for one in sources]
    found: dict[str, None] = {}
    for word in wanted:
        place = os.path.normpath(cwd / Path(word).expanduser()) if word.strip() else ""
        ways = {_plain(place), _plain(os.path.realpath(place))} if place else set()
        own = [name for name in names if _plain(name) in ways]
        own = own or [
            name for name in names if any(_plain(name).startswith(way.rstrip(os.sep) + os.sep) for way in ways)
        ]
        own = own or _ending(names, word)
        if not own:
            near = nearest(word, [shown(name, cwd) for name in names])
            guess = f'; did you mean "{near}"?' if near else ""
            raise UsageError(f"no document {word} is in the knowledge base{guess}", hint="thinkact kb list shows all")
        found.update(dict.fromkeys(own))
    return list(found)


def _ending(names: Sequence[str], word: str) -> list[str]:
    """The one document that is meant by the end of its path, as passages tell it: the folder that was added and the way
    from there; none where several may be."""
    end = _plain(os.path.normpath(word)).strip(os.sep)
    found = [name for name in names if end not in ("", ".") and _plain(name).endswith(os.sep + end)]
    return found if len(found) == 1 else []


def _plain(name: str) -> str:
    """A path as it is compared: composed characters, and on Windows no case."""
    return os.path.normcase(unicodedata.normalize("NFC", name))
