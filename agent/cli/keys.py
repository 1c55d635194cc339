"""The keys at a prompt: what a typed line means, and which lines are so near to a key that they are asked about.

Nobody who types `yes` wants that the agent reads it as feedback and the call is not made; and nothing but the key may
make a call. So a near-key is neither: it gets a line that tells the key, and the question stands again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.approval import Allow, Answer, Comment, Deny, Quit


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key: how it is typed, its meaning in a word or two for the prompt, and in a sentence for who asks for help.

    `near` are lines, without capitals and marks at the end, of which a person most likely means this key.
    """

    typed: str
    short: str
    whole: str
    near: frozenset[str] = frozenset()


def _lines(words: str) -> frozenset[str]:
    return frozenset(words.split())


_YES = Key(
    typed="y",
    short="yes",
    whole="make it, this once",
    near=_lines("yes yeah yep ok okay sure 是 好 好的 对 可以 はい да si sí oui ja sim"),
)
_NO = Key(
    typed="n [reason]",
    short="no",
    whole="do not make it; the agent reads the reason",
    near=_lines("no nope 不 不是 不要 否 いいえ нет non nein não"),
)
_STOP = Key(
    typed="q",
    short="stop",
    whole="stop the run here; it can be resumed",
    near=_lines("quit exit stop abort :q 退出 停止 停"),
)
KEYS: Mapping[str, Key] = {
    "y": _YES,
    "y -n": Key(
        typed="y -N",
        short="yes, and N steps unasked",
        whole="make it, and ask nothing more for N steps, this one counted",
    ),
    "a": Key(
        typed="a",
        short="always this tool",
        whole="make it, and ask no more for this tool while this process runs",
        near=_lines("always 总是"),
    ),
    "n": _NO,
    "e": Key(typed="e", short="edit", whole="write other arguments for it, as JSON", near=_lines("edit 编辑")),
    "q": _STOP,
}
"""The keys where the question is about the agent's next call; any other line is feedback."""
FEW_KEYS: Mapping[str, Key] = {"y": _YES, "n": _NO, "q": _STOP}
"""Those of a question of another kind than "call": there is nothing to edit, and nothing to grant ahead."""
SERVER_KEYS: Mapping[str, Key] = {
    "y": Key(typed="y", short="yes", whole="do it", near=_YES.near),
    "n": Key(typed="n", short="no", whole="go on without it", near=_NO.near),
    "q": Key(typed="q", short="stop", whole="stop here; no run is begun", near=_STOP.near),
}
"""Those of a question about a server of tools, before a run begins."""

_HELP = _lines("? h help 帮助")


def offered(keys: Mapping[str, Key]) -> str:
    """The keys in one line, as the prompt shows them."""
    shown = [f"{key.typed} {key.short}" for key in keys.values()]
    return " · ".join([*shown, "or feedback"] if keys is KEYS else shown)


def meant(line: str) -> Answer:
    """What a line that is not blank means: a key's answer, else feedback. `e` is the dialogue's own."""
    text = line.strip()
    answers: dict[str, Answer] = {"y": Allow(), "a": Allow(always=True), "n": Deny(), "q": Quit()}
    if text in answers:
        return answers[text]
    if (steps := re.fullmatch(r"y\s+-([0-9]{1,6})", text)) is not None:
        return Allow(steps=int(steps[1]))
    first, *rest = text.split(None, 1)
    return Deny(rest[0]) if first == "n" and rest else Comment(text)


def near(line: str, keys: Mapping[str, Key]) -> Sequence[str] | None:
    """What a person is told whose line is no key, but most likely meant as one of `keys`; None where it is not.

    Capitals, full-width letters and marks at the end make no difference. Who asks for help is told every key.
    """
    text = line.strip()
    if text in keys or not isinstance(meant(text), Comment):
        return None
    return near_key(text, keys)


def near_key(text: str, keys: Mapping[str, Key]) -> Sequence[str] | None:
    """The same for any set of keys, of a line that is none of them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = folded.rstrip(" .!。") or folded
    if bare in _HELP:
        return explained(keys)
    if "y -n" in keys and re.fullmatch(r"y\s*[-–−]?\s*(\d+|n)|y\s*[-–−]", bare):
        return ["type y -N for yes and N steps unasked, such as y -5"]
    for letter, key in keys.items():
        if bare == letter or bare in key.near:
            return [f"type {letter} for {key.short}"]
    return None


def explained(keys: Mapping[str, Key]) -> Sequence[str]:
    """Every key in a line of its own."""
    told = [f"  {key.typed:<10}  {key.whole}" for key in keys.values()]
    more = "  any other line is feedback: the agent reads it, and does not make the call"
    return [*told, more] if keys is KEYS else told
