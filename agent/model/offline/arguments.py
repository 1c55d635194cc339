"""From what stands out in a sub-goal to a tool's arguments, by the tool's schema.

Assignments (`days=3`) go first, then values of an enumeration, paths, addresses, numbers beside a word of the
parameter's name, quoted words in order, and for what is still required the words that are left.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.lexicon import PUT_SOMEWHERE
from agent.model.offline.marks import BLANK, Mark, Marked
from agent.model.offline.parameters import Kind, Parameter, parameters
from agent.model.offline.replacing import is_for_once, replacement
from agent.model.offline.words import IDEOGRAPH, any_of, in_order, stem, stems, terms, words_of

TARGET_NAMES = words_of("target destination dest to output out new_path new_name")
_FREE_NAMES = words_of("prompt query question text message content description topic subject q task words phrase note")
_OLD_NAMES = words_of("old find before search original from")
_NEW_NAMES = words_of("new replacement replace after with into")
_UNITS = dict(
    one.split("=")
    for one in in_order(
        """天=day 日=day 周=week 个=count 条=count 次=count 行=line 页=page 小=hour 分=minute 字=word
        句=sentence %=percent"""
    )
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Arguments found, and the names of required parameters for which nothing was found. `others`: a parameter for
    which the sub-goal names more than one thing ("Oslo and Rome"), and what it names besides the first."""

    arguments: dict[str, JSON] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    others: tuple[str, tuple[str, ...]] | None = None


class _Filling:
    """Fills one call: what is used once is not used again."""

    def __init__(self, tool: ToolDescription, marked: Marked, start: int, end: int) -> None:
        self.tool, self.marked, self.start, self.end = tool, marked, start, end
        self.left = list(marked.marks)
        self.arguments: dict[str, JSON] = {}
        self.others: tuple[str, tuple[str, ...]] | None = None
        self.parameters = parameters(tool)

    def run(self) -> Filled:
        for parameter in self.parameters:
            self._assigned(parameter)
        for step in (self._choices, self._paths, self._addresses, self._numbers, self._switches, self._replaced):
            step()
        self._quoted()
        self._words()
        missing = tuple(one.name for one in self.parameters if one.required and one.name not in self.arguments)
        return Filled(self.arguments, missing, self.others)

    def _open(self, *kinds: Kind) -> list[Parameter]:
        return [one for one in self.parameters if one.kind in kinds and one.name not in self.arguments]

    def _take(self, mark: Mark) -> str:
        self.left.remove(mark)
        return mark.text

    def _assigned(self, parameter: Parameter) -> None:
        for mark in self.left:
            if mark.kind == "assignment" and mark.name.casefold() == parameter.name.casefold():
                value = _typed(parameter, mark.text)
                if value is not None:
                    self.arguments[parameter.name] = value
                    self._take(mark)
                return

    def _choices(self) -> None:
        text = self.marked.text.casefold()
        for parameter in self._open("choice"):
            for choice in parameter.choices:
                if (
                    isinstance(choice, str)
                    and choice
                    and re.search(rf"(?<!\w){re.escape(choice.casefold())}(?!\w)", text)
                ):
                    self.arguments[parameter.name] = choice
                    break

    def _paths(self) -> None:
        wanted = self._open("path")
        targets = [one for one in wanted if one.name.casefold() in TARGET_NAMES]
        if len(wanted) == 1 and wanted[0] in targets:
            targets = []
        for parameter in targets:
            mark = next((one for one in self.left if one.kind == "path" and one.part == "target"), None)
            mark = mark or next((one for one in reversed(self.left) if one.kind == "path"), None)
            if mark is not None and (mark.part == "target" or len(self._path_marks()) > 1):
                self.arguments[parameter.name] = self._take(mark)
        for parameter in wanted:
            if parameter.name not in self.arguments and parameter not in targets:
                mark = next(iter(self._path_marks()), None)
                if mark is not None and (parameter.required or len(wanted) == 1):
                    self.arguments[parameter.name] = self._take(mark)

    def _path_marks(self) -> list[Mark]:
        return [one for one in self.left if one.kind == "path"]

    def _addresses(self) -> None:
        for parameter in self._open("address"):
            mark = next((one for one in self.left if one.kind == "address"), None)
            if mark is not None:
                self.arguments[parameter.name] = self._take(mark)

    def _numbers(self) -> None:
        for parameter in self._open("integer", "number"):
            mark = next((one for one in self.left if one.kind == "number" and self._beside(parameter, one)), None)
            if mark is not None and (value := _typed(parameter, mark.text)) is not None:
                self.arguments[parameter.name] = value
                self._take(mark)
        rest = [one for one in self._open("integer", "number") if one.required]
        free = [one for one in self.left if one.kind == "number"]
        for parameter, mark in zip(rest, free, strict=False):
            if (value := _typed(parameter, mark.text)) is not None:
                self.arguments[parameter.name] = value
                self._take(mark)

    def _beside(self, parameter: Parameter, mark: Mark) -> bool:
        """Do the words around a number speak of the parameter? A Chinese unit is known by its English word."""
        name = {stem(word) for word in parameter.name.split("_")}
        before = stems(self.marked.text[: mark.start])[-1:]
        unit = _UNITS.get(mark.name, mark.name)
        return bool(name & {stem(unit), *before}) or bool(mark.name and mark.name in parameter.description)

    def _switches(self) -> None:
        words = stems(self.marked.masked)
        for parameter in self._open("boolean"):
            if stem(parameter.name) in words or (
                parameter.name == "all" and re.search("所有|全部|every", self.marked.masked)
            ):
                self.arguments[parameter.name] = True

    def _replaced(self) -> None:
        """ "replace X by Y": two texts of which one goes and one comes."""
        old = next((one for one in self._open("text") if one.name.casefold().split("_")[0] in _OLD_NAMES), None)
        new = next((one for one in self._open("text") if one.name.casefold().split("_")[0] in _NEW_NAMES), None)
        if old is None or new is None or old == new:
            return
        if not is_for_once(self.marked):
            self.arguments |= {one.name: True for one in self._open("boolean") if one.name == "all"}
        quotes = [one for one in self.left if one.kind == "quote"]
        if len(quotes) >= 2:
            self.arguments[old.name], self.arguments[new.name] = self._take(quotes[0]), self._take(quotes[1])
            return
        pair = replacement(self.marked)
        if pair is not None:
            self.arguments[old.name], self.arguments[new.name] = pair

    def _quoted(self) -> None:
        for parameter in (*self._open("text"), *self._open("list")):
            mark = next((one for one in self.left if one.kind == "quote"), None)
            mark = mark or next((one for one in self.left if one.quoted and not self._open("path")), None)
            if mark is not None and (parameter.required or self._only(parameter)):
                text = self._take(mark)
                self.arguments[parameter.name] = [text] if parameter.kind == "list" else text

    def _only(self, parameter: Parameter) -> bool:
        return not any(one.required for one in self._open("text", "list")) and parameter.kind == "text"

    def _words(self) -> None:
        """Free words, for texts that are required: whole, for a prompt or query; else the name that they hold."""
        wanted = [one for one in self._open("text") if one.required]
        for parameter in wanted[:1] if len(wanted) != 1 else wanted:
            free = bool(set(parameter.name.casefold().split("_")) & _FREE_NAMES)
            text = self._rest() if free else self._name()
            if text:
                self.arguments[parameter.name] = text
            if text and not free and (more := _joined_names(text, self.marked.masked)):
                self.others = (parameter.name, more)

    def _rest(self) -> str:
        words = (
            self.marked.text[self.end :]
            if self.start < 4
            else self.marked.text[: self.start] + self.marked.text[self.end :]
        )
        words = re.sub(r"^\s*(?:about|for|of|on|that|:|：|一下|一张|一幅|关于)?\s*", "", words)
        return words.strip(" ,.，。!！?？:：") if terms(words) else ""

    def _name(self) -> str:
        behind = self._without_numbers(self.marked.masked[self.end :], self.end)
        if re.search("[：:].*\\w", behind):
            behind = re.split("[：:]", behind, maxsplit=1)[1]
        found = _english_name(behind) or _english_name(self._without_numbers(self.marked.masked[: self.start], 0))
        if re.search(f"[{IDEOGRAPH}]", self.marked.masked):
            found = (
                _chinese_name(behind)
                or _chinese_name(self._without_numbers(self.marked.masked[: self.start], 0))
                or found
            )
        return found

    def _without_numbers(self, masked: str, offset: int) -> str:
        for mark in self.marked.of("number"):
            begin, end = mark.start - offset, mark.end - offset
            if begin >= 0 and end <= len(masked):
                masked = masked[:begin] + BLANK * (end - begin) + masked[end:]
        return masked


_BREAK = re.compile(
    rf"[{BLANK},.;:!?，。；：！？]+|\b(?:in|for|of|about|on|at|to|with|from|by|over|next|during|and)\b", re.IGNORECASE
)
_NO_NAME = words_of(
    """the a an is are was what how will be like it me us please tell show get give use tool current today
    tomorrow day days week weeks hour hours coming city town place file text"""
)
_PARTICLES = re.compile(
    rf"{any_of(PUT_SOMEWHERE)}|保存|[把将]|"
    r"请问|问|的|一下|吧|吗|呢|请|帮我|获取|取得|得到|查询|查看|查|看看|看|告诉我|告诉|怎么样|如何|怎样|是什么|什么|多少|未来|今天|明天|后天|现在|天|情况|给我|我|知道|想"
)


def _english_name(text: str) -> str:
    """The first piece between small words that holds more than small words: "Berlin" of "the weather of Berlin"."""
    for piece in _BREAK.split(text):
        words = [word for word in piece.split() if word.casefold().strip("'\"") not in _NO_NAME]
        if words and all(re.search(r"[^\W\d_]", word) for word in words) and not re.search(f"[{IDEOGRAPH}]", piece):
            return " ".join(words)
    return ""


def _chinese_name(text: str) -> str:
    for piece in re.split(f"[^{IDEOGRAPH}]+", _PARTICLES.sub(" ", text)):
        if len(piece) >= 2:
            return _split(piece)[0]
    return ""


def _split(piece: str) -> list[str]:
    """The names that 和 and its like join, where each has two characters or more: 呼和浩特 is one."""
    for joint in re.finditer("[和与、及跟]", piece):
        left, right = piece[: joint.start()], piece[joint.end() :]
        if len(left) >= 2 and len(right) >= 2:
            return [left, *_split(right)]
    return [piece]


def _joined_names(name: str, masked: str) -> tuple[str, ...]:
    """The names that are joined to one: Rome of "Oslo and Rome", 上海 of 北京和上海的天气."""
    at = masked.find(name)
    behind = masked[at + len(name) :] if at >= 0 else ""
    found: list[str] = []
    if re.search(f"[{IDEOGRAPH}]", name):
        run = re.match(f"[{IDEOGRAPH}、]*", masked[max(at, 0) :])
        joined = _PARTICLES.split(run.group(), maxsplit=1)[0] if run is not None and at >= 0 else ""
        return tuple(_split(joined)[1:])
    while (one := _NEXT_NAME.match(behind)) is not None:
        found.append(one[1])
        behind = behind[one.end() :]
    return tuple(found)


_NEXT_NAME = re.compile(r"\s*(?:,\s*(?:and\s+)?|and\s+|&\s*)([A-Z][^\W\d_]+(?:\s[A-Z][^\W\d_]+)*)")


def _typed(parameter: Parameter, text: str) -> JSON:
    """A word as the parameter's type; None where it is none of that type."""
    match parameter.kind:
        case "integer":
            return int(text) if re.fullmatch(r"-?\d{1,18}", text) else None
        case "number":
            return float(text) if re.fullmatch(r"-?\d{1,18}(?:\.\d{1,18})?", text) else None
        case "boolean":
            return {"true": True, "yes": True, "false": False, "no": False}.get(text.casefold())
        case "choice":
            return next((one for one in parameter.choices if str(one).casefold() == text.casefold()), None)
        case "list":
            parsed = _parsed(text)
            return parsed if isinstance(parsed, list) else [one.strip() for one in re.split("[,，]", text)]
        case "other":
            parsed = _parsed(text)
            return parsed if isinstance(parsed, dict) else None
        case _:
            return text


def _parsed(text: str) -> JSON:
    try:
        found: JSON = json.loads(text)
    except ValueError:
        return None
    return found


def fill(tool: ToolDescription, marked: Marked, *, start: int, end: int) -> Filled:
    """The arguments for a tool out of a sub-goal; `start` and `end`: where in the text the tool's own words stand."""
    return _Filling(tool, marked, start, end).run()
