"""Episodes: what a run was for, how it ended and what it made, in a few lines for later runs."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from agent.events import Finished, RecalledNote, Stopped
from agent.hiding import Hiding
from agent.history import FINISH, History
from agent.learning.made import made_calls
from agent.learning.told import without_secrets
from agent.model.offline.wording import without_report
from agent.notes import NewNote, copied
from agent.spending import counted, dollars

LASTS = 90 * 24 * 3600
"""Seconds after which an episode is not found any more."""
_GOAL, _REASON, _ANSWER = 400, 200, 360
"""Characters of the goal, of why the run stopped, and of the answer that are told."""
_FILES = 8
_LATELY = 3
"""So many last steps are looked at for what failed in the end."""
_RESULT = 0.8
"""A paragraph of which this part is the result of a tool is that result."""
_QUOTE = 3
"""So many words of a note make a quotation of it; what is shorter stands in any text."""
OFFLINE = "offline"
"""The name of the rule-based model."""
_SENTENCE = re.compile(r"[^\n.。!！?？]*(?:[.!?](?=\S)[^\n.。!！?？]*)*[.。!！?？]*")
_WORDS = {"not_reached": "not reached", "model": "stopped: no model", "limit": "stopped by a limit"}


def episode(run: str, history: History, ended: Finished | Stopped, hiding: Hiding) -> NewNote | None:
    """The episode of a run that ends so; None where nothing was done, or where rules have done it and left neither a
    file nor an answer nor a check that passed: no later run could use that.

    It takes the place of what the same run wrote when it ended before, else of the last episode of the same goal that
    ended alike. What memory told this run is left out of its answer, but for what that very episode did, and so is what
    is word for word the result of a tool. What `hiding` hides is taken out of each text before it is folded and cut.
    """
    if not history.steps:
        return None
    goal = _line(hiding.hidden(_goal(history)), _GOAL)
    made = [*_outcome(history, ended, hiding), *_made(goal, history, ended, hiding)]
    if _by_rules(history) and len(made) == 1 and not _passed(history):
        return None
    mark = hashlib.sha256(unicodedata.normalize("NFC", _goal(history)).encode("utf-8", "replace")).hexdigest()[:16]
    return NewNote(
        text="\n".join((f"Goal: {goal}", *made)),
        kind="episode",
        step=history.step,
        succeeds=(
            {"kind": "episode", "run": run},
            {"kind": "episode", "goal": mark, "state": ended.state},
        ),
        about={"goal": mark, "state": ended.state, "steps": history.step, "tokens": history.spend.tokens},
        expires=time.time() + LASTS,
    )


def _outcome(history: History, ended: Finished | Stopped, hiding: Hiding) -> Iterator[str]:
    spend = history.spend
    cost = f", {dollars(spend.usd)}" if spend.priced and spend.usd else ""
    passed = _passed(history)
    checks = f", {counted(passed, 'check')} passed" if passed else ""
    state = _WORDS.get(ended.state, ended.state)
    why = f" ({_line(hiding.hidden(ended.reason), _REASON)})" if ended.state != "reached" and ended.reason else ""
    yield f"Outcome: {state} after {counted(history.step, 'step')}{cost}{checks}{why}"


def _made(goal: str, history: History, ended: Finished | Stopped, hiding: Hiding) -> Iterator[str]:
    """The files, the answer, and of a run that did not get so far what it said and failed at last."""
    files = [*(f"{change.change} {path}" for path, change in history.files.items()), *_as_they_were(history)]
    if files:
        more = len(files) - _FILES
        yield f"Files: {', '.join(map(hiding.hidden, files[:_FILES]))}{f', and {more} more' if more > 0 else ''}"
    told = [note for note in history.recalled.values() if not note.text.startswith(f"Goal: {goal}\n")]
    results = {_plain(hiding.hidden(text)) for text in _whole_results(history)}
    given = hiding.hidden(ended.answer)
    if answer := _answer(without_report(given) if _by_rules(history) else given, told, results):
        yield f"Answer: {answer}"
    if ended.state == "reached" or _by_rules(history):
        return
    if not answer and (words := _answer(hiding.hidden(history.steps[-1].thought.text), told, results)):
        yield f"Last words: {words}"
    if failure := _last_failure(history, hiding):
        yield f"Last failure: {failure}"


def _whole_results(history: History) -> Collection[str]:
    """What tools gave back. A model that answers with one line of it has found that line; rules hand on whatever it
    is."""
    every = (one.text for step in history.steps for one in step.results.values() if one.tool != FINISH)
    return {text for text in every if _by_rules(history) or "\n" in text.strip()}


def _passed(history: History) -> int:
    return sum(one.passed for one in history.checks)


def _by_rules(history: History) -> bool:
    return bool(history.openings) and history.openings[-1].model == OFFLINE


def _as_they_were(history: History) -> Iterator[str]:
    """The files that were written with what stood in them already: the run stands for them as well."""
    results = [one for step in history.steps for one in step.results.values()]
    changed = {change.path for one in results for change in one.files}
    intents = [history.intent(one.call) for one in results if one.ok]
    written = [state for one in intents if one is not None and one.effect == "write" for state in one.before]
    paths = dict.fromkeys(state.path for state in written if state.sha256 is not None)
    yield from (f"unchanged {path}" for path in paths if path not in changed)


def _last_failure(history: History, hiding: Hiding) -> str:
    """What failed in the last steps, if anything did, without a secret of its call."""
    for one in reversed(made_calls(history, _LATELY, hiding)):
        if one.result.error is not None:
            said = without_secrets(one.result.error.message, (one.asked, one.arguments))
            return f"{one.tool}: {_line(said, _REASON)}"
    return ""


def _goal(history: History) -> str:
    goals = history.goal.get("goals")
    return "; ".join(map(str, goals)) if isinstance(goals, list) else ""


def _answer(text: str, recalled: Iterable[RecalledNote], results: Collection[str]) -> str:
    """The first sentences of an answer, without those that memory said, and without paragraphs that a tool gave."""
    notes = list(recalled)
    kept = ""
    own = (paragraph for paragraph in text.split("\n\n") if not _is_result(_plain(paragraph), results))
    for sentence in chain.from_iterable(map(_sentences, own)):
        if copied(sentence, notes) is not None or _quotes(sentence, notes):
            continue
        longer = f"{kept} {sentence}".strip()
        if len(longer) > _ANSWER:
            return kept or _line(longer, _ANSWER)
        kept = longer
    return kept


def _is_result(paragraph: str, results: Iterable[str]) -> bool:
    """Is it what a tool gave back, with no more than a heading to it?"""
    return any(one in paragraph and len(one) >= _RESULT * len(paragraph) for one in results if one)


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
