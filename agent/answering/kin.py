"""Words that may stand for one another in a question and its answer: forms of one word, and names of one thing."""

from __future__ import annotations

import re
from collections.abc import Collection

from agent.model.offline.words import stem

_CIRCLES = tuple(
    frozenset(map(stem, line.split()))
    for line in (
        "vacation holiday holidays leave",
        "lift elevator",
        "doctor physician",
        "shop store",
        "flat apartment",
        "toilet restroom lavatory wc",
        "rubbish garbage trash waste",
        "bike bicycle",
        "car vehicle",
        "boss manager",
        "firm company",
        "pupil student",
        "film movie",
        "teach instruct",
        "dog pet",
        "cat pet",
        "own belong",
        "eat food",
    )
)

_NAMES = tuple(
    frozenset(line.split())
    for line in (
        "坐 坐下 容纳 接待 座位",
        "狗 犬",
        "狗 宠物",
        "犬 宠物",
        "猫 宠物",
        "国庆 国庆节 节假日",
        "春节 节假日",
        "元旦 节假日",
        "看病 就诊 就医",
        "扔 丢 投放",
        "天 日",
        "上课 课",
        "里 内 中",
        "乘 坐",
        "带 携带 自带",
        "老师 教师",
        "医生 医师 大夫",
        "厕所 卫生间 洗手间",
        "小孩 孩子 儿童",
        "老人 老年人 长者",
        "员工 职工",
        "换 更换",
        "修 维修 修理 检修",
        "买 购买 购",
        "吃 用餐 就餐 进食 饮食 食物",
        "交 缴纳 缴 支付",
        "书 图书",
        "车票 票价",
        "费 费用",
        "建 建成 建于 修建",
        "登 攀登 登山",
        "进 进入 入内",
        "抽烟 吸烟",
        "包括 包含 含",
    )
)
"""The same of Chinese."""


_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_SHORTEST = 1  # letters of a word before its ending, at the least: "ring" and "bed" have none
_LONG = 5  # letters from which on a noun that is made of a verb is told by its ending: "mission" is none of "miss"


def names_of(word: str) -> list[str]:
    """The stem of an English word, and those of its other names."""
    found = stem(word)
    return [found, *sorted({one for circle in _CIRCLES if found in circle for one in circle if one != found})]


def akin(term: str, others: Collection[str], *, doing: bool = False) -> bool:
    """Is a term among others, or one of the same word ("delivery" and "deliver"), or of the same thing? `doing`: who
    does it counts as well ("teacher" and "teach")."""
    if term in others:
        return True
    if any(term in circle and not circle.isdisjoint(others) for circle in _CIRCLES):
        return True
    return term.isalpha() and any(_is_made_of(one, term) or (doing and _does(one, term)) for one in others)


def names_it(noun: str, text: str) -> bool:
    """Has a text an English noun itself, or its plural, where it has a form of it at all? "Parking" is no form of "the
    park", nor is "builds" one of "the building"."""
    found = stem(noun)
    forms = [word for word in _WORD.findall(text) if stem(word) == found]
    return not forms or any(_ending(word) == _ending(noun) for word in forms)


def _ending(word: str) -> str:
    plain = word.casefold().replace("’", "'").removesuffix("'s").removesuffix("s")
    return next((one for one in ("ing", "ed") if plain.endswith(one) and len(plain) > len(one) + _SHORTEST), "")


def is_named(name: str, text: str) -> bool:
    """Has a text a Chinese name, or another of the same thing?"""
    if any(name in circle and any(one in text for one in circle) for circle in _NAMES):
        return True
    return len(name) > 1 and all(is_named(sign, text) for sign in name)  # 带狗 is two words


def _does(one: str, other: str) -> bool:
    """Is one who does it: "teacher" and "teach"?"""
    short, long = sorted((one, other), key=len)
    return len(short) > 2 and long in (f"{short}er", f"{short}r", f"{short}or", f"{short}{short[-1]}er")


def _is_made_of(one: str, other: str) -> bool:
    """Is one the noun of the other, a verb: "delivery" of "deliver", "inspection" of "inspect"?"""
    short, long = sorted((one, other), key=len)
    return len(short) > _LONG and long in {f"{short}{ending}" for ending in ("y", "ion", "ation", "ly")}
