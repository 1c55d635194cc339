"""What the user forbids: which calls a prohibition such as "do not delete b.txt" concerns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.model.offline.clauses import Clause
from agent.model.offline.intents import Intent
from agent.model.offline.marks import mark
from agent.model.offline.matching import Toolset, phrases
from agent.model.offline.words import stems


def forbids(clause: Clause, intent: Intent, tools: Toolset) -> bool:
    """Does a prohibition forbid this call? One that names files forbids it for these, any other for all."""
    marked = mark(clause.text)
    tool = next((one for one in tools.tools if one.name == intent.tool), None)
    if tool is None:
        return False
    heads = {concept.name: concept for concept in tools.concepts_of(tool)}
    words = [*phrases(tool), *(phrase for one in heads.values() for phrase in (*one.english, *one.chinese))]
    if tool.effect == "write" and tool.name != "remember":
        words += ["change", "modify", "touch", "alter", "overwrite", "改动", "更改", "修改", "动", "覆盖"]
    about = _begins_with(clause.text, words) or tool.name in clause.text
    named = [place.text.replace("\\", "/") for place in marked.places]
    values = [str(value).replace("\\", "/") for value in intent.arguments.values() if isinstance(value, str)]
    if not about and not (named and tool.effect != "read" and re.match(r"touch|动|碰", clause.text)):
        return False
    return not named or any(
        value == name or value.startswith(f"{name.rstrip('/')}/") for name in named for value in values
    )


def _begins_with(text: str, words: Sequence[str]) -> bool:
    first = stems(text[:80])
    return any((wanted_words := stems(word)) and first[: len(wanted_words)] == wanted_words for word in words)


def concerns_a_tool(clause: Clause, tools: Toolset) -> bool:
    """Is a prohibition about anything that a tool here does?"""
    named = [place.text for place in mark(clause.text).places] or [""]
    return any(forbids(clause, Intent(tool=tool.name, arguments={"path": named[0]}), tools) for tool in tools.tools)
