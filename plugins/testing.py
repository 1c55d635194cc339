"""For the tests of plugins: a place with everything that a tool is given, and calls that go the way of a run.

from plugins.testing import Trial

def test_the_words_are_counted(tmp_path):
    with Trial(tmp_path, "count_words.py") as trial:
        trial.write("a.txt", "one two")
        assert trial.call("count_words", path="a.txt").value == 2
"""

from __future__ import annotations

import queue
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self, TypeAlias

from plugins._contract import Context, Observation, ToolError
from plugins._discovery import built_in_plugins, load_plugin, plugin_of
from plugins._http import WebHttp
from plugins._judging import Rules
from plugins._stand_ins import KeptArtifacts, KeptNotes, Scripted, ScriptedModel, ToldBudget
from plugins._toolbox import BUILT_IN, Plugin, Toolbox
from plugins._ways import Web
from plugins._workspace import Workspace
from plugins.images import Studio

__all__ = ["Trial"]

Source: TypeAlias = str | Path | ModuleType
"""A plugin: its file, its package's folder, or its module where that is installed."""

_CUT = 16_000  # characters of a result, as in a run
_NAMING = 'start a server in the test and name it: Trial(..., hosts=["{}"])'


class Trial:
    """A workspace with tools in it, to be tried in a test. A context manager.

    The workspace is real, and so is the way of a call: arguments are fitted, `before_call` hooks asked, the context
    held to what the tool declares, its timeout kept. Tools that come with thinkact can be called as well. Artifacts
    and notes are kept in memory. The model and the person say what the test gives them; the web is the servers that it
    names.

    Args:
        folder: Where the workspace is made, such as pytest's `tmp_path`.
        plugins: The plugins that are tried; the first is `plugin`.
        replies: What the model says, one for each question; without any there is no model to ask.
        answers: What the person says, one for each question; without any there is nobody to ask.
        hosts: The servers that `context.http` may open, such as `127.0.0.1:8000`.

    Raises:
        AssertionError: one of the plugins does not load, or brings a tool that cannot be used; it says why.
    """

    def __init__(
        self,
        folder: str | Path,
        *plugins: Source,
        replies: Iterable[str] = (),
        answers: Iterable[str] = (),
        hosts: Sequence[str] = (),
    ) -> None:
        own = [plugin_of(one) if isinstance(one, ModuleType) else load_plugin(Path(one)) for one in plugins]
        self.toolbox = Toolbox([*built_in_plugins(), *own])
        for one in self.toolbox.plugins:
            assert one.fault is None or one.origin == BUILT_IN, one.fault
        self._own = own
        self.files = Workspace.open(Path(folder) / "workspace")
        self.artifacts = KeptArtifacts()
        self.notes = KeptNotes()
        self.progress: list[str] = []
        replies = list(replies)
        self._model = ScriptedModel(replies)
        self._has_model = bool(replies)
        self._person = Scripted(answers)
        rules = Rules(private=frozenset(hosts), ports=frozenset(), naming=_NAMING)
        self._studio = Studio("draw")
        self._http = WebHttp(Web(rules=rules, honour_robots=False))

    @property
    def plugin(self) -> Plugin:
        """The first of the plugins that are tried."""
        return self._own[0]

    @property
    def asked(self) -> Sequence[str]:
        """The prompts that the model was asked, in their order."""
        return self._model.asked

    @property
    def questions(self) -> Sequence[str]:
        """The questions that the person was asked, in their order."""
        return self._person.asked

    @property
    def context(self) -> Context:
        """A context, for a tool that is called as the plain function that it is."""
        return Context(
            workspace=self.files,
            artifacts=self.artifacts,
            notes=self.notes,
            ask=self._model if self._has_model else None,
            budget=ToldBudget() if self._has_model else None,
            call=self._call,
            person=self._answer,
            progress=self._note,
            http=self._http,
            images=self._studio,
        )

    def call(self, tool: str, /, **arguments: Any) -> Observation:
        """Call a tool as a run does, with arguments as a model writes them: text, numbers, lists, objects."""
        return self._call(tool, arguments)

    def tell(self, event: Mapping[str, Any]) -> Sequence[str]:
        """Give an event to the observers; the complaints of those that failed."""
        return self.toolbox.tell(event)

    def write(self, path: str, content: str | bytes) -> None:
        """Put a file into the workspace; text in UTF-8."""
        self.files.write(path, content if isinstance(content, bytes) else content.encode())

    def read(self, path: str) -> str:
        """The text of a file of the workspace."""
        return self.files.read(path).decode()

    def close(self) -> None:
        """Let go of the workspace and of what the web has open; what was written stays in the folder."""
        self._http.close()
        self.files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, tool: str, arguments: Mapping[str, Any]) -> Observation:
        prepared = self.toolbox.prepare(tool, arguments, self.files)
        if isinstance(prepared, Observation):
            return prepared
        came: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        running = self.toolbox.start(prepared, self.context, cut=_CUT, done=came.put)
        try:
            return came.get()
        finally:
            running.cancel("the test was stopped")

    def _answer(self, question: str, choices: Sequence[str] = ()) -> str:
        error = ToolError("nobody can be asked", hint="give Trial(answers=[...]) one more", kind="no-person")
        answer = self._person.answer(question, error=error)
        if choices and answer not in choices:
            raise ToolError(f"{answer!r} is none of {', '.join(choices)}", hint="answer with one of the choices")
        return answer

    def _note(self, text: str, *, done: float | None = None, total: float | None = None) -> None:
        del done, total
        self.progress.append(text)
