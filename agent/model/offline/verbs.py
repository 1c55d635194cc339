"""What can begin a sub-goal: the verbs of the lexicon, and the names and aliases of tools."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.model.offline.lexicon import ANSWERS_CHINESE, ANSWERS_ENGLISH, CONCEPTS, OTHER_CHINESE, OTHER_ENGLISH
from agent.model.offline.marks import BLANK
from agent.model.offline.words import IDEOGRAPH, stem, stems


@dataclass(frozen=True, slots=True)
class Verbs:
    """What can begin a sub-goal, besides the verbs that are always known: names and aliases of tools."""

    phrases: frozenset[tuple[str, ...]]
    chinese: tuple[str, ...]

    def begins(self, text: str) -> bool:
        """Does a known verb begin the text (as masked, polite words already gone)?"""
        return bool(self.length(text))

    def length(self, text: str) -> int:
        """How many words, or characters, the longest known verb at the head of the text has; 0: none."""
        if not text[:1].isalnum():
            return 0
        first = stems(text[:80].partition(BLANK)[0])[:6]
        longest = max((len(one) for one in self.phrases if tuple(first[: len(one)]) == one), default=0)
        return max(longest, max((len(one) for one in self.chinese if text.startswith(one)), default=0))


def known_verbs(extra: tuple[str, ...] = ()) -> Verbs:
    """The verbs of the lexicon and, in `extra`, the names and aliases of tools that it does not know."""
    english = {tuple(stems(phrase)) for concept in CONCEPTS for phrase in concept.english if " of" not in phrase}
    english |= {(stem(word),) for word in OTHER_ENGLISH} | {tuple(stems(one)) for one in ANSWERS_ENGLISH}
    english |= {(word,) for word in ("do", "don't", "never", "avoid", "tell", "give")}
    chinese = {word for concept in CONCEPTS for word in concept.chinese} | set(OTHER_CHINESE) | set(ANSWERS_CHINESE)
    chinese |= {"不要", "别", "请勿", "切勿", "不得", "禁止", "把", "将"}
    for words in extra:
        if re.search(f"[{IDEOGRAPH}]", words):
            chinese.add(words)
        elif words.strip():
            english.add(tuple(stems(words)))
    return Verbs(frozenset(english - {()}), tuple(sorted(chinese, key=len, reverse=True)))
