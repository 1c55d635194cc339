"""How an answer from documents is shown: statements with numbers, and under them where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from agent.answering import Answer, Evidence, Statement
from agent.cli.kb.opened import shown
from agent.cli.kb.placing import placed
from agent.cli.saying import say
from agent.cli.tables import fitted, usage_described, within
from agent.events import Usage
from agent.model.choice import OFFLINE
from agent.model.offline.words import is_chinese
from agent.spending import counted, dollars
from agent.terminal import neutral, plain

_NEAREST = 3
_NOT_UNDERSTOOD = "no model was asked: sentences are quoted word for word, not understood"
_FRAME = "    "
_NOW = {"there": "", "changed": " (changed since it was added)", "gone": " (not there any more)"}
_NOW_CHINESE = {"there": "", "changed": "（加入后有改动）", "gone": "（文件已不在）"}
"""What has become of a file, behind its place."""
_BEGINNING = 90  # columns of a passage that is only named


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a question. `usage` is None where no model was asked."""

    question: str
    namespace: str
    evidence: Sequence[Evidence]
    answer: Answer
    model: str
    usage: Usage | None
    seconds: float


def show(answered: Answered) -> None:
    """Print the answer and its sources on stdout, and what there is to know of it on stderr."""
    if not answered.answer.statements:
        _refuse(answered)
    else:
        chinese = is_chinese(answered.question)
        numbers = _numbers(answered.answer.statements)
        for statement in answered.answer.statements:
            typer.echo(neutral(_told(statement, numbers)))
        typer.echo("")
        given = {one.number: one for one in answered.evidence}
        for passage, number in numbers.items():
            typer.echo(f"[{number}] {plain(_where(given[passage], chinese=chinese))}")
            for words in _quotes(answered.answer.statements, passage):
                for line in fitted(f"{_FRAME}“{plain(' '.join(words.split()))}”", frame=_FRAME):
                    typer.echo(line)
    for left in answered.answer.left_out:
        say(f"left out, since {left.reason}: {left.text}")
    for one in answered.answer.statements:
        if one.unfounded:
            say(f"no cited passage has the figure {', '.join(one.unfounded)}; it may be worked out, or wrong")
    for line in _stale(answered):
        say(line)
    say(_cost(answered))


def _refuse(answered: Answered) -> None:
    chinese = is_chinese(answered.question)
    typer.echo(_refusal(answered, chinese=chinese))
    if not answered.evidence:
        return
    typer.echo("最接近的段落：" if chinese else "The nearest passages:")
    for one in answered.evidence[:_NEAREST]:
        typer.echo(
            f"{_FRAME}{plain(_where(one, chinese=chinese))}: {within(plain(' '.join(one.text.split())), _BEGINNING)}"
        )


def _refusal(answered: Answered, *, chinese: bool) -> str:
    """Without a model nothing is understood: they may say it in other words."""
    if answered.model == OFFLINE:
        return "文档中没有这样的原话。" if chinese else "The documents do not say this in so many words."
    return "文档中没有说明。" if chinese else "The documents do not say."


def _told(statement: Statement, numbers: dict[int, int]) -> str:
    """A statement with the numbers of its sources behind it."""
    marks = "".join(f"[{number}]" for number in sorted({numbers[one.number] for one in statement.citations}))
    doubt = " (?)" if statement.unfounded else ""
    return f"{statement.text} {marks}{doubt}"


def _numbers(statements: Iterable[Statement]) -> dict[int, int]:
    """The passages that are cited, numbered in the order in which they are."""
    cited = dict.fromkeys(one.number for statement in statements for one in statement.citations)
    return {passage: number for number, passage in enumerate(cited, 1)}


def _quotes(statements: Iterable[Statement], passage: int) -> list[str]:
    cited = (one for statement in statements for one in statement.citations)
    return list(dict.fromkeys(one.quote for one in cited if one.number == passage))


def _where(one: Evidence, *, chinese: bool) -> str:
    """Where a passage stands, as whoever asked reads it: the file as `kb list` names it."""
    place = placed(one.place, chinese=chinese)
    if chinese:
        return f"{_file(one)}，{place}{f'，“{one.heading}”之下' if one.heading else ''}{_NOW_CHINESE[one.now]}"
    return f"{_file(one)}, {place}{f', under “{one.heading}”' if one.heading else ''}{_NOW[one.now]}"


def _file(one: Evidence) -> str:
    return shown(one.name, Path.cwd()) if one.name else one.file


def _stale(answered: Answered) -> list[str]:
    """What to do about files that were cited, or shown as nearest, and are not what they were."""
    cited = _numbers(answered.answer.statements)
    told = [one for one in answered.evidence if one.number in cited] if cited else answered.evidence[:_NEAREST]
    found: list[str] = []
    for now, what in (
        ("gone", "is not there any more: kb add its folder brings the base up to date, kb remove forgets it"),
        ("changed", "has changed since it was added: kb add it again"),
    ):
        found += [f"{file} {what}" for file in dict.fromkeys(_file(one) for one in told if one.now == now)]
    return found


def _cost(answered: Answered) -> str:
    model, usage, seconds = answered.model, answered.usage, answered.seconds
    if usage is None and is_chinese(answered.question):
        how = "没有调用模型：只引用原文，并不理解" if model == OFFLINE else f"没有调用 {model}"
        return f"{how} · {seconds:.1f} s"
    if usage is None:
        how = _NOT_UNDERSTOOD if model == OFFLINE else f"{model} was not asked"
        return f"{how} · {seconds:.1f} s"
    price = "price unknown" if usage.usd is None else dollars(usage.usd)
    calls = f"{counted(usage.calls, 'call')}, " if usage.calls > 1 else ""
    return f"{model} · {calls}{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens, {price} · {seconds:.1f} s"


def described(answered: Answered) -> dict[str, Any]:
    """The same as JSON: `answer` is what is printed, null where the documents do not say."""
    statements, usage = answered.answer.statements, answered.usage
    numbers = _numbers(statements)
    given = {one.number: one for one in answered.evidence}
    return {
        "question": answered.question,
        "namespace": answered.namespace,
        "supported": bool(statements),
        "answer": "\n".join(_told(one, numbers) for one in statements) or None,
        "statements": [
            {
                "text": one.text,
                "citations": [{"source": numbers[each.number], "quote": each.quote} for each in one.citations],
                "unfounded_figures": list(one.unfounded),
            }
            for one in statements
        ],
        "sources": [
            {"number": number, **_plain(given[passage]), "quotes": _quotes(statements, passage)}
            for passage, number in numbers.items()
        ],
        "left_out": [{"text": one.text, "reason": one.reason} for one in answered.answer.left_out],
        "nearest": _nearest(answered.evidence),
        "model": answered.model,
        "usage": usage_described(usage),
        "seconds": round(answered.seconds, 3),
    }


def _nearest(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [_plain(one) for one in evidence]


def _plain(one: Evidence) -> dict[str, Any]:
    return {
        "id": one.id,
        "file": one.name or one.file,
        "place": one.place,
        "heading": one.heading or None,
        "score": round(one.score, 4),
        "text": one.text,
        "now": one.now,
    }
