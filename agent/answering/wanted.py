"""What a question wants: its words, and the kind of answer: a number, a date, somebody."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from agent.model.offline.questions import Question, question_of
from agent.model.offline.words import IDEOGRAPH, terms

_WHO = re.compile(r"\b(?:who|whom|whose)\b|谁|哪位|哪家|何人", re.IGNORECASE)
_NAME = re.compile(rf"(?<![.!?] )(?<!^)\b[A-Z][\w'’-]+|[{IDEOGRAPH}]{{2,}}|\b(?:I|we|he|she|they)\b|^[A-Z]\w+ [A-Z]\w+")
_ONLY_ASKING = re.compile(
    r"\bhow (?:tall|high|deep|wide|big|large|heavy|fast|old|hot|cold|thick|soon|late|early|far|long|often|many|much)\b|"
    r"\b(?:at|on|to|from|for|in|by) (?:which|what)\b|\b(?:which|what) (?:date|day|kind of|sort of)\b|"
    r"\b(?:include[sd]?|consists?|exists?)\b|"
    r"哪[家个位些种]?(?:公司|单位|部门|机构|人)|从?哪里来|哪里|多长时间|长时间|要?多少钱?",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:多少|几)([\u3400-\u9fff])[了呢吗]?[？?。\s]*$")
_MONEY_OR_TIME = "钱岁点月号天"
_RUN = re.compile(f"[{IDEOGRAPH}]+")
_MONEY = re.compile(
    r"\b(?:costs?|price[ds]?|pays?|paid|fees?|rent|salary|budget|expensive|money|quotation|worth)\b|"
    r"报价|价格|单价|多少钱|租金|费用|金额|工资|预算|收费|押金",
    re.IGNORECASE,
)
_SUM = re.compile(r"\d|[€$£¥元]|\b(?:euros?|dollars?|pounds?|cents?|free)\b|免费|个月租金", re.IGNORECASE)
_LENGTH = r"\b(?:\w*met(?:re|er)s?|km|miles?|feet|inch(?:es)?)\b"
_TIME = r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"
_MEASURES = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(said, re.IGNORECASE))
    for asked, said in (
        (r"\bhow (?:tall|high)\b|多高", rf"\b(?:tall|high|height)\b|{_LENGTH}|高|[公厘]?[米尺]"),
        (r"\bhow (?:wide|deep|thick)\b|多[宽深厚]", rf"\b(?:wide|width|deep|depth|thick)\b|{_LENGTH}|[米尺]"),
        (r"\bhow far\b|多远", rf"\b(?:away|from here)\b|{_LENGTH}|[米里]"),
        (r"\bhow long\b|多[长久]", rf"\b(?:long|lasts?|length)\b|{_LENGTH}|{_TIME}|[米里年月日天时分秒周]"),
        (r"\bhow old\b|多大年纪|几岁", r"\b(?:old|aged?|born|built|years?)\b|岁|[出生建]"),
        (r"\bhow heavy\b|多重", r"\b(?:weigh\w*|kg|kilograms?|grams?|tons?|tonnes|pounds?)\b|[克斤吨]|重"),
        (r"\bhow (?:big|large)\b|多大", r"\b(?:square|hectares?|acres|size|bytes?|[kmg]b)\b|平方|面积|大小|亩|岁"),
        (r"\bhow often\b|多久一次|几次", r"\b(?:times?|once|twice|every|each|daily|weekly|monthly|yearly)\b|每|次"),
    )
)
"""What is asked for, and a word that a sentence has which says it."""
_NO_SUM = 0.7
"""What a sentence counts without a sum of money, where one is asked for."""
_SAYS_IT = 1.2
"""What a sentence counts that has such a word."""
_HAS_DIGITS = re.compile(r"\d|[一二三四五六七八九十百千万两]")
_PLAIN_NUMBER = 0.85
"""What a sentence counts that has a number only as a word, which may be none ("one of them")."""
_BETWEEN, _BESIDE = 0.2, 0.6
"""What a pair of characters counts that stands nowhere, between two that do and beside one: it may span two words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants. `words` are its terms, those that only ask left out; `pairs` are those of scripts without
    spaces, each with its neighbours."""

    question: Question
    words: tuple[str, ...]
    pairs: dict[str, tuple[str, ...]]
    who: bool
    measure: str
    says: re.Pattern[str] | None = None
    money: bool = False

    def is_met_by(self, text: str, above: str) -> bool:
        """Has a text the kind of answer that is wanted?"""
        if self.who and not _NAME.search(text):
            return False
        if self.measure and self.measure not in text:
            return False
        return self.question.may_be_answered_by(text, above)

    def favour(self, text: str) -> float:
        """How well the kind of answer fits: about 1, less where it is only like it."""
        worth = _PLAIN_NUMBER if self.question.wants == "number" and not _HAS_DIGITS.search(text) else 1.0
        if self.money and not _SUM.search(text):
            worth *= _NO_SUM
        return worth * (_SAYS_IT if self.says is not None and self.says.search(text) else 1.0)

    def worth(self, term: str, known: Container[str]) -> float:
        """How much a word of the question counts, where these are known."""
        if term in known or term not in self.pairs:
            return 1.0
        beside = sum(one in known for one in self.pairs[term])
        return (1.0, _BESIDE, _BETWEEN)[min(beside, 2)]


def wanted_of(text: str) -> Wanted:
    """What a question wants."""
    asked = question_of(text)
    bare = _ONLY_ASKING.sub(" ", text)
    words = question_of(bare).words or tuple(dict.fromkeys(terms(bare)))
    # A character that is left alone ("多少人") is never found: texts are compared by pairs.
    words = tuple(one for one in words if not (len(one) == 1 and _RUN.fullmatch(one)))
    counted = _COUNTED.search(text)
    measure = counted[1] if counted and counted[1] not in _MONEY_OR_TIME else ""
    says = next((said for pattern, said in _MEASURES if pattern.search(text)), None)
    money = asked.wants == "number" and bool(_MONEY.search(text))
    return Wanted(asked, words, _pairs(bare, words), bool(_WHO.search(text)), measure, says, money)


def _pairs(text: str, words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The pairs of characters among these words, each with those that overlap with it."""
    found: dict[str, tuple[str, ...]] = {}
    for run in _RUN.findall(text):
        pairs = [run[at : at + 2] for at in range(len(run) - 1)]
        for at, pair in enumerate(pairs):
            if pair in words:
                found[pair] = tuple(pairs[max(0, at - 1) : at] + pairs[at + 1 : at + 2])
    return found
