"""What a question looks for in a text: its words that carry meaning, in the forms in which the text has them.

Any language may be asked; words that only ask ("which", 多少) are known of a few, and elsewhere count as others do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugins._terms import TELLING, runs, terms

__all__ = ["Sought", "sought"]

_ASKING_WORDS = """
a about all also am an and any anything are as at be been but by can could describe did do does explain every find for
from give has have had how i if in into is it its know list many me much my no not of on one or our out please say says
shall she should show so some something than that the their them there these they this those to very was we were what
when where whether which who whom whose why will with would you your
tell tells mention mentions mentioned contain contains page pages site website text article document author
der die das den dem ein eine einer wie was wer wann warum welche welcher welches wo ist sind hat wird und oder von
le la les des du une est sont que quel quelle quels quelles qui quand comment combien pourquoi dans pour sur avec
el los las una son qué cuál cuándo cómo cuánto cuánta cuántos dónde quién por para con
"""
_ASKING = frozenset(_ASKING_WORDS.split())
_ASKING_UNSPACED = re.compile(
    "什么时候|什么|怎么样?|怎样|为什么|为何|如何|多少|多[久大长高远重快]|哪[里儿个些种]?|几[个年月天次]?|是否|是不是|有没有|请问|请|谁|"
    "关于|有关|网页|页面|文章|这[个篇种]|那[个篇种]|告诉我?|介绍|提到|说|的|了|是|在|和|与|及|或|也|都|吗|呢|何|幾|誰"
)
_NAMED = 8  # words that are told
_SHORT, _ENDING = 4, 3  # letters of a word that stands in others only whole, and those that an ending has


@dataclass(frozen=True, slots=True)
class Sought:
    """What of a question a text knows: `known` are the words, as the text has them, and `missing` those of the question
    that it has in no form. Both are empty where the question has no such word ("What does it say?")."""

    known: str = ""
    missing: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        """The first of the words that are missing."""
        return ", ".join(self.missing[:_NAMED])

    def nothing_in(self, what: str) -> str:
        """That `what` does not answer, where it has no word of the question; else ""."""
        if self.known or not self.missing:
            return ""
        return f"Nothing in {what} answers that: it has no word of the question ({self.named})."


def sought(question: str, text: str) -> Sought:
    """The words of a question that carry meaning, looked for in a text."""
    folded = text.casefold()
    known: list[str] = []
    missing: list[str] = []
    vocabulary: dict[str, set[str]] = {}
    for kind, run in runs(_ASKING_UNSPACED.sub(" ", question)):
        if kind != "word":
            telling = [term for term, value in terms(run).items() if value >= TELLING]
            found = [term for term in telling if term in folded]
        elif run.casefold() in _ASKING or (len(run) < _SHORT - 1 and not run.isupper() and not run.isdigit()):
            continue
        else:
            telling = [run]
            vocabulary = vocabulary or _vocabulary(folded)
            found = sorted(one for one in vocabulary.get(_beginning(run.casefold()), ()) if _alike(run.casefold(), one))
        known += found
        missing += [run] if telling and not found else []
    return Sought(" ".join(dict.fromkeys(known)), tuple(dict.fromkeys(missing)))


def _vocabulary(folded: str) -> dict[str, set[str]]:
    """The words of a text by their beginnings."""
    found: dict[str, set[str]] = {}
    for word in {run for kind, run in runs(folded) if kind == "word"}:
        found.setdefault(_beginning(word), set()).add(word)
    return found


def _beginning(word: str) -> str:
    return word[: _SHORT - 1]


def _alike(one: str, other: str) -> bool:
    """Are these forms of one word? They begin alike, and have short endings."""
    if one == other or terms(one).keys() == terms(other).keys():
        return True
    short, long = sorted((len(one), len(other)))
    shared = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), short)
    if short < _SHORT or not (one + other).isalpha():
        return shared == short and max(one, other, key=len)[short:] in ("s", "es")
    return shared >= short - (short > _SHORT) and long - shared <= _ENDING
