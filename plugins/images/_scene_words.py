"""What the demo model's world is called in English and Chinese: captions of a scene, and the way back.

`caption` says a scene in one of several ways; `scene_of` understands any wording made of the words below, whatever
their order, fills in what is left out, and refuses the rest by name rather than guess.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from plugins.images._scenes import Scene

__all__ = [
    "ATTRIBUTES",
    "LANGUAGES",
    "NotAScene",
    "caption",
    "completed",
    "mentioned",
    "name_of",
    "read_at",
    "scene_of",
    "vocabulary",
]

ATTRIBUTES = ("shape", "colour", "background", "size", "place")
LANGUAGES = ("en", "zh")
_NOTHING: Mapping[str, str] = MappingProxyType({})

# Each value with its names; captions are made of all of them. In English a place is a phrase, told by its last noun.
_ENGLISH: dict[str, dict[str, tuple[str, ...]]] = {
    "shape": {
        "circle": ("circle", "disc"),
        "square": ("square",),
        "triangle": ("triangle",),
        "cross": ("cross", "plus"),
    },
    "colour": {
        **{one: (one,) for one in ("red", "orange", "yellow", "green", "blue", "black", "white")},
        "purple": ("purple", "violet"),
    },
    "size": {"small": ("small", "little"), "medium": ("medium",), "large": ("large", "big")},
    "place": {
        "center": ("in the center", "in the middle"),
        "left": ("at the left", "on the left side"),
        "right": ("at the right", "on the right side"),
        "top": ("at the top",),
        "bottom": ("at the bottom",),
    },
}
_CHINESE: dict[str, dict[str, tuple[str, ...]]] = {
    "shape": {
        "circle": ("圆形", "圆"),
        "square": ("方形", "正方形"),
        "triangle": ("三角形",),
        "cross": ("十字", "十字形"),
    },
    "colour": {
        "red": ("红色", "红"),
        "orange": ("橙色", "橙"),
        "yellow": ("黄色", "黄"),
        "green": ("绿色", "绿"),
        "blue": ("蓝色", "蓝"),
        "purple": ("紫色", "紫"),
        "black": ("黑色", "黑"),
        "white": ("白色", "白"),
    },
    "size": {"small": ("小",), "medium": ("中等大小", "中等"), "large": ("大",)},
    "place": {
        "center": ("中间", "中央"),
        "left": ("左边", "左侧"),
        "right": ("右边", "右侧"),
        "top": ("上方", "上面"),
        "bottom": ("下方", "下面"),
    },
}
# Spellings that are understood, though no caption is made with them.
_ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "shape": {
        "circle": ("disk", "dot", "round", "圓形", "圓", "圆圈"),
        "square": ("方块", "方塊"),
        "triangle": ("三角",),
    },
    "colour": {"red": ("紅色", "紅"), "yellow": ("黃色", "黃"), "green": ("綠色", "綠"), "blue": ("藍色", "藍")},
    "size": {
        "small": ("tiny",),
        "medium": ("mid-sized", "medium-sized", "中号", "中"),
        "large": ("huge", "巨大"),
    },
    "place": {
        "center": ("center", "centre", "middle", "central", "正中"),
        "left": ("left", "左邊", "左側", "左"),
        "right": ("right", "右邊", "右側", "右"),
        "top": ("top", "above", "顶部", "上邊", "上边"),
        "bottom": ("bottom", "below", "底部", "下邊", "下边"),
    },
}
_GROUND = ("background", "backdrop", "ground", "picture", "image", "背景", "底色", "底", "图片", "图", "画面", "圖")
# A colour does not reach over these to the noun that it belongs to; over the others it does.
_BORDERS = ("on", "in", "at", "with", "and", "is", "against", ",", ";", ".", ":", "，", "；", "。", "、", "：")
_BORDERS_CHINESE = ("是", "在", "上", "有", "和", "里", "中有")
_FILLERS = ("a", "an", "the", "of", "side", "colored", "coloured", "it", "its", "to", "there", "draw", "paint", "show")
_FILLERS_CHINESE = ("一个", "一個", "个", "個", "一", "只", "张", "幅", "的", "色", "请", "画", "畫", "着", "为")
# With these people say what a picture is to become; no caption of the training has them.
_BECOMING = ("make", "turn", "change", "color", "colour", "into", "now", "please")
_BECOMING_CHINESE = ("颜色", "把", "将", "它", "让", "改", "改成", "改为", "换成", "变", "变成", "成")

_DEFAULTS = {"shape": "circle", "size": "medium", "place": "center"}


class NotAScene(ValueError):
    """A wording that means no scene of this world. The text says why; `unknown` holds the words not known, if any."""

    def __init__(self, reason: str, unknown: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.unknown = unknown


def vocabulary() -> tuple[str, ...]:
    """Every English word and every Chinese character that a caption can hold, sorted: what a tokenizer must know."""
    found: set[str] = set()
    for form in (*_ENGLISH_FORMS, *_CHINESE_FORMS):
        found |= set(_words(re.sub(r"\{\w+\}", " ", form)))
    for table in (_ENGLISH, _CHINESE):
        for names in table.values():
            found |= {word for values in names.values() for name in values for word in _words(name)}
    return tuple(sorted(found | {"an"}))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+|[\u4e00-\u9fff]", text)


# In a form, parts in {…} are filled; a part that is left out goes with what stands beside it in the same [ ].
_ENGLISH_FORMS = (
    "a [{size} ][{colour} ]{shape}[ {place}][ on a {background} background]",
    "[on a {background} background, ]a [{size} ][{colour} ]{shape}[ {place}]",
    "a [{colour} ]{shape}[, {size}][, {place}][, {background} background]",
    "[{background} background, ][{size} ][{colour} ]{shape}[ {place}]",
    "a [{background} ]picture with a [{size} ][{colour} ]{shape}[ {place}]",
    "[{size} ][{colour} ]{shape}[ {place}][ on {background}]",
)
_CHINESE_FORMS = (
    "一个[{size}的][{colour}]{shape}[在{place}][，背景是{background}]",
    "[{background}背景，][{place}有]一个[{size}的][{colour}的]{shape}",
    "[{background}背景上][{place}]一个[{size}][{colour}]{shape}",
    "[{size}][{colour}]{shape}[，{place}][，{background}背景]",
    "[{background}背景的]图片，[{place}]有一个[{size}的][{colour}]{shape}",
)


def caption(scene: Scene, chance: random.Random, language: str = "en", stated: Collection[str] = ATTRIBUTES) -> str:
    """Say a scene in "en" or "zh", in a form and with names drawn by `chance`.

    Of the attributes only those in `stated` are told; the shape always is.
    """
    forms, names = (_ENGLISH_FORMS, _ENGLISH) if language == "en" else (_CHINESE_FORMS, _CHINESE)

    def part(found: re.Match[str]) -> str:
        inner = found[1] or found[0]
        name = re.search(r"\{(\w+)\}", inner)
        assert name is not None
        attribute = name[1]
        if attribute != "shape" and attribute not in stated:
            return ""
        values = names["colour" if attribute == "background" else attribute]
        return inner.replace(name[0], chance.choice(values[getattr(scene, attribute)]))

    text = re.sub(r"\[([^\]]*)\]|\{shape\}", part, chance.choice(forms))
    text = re.sub(r"\ba (?=orange)", "an ", text)
    return text.strip("，, ")


@dataclass(frozen=True)
class _Word:
    """A word of a caption: its kind (an attribute, "ground", "border", "filler", "unknown") and the value it names."""

    kind: str
    value: str


def _lexicon() -> dict[str, _Word]:
    """Every known spelling with what it means."""
    known: dict[str, _Word] = {}
    for kind in ("shape", "colour", "size", "place"):
        for table in (_ENGLISH, _CHINESE, _ALSO):
            for value, names in table.get(kind, {}).items():
                known |= {name: _Word(kind, value) for name in names if " " not in name}
    known |= {name: _Word("border", name) for name in (*_BORDERS, *_BORDERS_CHINESE)}
    known |= dict.fromkeys((*_BECOMING, *_BECOMING_CHINESE), _Word("filler", "becomes"))
    known |= dict.fromkeys((*_FILLERS, *_FILLERS_CHINESE), _Word("filler", ""))
    return known | dict.fromkeys(_GROUND, _Word("ground", ""))


# Chinese, then any other word, with its hyphens; then numbers and marks.
_RUNS = re.compile(r"[\u4e00-\u9fff]+|[^\W\d_\u4e00-\u9fff]+(?:-[^\W\d_\u4e00-\u9fff]+)*|\d+|[^\w\s]")
_KNOWN = _lexicon()
_LONGEST = max(len(name) for name in _KNOWN if not name.isascii())


def _read(text: str) -> Iterator[_Word]:
    """The words of a caption; Chinese is cut by the longest name that fits."""
    return (word for word, _, _ in read_at(text))


def read_at(text: str) -> Iterator[tuple[_Word, int, int]]:
    """The words of a caption, and where each begins and ends."""
    for found in _RUNS.finditer(text.lower()):
        run, begin = found[0], found.start()
        if not "\u4e00" <= run[0] <= "\u9fff":
            unknown = "unknown" if run.isalnum() or run.isalpha() else "border"
            yield _KNOWN.get(run) or _Word(unknown, run), begin, found.end()
            continue
        at = 0
        while at < len(run):
            ends = range(min(_LONGEST, len(run) - at), 0, -1)
            size = next((size for size in ends if run[at : at + size] in _KNOWN), 0)
            word = _KNOWN[run[at : at + size]] if size else _Word("unknown", run[at])
            at += size or 1
            yield word, begin + at - (size or 1), begin + at


def scene_of(text: str, seen: Mapping[str, str] = _NOTHING) -> Scene:
    """The scene that a caption means.

    What it leaves out is as in `seen` (attributes with their values, such as those of a picture that is to be changed);
    and else a medium circle in the center, red on white (white on red or on black, where that is needed to see
    anything). Raises NotAScene for unknown words, for two shapes or two colours of one thing, and where nothing of this
    world is named.
    """
    words = list(_read(text))
    unknown = tuple(dict.fromkeys(word.value for word in words if word.kind == "unknown"))
    if unknown:
        raise NotAScene(f"not known here: {', '.join(unknown)}", unknown)
    found = {kind: _only(kind, words) for kind in ("shape", "size", "place")}
    colours = _colours(words)
    if not any((*found.values(), *colours.values())):
        raise NotAScene("no shape, colour, size or place is named")
    both = {name: value for name, value in seen.items() if name in ("colour", "background")} | colours
    colours = colours if both.get("colour") == both.get("background") else both  # what is seen must stay so
    parts = {**_DEFAULTS, **seen} | {kind: value for kind, value in found.items() if value} | _visible(colours)
    if parts["colour"] == parts["background"]:
        raise NotAScene(f"a {parts['colour']} shape on a {parts['background']} background could not be seen")
    return Scene(**parts)


def completed(text: str, seen: Mapping[str, str] = _NOTHING) -> tuple[str, tuple[str, ...]]:
    """A caption that says all of its scene, and what the given one left open; the very same where it left nothing
    open and says it as a caption. `seen`, and what is raised, as in `scene_of`."""
    scene, words = scene_of(text, seen), list(_read(text))
    told = ({word.kind for word in words} - {"colour"}) | set(_colours(words))
    open_ = tuple(name for name in ATTRIBUTES if name not in told)
    if not open_ and not any(word.value == "becomes" for word in words):
        return text, ()
    chinese = any("\u4e00" <= one <= "\u9fff" for one in text)
    return caption(scene, random.Random(1), "zh" if chinese else "en"), open_


def mentioned(text: str) -> tuple[Mapping[str, tuple[str, ...]], tuple[str, ...]]:
    """What of this world a text names: the values of each attribute in their order, and the words that are not known.
    Unlike a caption it may name several of a kind."""
    words = list(_read(text))
    found: dict[str, list[str]] = {}
    for at, word in enumerate(words):
        if word.kind == "colour":
            found.setdefault(_owner(words, at) or "colour", []).append(word.value)
        elif word.kind in ("shape", "size", "place"):
            found.setdefault(word.kind, []).append(word.value)
    unknown = tuple(dict.fromkeys(word.value for word in words if word.kind == "unknown"))
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}, unknown


def name_of(attribute: str, value: str, language: str = "en") -> str:
    """What a value of an attribute is called first, in "en" or "zh"."""
    names = _ENGLISH if language == "en" else _CHINESE
    return names["colour" if attribute == "background" else attribute][value][0]


def _only(kind: str, words: list[_Word]) -> str | None:
    values = list(dict.fromkeys(word.value for word in words if word.kind == kind))
    if len(values) > 1:
        raise NotAScene(f"one {kind} at a time, not {' and '.join(values)}")
    return values[0] if values else None


def _colours(words: list[_Word]) -> dict[str, str]:
    """Which colour is the shape's and which the background's."""
    found: dict[str, str] = {}
    for at, word in enumerate(words):
        if word.kind != "colour":
            continue
        owner = _owner(words, at)
        if owner is None:
            owner = "background" if "colour" in found else "colour"
        if found.setdefault(owner, word.value) != word.value:
            raise NotAScene(f"one {owner} at a time, not {found[owner]} and {word.value}")
    return found


def _owner(words: list[_Word], at: int) -> str | None:
    """Whose colour stands at `at`: the following noun's, or else that of the one before; None if there is none."""
    nouns = {"shape": "colour", "ground": "background"}
    after = next((word.kind for word in words[at + 1 :] if word.kind not in ("size", "filler", "place")), "border")
    if after in nouns:
        return nouns[after]
    before = [word for word in words[:at] if word.kind != "filler"]
    if before and before[-1].value in ("on", "against"):
        return "background"
    before = [word for word in before if word.kind in nouns or word.kind == "colour"]
    return nouns[before[-1].kind] if before and before[-1].kind in nouns else None


def _visible(colours: dict[str, str]) -> dict[str, str]:
    """Both colours, with those that were left out chosen so that the shape is seen."""
    ground = colours.get("background") or ("black" if colours.get("colour") == "white" else "white")
    shape = colours.get("colour") or ("white" if ground == "red" else "red")
    return {"colour": shape, "background": ground}
