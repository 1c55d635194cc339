"""Corrections: what the user says during a run that holds beyond it.

Most of what is said to an agent is about the work of the moment. Taken down is a sentence that says itself that it is
meant to last ("always", "from now on", "I prefer", 以后都, 记住), or that puts a thing right ("use X instead of Y"), in
the user's own words, and only where it says something without the sentences around it. How the user wants to be called
lasts as well; a wish of style that does not say how long it holds is taken to hold for the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.learning.remarks import only_tells
from agent.learning.style import is_name, is_style

MOST = 3
"""Notes that are made of one saying."""
LONGEST = 400
"""Characters of a sentence that is taken down; a longer one is a text, and no rule."""
_LEAST_CLAUSE = 3
"""Words of a clause: who, does, what."""

_SENTENCE = re.compile(r"[^.。!！?？;；\n]+(?:\.(?=\S)[^.。!！?？;；\n]*)*[.。!！?？;；]*")
_QUESTION = re.compile(r"[?？]\s*$|[吗呢么]\s*$")
_POLITE = r"(?:(?:please|and|so|but|also|ok(?:ay)?|no|oh|hey|then|well|now|besides)\b[,;:]?\s*)*"
_TO_YOU = r"(?:you\s+(?:should|must|can|need\s+to|have\s+to|may)\s+)?"
_NOW = re.compile(
    r"\b(?:this\s+time|for\s+now|just\s+(?:once|now)|right\s+now|today|at\s+the\s+moment|in\s+this\s+(?:run|case|step))\b"
    r"|这次|这一次|本次|这回|暂时|现在先|今天|刚才|此刻|目前先",
    re.IGNORECASE,
)
"""Words that say that it holds for now."""
_HERE = re.compile(
    r"\b(?:(?:in|for|of)\s+)?(?:this|the|our)\s+(?:project|repo(?:sitory)?|code\s?base|folder|workspace|package|team)\b"
    r"|这个?(?:项目|仓库|工程|文件夹|目录)|本(?:项目|仓库|工程)"
    r"|[\w.-]+/|\b[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4}\b",
    re.IGNORECASE,
)
"""Words that say that it holds for this project: that it is meant, or the name of a file."""
_THIS = re.compile(
    r"(?:这|那)个?(?!样|种|项目|仓库|工程|文件夹|目录)|\b(?:prefer|like)\s+(?:this|that|it(?!\s+when\b)|these|those)\b",
    re.IGNORECASE,
)
"""What only points at something that was said before."""
_ORDER = r"(?:first|second|third|fourth|fifth|last|latter|former|other)"
_CHOSEN = re.compile(
    rf"\bthe\s+{_ORDER}\b(?!\s+(?:person|name)\b)|\b(?:the|that|an?)\s+(?:[\w-]+\s+)?ones?\b"
    r"|第[一二三四五六七八九\d]+[个種种条版项份]|前者|后者|另一[个种]",
    re.IGNORECASE,
)
"""One of several that stand before the user now."""
_EACH = re.compile(
    r"\b(?:always|never|every|each|whenever|from\s+now\s+on)\b|每|总是|始终|一律|以后|今后|永远", re.IGNORECASE
)
"""Words that say that more than one choice is meant."""
_LIKED = re.compile(
    r"\b(?:prefer|favou?r)\s+(?:(?:the|your|an?)\s+(?:[\w-]+\s+){0,2})?"
    r"(?:option|choice|variant|version|answer|reply|response|draft|attempt|suggestion|proposal|idea|approach|result)\b"
    r"|\bprefer\s+(?:(?-i:[AB])\s*[.!]*$|(?:you|him|her|them|both|either|neither|yours|what)\b)"
    r"|(?:喜欢|偏好|倾向|习惯|讨厌)[^，,。]*(?:你|您|上面|下面|上一|前一|后一)[^，,。]{0,6}"
    r"(?:回答|答案|回复|方案|版本|版|建议|结果|主意|想法|写法|做法|选择|选项|草稿)[了吧啊呀哦啦]*[。！!]*$"
    r"|(?:喜欢|讨厌)(?:你|您|他|她|它|你的|您的)?[了吧啊呀哦啦]*[。！!]*$",
    re.IGNORECASE,
)
"""A liking for what was just said or made."""
_NO_VERBS = (
    "the|an?|my|your|his|her|its|our|their|this|that|these|those|it|he|she|they|we|you|i|me|us|them|there|here|what|who|"
    "which|how|when|where|why|in|on|at|of|to|for|from|with|by|as|like|so|too|and|or|but|if|not|no|more|less|enough|"
    "quite|just|only|even|still|almost|some|any|all|both|one|same|again|ever|wrong|right|bad|good|better|worse|best|"
    "worst|fine|late|slow|fast|true|false|nice|great|ok|okay|happy|sorry|ready|broken|empty|new|old|long|short|sure|"
    "is|are|was|were|am|has|had|does|did|been|done|gone|seen|said|saw|got|told|knew|went|came|made|gave|wrote|took|"
    "thought|heard|found|felt|meant|lost|would|will|could|can|may|might|should|must"
)
_VERB = (
    rf"(?!(?:{_NO_VERBS})\b)"
    r"(?!(?!(?:br|str|sw|cl|spr|w)?ing\b|bring\b|sing\b|string\b|ping\b)\w+ing\b)"
    r"(?!(?!(?:need|feed|speed|embed|exceed|proceed|shred|seed|weed|heed|add)\b)\w+ed\b)"
    r"(?!(?!(?:apply|reply|comply|rely|supply|multiply|fly)\b)\w+ly\b)"
    r"(?!(?!\w*(?:ss|cus|vas|bias|alias)\b)\w+s\b)[a-z][\w-]*"
)
"""What may be a verb that asks for something: no word that is never one, and no form that tells instead."""
_FIRMLY = r"(?:,?\s+(?:ever|again|please|also|first|carefully|explicitly|automatically|directly))*"
_ONWARDS = r"(?:from\s+now\s+on|going\s+forward|from\s+here\s+on)"
_MODAL = r"\b(?:must|should|shall|(?:have|has|need|needs|want|wants)\s+to|want|expect|please|let['’]s)\b"
_ASKS = (
    rf"{_POLITE}{_TO_YOU}(?:(?:do\s+not|don['’]t|always|never|only|just|first|we|you)\s+(?:ever\s+)?)*"
    rf"{_VERB}\b(?!\s+(?:will|is|are|was|were|has|have|had|can|could|would)\b)"
)
"""A clause that asks for something: a verb leads it, and no subject."""
_WANTED = (
    r"(?:only|no|all|every\w*|nothing\s+but|without|with|in|more|less|fewer|short\w*|longer)\b"
    r"(?!.*\b(?:is|are|was|were|has|have|had|will|can|could|does|do|did|works?|goes|gets?|got|fails?|runs?|costs?|opens?)\b)"
)
"""The same without any verb: "no tables", "all answers in French"."""
_PREFERENCES = re.compile(
    rf"^\s*{_POLITE}(?:(?:in|for)\s+(?:this|our|the)\s+\w+,?\s+)?{_TO_YOU}(?:always{_FIRMLY}\s+|never{_FIRMLY}\s+(?!mind\b))"
    rf"{_VERB}"
    rf"|^\s*{_POLITE}(?:do\s+not|don['’]t)\s+ever\s+{_VERB}"
    rf"|^\s*{_POLITE}{_ONWARDS}[,:]?\s*(?:{_ASKS}|{_POLITE}{_WANTED})"
    rf"|^\s*{_ASKS}[^,;]*\b{_ONWARDS}|^(?=.*{_MODAL})(?=.*\b{_ONWARDS}\b)"
    rf"|^\s*{_POLITE}(?:next\s+time|in\s+(?:the\s+)?future),?\s*{_ASKS}"
    rf"|^\s*{_POLITE}(?:next\s+time|in\s+(?:the\s+)?future|every\s+time|whenever)\b[^.,]*(?:,\s*{_ASKS}"
    rf"|\bplease\s+{_ASKS}|\b(?:you|we)\s+(?:should|must|need\s+to|have\s+to)\b)"
    r"|\bI\s+(?:\w+ly\s+|always\s+)?(?:prefer|favou?r)\b"
    r"|\bmy\s+(?:preferred|preferences?)\b[^.,]*?(?:\s(?:is|are)(?=\s)|[:：])"
    r"|\bI\s+(?:really\s+)?(?:hate|dislike|like|love)\s+(?:it\s+)?when\b"
    r"|(?:以后|今后|往后|从现在(?:开始|起)|从今(?:以后|往后|天起)|下次|下一次|从今起|以后每次)[，,]?"
    r"(?:都|请|要|不|别|一律|一定|统一|务必|就|用|写|只|记得|先)"
    r"|每次(?:[^，,。]{1,10}?(?:[前后时候完]|(?=都)))?[，,]?都?(?:[请先别]|不要|一律|一定|统一|务必|记得|必须|应该|要|[用写]|给(?!我?(?:报|弹|出错|搞|弄)))"
    r"|(?:以后|今后|从现在(?:开始|起))[^，。,]{1,10}都(?:要|用|请|得|不要|别)"
    r"|(?:永远|绝|千万|再也|以后)(?:都)?不要|(?:(?<![你您它他她])(?:总是|始终)|一律|一定)要?[用写先按以把给]|不要再|别再"
    r"|我(?:一直|一般|通常|平时)?(?:更|比较)?(?:喜欢|偏好|习惯|倾向)|我最?(?:不?喜欢|讨厌)",
    re.IGNORECASE,
)
_FACTS = re.compile(
    rf"^\s*{_POLITE}{_TO_YOU}(?:use|take|write|call|say|choose|run|read|put)\b.+?(?:\binstead\s+of\b|\brather\s+than\b|,\s*not\b)"
    rf"|^\s*{_POLITE}(?:do\s+not|don['’]t)\s+use\b.+?[,;:]\s*(?:but\s+)?use\b"
    r"|(?<![\w'’])(?!(?:that|this|it|you|he|she|they|we|i|these|those|there|here|what|which|who)\b)[\w'’-]+\s+"
    r"(?:is|are|was|were|means?|lives?|stands?)\b"
    r"(?!\s+(?:\w+\s+)?(?:wrong|right|correct|incorrect|fine|ok|okay|good|bad|better|worse)\b)[^,]*,\s*not\b"
    r"|^\s*(?:不要|别)用.+?(?:而是|改用|要用|应该用|请用|[，,]\s*用)|用.+?(?:而不是|而不要|代替|替代|取代)|(?:改|换)(?:用|成).+?(?:不要|别)"
    r"|应该?是.+?[，,]?(?:而)?不是|不是.+?[，,]?而?(?:应该)?是",
    re.IGNORECASE,
)
"""A thing put right: what holds is a fact, of this project."""
_ASKED = re.compile(
    rf"^\s*{_POLITE}(?:remember|keep\s+in\s+mind|bear\s+in\s+mind|note\s+for\s+(?:later|the\s+future)|don['’]t\s+forget)\b\s*"
    r"(?:(?P<that>that\b|this\b)|to\b(?=\s+(?:always|never)\b))?\s*(?P<colon>[:：])?,?\s*(?P<english>.+)"
    r"|^\s*(?:请|你要|你得)?(?:记住|记得|牢记|别忘了|不要忘记|请注意以后)\s*[：:，,]?\s*(?P<chinese>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|means?|needs?|must|should|lives?|wants?|prefers?|likes?|hates?|loves?|uses?|can|"
    r"cannot|will|owns?|works?|runs?|stands?|belongs?|starts?|ends?|opens?|closes?|costs?|expires?|speaks?|requires?|"
    r"contains?|supports?|do(?:es)?|(?:do|does|is|are|ca|wo)n['’]t|I['’]m|we['’]re)\b",
    re.IGNORECASE,
)
"""A verb that tells: without one, what is to be remembered is a thing ("the milk"), and no fact."""
_POINTING = re.compile(
    rf"^\s*{_POLITE}(?:(?:from\s+now\s+on|going\s+forward|from\s+here\s+on),?\s+)?(?:(?:that|this|these|those)(?!\s+"
    r"(?:project|repo(?:sitory)?|code\s?base|folder|workspace|package|team)\b)|it|he|she|they|there|here|"
    r"you(?!\s+(?:should|must|can|need|have|may)\b))\b"
    r"|^\s*(?:[你您他她它](?!的|要|应该?用|必须|得|需要|可以|以后|今后|下次|每次|一定|一律|不要|别)|我应该?是)",
    re.IGNORECASE,
)
"""A subject that only stands for what was spoken of."""
_GENERAL = re.compile(r"^\s*(?:请)?不要(?!紧|是|脸|说了|了\s*$)(?!.*(?:它|他|她|刚|现在|上面|下面)).+")
"""A Chinese sentence that forbids something, and not this one thing."""
_MINE = re.compile(r"\b(?:I|me|my|mine|myself)\b|我|咱", re.IGNORECASE)
_OURS = re.compile(r"The goal was changed\.|call \S+ with these arguments instead: ")
"""How sayings begin that thinkact words for the user."""
_EMPTY = frozenset(
    [
        "always",
        "never",
        "ever",
        "again",
        "please",
        "remember",
        "forget",
        "mind",
        "keep",
        "bear",
        "prefer",
        "like",
        "hate",
        "use",
        "do",
        "it",
        "that",
        "this",
        "so",
        "now",
        "future",
        "time",
        "next",
        "from",
        "going",
        "forward",
        "thing",
        "way",
        "you",
        "should",
        "must",
        "instead",
        "rather",
    ]
)
"""Words of a sentence that say how long it holds, and not what."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of the user's that holds beyond the run. `everywhere`: whatever the project is."""

    text: str
    kind: Literal["preference", "fact"]
    everywhere: bool


def lasting(text: str) -> list[Saying]:
    """What of the user's words holds beyond the run."""
    if _OURS.match(text):
        return []
    found = (_saying(sentence) for sentence in _sentences(text))
    return [one for one in found if one is not None][:MOST]


def _sentences(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(text):
        sentence = " ".join(match.group().split())
        if sentence and len(sentence) <= LONGEST:
            yield sentence


def _saying(sentence: str) -> Saying | None:
    if any(one.search(sentence) for one in (_QUESTION, _NOW, _THIS)) or only_tells(sentence):
        return None
    asked = _ASKED.match(sentence)
    said = (asked["english"] or asked["chinese"] or "").strip() if asked else sentence
    if not _says_something(said) or _POINTING.search(said):
        return None
    if _is_chosen(said) if asked is None else asked["english"] and not _is_whole(asked):
        return None
    here = _HERE.search(sentence) is not None
    if asked is not None:
        mine = _PREFERENCES.search(said) is not None or _MINE.search(said) is not None
        return _as_preference(said, here=here) if mine else Saying(said, "fact", everywhere=False)
    if _FACTS.search(sentence):
        always = _PREFERENCES.search(sentence) is not None
        return _as_preference(sentence, here=here) if always else Saying(sentence, "fact", everywhere=False)
    if _PREFERENCES.search(sentence):
        return _as_preference(sentence, here=here)
    if is_name(sentence):
        return _as_preference(sentence, here=here)
    if _GENERAL.match(sentence) or is_style(sentence):
        return Saying(sentence, "preference", everywhere=False)
    return None


def _is_chosen(text: str) -> bool:
    """Is it only one of several things that is chosen now, or praise for what was just made?"""
    if _LIKED.search(text):
        return True
    return _CHOSEN.search(text) is not None and _EACH.search(text) is None


def _is_whole(asked: re.Match[str]) -> bool:
    """Does what is to be remembered say something of something?"""
    said = asked["english"]
    if asked["colon"] or _PREFERENCES.search(said):
        return True
    if re.match(r"to\b", said, re.IGNORECASE):
        return False  # a thing to be done, once
    if _CLAUSE.search(said):
        return True
    return asked["that"] is not None and len(said.split()) >= _LEAST_CLAUSE


def _as_preference(text: str, *, here: bool) -> Saying:
    return Saying(text, "preference", everywhere=not here)


def _says_something(text: str) -> bool:
    """Is there something in it beside what only points elsewhere ("never do that again")?"""
    return len(telling_words(text)) >= 1 if text.isascii() else len("".join(telling_words(text))) >= 2


def telling_words(text: str) -> Sequence[str]:
    """The words of a text that say what it is about, as `memory.embedding.words` gives them."""
    from memory.embedding import COMMON, words

    return [word for word in dict.fromkeys(words(text)) if word not in COMMON and word not in _EMPTY]
