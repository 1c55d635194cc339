"""Episodes: what a run was for, how it ended and what it made, in a few lines for later runs."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator

from agent.events import Finished, RecalledNote, Stopped
from agent.history import History
from agent.notes import NewNote, copied
from agent.spending import counted, dollars

LASTS = 90 * 24 * 3600
"""Seconds after which an episode is not found any more."""
_GOAL, _REASON, _ANSWER = 400, 200, 360
"""Characters of the goal, of why the run stopped, and of the answer that are told."""
_FILES = 8
_QUOTE = 3
"""So many words of a note make a quotation of it; what is shorter stands in any text."""
OFFLINE = "offline"
"""The name of the rule-based model."""
_SENTENCE = re.compile(r"[^\n.。!！?？]*(?:[.!?](?=\S)[^\n.。!！?？]*)*[.。!！?？]*")
_WORDS = {"not_reached": "not reached", "model": "stopped: no model", "limit": "stopped by a limit"}


def episode(run: str, history: History, ended: Finished | Stopped) -> NewNote | None:
    """The episode of a run that ends so; None where nothing was done.

    It takes the place of what the same run wrote when it ended before, else of the last episode of the same goal that
    ended alike. What memory told this run is left out of its answer, but for what that very episode did.
    """
    if not history.steps:
        return None
    goal = _line(_goal(history), _GOAL)
    mark = hashlib.sha256(unicodedata.normalize("NFC", _goal(history)).encode("utf-8", "replace")).hexdigest()[:16]
    return NewNote(
        text="\n".join(_lines(goal, history, ended)),
        kind="episode",
        step=history.step,
        succeeds=(
            {"kind": "episode", "run": run},
            {"kind": "episode", "goal": mark, "state": ended.state},
        ),
        about={"goal": mark, "state": ended.state, "steps": history.step, "tokens": history.spend.tokens},
        expires=time.time() + LASTS,
    )


def _lines(goal: str, history: History, ended: Finished | Stopped) -> Iterator[str]:
    yield f"Goal: {goal}"
    spend = history.spend
    cost = f", {dollars(spend.usd)}" if spend.priced and spend.usd else ""
    state = _WORDS.get(ended.state, ended.state)
    why = f" ({_line(ended.reason, _REASON)})" if ended.state != "reached" and ended.reason else ""
    yield f"Outcome: {state} after {counted(history.step, 'step')}{cost}{why}"
    if history.files:
        named = [f"{change.change} {path}" for path, change in list(history.files.items())[:_FILES]]
        more = len(history.files) - len(named)
        yield f"Files: {', '.join(named)}{f', and {more} more' if more else ''}"
    told = [note for note in history.recalled.values() if not note.text.startswith(f"Goal: {goal}\n")]
    if answer := _answer(_own_words(history, ended.answer), told):
        yield f"Answer: {answer}"


def _own_words(history: History, answer: str) -> str:
    """An answer without the last paragraph of the offline model, which says of each what made it."""
    offline = bool(history.openings) and history.openings[-1].model == OFFLINE
    return answer.rpartition("\n\n")[0] if offline else answer


def _goal(history: History) -> str:
    goals = history.goal.get("goals")
    return "; ".join(map(str, goals)) if isinstance(goals, list) else ""


def _answer(text: str, recalled: Iterable[RecalledNote]) -> str:
    """The first sentences of an answer, without those that memory said."""
    notes = list(recalled)
    kept = ""
    for sentence in _sentences(text):
        if copied(sentence, notes) is not None or _quotes(sentence, notes):
            continue
        longer = f"{kept} {sentence}".strip()
        if len(longer) > _ANSWER:
            return kept or _line(longer, _ANSWER)
        kept = longer
    return kept


def _quotes(sentence: str, notes: Iterable[RecalledNote]) -> bool:
    """Does it hold a sentence of a note, word for word?"""
    from memory.embedding import words

    plain = _plain(sentence)
    told = (one for note in notes for one in map(_plain, _sentences(note.text)) if one in plain)
    return any(len(words(one)) >= _QUOTE for one in told)


def _plain(text: str) -> str:
    return " ".join("".join(one if one.isalnum() else " " for one in text.casefold()).split())


def _sentences(text: str) -> Iterator[str]:
    for match in _SENTENCE.finditer(text):
        if sentence := " ".join(match.group().split()):
            yield sentence


def _line(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[:most].rstrip()} …"
