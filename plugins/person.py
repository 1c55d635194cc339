"""The tool that asks the human."""

from __future__ import annotations

from plugins import Context, Effect, ToolError, tool

__all__ = ["ask_user"]

_DAY = 86_400.0  # seconds: people go home


@tool(
    effect=Effect.READ,
    repeatable=True,
    timeout=_DAY,
    aliases=("ask", "question", "ask me", "询问", "提问", "问我", "请教", "问用户"),
)
def ask_user(question: str, choices: list[str] | None = None, *, context: Context) -> str:
    """Ask the user what only they can know.

    Args:
        question: One question.
        choices: Answers to choose from.
    """
    if not question.strip():
        raise ToolError("question is empty", hint="say what you want to know")
    offered = list(dict.fromkeys(choice.strip() for choice in choices or () if choice.strip()))
    answer = context.person(question.strip(), offered).strip()
    return _chosen(answer, offered) or "(the user gave no answer)"


def _chosen(answer: str, offered: list[str]) -> str:
    """The choice that was meant by its number or in other letter case; else the answer as it is."""
    for choice in offered:
        if answer.casefold() == choice.casefold():
            return choice
    if answer.isdecimal() and 1 <= int(answer) <= len(offered):
        return offered[int(answer) - 1]
    return answer
