"""From a sub-goal to the tool that it asks for, by names, aliases and descriptions.

A wrong call is worse than none. So a tool is matched where its own words begin the sub-goal; where its name or an alias
stands in it, if no other verb leads; or, for tools that only read, where its description shares rare words with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from agent.model import ToolDescription
from agent.model.offline.lexicon import CONCEPTS, OTHER_CHINESE, OTHER_ENGLISH, Concept
from agent.model.offline.marks import Marked
from agent.model.offline.openings import opening_end
from agent.model.offline.verbs import Verbs, known_verbs
from agent.model.offline.words import IDEOGRAPH, stem, stems, stems_with_ends, terms

FINISH = "finish"
"""The loop's own tool, by which the work ends."""
READ_HANDED = "read_artifact"
"""The tool that reads files handed over with the goal."""
_OWN = (FINISH, READ_HANDED, "submit_plan", "delegate", "find_tools")
"""Tools that serve the run itself: no sub-goal is matched with them."""
_ARTICLES = frozenset({"the", "a", "an", "all"})
_HARMLESS = ("read", "fetch")
_FORGIVING = ("read", "fetch", "write")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A tool that a sub-goal may ask for. `start` and `end`: where in the text its words stand.

    `concept` is the meaning of the verb where the lexicon knows it ("" otherwise); `tool` is then None where no such
    tool is offered. `strength`: "head", its words begin the sub-goal; "named", they stand in it; "weak", only its
    description is alike.
    """

    tool: ToolDescription | None
    concept: str
    start: int
    end: int
    strength: Literal["head", "named", "weak"]


@dataclass(frozen=True)
class Toolset:
    """The tools that a request offers."""

    tools: tuple[ToolDescription, ...]

    @cached_property
    def matched(self) -> tuple[ToolDescription, ...]:
        """The tools that sub-goals are matched with."""
        return tuple(tool for tool in self.tools if tool.name not in _OWN)

    @cached_property
    def can_finish(self) -> bool:
        """Is there the tool that ends the work?"""
        return any(tool.name == FINISH for tool in self.tools)

    @cached_property
    def finish_names_files(self) -> bool:
        """Does that tool take the names of the files that were made?"""
        tool = next((one for one in self.tools if one.name == FINISH), None)
        properties = tool.parameters.get("properties") if tool else None
        return isinstance(properties, dict) and "files" in properties

    @cached_property
    def verbs(self) -> Verbs:
        """What can begin a sub-goal here."""
        strange = [tool for tool in self.matched if not self.concepts_of(tool)]
        return known_verbs(tuple(phrase for tool in strange for phrase in phrases(tool)))

    def for_concept(self, name: str) -> ToolDescription | None:
        """The tool that does what a verb means, or None."""
        concept = next(one for one in CONCEPTS if one.name == name)
        by_name = {tool.name: tool for tool in self.matched}
        for wanted in concept.tools:
            if wanted in by_name:
                return by_name[wanted]
        if name in ("append", "combine", "edit", "write"):
            return None  # what is written must fit: no other tool is trusted with it
        for tool in self.matched:
            words = {alias.casefold() for alias in tool.aliases}
            if tool.effect in _FORGIVING and words & {concept.name, concept.english[0], *concept.chinese}:
                return tool
        return None

    def concepts_of(self, tool: ToolDescription) -> tuple[Concept, ...]:
        """The meanings that this tool stands for."""
        return tuple(one for one in CONCEPTS if tool.name in one.tools)

    @cached_property
    def rarity(self) -> Counter[str]:
        """In how many tools' descriptions a word stands."""
        return Counter(term for tool in self.matched for term in set(terms(tool.description)))


def phrases(tool: ToolDescription) -> tuple[str, ...]:
    """The words by which a tool can be called: its name, also as words, and its aliases."""
    return (tool.name, _spaced(tool.name), *(alias.strip() for alias in tool.aliases if alias.strip()))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-]+", " ", name)


def find(marked: Marked, tools: Toolset) -> list[Match]:
    """The tools that a sub-goal may ask for, the likeliest first; empty where there is none to be trusted."""
    begin = _beginning(marked.masked, tools)
    found = sorted(_at_head(marked.masked, begin, tools), key=_by_length)
    if not found:
        found = sorted(_inside_chinese(marked.masked, begin, tools), key=_by_length)
    leading = _leads_elsewhere(marked.masked, begin)
    known = {match.tool.name for match in found if match.tool is not None}
    for match in _named(marked, tools, literal_only=leading and not found):
        if match.tool is not None and match.tool.name not in known:
            found.append(match)
            known.add(match.tool.name)
    if not found and not leading:
        found.extend(_alike(marked, tools))
    return found


def _by_length(match: Match) -> tuple[int, int, int, str]:
    # Of equal phrases the lexicon's meaning goes first: the rules know best how to fill its arguments.
    name = match.tool.name if match.tool else ""
    return (match.start, match.start - match.end, 0 if match.concept else 1, name)


def _beginning(masked: str, tools: Toolset) -> int:
    """Where the verb is looked for: behind "In a.md, …", 从 a.md 中."""
    comma = re.match(r"(?:in|from|using|based on|according to|with|for|about|on)\b[^,，]*[,，]\s*", masked, re.I)
    return opening_end(masked, tools.verbs.begins) or (comma.end() if comma is not None else 0)


def _at_head(masked: str, begin: int, tools: Toolset) -> Iterator[Match]:
    text = masked[begin:]
    heads = list(stems_with_ends(re.split("[\ue000]", text, maxsplit=1)[0][:120]))[:14]
    heads = [one for one in heads if one[0] not in _ARTICLES]
    words = [word for word, _ in heads]
    for tool, concept, phrase in _all_phrases(tools):
        wanted = [word for word in stems(phrase) if word not in _ARTICLES]
        if wanted and words[: len(wanted)] == wanted and text[:1].isalnum():
            yield Match(
                tool=tool,
                concept=concept,
                start=begin,
                end=begin + heads[len(wanted) - 1][1],
                strength="head",
            )


def _all_phrases(tools: Toolset) -> Iterator[tuple[ToolDescription | None, str, str]]:
    for concept in CONCEPTS:
        tool = tools.for_concept(concept.name)
        for phrase in (*concept.english, *concept.chinese):
            yield tool, concept.name, phrase
    for tool in tools.matched:
        if tools.concepts_of(tool):
            # Aliases of a tool whose meaning is known; Chinese ones may be nouns, which look like verbs there.
            known = {word for one in CONCEPTS for word in (*one.english, *one.chinese)}
            yield from (
                (tool, tools.concepts_of(tool)[-1].name, phrase)
                for phrase in phrases(tool)
                if phrase.casefold() not in known and phrase.isascii()
            )
        else:
            yield from ((tool, "", phrase) for phrase in phrases(tool))


def _inside_chinese(masked: str, begin: int, tools: Toolset) -> Iterator[Match]:
    """In Chinese the verb may stand behind its object (把 … 保存到 …): the first verb in the text counts."""
    if not re.search(f"[{IDEOGRAPH}]", masked):
        return
    places: list[tuple[int, int, ToolDescription | None, str]] = []
    for tool, concept, phrase in _all_phrases(tools):
        if re.search(f"[{IDEOGRAPH}]", phrase) and (at := _verb_at(masked, phrase, begin)) >= 0:
            places.append((at, at + len(phrase), tool, concept))
    others = [at for word in OTHER_CHINESE if (at := _verb_at(masked, word, begin)) >= 0]
    first = min((place[0] for place in places), default=-1)
    asks = _ASKS.match(masked[begin:])
    if asks is not None:
        others = [at for at in others if at >= begin + asks.end()]
    if first < 0 or (others and min(others) < first):
        return
    for start, end, tool, concept in places:
        # A verb that overlaps the first one may be the longer word for it (写 in 写入).
        if start == first:
            yield Match(tool=tool, concept=concept, start=start, end=end, strength="head")


_ASKS = re.compile(
    "(?:查询|查一查|查一下|查下|查查|查看|看看|看一下|看一看|查|看|问问?|获取|显示)(?:一下|下)?(?:有关|关于)?"
)
"""Verbs by which any tool is asked for what it tells: 查询北京的天气 asks for 天气."""
_NOUNS = re.compile(
    "[大小手缩听默速]写|写[真字法作手照]|读[者数书物音本]|看[法台点守护]|查[收房]|找零|搜[身救]|编[号者制辑部]|"
    "调查[人表员者问]|讲[师话座]"
)
_NOUN_BEHIND = re.compile("(?:结果|报告|表|员|者|师|方案|数据|工作|费用|部门|意见|情况|问卷|组|书|公司|机构)(?![地得])")


def _verb_at(masked: str, word: str, begin: int) -> int:
    """Where a Chinese word stands as a verb, -1 if nowhere: 写 in 大写 is none, and 调查 in 的调查结果 neither."""
    nouns = [(one.start(), one.end()) for one in _NOUNS.finditer(masked)] if len(word) < 3 else []
    at = masked.find(word, begin)
    while at >= 0:
        end = at + len(word)
        in_a_noun = any(first <= at and end <= last and (first, last) != (at, end) for first, last in nouns)
        behind = masked[at - 1 : at] in ("的", "份") and _NOUN_BEHIND.match(masked, end) is not None
        if not in_a_noun and not behind:
            return at
        at = masked.find(word, at + 1)
    return -1


def _leads_elsewhere(masked: str, begin: int) -> bool:
    """Does a verb that no rule covers lead the sub-goal?"""
    text = masked[begin:]
    word = re.match(r"[A-Za-z]+", text)
    if word is not None and stem(word.group()) in {stem(one) for one in OTHER_ENGLISH}:
        return True
    asks = _ASKS.match(text)
    rest = text[asks.end() :] if asks is not None else text
    return rest.startswith(OTHER_CHINESE) or any(f"{sign}{one}" in text for one in OTHER_CHINESE for sign in "把将")


def _named(marked: Marked, tools: Toolset, *, literal_only: bool) -> Iterator[Match]:
    text = marked.masked
    words = list(stems_with_ends(text))
    for tool in tools.matched:
        literal = re.search(rf"(?<!\w){re.escape(tool.name)}(?!\w)", text) if "_" in tool.name else None
        if literal is not None:
            yield Match(tool=tool, concept="", start=literal.start(), end=literal.end(), strength="head")
        elif not literal_only and not tools.concepts_of(tool) and tool.effect in _HARMLESS:
            span = next((place for one in phrases(tool) if (place := _whole(stems(one), words))), None)
            if span is not None:
                yield Match(tool=tool, concept="", start=span[0], end=span[1], strength="named")


def _whole(wanted: Sequence[str], words: Sequence[tuple[str, int]]) -> tuple[int, int] | None:
    """Where a phrase stands in the text: in one piece, or a name of several words with small words between."""
    if not wanted or (len(wanted) == 1 and wanted[0].isascii() and len(wanted[0]) < 4):
        return None
    plain = [word for word, _ in words]
    for at in range(len(plain) - len(wanted) + 1):
        if plain[at : at + len(wanted)] == list(wanted):
            return (words[at - 1][1] if at else 0, words[at + len(wanted) - 1][1])
    if len(wanted) > 1 and all(one.isascii() for one in wanted) and set(wanted) <= set(plain):
        places = sorted(plain.index(one) for one in wanted)
        if places[-1] - places[0] <= len(wanted) + 2:
            return (words[places[0] - 1][1] if places[0] else 0, words[places[-1]][1])
    return None


def _alike(marked: Marked, tools: Toolset) -> Iterator[Match]:
    """The one tool whose description shares several rare words with the sub-goal, if it only reads."""
    wanted = set(terms(marked.masked))
    ranked: list[tuple[int, str, ToolDescription]] = []
    for tool in tools.matched:
        if tool.effect in _HARMLESS and not tools.concepts_of(tool):
            shared = {term for term in wanted & set(terms(tool.description)) if tools.rarity[term] <= 2}
            if len(shared) >= 2 and 3 * len(shared) >= len(wanted):
                ranked.append((-len(shared), tool.name, tool))
    ranked.sort(key=lambda one: one[:2])
    if ranked and (len(ranked) == 1 or ranked[0][0] < ranked[1][0]):
        yield Match(tool=ranked[0][2], concept="", start=0, end=0, strength="weak")
