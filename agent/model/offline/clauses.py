"""From a goal's words to its sub-goals: lists, sentences, and parts joined by "and", "then", 并, 然后.

A part is split off only where a verb begins it, so that "a and b" and "read the risks and chances" stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.model.offline.crediting import without_credits
from agent.model.offline.dictation import is_dictation, taken_down
from agent.model.offline.lasting import wishes
from agent.model.offline.lexicon import QUESTION_CHINESE, QUESTION_ENGLISH
from agent.model.offline.manners import without_polite_words
from agent.model.offline.marks import BLANK, Marked, mark
from agent.model.offline.openings import only_opens, opening_end
from agent.model.offline.passives import active
from agent.model.offline.stops import sentence_ends, without_signs
from agent.model.offline.verbs import Verbs
from agent.model.offline.words import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sub-goal as the user wrote it, without the polite words before it.

    `negated`: it says what must not be done. `conditional`: it hangs on a condition, which rules cannot weigh. `chain`:
    those of one number follow each other: the parts of a sentence, the items of a numbered list, and what a sentence
    that begins with "then" adds. `wish`: it says how things are to be done from now on, and asks for nothing now.
    """

    text: str
    chain: int = 0
    negated: bool = False
    conditional: bool = False
    wish: bool = False


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


_LIST_SIGN = re.compile(
    r"^\s*(?:[-*•·‣▪–]\s+|\(?\d{1,3}[.)、）]\s*(?!\d)|（\d{1,2}）|[①-⑳]|[（(]?[一二三四五六七八九十]{1,3}[）)、.]\s*|"
    r"第[一二三四五六七八九十\d]{1,3}步?[:：，,、]?\s*|(?:step|task|goal)\s*\d+\s*[:.)\-]\s*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^\s*(?:\(?\d{1,3}[.)、）]|（\d{1,2}）|[①-⑳]|[（(]?[一二三四五六七八九十]{1,3}[）)、.]|第[一二三四五六七八九十\d]{1,3}步|step\s*\d)",
    re.IGNORECASE | re.MULTILINE,
)
_JOINT = re.compile(
    r"(?P<strong>[,，;；、]?\s*(?:\b(?:and then|then|after that|afterwards|and finally|finally|and also)\b|"
    r"然后|接着|随后|之后再?|(?<!的)最后(?![一二两三四五六七八九十几\d]|的))[,，]?\s*)"
    r"|(?P<after>\s*,?\s*\bafter\s+(?=\w{3,}ing\b))"
    r"|(?P<without>,?\s*\bwithout\s+(?=\w+ing\b))"
    r"|(?P<weak>\s*[,，、](?:\s*(?:and|but|also|plus|或|并且?|再|且|而且|但是?|不过|同时|以及|和|也)\b)?\s*|"
    r"\s*(?:\b(?:and|but|plus)\b|&)\s+|(?<![合兼归吞])并(?![行列发购非排])且?|(?<=[^一不])再(?![生次见])|和|以及|但是?|同时|且)",
    re.IGNORECASE,
)
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


def clauses(text: str, verbs: Verbs, *, wishing: bool = False) -> list[Clause]:
    """Split a goal, or words of feedback, into its sub-goals, in order; with `wishing` lasting wishes are told from
    what forbids something."""
    found: list[Clause] = []
    chain = 0
    numbered = len(_NUMBERED.findall(text)) > 1 or bool(re.match(r"\s*1[.)、].*\s2[.)、]", text, re.DOTALL))
    every = [sentence for line in _lines(text, verbs) for sentence in _sentences(line, verbs)]
    lasting = wishes(every) if wishing else frozenset()
    for sentence in every:
        if not numbered and not _FOLLOWS.match(sentence):
            chain += 1
        if sentence in lasting:
            found.append(Clause(text=without_signs(sentence), chain=chain, wish=True))
        else:
            found.extend(replace(one, chain=chain) for one in _sentence(sentence, verbs))
    return found


def _sentences(line: str, verbs: Verbs) -> list[str]:
    masked = mark(line).masked
    cut = [line[begin:end] for begin, end in _cut(masked, sentence_ends(masked, verbs.begins))]
    return taken_down(cut, verbs.begins)


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
    if _CONDITION.search(text) and not is_dictation(text):
        yield Clause(text=text, conditional=True)
        return
    text = text if _takes_words(mark(text).masked) else without_credits(text)
    marked = mark(text)
    masked = marked.masked
    careful = _takes_words(masked)
    begin, negative, before, late = 0, False, "", ""
    for joint in _JOINT.finditer(masked):
        rest = masked[joint.end() : joint.end() + 200]
        part = without_polite_words(masked[begin : joint.start()])
        if joint.start() <= begin or only_opens(part, verbs.begins) or not _splits(joint, rest, verbs, careful=careful):
            continue
        if _CREATES.fullmatch(part) and _fills(marked, joint.end()):
            continue
        part = text[begin : joint.start()]
        if joint["after"] is not None:
            late = part  # "save it after reading a.md": the reading goes first
        else:
            yield from _clause(part, verbs, negative=negative, before=before)
            yield from _clause(late, verbs, negative=False, before="")
            late = ""
        before = part
        begin, negative = joint.end(), joint["without"] is not None
        careful = _takes_words(without_polite_words(masked[begin:]))
    yield from _clause(text[begin:], verbs, negative=negative, before=before)
    yield from _clause(late, verbs, negative=False, before="")


_CREATES = re.compile(
    rf"(?:in(?:side)? [^,，]{{1,40}}?,?\s+)?(?:create|make|start|open|add)\s+(?:(?:a|the|new|empty|file|called|named|"
    rf"document|text)\s+)*{BLANK}+|"
    r"(?:在[^,，]{1,40}?(?:里面?|中|下面?|内|目录|文件夹)\s*)?(?:新建|创建|建立?|生成)\s*"
    rf"(?:一个|新的?|文件|文档|名为|叫)*\s*{BLANK}+\s*(?:文件|文档)?",
    re.IGNORECASE,
)
"""The creation of a file of which nothing is said; what is to be in it may come next."""


def _fills(marked: Marked, begin: int) -> bool:
    """Does a part say, and say nothing else, which words are to be written: 写入“你好”, "write 'hi' into it"?"""
    end = re.search(r"[,，;；。]|\b(?:then|and)\b|然后|再|并|$", marked.masked[begin:])
    until = begin + (end.start() if end is not None else 0)
    head = without_polite_words(marked.masked[begin:until])
    kinds = {one.kind for one in marked.marks if begin <= one.start < until}
    writes = re.match(r"(?:write|put|add)\b|(?:在其?[里中]面?)?(?:写|填|加)", head, re.IGNORECASE)
    return kinds == {"quote"} and writes is not None


def _takes_words(masked: str) -> bool:
    """Does the part take free words behind it (a fact to remember, a question), which may hold "and" and verbs?"""
    head = masked.casefold()
    if re.match(r"(?:remember|note|keep in mind|memori[sz]e)\b(?! to\b| the| it\b| them\b| this\b)|记[住下得]", head):
        return True
    first = re.match(r"[a-z]+", head)
    return (first is not None and first.group() in QUESTION_ENGLISH - {"do", "does", "did"}) or head.endswith("?")


_THE_RESULT = re.compile(
    r"(?:搜索|查找|翻译|最终|最后|所有|全部|这些|得到|它|其|的)*"
    r"(?:结果|答案|回答|总结|摘要|概述|要点|报告|简报|译文|列表|清单|结论|名单|数据|它们?|其|全部|分别|各自|内容)"
    r"(?:都|也|则|请|要|应当?|需要?|一起|一并|分别|统一|另外|直接)*"
    r"(?=写[入到进回]|存|保存|另存|放[入到进在]|输出|导出|记录到|汇总[到成为]|追加到?)"
)
"""What was found, before a verb that puts it somewhere: 结果写入 out.md. It begins a sub-goal as the verb would."""


def _splits(joint: re.Match[str], rest: str, verbs: Verbs, *, careful: bool) -> bool:
    """Does a sub-goal of its own begin behind this joint?"""
    if joint["without"] is not None:
        return True
    head = without_polite_words(rest)
    negated = _NEGATION.match(head)
    behind = head[negated.end() :] if negated else head
    if re.match(r"写[上着]|内容[为是：:]", behind):
        return False  # 新建文件 a.txt，写上 …: what is to be in it
    end = opening_end(behind, verbs.begins)
    verb = (
        verbs.begins(behind)
        or BLANK in behind[:end]
        or _THE_RESULT.match(behind) is not None
        or (negated is not None and _PLACE.match(_NOT.sub("", head)) is not None)
        or bool(
            (next_object := _OBJECT_NEXT.match(behind))
            and next_object["verb"].casefold() not in _NO_VERB
            and not next_object["verb"].casefold().endswith("ly")
        )
    )
    if careful and re.match(
        r"(?:recall|remember|tell me|answer|记住|回忆|告诉我|回答)(?![a-z])", behind, re.IGNORECASE
    ):
        return True
    if careful and joint["strong"] is not None and joint.group().lstrip()[:1] in (*",，;；",):
        return verb
    if careful:
        return verb and BLANK in re.split(r"[,，]|\band\b", behind, maxsplit=1)[0]
    return joint["strong"] is not None or verb


_NOT = re.compile(r"^(?:not|don't|do not|不要|别|不)\s*", re.IGNORECASE)
_PLACE = re.compile(rf"(?:(?:to|into|in|from|as|the|file|folder|在|到|从|对|用)\s*)+{BLANK}", re.IGNORECASE)
"""A place without a verb: "but not to b.md"; a file with nothing before it is only left out."""


def _clause(part: str, verbs: Verbs, *, negative: bool, before: str) -> Iterator[Clause]:
    text = active(without_signs(without_polite_words(part)))
    if not text:
        return
    found = _NEGATION.match(text)
    if found is not None and text[found.end() :].strip():
        yield Clause(text=_verb_first(text[found.end() :].strip(), before, verbs), negated=True)
    else:
        yield Clause(text=text, negated=negative)


_INCLUDES = re.compile(r"^(?:includ(?:e|ing)|consider|count in|算上|包括|包含)\s*", re.IGNORECASE)


def _verb_first(text: str, before: str, verbs: Verbs) -> str:
    """What is forbidden with its verb at the head: that behind an opening (在 b.md 里找), or the one of the part before
    where it has none ("summarise a.md, but not b.md")."""
    text = _INCLUDES.sub("", text)
    masked = mark(text).masked
    end = opening_end(masked, verbs.begins)
    if end:
        return f"{text[end:]} {text[:end]}"
    if verbs.begins(masked) or not (masked.startswith(BLANK) or _PLACE.match(masked)):
        return text
    plain = without_polite_words(before)
    masked = mark(plain).masked
    start = opening_end(masked, verbs.begins)
    size = verbs.length(masked[start:])
    verb = plain[start : start + size] if size and not plain[start].isascii() else plain[start:].split(" ")[0]
    return f"{verb} {text}"


def is_question(text: str) -> bool:
    """Does a sub-goal ask something?"""
    masked = mark(text).masked
    words = masked.casefold().split()
    if masked.rstrip().endswith(("?", "？")):
        return True
    if words and words[0].strip(",") in QUESTION_ENGLISH:
        return True
    return any(word in masked for word in QUESTION_CHINESE if len(word) > 1)
