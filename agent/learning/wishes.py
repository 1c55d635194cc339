"""Wishes: whether a preference that the agent wants to note is the user's own, said to last wherever they work.

Only such a one goes to the notes that every run is told of. Whoever writes a document, a page or a goal file could else
have all later runs follow it: what the agent read of them counts for nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.history import History
from agent.learning.corrections import lasting
from agent.notes import within

_WHOSE = re.compile(
    r"^\s*(?:(?:the\s+)?user\b(?:['’]s)?|用户(?:更|比较|最)?(?:希望|想要?|要求|偏好|喜欢)?)\s*", re.IGNORECASE
)
_BESIDES = frozenset(("prefer", "preferenc", "want", "lik", "wish", "lov", "favour", "favor"))
"""By these, as `memory.embedding.words` gives them, an agent tells that it is a wish."""


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
