"""What is asked by a word that its answer need not have: an address answers "where", a sum "what does it cost"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.answering.forms import FROM_TO, MONEY, PLACE, WHICH_YEAR


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something that may be asked of anything. `asks` finds the words of a question that ask for it and say nothing of
    what it is asked of; a text says it that has its `label` and a figure, or its `form`."""

    name: str
    asks: re.Pattern[str]
    label: re.Pattern[str]
    form: re.Pattern[str]
    figure: bool = True

    def is_said_by(self, text: str, heading: str = "") -> bool:
        """Does a text that stands under a heading say it?"""
        if self.form.search(text):
            return True
        if not (self.label.search(text) or self.label.search(heading)):
            return False
        return not self.figure or any(one.isdigit() for one in text)


def _aspect(name: str, asks: str, label: str, form: str, *, figure: bool = True) -> Aspect:
    asking, naming, saying = (re.compile(one, re.IGNORECASE) for one in (asks, label, form))
    return Aspect(name, asking, naming, saying, figure)


_OPEN = (
    r"\b(?:open(?:s|ed|ing)?|clos(?:e[sd]?|ing)|shuts?)\b|开门|关门|开放|营业|开馆|闭馆|关闭|休息|放假|上班|下班|接诊|开诊|停诊|停业|"
    r"歇业|停止?服务"
)
_NAMED = (
    _aspect(
        "phone",
        r"\b(?:tele)?phone(?: numbers?)?\b|\bnumber to call\b|\bhotline\b|(?:电话|手机号|热线)(?:号?码)?",
        r"\b(?:tele)?phone\b|\bmobile\b|\bhotline\b|电话|手机|热线",
        r"(?<![\d.,])\+?\d(?:[\s()/-]{0,3}\d){6,}(?![\d.,])",
    ),
    _aspect("mail", r"\be-?mail(?: address)?\b|(?:电子)?邮箱(?:地址)?|邮件地址", r"(?!)", r"\S@\S+\.\w"),
    _aspect(
        "site",
        r"\b(?:web ?site|homepage|url|web address)\b|网址|网站",
        r"(?!)",
        r"https?://|\bwww\.|\b[\w-]+\.(?:com|org|net|cn)\b",
    ),
    _aspect(
        "price",
        r"\bhow much (?:is|are|was|were)\b|\b(?:what|which) (?:sum|amount)\b|"
        r"\b(?:costs?|(?<!in the )prices?|expensive|(?<!in )charged?)\b|"
        r"\bpay\b(?! (?:by|in|with|for)\b)|(?<=的)票(?=要?多少钱)|要?多少钱|[要收花]钱|什么价格?|"
        r"(?:价格|价钱|单价|售价|收费|费用|报价|票价)(?=是?多少)|(?:怎么|如何)收费|收费(?=[吗么])|收不收费|收不收钱",
        r"\b(?:costs?|prices?|pays?|paid|fees?)\b|价|费|元",
        MONEY,
    ),
    _aspect(
        "author",
        r"\bwho (?:wrote|authored|compiled|penned)\b|\b(?:the )?authors?(?: of)?\b|谁(?:编?写|撰写|执笔)|作者",
        r"\b(?:authors?|wr[io]t\w+|signed|compiled|penned)\b|作者|撰写|执笔|编写|署名|[撰编]稿",
        r"\bby (?:Dr\.? |Prof\.? )?(?-i:[A-Z])\w+",
        figure=False,
    ),
    _aspect(
        "place",
        r"\bwhere(?: (?:is|are|was|were|do|does|did|can))?\b|\baddress\b|\blocated\b|\b(?:lie|stand|hang)\b|"
        r"的?地址(?:在哪里?|是(?:什么|多少))?|在哪[里儿]?|哪[里儿]|位置|什么地方|怎么走",
        r"\baddress\b|\blocation\b|址|位置|地点|产地",
        PLACE,
        figure=False,
    ),
    _aspect(
        "version",
        r"\b(?:which|what|latest|newest|current)? ?versions?\b|(?:哪个|最新|当前)?版本号?",
        r"(?!)",
        r"\d\.\d+\.\d|\b(?:version|release|firmware|software|v)\b\D{0,8}\d|(?:版本|固件|系统)\D{0,6}\d|"
        r"\b(?-i:[A-Z])\w+ \d+\.\d|^\W*v?\d+\.\d",
    ),
    _aspect(
        "obliged",
        r"\b(?:do|does|did|must) \w+(?: \w+)? (?:have|need) to\b|\b(?:have|need|needs|has) to\b|\bmust\b|"
        r"\b(?:required|obligatory|compulsory|necessary|needed)\b|需不需要|是否需要|必须|需要|要不要|用不用",
        r"(?!)",
        r"\b(?:must|needs?|have to|has to|required?|requires|not|no|never|without|obligatory|compulsory|necessary|"
        r"optional|only|free)\b|须|需|应|不用|不必|免|要|无",
    ),
    _aspect(
        "allowed",
        r"\b(?:allowed|permitted|forbidden|prohibited|possible)\b|^\W*(?:may|can|could)\b|"
        r"\b(?:may|can) (?:I|we|one|you)\b|可以|可不可以|能不能|能否|允许|准许|^能",
        r"(?!)",
        r"\b(?:may|can|could|must|only|not|no|never|without|allow\w*|permit\w*|forbid\w*|forbidden|prohibit\w*|possible|"
        rf"accept\w*|banned|excluded|welcome|free|daily)\b|{FROM_TO}|不|可|能|须|禁|勿|允许|免|准|限|凭|应",
    ),
)
_OPENING = _aspect(
    "opening",
    rf"{_OPEN}|\b(?:business |opening )?(?:hours|times)\b|(?:开放|营业|服务)时间|几点",
    rf"{_OPEN}|\b(?:hours|daily)\b|时间",
    FROM_TO,
    figure=False,
)
_OPEN_WORD = re.compile(rf"{_OPEN}|\b(?:opening|business) hours\b|(?:开放|营业|服务)时间", re.IGNORECASE)


def aspects_of(question: str, *, when: bool, count: bool) -> list[Aspect]:
    """What a question asks for in this way. `when`: it asks for a time; `count`: for a number."""
    found = [one for one in _NAMED if one.asks.search(question)]
    if not WHICH_YEAR.search(question) and _OPEN_WORD.search(question):
        found.append(_OPENING)
    names = {one.name for one in found}
    if "allowed" in names:  # "May I use my telephone?"
        found = [one for one in found if one.name != "phone"]
    # "The e-mail address", "where can I see the prices": the narrower one is meant.
    if names & {"mail", "site", "phone"}:
        found = [one for one in found if one.name not in {"place", "price"}]
    if "place" in names or when or count or "price" in names:
        found = [one for one in found if one.name not in {"allowed", "obliged"}]
    return found


_LIKE = {
    "phone": "telephone phone call number 电话 热线 号码",
    "price": "price cost fee 价格 费用 收费 元",
    "place": "address located 地址 位于 位置",
    "author": "by author written 作者",
    "opening": "open closed hours opening 开放 营业 时间 休息 Monday Sunday 周一 周日",
}


def said_otherwise(aspects: Iterable[Aspect]) -> str:
    """Words by which passages are found that say it without the question's own."""
    return " ".join(_LIKE[one.name] for one in aspects if one.name in _LIKE)
