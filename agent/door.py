"""The door for scripts: a goal in, its events out, as they come.

    from agent import run

    with run("Summarise survey.md", workspace="documents") as running:
        for record in running:
            print(record.seq, record.event.kind)
    print(running.result.state, running.result.answer)

It opens on what the command line uses as well: the same settings, limits, approval, journal and checks. Every event
is on disk before it is handed out, so a script that dies loses nothing: `resume` goes on, as does `thinkact resume`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from agent.approval import Approver
from agent.errors import UsageError
from agent.events import CheckResult, FileChange, Record
from agent.goal import Budget, Goal
from agent.history import History, Spend
from agent.opening.flags import Flags, read_limits
from agent.opening.wanted import read_goal, read_goal_file
from agent.opening.work import Wanted, Work, forget_if_empty, wanted_again, wanted_first
from agent.runs import Run, folder_of
from agent.settings import Settings
from agent.terminal import plain

State = Literal["reached", "not_reached", "limit", "loop", "blocked", "model", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a run ended; what `--output json` tells.

    `checks` are those of the last round, `files` what the run made, changed or deleted in its workspace, `seconds` its
    own time, summed over resumes.
    """

    run_id: str
    state: State
    answer: str
    reason: str
    checks: tuple[CheckResult, ...]
    files: tuple[FileChange, ...]
    steps: int
    spend: Spend
    seconds: float


class Running:
    """A run under way: an iterator over its events, which works only while it is pulled.

    Used as a context manager, or closed, it gives its journal, its workspace and its notes free; a run that is closed
    before its end is stopped as by Ctrl-C and can be resumed. One thread pulls it; `stop` may be called from any.

    Attributes:
        id: The run's id.
        history: Everything so far, folded.
        workspace: The folder that it works in.
    """

    def __init__(self, stack: ExitStack, work: Work, begin: Callable[[threading.Event], Generator[Record, None, None]]):
        self._stack, self._work = stack, work
        self._stop = threading.Event()
        self._records = begin(self._stop)

    @property
    def id(self) -> str:  # noqa: D102  (told of above)
        return self._work.run.id

    @property
    def history(self) -> History:  # noqa: D102
        return self._work.run.history

    @property
    def workspace(self) -> Path:  # noqa: D102
        return self._work.parts.files.root

    def __iter__(self) -> Iterator[Record]:
        return self

    def __next__(self) -> Record:
        try:
            return next(self._records)
        except StopIteration:
            self._stack.close()
            raise

    def stop(self) -> None:
        """Stop after the step under way, as Ctrl-C does."""
        self._stop.set()

    def wait(self) -> Result:
        """Pull the run to its end, and tell how it ended."""
        for _ in self:
            pass
        return self.result

    @property
    def result(self) -> Result:
        """How it ended. Raises UsageError while it has not."""
        history, ended = self.history, self.history.ended
        if ended is None:
            raise UsageError(f"the run {self.id} has not ended yet", hint="pull its events to the end, or call wait()")
        return Result(
            run_id=self.id,
            state=ended.state,
            answer=ended.answer,
            reason=ended.reason,
            checks=tuple(history.checks),
            files=tuple(history.files.values()),
            steps=history.step,
            spend=history.spend,
            seconds=history.seconds,
        )

    def close(self) -> None:
        """Stop at once, and give everything free. A second call does nothing."""
        try:
            self._records.close()
        finally:
            self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def run(
    goal: str | Path | Goal,
    *,
    inputs: Mapping[str, str] | None = None,
    model: str | None = None,
    base_url: str | None = None,
    workspace: str | Path | None = None,
    limits: Mapping[str, float | str] | None = None,
    window: int | None = None,
    allow: Sequence[str] = (),
    deny: Sequence[str] = (),
    yes: bool = False,
    namespace: str | None = None,
    memory: bool = True,
    project_context: bool = False,
    skills: bool = False,
    approver: Approver | None = None,
    settings: Settings | None = None,
    tell: Callable[[str], None] | None = None,
) -> Running:
    """Work on a goal until its checks pass.

    Args:
        goal: Words, the name of a goal file (a `Path`, or a text that names one that is there), or a `Goal`.
        inputs: The goal file's inputs, as `--set` gives them.
        model: The model's name; `offline` is the rule-based one. None: as the goal and the settings say.
        base_url: An OpenAI-compatible endpoint. Its key is taken from the settings.
        workspace: The folder to work in. None: the goal's, or `workspace` of the current folder.
        limits: What replaces the goal's limits: `steps`, `model_calls`, `tokens`, `usd`, `time` (seconds, or "15m"), or
            a tool's name for its calls.
        window: The model's window in tokens, where it is to be stated.
        allow, deny: Patterns of tools that run unasked, and that must not run.
        yes: As `-y`: programs and allowed tools may run, and nobody is asked.
        namespace: Where notes are kept and looked for.
        memory: False: recall and remember nothing.
        project_context: Hand over the `AGENTS.md` files of the workspace, as untrusted text.
        skills: List the skills of the workspace for the agent.
        approver: Who is asked before every call that does more than read, and answers the agent's questions; its
            methods may be called from other threads. None: nobody is asked, as where there is no terminal.
        settings: None: read from the environment, `.env` and `config.toml`, as the command line does.
        tell: Says a line beside the events, such as a plugin that did not load; None: to stderr.

    Raises:
        ThinkactError: the goal, a setting or a limit is not what it must be, or a part of the run cannot be had. How
            the run itself ends is no error: see `Running.result`.
    """
    settings = settings or Settings.load(cwd=Path.cwd())
    flags = Flags(
        model=model,
        base_url=base_url,
        workspace=Path(workspace) if workspace is not None else None,
        limits=_limits(limits),
        window=window,
        allow=tuple(allow),
        deny=tuple(deny),
        yes=yes,
        namespace=namespace,
        memory=memory,
        project_context=project_context,
        skills=skills,
    )
    wanted = wanted_first(_goal(goal, inputs or {}, settings), flags, settings)

    def opened(stack: ExitStack) -> Run:
        run = Run.create(settings.runs_folder)
        stack.callback(forget_if_empty, run.folder)
        return stack.enter_context(run)

    return _running(opened, lambda _: wanted, approver, tell, lambda work, stop: work.start(approver, stop))


def resume(
    wanted: str = "last",
    *,
    feedback: str | None = None,
    goal: str | Goal | None = None,
    settled: Literal["again", "done"] | None = None,
    inputs: Mapping[str, str] | None = None,
    model: str | None = None,
    base_url: str | None = None,
    limits: Mapping[str, float | str] | None = None,
    window: int | None = None,
    allow: Sequence[str] = (),
    deny: Sequence[str] = (),
    yes: bool = False,
    memory: bool = True,
    approver: Approver | None = None,
    settings: Settings | None = None,
    tell: Callable[[str], None] | None = None,
) -> Running:
    """Go on with a run: after a crash, a limit, a stop.

    Args:
        wanted: The run's id, the beginning of one, or `last`.
        feedback: Words to the agent, which it must answer first.
        goal: What takes the place of the run's goal: words, a goal file's name, or a `Goal`.
        settled: What to do with calls of which nobody can know whether they were made: make them again, or take them as
            done. None: the run ends as `blocked` where there is one and nobody can be asked.
        inputs: Secret inputs, which are never kept.

    The others are as in `run`; limits replace those of the run.

    Raises:
        ThinkactError: there is no such run, it has reached its goal, or another process works on it.
    """
    settings = settings or Settings.load(cwd=Path.cwd())
    flags = Flags(
        model=model,
        base_url=base_url,
        limits=_limits(limits),
        window=window,
        allow=tuple(allow),
        deny=tuple(deny),
        yes=yes,
        memory=memory,
    )
    return _running(
        lambda stack: stack.enter_context(Run.open(folder_of(settings.runs_folder, wanted))),
        lambda run: wanted_again(run, flags, settings, inputs=inputs or {}, goal=goal),
        approver,
        tell,
        lambda work, stop: work.resume(approver, stop, feedback=feedback, settled=settled),
    )


def _running(
    opened: Callable[[ExitStack], Run],
    meant: Callable[[Run], Wanted],
    approver: Approver | None,
    tell: Callable[[str], None] | None,
    begin: Callable[[Work, threading.Event], Generator[Record, None, None]],
) -> Running:
    with ExitStack() as stack:
        run = opened(stack)
        work = Work(stack, run, meant(run), attended=approver is not None, tell=tell or _to_stderr)
        work.listen()
        return Running(stack.pop_all(), work, lambda stop: begin(work, stop))
    raise AssertionError("an exit stack swallows nothing")  # pragma: no cover


def _goal(goal: str | Path | Goal, inputs: Mapping[str, str], settings: Settings) -> Goal:
    if isinstance(goal, Goal):
        if inputs:
            raise UsageError("inputs are for a goal file; a Goal has them in it already")
        return goal
    return read_goal_file(goal, inputs, settings) if isinstance(goal, Path) else read_goal(goal, inputs, settings)


def _limits(limits: Mapping[str, float | str] | None) -> Budget:
    return read_limits([f"{name}={_worded(name, value)}" for name, value in (limits or {}).items()])


def _worded(name: str, value: float | str) -> str:
    """A limit as the command line would have it: seconds are a duration."""
    return f"{value:.6f}s" if name == "time" and not isinstance(value, str) else str(value)


def _to_stderr(text: str) -> None:
    sys.stderr.write(f"thinkact: {plain(text)}\n")
