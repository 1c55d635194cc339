"""`{{ input }}` in the texts of a goal file: the only templating there is. What was put in is not read again."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.spelling import did_you_mean

_TAG = re.compile(r"""\{\{\s*(?:'([^']*)'|"([^"]*)"|([^{}'"]*?))\s*\}\}""")
_NAME = re.compile(r"[^\W\d][\w-]*")
_LITERAL = "write {{ '{{' }} for a literal {{"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What an input puts in. `known` False: it is not given yet, and nothing can be said of a text that holds it."""

    text: str
    secret: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Tag:
    """A `{{ name }}` in a text."""

    name: str


class Templates:
    """Fills inputs into texts and remembers which were used. It is the `Expand` of `complaints.Reading`.

    Args:
        fillings: What each declared input puts in.
        windows: Are commands read by `cmd`, not by a POSIX shell? As this platform does where not stated.
    """

    def __init__(self, fillings: Mapping[str, Filling], *, windows: bool = os.name == "nt") -> None:
        self._fillings = fillings
        self._windows = windows
        self.used: set[str] = set()

    def __call__(self, text: str, *, style: str, secret: bool) -> str | None:
        """The text, filled; None where an input in it is not known yet.

        `style`: "plain" puts in what was given; "regex" its literal characters; "shell" one word of a command,
        whatever the quotes around it and the characters in it.

        Raises:
            ValueError: an undeclared input, a secret where none may stand, or `{{` without `}}`.
        """
        parts = list(_parts(text))
        fillings = {part.name: self._filling(part.name, secret=secret) for part in parts if isinstance(part, _Tag)}
        if not all(one.known for one in fillings.values()):
            return None
        if style == "shell":
            return _command(parts, fillings, windows=self._windows)
        escape = re.escape if style == "regex" else str
        return "".join(escape(fillings[part.name].text) if isinstance(part, _Tag) else part for part in parts)

    def _filling(self, name: str, *, secret: bool) -> Filling:
        found = self._fillings.get(name)
        if found is None:
            near = did_you_mean(name, self._fillings) or f"; declare it under inputs, or {_LITERAL}"
            raise ValueError(f"{{{{ {name} }}}} is no declared input{near}")
        self.used.add(name)
        if found.secret and not secret:
            where = "in the env of a run check, or in env and headers of mcp"
            raise ValueError(f"{{{{ {name} }}}} is a secret; it may stand only {where}")
        return found


def names_in(text: str) -> tuple[str, ...]:
    """The names for which `{{ name }}` stands in a text, each once; whatever else is in braces is passed over."""
    return tuple(dict.fromkeys(name for _, name in _pieces(text) if name))


def literal(text: str, inputs: Collection[str], *, escape: Callable[[str], str] = str) -> str:
    """A text as a goal file must have it to mean what stands there: `{{ name }}` of one of the `inputs` is filled in,
    every other `{{` stands for itself. `escape` is done to all but those."""
    return "".join(
        piece if name in inputs else escape(piece).replace("{{", '{{ "{{" }}') for piece, name in _pieces(text)
    )


def is_name(text: str) -> bool:
    """Can an input be called so?"""
    return _NAME.fullmatch(text) is not None


def _pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """The pieces of a text, each tag with the name in it; every `{{` that begins none is a piece of its own."""
    position = 0
    while (begin := text.find("{{", position)) >= 0:
        if begin > position:
            yield text[position:begin], None
        found = _TAG.match(text, begin)
        name = found[3] if found and found[3] and is_name(found[3]) else None
        position = found.end() if found and name else begin + 2
        yield text[begin:position], name
    if position < len(text):
        yield text[position:], None


def _parts(text: str) -> Iterator[str | _Tag]:
    position = 0
    while (begin := text.find("{{", position)) >= 0:
        yield text[position:begin]
        found = _TAG.match(text, begin)
        if found is None:
            raise ValueError(f'has a "{{{{" that is closed by no "}}}}"; {_LITERAL}')
        single, double, name = found.groups()
        if name is None:
            yield single if single is not None else double
        elif is_name(name):
            yield _Tag(name)
        else:
            raise ValueError(f'"{found[0]}" holds no input\'s name; {_LITERAL}')
        position = found.end()
    yield text[position:]


def _command(parts: Sequence[str | _Tag], fillings: Mapping[str, Filling], *, windows: bool) -> str:
    """A command whose inputs are words of it, or parts of words, as the platform's shell reads it."""
    if not fillings:
        return "".join(map(str, parts))
    if any("`" in part or "$(" in part or "<<" in part for part in parts if isinstance(part, str)):
        # quotes begin anew inside these, so no quoting of an input could be relied on
        raise ValueError("holds an input beside a backtick, $( or <<; put these into a script of their own")
    word, after = (_windows_word, _windows_quote) if windows else (_word, _quote_after)
    written, quote = [], ""
    for part in parts:
        if isinstance(part, _Tag):
            written.append(word(fillings[part.name].text, quote))
        else:
            written.append(part)
            quote = after(part, quote)
    return "".join(written)


def _word(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", "'\"'\"'")
    if quote == '"':
        return f'"{shlex.quote(text)}"'  # out of the author's quotes and into them again
    return shlex.quote(text)


def _windows_word(text: str, quote: str) -> str:
    """A word for `cmd`, which has no way to quote some characters: an input that holds one is refused."""
    if re.search(r'["%!^&|<>\r\n]', text):
        raise ValueError('fills in a text with one of " % ! ^ & | < >, which cannot be quoted in a command here')
    return text if quote or re.fullmatch(r"[\w./\\:-]+", text) else f'"{text}"'


def _windows_quote(text: str, quote: str) -> str:
    return '"' if bool(quote) != (text.count('"') % 2 == 1) else ""


def _quote_after(text: str, quote: str) -> str:
    """The quote that is open at the end of a piece of a command, "" for none."""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character in "'\"" and quote in ("", character):
            quote = "" if quote else character
    if escaped:
        raise ValueError("ends with a backslash, or holds one just before an input")
    return quote
