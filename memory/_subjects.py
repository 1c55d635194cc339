"""What a statement is about: the words that tell one subject from another, and whether there is one such thing at a
time, or several."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .embedding import COMMON, words


def listed(text: str) -> frozenset[str]:
    """Words, as those of a subject are cut. Without single characters: those of 手机 are those of other machines."""
    return frozenset(word for word in words(text) if len(word) > 1)


ONCE = listed(
    "url favourite favorite default preferred current main status state version name title colour color language "
    "currency timezone editor branch manager owner deadline address location size price capital leader lead head boss "
    "captain dentist vet theme mode department target region ceo cto cfo coo president chairman chairwoman "
    "chairperson director mayor maintainer landlord supervisor "
    "最喜 默认 状态 名字 名称 颜色 语言 版本 地址 地点 位置 价格 主题 模式 负责 截止 目标 区域 部门 总裁 总监 主席 "
    "校长 市长 院长 店长 部长 科长 处长 局长 组长 队长 班长 船长 经理 主管 领导 老板 房东 班主任 牙医"
)
"""Words of a subject that has one such thing at a time, whatever it is said to be."""
IDENTIFIERS = listed("number numbers id code plate address 号码 编号 工号 车牌 单号 地址")
"""Words of a subject that one number names at a time, of whatever form."""
SEATED = listed(
    "office headquarters company firm warehouse factory school shop store branch team server lab laboratory studio "
    "clinic archive 公司 办公室 总部 仓库 工厂 学校 商店 分店 门店 团队 服务器 实验室 诊所 我家 他家 她家 老家"
)
"""Subjects that are in one named place at a time."""
MANY = listed(
    "brother sister sibling child son daughter kid friend colleague cousin aunt uncle neighbour neighbor pet cat dog "
    "classmate roommate 兄弟 姐妹 哥哥 弟弟 姐姐 妹妹 儿子 女儿 孩子 朋友 同事 同学 邻居 室友 宠物"
)
"""Those of whom one may have several, each with a name and a home of their own."""
IN_PLACES = listed(
    "toilet restroom exit entrance lift elevator stairs staircase extinguisher "
    "厕所 手间 生间 出口 入口 电梯 楼梯 火器 饮水"
)
"""Things that a house has several of."""
_MUCH = listed(
    "milk water salt sugar flour rice bread butter cheese coffee tea wine beer juice oil vinegar honey pasta meat fish "
    "food medicine medication soap shampoo detergent paper cardboard ink glue paint tape string rope wire wood sand "
    "soil cement petrol fuel gas coal firewood clothing laundry bedding cutlery crockery jewellery jewelry luggage "
    "furniture equipment hardware stationery money cash change rubbish trash garbage stuff mail post"
)
"""What is no single thing, so that some of it may be here and some there."""
_MUCH_CHINESE = re.compile(
    "(?:[奶水酒油盐醋糖米面粉茶肉菜蛋果药纸液膏皂胶漆布线绳沙煤]|[衣裤袜鞋巾碗筷盘勺叉币钱们些]|现金|食[物品]|垃圾|[器用文]具)$"
)
_MEASURED = re.compile(
    r"\b(?:today|tonight|yesterday|tomorrow|this (?:morning|afternoon|evening|week|month))\b|"
    r"\b(?:temperature|weather|pressure|pulse|glucose|humidity|weight|readings?|heart rate)\b|"
    r"[今明昨][天日早晚晨]|[这本]周(?![一二三四五六日天])|今年|去年|本月|"
    r"血[压糖氧脂]|心率|脉搏|体[温重]|[气室水]温|温度|湿度|天气|读数",
    re.IGNORECASE,
)
_MOST = 16  # words that notes are asked for; what they say is compared whole
_WHOSE = frozenset(words("my your his her its their our i we 我"))
_WHICH = frozenset(words("from to for with without by before after over under in at on up down no not"))
"""Common words that tell one subject from another: the train to Rome, the train from Rome."""
_FIRST = frozenset(words("i we 我"))
_FIRST_BY = ("i", "we", "user", "我", "用户")
_OWN = re.compile("[我户]")
_USERS = re.compile(r"\b(?:the\s+)?user['’]s\b", re.IGNORECASE)
_USER = re.compile(r"^(?:the\s+)?user$|^用户(?=的|$)", re.IGNORECASE)
_INDEFINITE = re.compile(
    r"^(?:an?|one|some|another|every|each|any|no|few|many|most|there)\b|^(?:一[个位只条台本把家]|有[的些个位]|某|每[个位人]|另一)",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"^(?:the|my|our|your|his|her|their|this)\b|['’]s\b", re.IGNORECASE)
_REACHED = re.compile(
    r"\b(?:(?:tele|cell)?phones?|mobiles?|cell|fax|e-?mails?|mail|contacts?|whatsapp)\b|"
    r"(?:['’]s|\b(?:my|your|his|her|their|our|the)|^)\s*numbers?$|^(?:the\s+)?number of (?:the|my|our|[A-Z])|"
    r"电话|手机|邮箱|邮件|传真|微信|联系|(?:^|[的我你他她])号码$",
    re.IGNORECASE,
)


def subject_of(text: str) -> tuple[str, ...]:
    """The words that tell what a statement is about, and whose it is; none where that depends on what was said
    before. What an agent says of "the user" is what the user says of themselves."""
    plain = _USER.sub(lambda found: "I" if found[0].isascii() else "我", text)
    kept = _WHOSE | _WHICH
    about = tuple(word for word in words(_USERS.sub("my", plain)) if word not in COMMON or word in kept)
    return about if set(about) - kept or (about and is_first_person(about)) else ()


def found_by(about: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The words of which a note of the same subject holds one, and those of which it holds each."""
    telling = list(dict.fromkeys(word for word in about if word not in COMMON and not _OWN.search(word)))
    return (telling[:1], telling[1:_MOST]) if telling else (_FIRST_BY, ())


def is_indefinite(text: str) -> bool:
    """Is it said of any such thing: "a desk", 有的人?"""
    return _INDEFINITE.match(text) is not None


def is_first_person(about: Sequence[str]) -> bool:
    """Is it about those who say it?"""
    return set(about) <= _FIRST


def is_definite(text: str) -> bool:
    """Does an English subject say which one is meant?"""
    return _DEFINITE.search(text) is not None


def is_reached(text: str) -> bool:
    """Is it a way to reach somebody? A second telephone number is no correction of the first."""
    return _REACHED.search(text) is not None


def is_much(text: str, about: Sequence[str]) -> bool:
    """Is it no single thing: milk, cash, 牛奶?"""
    return bool(_MUCH & set(about[-1:])) or _MUCH_CHINESE.search(text.strip()) is not None


def is_measured(text: str) -> bool:
    """Is it of one day, or one of a series of readings? The next day's is no correction."""
    return _MEASURED.search(text) is not None
