"""What a text leaves out or forbids: "daily except on Sunday" tells nothing of when it is open on Sunday."""

from __future__ import annotations

import re
from collections.abc import Collection

from agent.answering.naming import words_in
from agent.model.offline.words import stem, words_of

_LEFT_OUT = re.compile(
    r"\b(?:except(?:ing)?(?: for)?|excluding|apart from|other than|but not|not (?:on|in|at|for))\b[^.;,()]*|"
    r"[^.;,]*\b(?:is|are|was|were) (?:excluded|not included)\b|"
    r"除了?[^，。；]{1,20}?(?:之?外|以外)|(?:不包括|不含)[^，。；]*",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"\b(?:forbidden|prohibited|banned|no longer|(?:not|never) (?:\w+ )?(?:allowed|permitted|possible)|"
    r"(?:must|may|can|shall) ?(?:not|never)|no [a-z]+ing)\b|禁止|严禁|不得|不准|不许|不允许|请勿|禁[烟停入]",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"\b(?:closed|closes|shuts?)\b|休息|闭馆|关门|停业|休馆|不开", re.IGNORECASE)
_IN = frozenset(map(stem, words_of("cover include contain insure")))
_OUT = frozenset(map(stem, words_of("exclude exempt omit except extra")))
_MAY_I = re.compile(r"\b(?:may|can|could) (?:I|we|you|one) ([a-z]+) (?:(?:the|an?|my|our) )?([a-z]+)", re.IGNORECASE)
_FORBIDDEN = re.compile(
    r"\bno (?:[\w'’-]+ )??([a-z]+)\b|"
    r"\b([a-z]+) (?:is|are) (?:\w+ly )?(?:forbidden|prohibited|banned|not (?:allowed|permitted))",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;；。，,]")


def leaves_out(text: str, named: Collection[str]) -> bool:
    """Does a text say of something that is asked about that it is left out, and not that it is closed then?"""
    out = {word for one in _LEFT_OUT.finditer(text) for word in words_in(one[0])}
    return not out.isdisjoint(named) and _CLOSED.search(text) is None


def only_forbids(text: str) -> bool:
    """Does each clause of a text that says something forbid it?"""
    clauses = [one for one in _CLAUSE.split(text) if words_in(one)]
    return any(map(_FORBIDS.search, clauses)) and all(map(_FORBIDS.search, clauses))


def denies(word: str, words: Collection[str]) -> bool:
    """Do the words of a text tell, by the opposite of this one, that something is not so: excluded for covered?"""
    return word in _IN and not _OUT.isdisjoint(words)


def done_with_forbidden(question: str, text: str) -> str:
    """The stem of what somebody asks whether it may be done with a thing, where a text forbids the thing itself: with
    "no candles" none may be lit; "" where it does not."""
    asked = _MAY_I.search(question)
    if asked is None:
        return ""
    forbidden = {stem(one or other) for one, other in _FORBIDDEN.findall(text)}
    return stem(asked[1]) if stem(asked[2]) in forbidden else ""
