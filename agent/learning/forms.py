"""Forms: how a tool wants to be called, learned from calls that it refused and the one that it then took.

A model that calls a tool by a wrong form does so in every run, and pays a step for it each time: what it wants is told
at the start of the next. A form holds names and what the tool says that it wants, no values, so that the same mistake
is the same lesson whatever the call was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.events import JSON
from agent.learning.made import Made
from agent.learning.told import alike, line

NEAR = 3
"""So many steps back refused calls are looked for: they are corrected at once or not at all."""
_LONGEST = 300
"""Characters of a form."""
_MOST = 3
"""Things that are said of one tool at a time."""
_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^;"]+)'  # as the refusal shows it: text quoted, else in plain words
_PROBLEM = re.compile(
    r'unknown argument "(?P<unknown>[^"]+)"(?:, did you mean "(?P<guess>[^"]+)"\?)?'
    r'|argument "(?P<missing>[^"]+)" is missing \((?P<needs>.+?)\)'
    rf'|argument "(?P<misfit>[^"]+)" must (?P<wants>(?:be|have) .+?), not (?P<given>{_VALUE})'
)
_BETWEEN = re.compile(r"; (?:and \d+ more$)?|$")
_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class _Problem:
    """What does not fit: the argument at `place` is unknown (`other` is what may be meant), missing (`other` is what it
    should be), or no fit (`other` is what it should be and `given` what kind of value it was)."""

    what: Literal["unknown", "missing", "misfit"]
    place: str
    other: str = ""
    given: str = ""

    @property
    def name(self) -> str:
        """The argument of the call that it stands in."""
        return re.split(r"[.\[]", self.place, maxsplit=1)[0]

    @property
    def is_of_another_kind(self) -> bool:
        """Is it the kind of the value that does not fit?"""
        if not self.other.startswith("be ") or '"' in self.other:
            return False
        return bool(self.given) and self.given.rpartition(" ")[2] not in self.other.split()


def form(before: Sequence[Made], worked: Made) -> str | None:
    """What the tool of a call that worked wants, and how it was called in vain just before on the same matter."""
    said: list[str] = []
    for one in _refused(before, worked):
        said += [part for part in _told(_problems(one), one.asked, worked.asked) if part not in said]
    return line(f"{worked.tool} {', and '.join(said[:_MOST])}", _LONGEST) + "." if said else None


def is_form(one: Made) -> bool:
    """Was this call refused for its form alone, as the tool's schema has it?"""
    return one.refused and bool(_problems(one))


def _refused(before: Sequence[Made], worked: Made) -> list[Made]:
    """The calls of the same tool that were refused since it last worked, oldest first, and not long ago."""
    found: list[Made] = []
    for one in reversed(before):
        if one.tool == worked.tool:
            if one.result.ok or one.step < worked.step - NEAR:
                break
            if is_form(one):
                found.insert(0, one)
    return found


def _problems(one: Made) -> Sequence[_Problem]:
    """What the refusal says, in parts; none where some of it is no matter of form."""
    text, at = one.result.error.message if one.result.error else "", 0
    found: list[_Problem] = []
    while at < len(text):
        match = _PROBLEM.match(text, at)
        end = _BETWEEN.match(text, match.end()) if match else None
        if match is None or end is None:
            return ()
        found.append(_problem(match))
        at = end.end()
    return found


def _problem(match: re.Match[str]) -> _Problem:
    if match["unknown"]:
        return _Problem("unknown", _INDEX.sub("[]", match["unknown"]), match["guess"] or "")
    if match["missing"]:
        return _Problem("missing", _INDEX.sub("[]", match["missing"]), match["needs"])
    return _Problem("misfit", _INDEX.sub("[]", match["misfit"]), match["wants"], _kind(match["given"]))


def _kind(given: str) -> str:
    """What kind of value was given, as `plugins` words it, and not which; "" where that cannot be told."""
    if given.startswith('"'):
        return "text"
    if re.fullmatch(r"-?\d[\d.e+-]*", given):
        return "a number"
    return {"true": "true or false", "false": "true or false"}.get(given, given if given.startswith("a") else "")


def _told(problems: Sequence[_Problem], refused: Mapping[str, JSON], took: Mapping[str, JSON]) -> Iterator[str]:
    """The problems of a refused call as what the tool wants; none where the call that it took is about another
    matter: beside what was wrong, something else was changed."""
    renamed = dict(_renamed(problems, refused, took))
    wrong = {one.name for one in problems} | set(renamed.values())
    if any(took.get(name) != value for name, value in refused.items() if name not in wrong):
        return
    for one in problems:
        if one.what == "unknown":
            yield f"wants {renamed[one.place]}, not {one.place}" if one.place in renamed else f"knows no {one.place}"
        elif one.what == "missing":
            if one.place not in renamed.values():
                yield f"needs {one.place} ({one.other})"
        else:
            yield f"wants {one.place} to {one.other}{f', not {one.given}' if one.is_of_another_kind else ''}"


def _renamed(
    problems: Sequence[_Problem], refused: Mapping[str, JSON], took: Mapping[str, JSON]
) -> Iterator[tuple[str, str]]:
    """Names that the tool does not know, each with the one that the call which it took has in its place: the one that
    was meant, or a new one with much the same value."""
    new = [name for name in took if name not in refused]
    for one in problems:
        if one.what != "unknown":
            continue
        if one.place != one.name:  # inside a list or an object: what was meant is all that is known
            if one.other:
                yield one.place, f"{one.place.rpartition('.')[0]}.{one.other}"
            continue
        value = refused.get(one.place)
        meant = [name for name in new if name == one.other or took[name] == value or alike(value, took[name])]
        if meant:
            yield one.place, one.other if one.other in meant else meant[0]
