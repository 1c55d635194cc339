"""The answer to a shell that asks what could come next."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from typer import Context, Typer
from typer.main import get_command

from agent.cli.completing.splitting import Line, quoted, split
from agent.cli.completing.values import FILES, FOLDERS
from agent.cli.completing.walking import Way, is_group, walked
from agent.terminal import plain

_ABOUT = 72
"""Characters that are told of what a value is."""
_OPEN = ("/", "=")
"""How a value ends that is to be typed on."""


class Item(NamedTuple):
    """What a word could become, and what that is ("": it says itself)."""

    value: str
    about: str


def answer(application: Typer, words: Sequence[str]) -> None:
    """Print what could come next on a line of `application`: the kind (`values`, `files` or `folders`: the shell knows
    those), then a line for each value, with a tab before what it is.

    `words` are `bash LINE WORDBREAKS`, or `zsh` or `fish`, `--`, and the words of the line, the last one unfinished.
    Prints nothing where there is nothing to say; never fails, and says nothing else, whatever is broken.
    """
    with suppress(Exception):
        sys.stdout.write("".join(f"{line}\n" for line in _lines(application, words)))
        sys.stdout.flush()


def _lines(application: Typer, words: Sequence[str]) -> list[str]:
    shell, *rest = words
    if shell == "bash":
        line = split(rest[0], rest[1])
        kind, items = found(application, line.words[1:], line.word)
        return [kind, *_for_bash(line, items)]
    typed = rest[1:] if rest[:1] == ["--"] else rest
    kind, items = found(application, typed[:-1], typed[-1])
    if shell == "fish" and kind == "values" and _joined(typed[-1]):  # it replaces the whole word
        option = typed[-1].partition("=")[0]
        items = [Item(f"{option}={one.value}", one.about) for one in items]
    return [kind, *(f"{one.value}\t{one.about}" if one.about else one.value for one in items)]


def found(application: Typer, words: Sequence[str], incomplete: str) -> tuple[str, list[Item]]:
    """What kind of thing the word could be, and the values that fit it; none for what the shell completes itself.

    Of `--option=value` only the value is looked for.
    """
    way = walked(get_command(application), words)
    if way.command is None:
        return "values", []
    if way.waiting is None and not way.ended and incomplete.startswith("-"):
        if not _joined(incomplete):
            return "values", _fitting(incomplete, _options(way))
        name, _, incomplete = incomplete.partition("=")
        way.go(name)
    elif way.waiting is None and is_group(way.command):
        return "values", _fitting(incomplete, _commands(way.command))
    parameter = way.waiting or way.argument()
    return _values(way, parameter, incomplete) if parameter is not None else ("values", [])


def _options(way: Way) -> Iterator[Item]:
    yield from (Item(name, one.help or "") for one in way.options() for name in _long(one))
    yield Item("--help", "Show this message and exit.")


def _long(option: Any) -> list[str]:
    return [name for name in (*option.opts, *option.secondary_opts) if name.startswith("--")]


def _commands(group: Any) -> Iterator[Item]:
    for name in group.list_commands(None):
        yield Item(name, group.get_command(None, name).get_short_help_str(_ABOUT))


def _values(way: Way, parameter: Any, incomplete: str) -> tuple[str, list[Item]]:
    context = Context(way.command, resilient_parsing=True)
    context.params.update(way.given)
    items = [Item(str(one.value), one.help or "") for one in parameter.shell_complete(context, incomplete)]
    for kind, mark in (("files", FILES), ("folders", FOLDERS)):
        if any(one.about == mark for one in items):
            return kind, []
    if not items and _is_plain_path(parameter):
        return "files", []
    return "values", _fitting(incomplete, items)


def _is_plain_path(parameter: Any) -> bool:
    """Is it a path of which nothing else is known?"""
    of_its_own = getattr(parameter, "_custom_shell_complete", None) is not None
    return not of_its_own and bool(getattr(getattr(parameter, "type_descriptor", None), "is_path", False))


def _fitting(incomplete: str, items: Iterable[Item]) -> list[Item]:
    """Those that begin as the word does, each once, and none that a terminal or a line could not hold."""
    fits = (one for one in items if one.value.startswith(incomplete) and one.value and plain(one.value) == one.value)
    return list({one.value: Item(one.value, _short(one.about)) for one in fits}.values())


def _joined(word: str) -> bool:
    return word.startswith("--") and "=" in word


def _short(about: str) -> str:
    text = " ".join(plain(about).split())
    return text if len(text) <= _ABOUT else f"{text[: _ABOUT - 1]}…"


def _for_bash(line: Line, items: Sequence[Item]) -> list[str]:
    """The values as bash puts them in: quoted, without what it keeps of the word, and with the blank behind them that
    tells that they are whole."""
    kept = line.kept.partition("=")[2] if _joined(line.word) and "=" in line.kept else line.kept
    lines = []
    for one in items:
        rest = one.value[len(kept) :] if one.value.startswith(kept) else one.value
        end = "" if one.value.endswith(_OPEN) or line.quote else " "
        lines.append(quoted(rest, line.quote, begins=not kept) + end)
    return lines
