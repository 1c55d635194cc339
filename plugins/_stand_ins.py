"""What a tool is given in a test in place of a run's memory, model and person: kept in memory, scripted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from plugins._contract import Artifact, Cost, Found, Left, Newest, Remembered, Seen, ToolError

__all__ = ["KeptArtifacts", "KeptNotes", "Scripted", "ScriptedModel", "ToldBudget"]

_WORD = re.compile(r"[^\W_]")
_DAY = "2026-01-01"


class KeptArtifacts:
    """Artifacts in memory. `contents` are the bytes by their handles."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self._kept: dict[str, Artifact] = {}

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        """See `plugins.Artifacts`."""
        digest = hashlib.sha256(content).hexdigest()
        kept = Artifact(
            handle=digest[:12], path=Path(name).absolute(), media_type=media_type, bytes=len(content), sha256=digest
        )
        self.contents[kept.handle] = content
        return self._kept.setdefault(kept.handle, kept)

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        """See `plugins.Artifacts`."""
        if handle not in self._kept:
            raise ToolError(f"there is no artifact {handle}", hint="use the handle that `put` gave")
        return self._kept[handle], self.contents[handle]


class KeptNotes:
    """Notes in memory, found by the words (in Chinese: the signs) that they share with a query."""

    def __init__(self) -> None:
        self.texts: list[Found] = []

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        """See `plugins.Notes`."""
        same = next((one for one in self.texts if one.text == text), None)
        if same is not None:
            return Remembered(id=same.id, state="counted", namespace="test")
        gone = tuple(one for one in self.texts if one.id == replaces)
        self.texts = [one for one in self.texts if one.id != replaces]
        made = Found(id=f"n{len(self.texts) + 1}", text=text, score=1.0, kind=kind, origin="tool", date=_DAY)
        self.texts.append(made)
        return Remembered(id=made.id, state="replaced" if gone else "new", namespace="test", replaced=gone)

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        """See `plugins.Notes`."""
        wanted = _words(query)
        shared = [(len(wanted & _words(one.text)), one) for one in self.texts if not kinds or one.kind in kinds]
        return [one for score, one in sorted(shared, key=lambda pair: -pair[0]) if score][:count]

    def newest(self, *, count: int = 20) -> Newest:
        """See `plugins.Notes`."""
        return Newest(notes=self.texts[::-1][:count], total=len(self.texts))

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:  # noqa: ARG002  nothing is folded in a test
        """See `plugins.Notes`."""
        return ()


def _words(text: str) -> set[str]:
    spaced = re.sub(r"([\u2e80-\uffff])", r" \1 ", text.casefold())
    return {word for word in re.split(r"\W+", spaced) if _WORD.search(word)}


class Scripted:
    """Answers in their order; `asked` are the questions that were put."""

    def __init__(self, answers: Iterable[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def answer(self, question: str, *, error: ToolError) -> str:
        """The next answer.

        Raises:
            ToolError: `error`, where no answer is left.
        """
        self.asked.append(question)
        if not self._answers:
            raise error
        return self._answers.pop(0)


class ScriptedModel(Scripted):
    """A model that says what the test wrote."""

    def __call__(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:  # noqa: ARG002
        """See `plugins.Ask`."""
        left = "give Trial(replies=[...]) one more"
        return self.answer(prompt, error=ToolError("the model of this test has no reply left", hint=left, kind="model"))


class ToldBudget:
    """What the scripted model costs: a token for four characters, and no money."""

    window: int | None = 32_000

    def left(self) -> Left:
        """See `plugins.Budget`."""
        return Left(calls=100, tokens=1_000_000, usd=None, seconds=600.0)

    def cost(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> Cost:  # noqa: ARG002
        """See `plugins.Budget`."""
        return Cost(calls=1, tokens=(len(prompt) + len(system)) // 4 + 1 + reply, usd=None)
