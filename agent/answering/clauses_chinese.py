"""What a Chinese sentence says of the thing that is asked about: 塔周围的栅栏高2米 tells nothing of the tower."""

from __future__ import annotations

import re

from agent.model.offline.words import IDEOGRAPH

_NUMBER = "[\\d一二三四五六七八九十百千万两半几]"
_ASKED = re.compile(
    rf"^\W*(?:请问)?(?:谁(?!是)[{IDEOGRAPH}]{{2}}了?(?P<object>[{IDEOGRAPH}]{{2,8}})|"
    rf"(?!最|至)(?P<name>[{IDEOGRAPH}]{{1,8}}?)(?:一共|总共|共|大概)?[收要卖]?[有是在]?[多几什何哪])"
)
_ATTRIBUTE = (
    "门票|票价|票|费用?|价格?|收费|租金|面积|[高长宽深]度?|总|全|水|重量?|期限?|时长|开放|营业|服务|时间|地址|位置|电话|"
    "历史|入场|入口|负责|成员|员工|会员|人"
)
"""What a thing has, or is in part: what is said of it is said of the thing."""
_SUFFIX = re.compile(f"(?:{_ATTRIBUTE})+$")
_BELONGS = re.compile(_ATTRIBUTE)
_BEHIND = re.compile(
    r"(?:周围|旁边|隔壁|附近|对面|门口|之间|楼[上下顶]|[东南西北][边面侧]|[上下里外前后左右][面边方侧头]|[上下里内中外旁边前后底])?"
    rf"的(?P<other>[{IDEOGRAPH}]+)"
)
_CUT = re.compile(r"[，；;]\s*|,(?!\d)\s*")
_TIME = re.compile(
    rf"(?:{_NUMBER}+[年月日号点时分天周]|[每本上下]?周[一二三四五六日末]|星期.|[每上下][年月周天日]|[上下中]午|晚上?|{_NUMBER}|[:：—–~\-\s。，])+"
)
_LIGHT = frozenset("的了是在和与及于为从自起至到由就都也每共约另需须可应只仅凭按并且但则还再又均第个后前时")
"""Characters that begin no name, or are none by themselves."""
_ANOTHER = re.compile(r"(?:副|原|(?<![当目])前)$")
"""Before a name: it is somebody else."""


def said_in_chinese_clauses(question: str, text: str) -> str | None:
    """What a sentence says of the thing that a Chinese question asks about: all of it, where it does not name the
    thing; None where it names it only to tell which other thing it speaks of."""
    found = _ASKED.match(question)
    whole = (found["object"] or found["name"]) if found else ""
    name = _SUFFIX.sub("", whole) or whole
    if not name or name not in text:
        return text
    others = set(question.replace(name, "", 1)) - set("多少几什么何哪有是")
    clauses = _CUT.split(text)
    spoken = [_is_spoken_of(name, others, one) for one in clauses]
    if True not in spoken:
        return None
    first = spoken.index(True)
    own = [one for one in clauses[:first] if not _has_other(one, others)]
    goes_on = True
    for one, is_its in zip(clauses[first:], spoken[first:], strict=True):
        goes_on = is_its or (goes_on and not _begins_anew(one, others))
        if goes_on:
            own.append(one)
    return text if len(own) == len(clauses) else "，".join(own)


def _is_spoken_of(name: str, others: set[str], clause: str) -> bool:
    """Is it named here by itself, and not only to tell where something else is?"""
    for at in (one.start() for one in re.finditer(re.escape(name), clause)):
        behind = _BEHIND.match(clause, at + len(name))
        if _ANOTHER.search(clause[:at]):
            continue
        if behind is None or behind["other"][0] in others or _BELONGS.match(behind["other"]):
            return True
    return False


def _has_other(clause: str, others: set[str]) -> bool:
    """Has a clause anything but times and words of the question?"""
    return bool(set(re.findall(f"[{IDEOGRAPH}]", _TIME.sub("", clause))) - _LIGHT - others)


def _begins_anew(clause: str, others: set[str]) -> bool:
    """Has a clause a subject of its own, of which a number or a word of the question is said at once?"""
    lead = re.match(rf"[{IDEOGRAPH}]{{2,6}}?(?={_NUMBER}|$)", clause)
    if lead is None or lead[0][0] in _LIGHT or _TIME.match(clause) or _BELONGS.search(lead[0]):
        return False
    return others.isdisjoint(lead[0][:1])
