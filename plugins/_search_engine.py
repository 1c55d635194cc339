"""What a search engine is here: a question goes in, pages come out, or one of four reasons why none do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from plugins._given_web import Hit

REST = 600.0
"""Seconds for which an engine is left alone that says it was asked too often, where it does not say for how long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `site` is a host, or a host and a path, or ""; `since` is the first day wanted, or None."""

    query: str
    count: int
    site: str
    since: date | None
    today: date

    @property
    def words(self) -> str:
        """The query with its site, as most engines want it."""
        return f"{self.query} site:{self.site}" if self.site else self.query

    @property
    def period(self) -> Literal["day", "week", "month", "year"] | None:
        """The shortest period up to today that holds all days wanted."""
        if self.since is None:
            return None
        days = (self.today - self.since).days
        for name, most in _PERIODS:
            if days <= most:
                return name
        return None

    @property
    def is_exact(self) -> bool:
        """Does the period hold no other days than those wanted?"""
        return self.since is None or (self.today - self.since).days in {most for _, most in _PERIODS}


_PERIODS: Sequence[tuple[Literal["day", "week", "month", "year"], int]] = (
    ("day", 1),
    ("week", 7),
    ("month", 31),
    ("year", 366),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an engine found, best first. `timed`: it was told to leave out what is older than was wanted."""

    hits: Sequence[Hit]
    timed: bool = True


class Engine(Protocol):
    """A search engine. Asked from several threads."""

    @property
    def name(self) -> str:
        """Its name, as settings and results have it."""
        ...

    def times(self, question: Question) -> bool:
        """Can it keep, at least roughly, to what is as new as is wanted?"""
        ...

    def covers(self, site: str) -> bool:
        """Does it know pages of this site at all? "" is any."""
        ...

    def ask(self, question: Question, *, seconds: float) -> Answer:
        """Ask it. Raises one of the kinds of `Failed`."""
        ...


class Failed(Exception):
    """An engine gave no answer; `detail` says why, in a few words."""

    outcome: Literal["limited", "unreachable", "unreadable", "refused"]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Limited(Failed):
    """It was asked too often, or takes us for a robot. `rest` is for how many seconds it is left alone."""

    outcome = "limited"

    def __init__(self, detail: str, *, rest: float | None = None) -> None:
        super().__init__(detail)
        self.rest = REST if rest is None else max(1.0, min(rest, 86_400.0))


class KeptOut(Failed):
    """The goal file does not allow its host."""

    outcome = "refused"


class Away(Failed):
    """Nobody answers there, or not in time."""

    outcome = "unreachable"


class Unreadable(Failed):
    """It answers with what no results can be read from."""

    outcome = "unreadable"


_ROBOT = re.compile(
    r"anomaly-modal|challenge-form|captcha|cf-chl|unusual traffic|bots use duckduckgo|are you (?:a )?(?:human|robot)|"
    r"not a robot|verify (?:that )?you are (?:a )?human|access denied|too many requests|"
    r"automated (?:queries|requests)",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"no[ -]?results|no (?:more |web )?(?:results|pages|matches|matching)|0 results|"
    r"(?:did|do|does|could)(?: not|n['’]t) (?:find|match|have)|nothing (?:was )?found|not many (?:great )?matches|"
    r"there are no|没有(?:找到|结果|更多)|未找到|找不到|見つかりません|검색 ?결과가 없|ничего не (?:найдено|нашлось)|"
    r"keine (?:ergebnisse|treffer)|aucun résultat|(?:no se (?:han )?encontr|sin )(?:aron|ado)? ?resultados",
    re.IGNORECASE,
)
_SITES = 4  # other sites to which a page without results does not lead


def judge_empty(page: str, text: str, *, sites: int = 0) -> None:
    """Say of a page in which no results were seen what it is. Returns where it says that there are none.

    Args:
        page: The page as it came.
        text: What a reader sees of it.
        sites: To how many other sites it leads.

    Raises:
        Limited: it asks whether we are a robot.
        Unreadable: it is neither, so it may be made differently by now: whatever its words are, where it leads to many
            sites, it holds results.
    """
    said = _NOTHING.search(" ".join(text.split())) is not None
    if sites < _SITES and _ROBOT.search(page if not said else text):
        raise Limited("it wants to know whether a person is asking")
    if not said or sites >= _SITES:
        raise Unreadable("its page holds no results that can be read; it may be made differently by now")


def plain(text: str) -> str:
    """One line of printable text."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
