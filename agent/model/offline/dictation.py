"""Dictation: what a goal tells to be remembered in the user's own words, however many sentences that takes.

"Remember that the mill is in Ems. The bridge is in Bonn." are two things to be noted, "My name is Otto, remember it" is
one. Told from them is what only names a thing that is to be looked up first ("remember the date of the meeting").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from agent.model.offline.lexicon import QUESTION_ENGLISH
from agent.model.offline.manners import without_polite_words
from agent.model.offline.words import IDEOGRAPH, any_of

_THAT, _THAT_CHINESE = "Remember that ", "记住："
"""How a sub-goal begins that holds words to be noted."""
_ASKS = re.compile(rf"[?？]\s*$|[吗呢]\s*$|^\s*(?:{any_of(QUESTION_ENGLISH)})\b", re.IGNORECASE)
_CAN_YOU = re.compile(
    r"\s*(?:please[,\s]+)?(?:can|could|would|will)\s+you\b|\s*(?:请问?)?[你您](?:能|可以|能不能|可不可以)", re.I
)
_DEFINITE = re.compile(
    r"\s*(?:down\s+)?(?:the|its|their|his|her|which|what|who|whom|whose|when|where|how|why|whatever|all|every|any)\b|"
    r"\s*(?:最|其|它们?的|所有|每|各|那|这|下一?次|上一?次|下个|上个|哪|谁|什么|何)",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(
    r"\b(?:that|which|who|whom|whose|when|where|what|how|why)\b.*$|^\s*(?:最|其|这些?|那些?)?.*的(?=[^的]{1,8}$)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:am|is|are|was|were|be|has|have|had|will|would|can|could|may|must|should|shall|needs?|does|did|do|cannot)\b|"
    r"\b(?:opens?|closes?|starts?|begins?|ends?|meets?|leaves?|arrives?)\s+(?:at|on|in|from|around|every|after|before)\b|"
    r"\blives?\s+(?:in|at|on|with|near)\b|\b(?:costs?|weighs?)\s+\S*\d|\b(?:prefers|likes|loves|hates|wants|speaks|owns|"
    r"belongs|requires)\b|\b(?:I|we|you|they)\s+(?:prefer|like|love|hate|want|speak|own|need|live|work|use)\b|"
    r"\w['’](?:s|re|m|ll|ve|d)\b|\w+n['’]t\b|"
    r"是|等于|叫|喜欢|位于|需要",
    re.IGNORECASE,
)
_THING_CHINESE = re.compile(
    rf"[{IDEOGRAPH}\w\s]*(?:的[^的是叫]{{1,8}}|时间|日期|地点|决定|决议|期限|截止日|金额|价格|原因|数字|人数|名字|结论)\s*"
)
_VERB = (
    r"(?:remember|memori[sz]e|(?:make|take)\s+(?:a\s+)?note|note(?:\s+down)?|write\s+down|(?:keep|bear)\s+in\s+mind)"
)
_FORGET = r"(?:do\s+not|don['’]t|never)\s+forget"
_LATER = r"(?:\s+(?:please|for\s+(?:me|later|next\s+time|the\s+future|future\s+runs)))*"
_HEAD = re.compile(
    rf"(?P<verb>{_VERB}|{_FORGET}){_LATER}\s*(?P<that>(?:down\s+)?(?:(?:of\s+)?the\s+fact\s+)?that\b|(?:this\s*|the\s+following\s*)?[:：]|[,，])?\s*(?P<said>.+)$"
    r"|(?P<chinese>记住|牢记|记下来?|记一下|(?:别|不要|勿)忘[了记]?)(?:一下|这一?点|这件事)?\s*(?P<colon>[:：,，])?\s*(?P<words>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_TAIL_ENGLISH = (
    r"(?:(?:and|so|but|also|please|do)\s+)*(?:(?:remember|note|memori[sz]e|write\s+down|don['’]t\s+forget)\s+(?:it|that|"
    rf"this)|(?:keep|bear)\s+(?:it|that|this)\s+in\s+mind){_LATER}\W*"
)
_TAIL_CHINESE = (
    r"(?:请|你要|要|麻烦你?|帮我|都)*(?:记住|记下来?|记一下|牢记|(?:别|不要|勿)忘[了记]?)(?:它们?|这一?点|这个|这件事|一下|了|"
    r"吧|哦|啊|好)*[。！!.\s]*"
)
_ONLY_ASKS = re.compile(rf"\s*(?:{_TAIL_ENGLISH}|{_TAIL_CHINESE})", re.IGNORECASE)
_ASKS_BEHIND = re.compile(
    rf"(?P<said>.+?)(?:\s*[,;，；–—]\s*|\s+(?=and\b|please\b))(?:{_TAIL_ENGLISH}|{_TAIL_CHINESE})",
    re.IGNORECASE | re.DOTALL,
)
_POINTS_BACK = re.compile(
    r"\s*(?:she|he|it|they|her|his|its|their|this|that|these|those)\b|\s*[他她它这那其该此]", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"\s*(?:(?:the|an?|my|our|his|her|their|your|all|every|each)\s+)?"
    r"(?!(?:in|into|from|using|based|with|for|about|under|on|at|to|by|please|now|also|only|do|let)\b)[\w'’-]+\s+"
    r"(?!(?:the|an?|my|our|your|his|her|its|their|it|them|this|these|those|that|all|every|each|into|as|with|me|us)\b)"
    r"[\w'’-]+\s+\S",
    re.IGNORECASE,
)
"""Two words of which the first is no preposition and the second begins no object, so the first asks for nothing."""
_LASTS = re.compile(r"\bfrom\s+now\s+on\b|\balways\b|\bnever\b", re.IGNORECASE)
_A_NOUN = re.compile(r".{1,4}?[机员器师者室部店馆厂费][^，。,]{0,8}?(?:在|是|位于|叫|有|为|会|不|住|要|每|可)")
"""A thing or a person that is called by what is done with it: 打印机在五楼 does not ask to print."""
_NO_STATEMENT = re.compile(
    r"\s*(?:if|unless|whenever|then|after|next|finally|once|when|in\s+the\s+end|always|never|from\s+now)\b|"
    r"\s*(?:如果|假如|若|要是|一旦|除非|然后|接着|随后|之后|最后|再|完成后|以后|今后)",
    re.IGNORECASE,
)


def thing_named(behind: str) -> str:
    """What is only named behind "remember" and is to be looked up ("the date of the next meeting"); "" where something
    is said."""
    text = behind.strip(" .。!！")
    if re.match(rf"[{IDEOGRAPH}]", text):
        plain = re.sub(r"的[^的是叫]{1,8}$", "", text)
        return "" if _SAYS.search(plain) or not (_DEFINITE.match(text) or _THING_CHINESE.fullmatch(text)) else text
    if not _DEFINITE.match(text):
        return ""
    return "" if _SAYS.search(_QUALIFIED.sub("", text)) else text


def asks(sentence: str) -> bool:
    """Is it a question?"""
    return _ASKS.search(sentence) is not None


def is_dictation(text: str) -> bool:
    """Does a sub-goal hold words to be noted, and was put so by `taken_down`?"""
    return text.startswith((_THAT, _THAT_CHINESE))


def taken_down(sentences: Sequence[str], begins: Callable[[str], bool]) -> list[str]:
    """The sentences of a line, those to be noted each with "Remember that" before it.

    Args:
        sentences: As they stand there.
        begins: Does a verb begin a text, polite words already gone?
    """
    found: list[str] = []
    dictating = False
    for sentence in sentences:
        only_asks = _ONLY_ASKS.fullmatch(sentence) is not None
        said = "" if only_asks else _said(sentence, begins)
        if only_asks and found and _states(found[-1], begins):
            found[-1] = _asked(_plain(found[-1]))
            dictating = False
        elif said:
            found.append(_asked(said))
            dictating = True
        elif dictating and (_states(sentence, begins) or _may_state(sentence, begins)):
            _go_on(found, sentence)
        else:
            found.append(sentence)
            dictating = False
    return found


def _go_on(found: list[str], sentence: str) -> None:
    """Add a sentence to a dictation: to the note before where it points back to it, else as a note of its own."""
    if _POINTS_BACK.match(sentence):
        joint = "。" if re.match(rf"\s*[{IDEOGRAPH}]", sentence) else " " if found[-1].endswith((".", "!")) else ". "
        found[-1] += f"{joint}{sentence.strip()}"
    else:
        found.append(_asked(_plain(sentence)))


def _asked(said: str) -> str:
    return f"{_THAT_CHINESE if re.match(rf'[{IDEOGRAPH}]', said) else _THAT}{said}"


def _said(sentence: str, begins: Callable[[str], bool]) -> str:
    """The words that a sentence asks to be noted; "" where it asks for nothing of the kind."""
    if _CAN_YOU.match(sentence):
        sentence = re.sub(r"[吗呢]?[?？]\s*$", "", sentence)
    behind = _ASKS_BEHIND.fullmatch(sentence.strip())
    if behind is not None and _states(behind["said"], begins):
        return _plain(behind["said"])
    forgets = re.search(rf"{_FORGET}\s+that\b|(?:别|不要|勿)忘[了记]", sentence, re.IGNORECASE)
    head = (
        _HEAD.match(sentence, forgets.start()) if forgets and not sentence[: forgets.start()].strip(" 请,，") else None
    )
    head = head or _HEAD.match(without_polite_words(sentence))
    said = _plain(head["said"] or head["words"]) if head is not None else ""
    if head is None or re.search(r"[?？]\s*$", said):
        return ""
    if head["chinese"]:
        states = not begins(said) if head["colon"] else _states(said, begins) and not thing_named(said)
        return said if states and len(said) > 2 else ""
    if head["that"]:
        return "" if begins(said) and head["that"] in ",，" else said
    return said if _DEFINITE.match(said) and _states(said, begins) and not thing_named(said) else ""


def _states(sentence: str, begins: Callable[[str], bool]) -> bool:
    """Does a sentence only say something, and ask for nothing?"""
    plain = without_polite_words(sentence)
    asks = begins(plain) and _A_NOUN.match(plain) is None
    if not plain or asks or _ASKS.search(plain) or _NO_STATEMENT.match(plain):
        return False
    return _SAYS.search(plain) is not None or re.match(rf"[{IDEOGRAPH}]", plain) is not None


def _may_state(sentence: str, begins: Callable[[str], bool]) -> bool:
    """May a sentence behind a dictation go on with it, though its verb is not known ("Invoices go to the mill")?"""
    asking = _ASKS.search(sentence) or _NO_STATEMENT.match(sentence) or begins(without_polite_words(sentence))
    return not asking and _SUBJECT.match(sentence) is not None and not _LASTS.search(sentence)


def _plain(sentence: str) -> str:
    return sentence.strip().rstrip("。！!;；")
