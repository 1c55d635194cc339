"""A summary by a model: passages to notes, side by side, and notes to one summary, as a tree.

Whatever the model does not read (since the budget does not carry it or has ended, since the time runs short, since a
question failed) has its key sentences in place of a note, so that no part of the document is lost. How it came about
is said at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plugins._asking import Asking
from plugins._citing import Marks, Span
from plugins._contract import Ask, Context, Cost, ToolError
from plugins._matter import Matter, extracted, key_sentences, shown
from plugins._passages import passages
from plugins._planning import FAN, NOTE, Passage, Plan, cut, plan, sizes
from plugins._prompting import PURPOSE, SYSTEM, merging, reading
from plugins._side_by_side import side_by_side
from plugins._sourcing import Source
from plugins._weight import weigh
from plugins._wording import costs, counted, lacking, tokens

__all__ = ["Summing"]

_SENTENCES, _OF_EACH = 200, 3  # key sentences that stand for all that is not read, and for a passage of it
_SENTENCE = 200  # weight of one, about
_LEAST_ROOM = 1_000  # weight of notes that are merged at once, where the window turns out to be that small
_HALVINGS = 3  # times that a passage is halved which is longer than the model takes


@dataclass(frozen=True, slots=True)
class _Note:
    """What is told of a piece of the text, and the places that it comes from."""

    text: str
    spans: tuple[Span, ...]


class Summing:
    """One document that is summed up.

    Args:
        matter: The document.
        question: What the summary should answer, or "".
        context: The call's.
        ask: Asks the model.
        within: Seconds that the call may take.
    """

    def __init__(self, matter: Matter, question: str, context: Context, ask: Ask, *, within: float) -> None:
        budget = context.budget
        self._matter = matter
        self._question = question
        self._context = context
        self._asking = Asking(context, ask, purpose=PURPOSE, system=SYSTEM, until=time.monotonic() + within)
        self._marks = Marks(matter.text, matter.places)
        self._sizes = sizes(weigh(matter.text), budget.window if budget is not None else None)
        self._parts = cut(matter.text, self._sizes.passage)
        self._reply = self._sizes.final if len(self._parts) == 1 else self._sizes.reply
        self._prompts: dict[int, str] = {}
        self._total = 0
        self._unknown: list[int] = []
        self._room = self._sizes.passage  # weight of notes that are merged at once

    def summarise(self) -> str:
        """The summary, and how it was made.

        Raises:
            ToolError: the model cannot be had, or the call was given up.
        """
        planned = self._plan()
        if not planned.read:
            return self._by_sentences(f"the budget does not carry a summary by the model: {lacking(planned)}")
        self._total = planned.paid + planned.cost.calls if planned.cost is not None else len(planned.read)
        self._asking.rounds = 1 + len(self._sizes.merges(len(self._parts)))
        self._asking.resumed = planned.paid > 0
        notes = self._map(planned)
        read = sum(note is not None for note in notes.values())
        if not read and self._asking.failures:
            raise self._asking.failures[0]
        if not read:
            assert self._asking.ended is not None
            return self._by_sentences(f"the budget ended it: {self._asking.ended.message}")
        merged = self._merged(self._whole(notes), planned)
        text = "\n\n".join(note.text for note in merged)
        return self._matter.told(self._marks.with_sections(text), *self._how(planned, read, merged))

    def _by_sentences(self, why: str) -> str:
        found = extracted(self._matter, self._question, self._context)
        return self._matter.told(found, "extractive: sentences taken from the text", why)

    def _plan(self) -> Plan:
        budget, mark = self._context.budget, self._marks.example

        def cost_of(prompt: str, reply: int) -> Cost:
            assert budget is not None
            return budget.cost(prompt, purpose=PURPOSE, system=SYSTEM, reply=reply)

        return plan(
            self._parts,
            lambda at: cost_of(self._prompt(at), self._reply),
            lambda: cost_of(merging(self._parts[0].text, mark=mark, question=self._question), self._sizes.reply),
            budget,
            of=self._sizes,
            question=self._question,
            beside=min(_SENTENCES, _OF_EACH * len(self._parts)) * _SENTENCE,
        )

    def _prompt(self, at: int) -> str:
        if at not in self._prompts:
            count = len(self._parts)
            what = "text" if count == 1 else f"part {at + 1} of {count} of the text"
            self._prompts[at] = self._about(self._parts[at], what)
        return self._prompts[at]

    def _about(self, part: Passage, what: str) -> str:
        marked = self._marks.marked(part.text, part.first)
        return reading(marked, what, mark=self._marks.example, question=self._question)

    def _map(self, planned: Plan) -> dict[int, _Note | None]:
        """The note of every passage that is to be read; None where there is none."""
        notes: dict[int, _Note | None] = {}
        self._tell(planned)
        for at, note in side_by_side(self._read, planned.read, parallel=self._context.parallel):
            notes[planned.read[at]] = note
            self._tell(planned)
        return notes

    def _read(self, at: int) -> _Note | None:
        part = self._parts[at]
        answer = self._answer(part, self._prompt(at), halvings=_HALVINGS)
        if answer is None:
            return None
        note = self._checked(answer, [(part.first, part.last)], lambda: self._marks.sources(part.text, part.first))
        return note if note.text else self._key(part.text, part.first, _OF_EACH)  # citations of elsewhere, and no word

    def _answer(self, part: Passage, prompt: str, *, halvings: int) -> str | None:
        """What the model says of a passage; an empty answer does not lose it. One that is longer than the model takes
        is halved."""
        try:
            answer = self._asking.question(prompt, reply=self._reply)
        except ToolError as error:
            if error.kind != "window":
                raise
            if not halvings:
                self._asking.note(error)
                return None
            halves = cut(part.text, max(1, weigh(part.text) // 2 + 1))
            moved = [Passage(one.text, one.first + part.first - 1, one.last + part.first - 1) for one in halves]
            of_halves = [
                self._answer(one, self._about(one, "part of the text"), halvings=halvings - 1) for one in moved
            ]
            found = [one for one in of_halves if one is not None]
            return "\n".join(found) if len(found) == len(moved) else None
        if answer is None:
            return None
        return answer or self._key(part.text, part.first, _OF_EACH).text

    def _checked(self, answer: str, allowed: Sequence[Span], sources: Callable[[], Sequence[Source]]) -> _Note:
        cited = self._marks.checked(_shortened(answer, 2 * NOTE * self._reply), allowed, sources)
        self._unknown.append(cited.unknown)
        return _Note(cited.text, cited.spans)

    def _key(self, text: str, first: int, count: int) -> _Note:
        """Key sentences of a piece of the text that begins in this line, with their places."""
        found = key_sentences(text, self._question, self._context, count)
        spans = [(one.line + first - 1, one.line + first - 1) for one in found]
        lines = [f"- {shown(one.text)} {self._marks.mark(at)}" for one, at in zip(found, spans, strict=True)]
        return _Note("\n".join(lines), tuple(spans))

    def _whole(self, notes: Mapping[int, _Note | None]) -> list[_Note]:
        """The notes in the order of the text; what has none, neighbours together, has key sentences."""
        lacking = sum(weigh(part.text) for at, part in enumerate(self._parts) if notes.get(at) is None)
        found: list[_Note] = []
        run: list[Passage] = []
        for at, part in enumerate(self._parts):
            note = notes.get(at)
            if note is None:
                run.append(part)
            if run and (note is not None or at == len(self._parts) - 1):
                text = "".join(one.text for one in run)
                share = round(_SENTENCES * weigh(text) / lacking)
                found.append(self._key(text, run[0].first, max(1, min(share, _OF_EACH * len(run)))))
                run = []
            if note is not None:
                found.append(note)
        return [note for note in found if note.text]

    def _merged(self, notes: list[_Note], planned: Plan) -> list[_Note]:
        """Notes on notes until one is left; where nothing more is asked, what there is."""
        while len(notes) > 1 and self._asking.ended is None:
            groups = _grouped(notes, self._room)
            self._asking.rounds = 1 + len(self._sizes.merges(len(groups)))
            self._total = max(self._total, self._asking.answered + sum(len(group) > 1 for group in groups))
            self._reply = self._sizes.final if len(groups) == 1 else self._sizes.reply
            merged: dict[int, Sequence[_Note]] = {}
            for at, found in side_by_side(self._merge, groups, parallel=self._context.parallel):
                merged[at] = found
                self._tell(planned)
            notes = [note for at in range(len(groups)) for note in merged[at]]
        return notes

    def _merge(self, group: Sequence[_Note]) -> Sequence[_Note]:
        """One note of several; where no answer comes they stay as they are, and are tried again among others."""
        if len(group) == 1:
            return group
        prompt = merging("\n\n".join(note.text for note in group), mark=self._marks.example, question=self._question)
        try:
            answer = self._asking.question(prompt, reply=self._reply)
        except ToolError as error:
            if error.kind != "window":
                raise
            self._asking.note(error)
            self._room = max(_LEAST_ROOM, self._room * 2 // 3)
            return group
        if answer is None:
            return group
        spans = [span for note in group for span in note.spans]
        sources = [source for note in group for source in self._marks.cited(note.text)]
        merged = self._checked(answer, spans, lambda: sources)
        if not merged.text:
            self._asking.note(ToolError("the model gave an empty answer", kind="model"))
            return group
        return [merged]

    def _tell(self, planned: Plan) -> None:
        what = f"summarising {self._matter.name}"
        if planned.cost is not None and planned.cost.calls:
            what = f"calls, {tokens(planned.cost)} at most: {what}"  # the bar says how many of how many
        done = self._asking.answered
        self._context.progress(what, done=done, total=max(self._total, done, 1))

    def _how(self, planned: Plan, read: int, merged: Sequence[_Note]) -> list[str]:
        """How it was made, what is missing and why, and what it cost."""
        count, asking = len(self._parts), self._asking
        told = [f"by the model in {counted(count, 'passage')}"]
        if read < count:
            told = [f"by the model, which read {read} of {count} passages; key sentences stand for the others"]
        if len(planned.read) < count:
            told.append(f"the budget carries no more: {lacking(planned)}")
        if asking.ended is not None and asking.ended.kind == "limit":
            told.append(f"the budget ended it: {asking.ended.message}")
        elif asking.failures:
            told.append(f"{counted(len(asking.failures), 'question')} failed: {asking.failures[0].message}")
        if len(merged) > 1:
            told.append("its notes are not all merged")
        if unknown := sum(self._unknown):
            told.append(f"{counted(unknown, 'citation')} of places that it was not shown left out")
        if asking.recalled:
            told.append(f"{counted(asking.recalled, 'answer')} from before an interruption")
        if planned.cost is not None and planned.cost.calls == asking.paid == 1:
            told.append(f"{costs(planned.cost)} foreseen")
        elif planned.cost is not None and planned.cost.calls:
            told.append(f"{counted(asking.paid, 'call')}; foreseen: at most {costs(planned.cost)}")
        return told


def _shortened(text: str, weight: int) -> str:
    """The beginning of a text: some models do not keep to a length."""
    return text if weigh(text) <= weight else f"{passages(text, weight=weight)[0].rstrip()} …"


def _grouped(notes: Sequence[_Note], room: int) -> list[list[_Note]]:
    """Neighbours that fit a prompt together, two at least, so that there are fewer each time."""
    groups: list[list[_Note]] = []
    held = 0
    for note in notes:
        text = _shortened(note.text, room // 2)
        own = weigh(text)
        if not groups or ((held + own > room or len(groups[-1]) == FAN) and len(groups[-1]) > 1):
            groups.append([])
            held = 0
        groups[-1].append(_Note(text, note.spans))
        held += own
    return groups
