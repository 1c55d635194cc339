"""Wishes: whether what the agent wants to note is the user's own: a preference said to last wherever they work, or
words that they typed to be remembered.

Only such a preference goes to the notes that every run is told of, and only such words may take the place of what the
user noted before. Whoever writes a document, a page or a goal file could else have all later runs follow it: what the
agent read of them counts for nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from agent.history import History
from agent.learning.corrections import lasting
from agent.notes import within

_WHOSE = re.compile(
    r"^\s*(?:(?:the\s+)?user\b(?:['’]s)?|用户(?:更|比较|最)?(?:希望|想要?|要求|偏好|喜欢)?)\s*", re.IGNORECASE
)
_BESIDES = frozenset(("prefer", "preferenc", "want", "lik", "wish", "lov", "favour", "favor"))
"""By these, as `memory.embedding.words` gives them, an agent tells that it is a wish."""


_ENGLISH = (
    r"(?:remember|memori[sz]e|(?:make|take)\s+(?:a\s+)?note|note(?:\s+down)?|write\s+down|(?:keep|bear)"
    r"(?:\s+(?:it|that|this))?\s+in\s+mind|(?:do\s+not|don['’]t|never)\s+forget)\b"
)
_CHINESE = r"(?:记住|牢记|记下来?|记一下|记得|备忘|(?:别|不要|勿)忘[了记]?)"
_BETWEEN = (
    r"(?:\s+(?:please|down|for\s+(?:me|later|the\s+future|next\s+time)|(?:of\s+)?the\s+fact|the\s+following|this))*"
)
_SIGN = r"[\"'“‘「『]?$"
_STATED = rf"(?:{_ENGLISH}{_BETWEEN}\s*(?:that\b|[:：])|{_CHINESE}(?:一下|这一?点)?[:：,，]?)"
"""What asks for words that come behind it."""
_ASKED_FOR = re.compile(rf"(?:{_STATED}|{_ENGLISH},?)\s*{_SIGN}", re.IGNORECASE)
_ASKED_BEFORE = re.compile(_STATED, re.IGNORECASE)
_ASKED_BEHIND = re.compile(
    r"[\"'”’」』]?\s*[.。!！,，;；]?\s*(?:(?:and|so|but|also|please)\s+|请|你要|要|麻烦你?|帮我|都)*"
    rf"(?:{_ENGLISH}\s*(?:it|that|this)?\s*(?=$|[^\w\s]|for\b|please\b)|{_CHINESE})",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"(?:^|[.。!！?？;；\n]\s*)(?:[-*•]\s+|\d{{1,3}}[.)、]\s*)?{_SIGN}")
_ENDS = re.compile(r"[\"'”’」』]?\s*(?:$|[.。!！;；\n])")
_LEAST = 3
"""Characters of words to be remembered."""


def is_dictated(text: str, history: History) -> bool:
    """Are these, word for word, whole sentences that the user typed in this run and asked to be remembered, or said to
    last?"""
    mine = _plain(text).rstrip(".。!！")
    if len(mine) < _LEAST:
        return False
    for typed in _typed(history):
        if any(_plain(saying.text).rstrip(".。!！") == mine for saying in lasting(typed)):
            return True
        if _stands_in(_plain(typed), mine):
            return True
    return False


def _stands_in(said: str, words: str) -> bool:
    """Do these words stand there as sentences of their own, and not as a part that may mean something else, with the
    asking before or behind them?"""
    at = said.find(words)
    while at >= 0:
        before, behind = said[:at], said[at + len(words) :]
        if _ASKED_FOR.search(before):
            asked = bool(_ENDS.match(behind.lstrip("?？吗")) or _ASKED_BEHIND.match(behind))
        elif _BEGINS.search(before):
            asked = bool(_ASKED_BEHIND.match(behind) or (_ENDS.match(behind) and _ASKED_BEFORE.search(before)))
        else:
            asked = False
        if asked:
            return True
        at = said.find(words, at + 1)
    return False


def _plain(text: str) -> str:
    """A text in one spelling, with single spaces; its lines stay."""
    lines = unicodedata.normalize("NFC", text).casefold().splitlines()
    return "\n".join(" ".join(one.split()) for one in lines if one.strip())


def is_wished(text: str, history: History) -> bool:
    """Does it say what one sentence says that the user typed in this run, and meant to last everywhere?"""
    noted = _WHOSE.sub("", text)
    sayings = (one for typed in _typed(history) for one in lasting(typed) if one.everywhere)
    return any(within(noted, saying.text, besides=_BESIDES) for saying in sayings)


def _typed(history: History) -> Iterator[str]:
    """What the person at the terminal said: the goal, where it came from no file, and words on the way."""
    if history.source is None:
        for name in ("goals", "constraints"):
            texts = history.goal.get(name)
            yield from map(str, texts if isinstance(texts, list) else ())
    for words in (history.preface, *(step.feedback for step in history.steps)):
        yield from (one.text for one in words if one.origin == "user")
