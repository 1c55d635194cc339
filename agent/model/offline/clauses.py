"""From a goal's words to its sub-goals: lists, sentences, and parts joined by "and", "then", 并, 然后.

A part is split off only where a verb begins it, so that "a and b" and "read the risks and chances" stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.model.offline.lexicon import (
    ANSWERS_CHINESE,
    ANSWERS_ENGLISH,
    CONCEPTS,
    OTHER_CHINESE,
    OTHER_ENGLISH,
    QUESTION_CHINESE,
    QUESTION_ENGLISH,
)
from agent.model.offline.marks import BLANK, mark
from agent.model.offline.words import IDEOGRAPH, stem, stems, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sub-goal as the user wrote it, without the polite words before it.

    `negated`: it says what must not be done. `conditional`: it hangs on a condition, which rules cannot weigh. `chain`:
    those of one number follow each other: the parts of a sentence, the items of a numbered list, and what a sentence
    that begins with "then" adds.
    """

    text: str
    chain: int = 0
    negated: bool = False
    conditional: bool = False


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


_POLITE_ENGLISH = re.compile(
    r"(?:please|kindly|now|then|next|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|lastly|also|and|but|afterwards?|just|"
    r"after that|before that|so|ok(?:ay)?|hi|hello|hey|(?:can|could|would|will) you(?: please)?|"
    r"i(?:'d| would)? (?:want|like|need) (?:you )?to|i want you to|you (?:should|must|have to|need to)|"
    r"(?:your|the|my) (?:task|goal|job|aim) is to|let's|let us|help me(?: to)?|make sure (?:to|that you)|be sure to|"
    r"try to|remember to|(?:do not|don't|never) forget to|go and|go ahead and|to|quickly|carefully|briefly|shortly|"
    r"thoroughly|immediately|for me|(?:after|by)(?= \w+ing\b)|"
    r"when (?:you are |you're )?(?:done|finished|ready)|once (?:you are |you're )?(?:done|finished)|"
    r"in the end|at the end|in addition|only|simply)\b[,:\s]*",
    re.IGNORECASE,
)
_POLITE_CHINESE = re.compile(
    r"(?:请你?|麻烦你?|帮我|帮忙|劳驾|替我|你(?:要|需要|应该|应当|可以|能不能|能否|能)|我(?:想|希望|要|需要)(?:让你|请你|你)?|首先|先|接着|"
    r"然后|随后|之后|最后|其次|同时|并且|并(?!行)|再(?!生|次)|另外|此外|也(?!许)|还要?|务必|(?:不要|别)忘[了记]|尽量|仔细地?|认真地?|快速地?|"
    r"简要地?|简单地?|完成后|好了?|那么|只(?!要)|仅|给我(?=[读写总列看搜查找概讲说介])|为我|以及|而且|且)[，,：:\s]*"
)
_NEGATION = re.compile(
    r"(?:do not|don't|dont|don’t|never|avoid|must not|mustn't|should not|shouldn't|you may not|no need to|"
    r"without|not to|"
    r"refrain from|leave out|skip|not)\b\s*(?:(?:ever|you|to)\b)?\s*|"
    r"(?:不要|不得|不可以?|不能|不许|不必|不用|别|请勿|切勿|勿|禁止|严禁|无需|无须|避免|不)(?:再|去)?\s*",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:if|unless|whenever|in case|in the event|provided|should there)\b|"
    r"^when (?!done|finished|ready|you|did|do|does|will|is|was|were|are|has|have|had|can|should|would)|"
    r"\bonly (?:if|when)\b|\b(?:unless|, if)\b|^(?:如果|假如|若是?|倘若|要是|一旦|除非|万一)|只有.*才",
    re.IGNORECASE,
)


def without_polite_words(text: str) -> str:
    """A text from where its matter begins: "Please, could you read …" from "read" on."""
    rest = text.strip(" \t,，:：、-–—*")
    while True:
        found = _POLITE_ENGLISH.match(rest) or _POLITE_CHINESE.match(rest)
        if found is None or not found.group().strip() or not rest[found.end() :].strip(" ,，.。!！"):
            return rest
        rest = rest[found.end() :].lstrip(" \t,，:：、")


_LIST_SIGN = re.compile(
    r"^\s*(?:[-*•·‣▪–]\s+|\(?\d{1,3}[.)、）]\s*(?!\d)|（\d{1,2}）|[①-⑳]|[（(]?[一二三四五六七八九十]{1,3}[）)、.]\s*|"
    r"第[一二三四五六七八九十\d]{1,3}步?[:：，,、]?\s*|(?:step|task|goal)\s*\d+\s*[:.)\-]\s*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^\s*(?:\(?\d{1,3}[.)、）]|（\d{1,2}）|[①-⑳]|[（(]?[一二三四五六七八九十]{1,3}[）)、.]|第[一二三四五六七八九十\d]{1,3}步|step\s*\d)",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE = re.compile(r"(?<=[.!?])(?:\s+|$)|(?<=[。！？])|(?<!\btl)(?<!\bTL)[;；]+")
_JOINT = re.compile(
    r"(?P<strong>[,，;；、]?\s*(?:\b(?:and then|then|after that|afterwards|and finally|finally|and also)\b|"
    r"然后|接着|随后|之后再?|最后)[,，]?\s*)"
    r"|(?P<without>,?\s*\bwithout\s+(?=\w+ing\b))"
    r"|(?P<weak>\s*[,，、](?:\s*(?:and|but|also|plus|或|并且?|再|且|而且|但是?|不过|同时|以及|和|也)\b)?\s*|"
    r"\s*(?:\b(?:and|but|plus)\b|&)\s+|(?<![合兼归吞])并(?![行列发购非排])且?|(?<=[^一不])再(?![生次见])|和|以及|但是?|同时|且)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    rf"(?:in|from|using|based on|on the basis of|according to|with|for|about|on)\b[^,，]*$|"
    rf"(?:根据|基于|从|在|用|按照|参考|关于|对于?|针对|为)[^，,]*[{BLANK}里中内下上容据目录夹]\s*$",
    re.IGNORECASE,
)
"""Words before the verb that only say where to look: they stay with the part behind them."""
_OBJECT_NEXT = re.compile(
    rf"^(?P<verb>[A-Za-z]{{3,}})\s+(?:{BLANK}|(?:the|it|them|a|an|its|this|these|all|every|each|my|your|our|both)\b)"
)
_NO_VERB = words_of(
    """including excluding with for plus except regarding covering focusing concerning about from into over
    under using the and but not especially particularly mainly mostly only also both all each every any
    some keep keeping being having like unlike than within without against between among through during
    that which who whose where when while because since until"""
)


_FOLLOWS = re.compile(
    r"^\s*(?:(?:and|but)\s+)?(?:then|after(?:wards?| that| this)|next|finally|lastly|once|in the end|"
    r"when (?:done|finished))\b|"
    r"^\s*(?:然后|接着|随后|之后|最后|再|完成后)",
    re.IGNORECASE,
)


def clauses(text: str, verbs: Verbs) -> list[Clause]:
    """Split a goal, or words of feedback, into its sub-goals, in order."""
    found: list[Clause] = []
    chain = 0
    numbered = len(_NUMBERED.findall(text)) > 1 or bool(re.match(r"\s*1[.)、].*\s2[.)、]", text, re.DOTALL))
    for line in _lines(text, verbs):
        masked = mark(line).masked
        for begin, end in _cut(masked, _SENTENCE.finditer(masked)):
            if not numbered and not _FOLLOWS.match(line[begin:end]):
                chain += 1
            found.extend(replace(one, chain=chain) for one in _sentence(line[begin:end], verbs))
    return found


def _lines(text: str, verbs: Verbs) -> Iterator[str]:
    """The lines of a text without signs of lists; a line that only goes on with the one before is joined to it, and
    a line that only announces a list is left out."""
    joined = ""
    if re.match(r"\s*1[.)、]\s*\D", text):  # a numbered list in one line
        text = re.sub(r"(?<=\S)\s+(?=(?:[2-9]|1\d)[.)、]\s*\D)", "\n", text)
    for raw in text.replace("\r\n", "\n").split("\n"):
        if not raw.strip():
            if joined:
                yield joined
            joined = ""
            continue
        sign = _LIST_SIGN.match(raw)
        line = raw[sign.end() :].strip() if sign else raw.strip()
        goes_on = (
            joined
            and sign is None
            and not joined.endswith((".", "!", "?", "。", "！", "？", ";", "；", ":", "："))
            and (joined.endswith((",", "，", "、")) or (line[:1].islower() and not verbs.begins(line)))
        )
        if goes_on:
            joined = f"{joined} {line}"
            continue
        if joined and not (sign is not None and joined.endswith((":", "：")) and not mark(joined).marks):
            yield joined
        joined = line
    if joined:
        yield joined


def _cut(text: str, joints: Iterator[re.Match[str]]) -> Iterator[tuple[int, int]]:
    begin = 0
    for joint in joints:
        if text[begin : joint.start()].strip(" .,;。；，!?！？"):
            yield begin, joint.start()
        begin = joint.end()
    if text[begin:].strip(" .,;。；，!?！？"):
        yield begin, len(text)


def _sentence(sentence: str, verbs: Verbs) -> Iterator[Clause]:
    text = without_polite_words(sentence)
    if _CONDITION.search(text):
        yield Clause(text=text, conditional=True)
        return
    masked = mark(text).masked
    careful = _takes_words(masked)
    begin, negative = 0, False
    for joint in _JOINT.finditer(masked):
        rest = masked[joint.end() : joint.end() + 200]
        opening = _OPENING.match(without_polite_words(masked[begin : joint.start()]))
        if joint.start() <= begin or opening or not _splits(joint, rest, verbs, careful=careful):
            continue
        yield from _clause(text[begin : joint.start()], negative=negative)
        begin, negative = joint.end(), joint["without"] is not None
        careful = _takes_words(without_polite_words(masked[begin:]))
    yield from _clause(text[begin:], negative=negative)


def _takes_words(masked: str) -> bool:
    """Does the part take free words behind it (a fact to remember, a question), which may hold "and" and verbs?"""
    head = masked.casefold()
    if re.match(r"(?:remember|note|keep in mind|memori[sz]e)\b(?! to\b| the| it\b| them\b| this\b)|记[住下得]", head):
        return True
    first = re.match(r"[a-z]+", head)
    return (first is not None and first.group() in QUESTION_ENGLISH - {"do", "does", "did"}) or head.endswith("?")


def _splits(joint: re.Match[str], rest: str, verbs: Verbs, *, careful: bool) -> bool:
    """Does a sub-goal of its own begin behind this joint?"""
    if joint["without"] is not None:
        return True
    head = without_polite_words(rest)
    negated = _NEGATION.match(head)
    behind = head[negated.end() :] if negated else head
    if re.match(r"写[上着]|内容[为是：:]", behind):
        return False  # 新建文件 a.txt，写上 …: what is to be in it
    verb = verbs.begins(behind) or bool(
        (next_object := _OBJECT_NEXT.match(behind))
        and next_object["verb"].casefold() not in _NO_VERB
        and not next_object["verb"].casefold().endswith("ly")
    )
    if careful and re.match(r"(?:recall|remember|tell me|answer|记住|回忆|告诉我|回答)", behind, re.IGNORECASE):
        return True
    if careful:
        return verb and BLANK in re.split(r"[,，]|\band\b", behind, maxsplit=1)[0]
    return joint["strong"] is not None or verb


def _clause(part: str, *, negative: bool) -> Iterator[Clause]:
    text = without_polite_words(part).strip(" \t,，、.。!！:：")
    if not text:
        return
    found = _NEGATION.match(text)
    if found is not None and text[found.end() :].strip():
        yield Clause(text=text[found.end() :].strip(), negated=True)
    else:
        yield Clause(text=text, negated=negative)


def is_question(text: str) -> bool:
    """Does a sub-goal ask something?"""
    masked = mark(text).masked
    words = masked.casefold().split()
    if masked.rstrip().endswith(("?", "？")):
        return True
    if words and words[0].strip(",") in QUESTION_ENGLISH:
        return True
    return any(word in masked for word in QUESTION_CHINESE if len(word) > 1)
