"""A run's beginning, rehearsed: the loop itself works up to its first request, and nothing comes of it.

The parts are those of a run, but for what would leave a trace. The model takes the request down and is not asked, the
history is in memory alone, context files get their handles and are not kept, a workspace that is not there is not
made. So what is taken down is what the run would send.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from agent import checks
from agent.approval import Approval
from agent.cli.dialogue import Dialogue
from agent.cli.lines import Lines
from agent.cli.saying import say
from agent.cli.terminals import is_terminal
from agent.events import Event, Finished, Progress, Record, RunStarted, Stopped, Thought, ThoughtDelta, Usage
from agent.goal import goal_to_dict
from agent.history import History
from agent.kit import Kit
from agent.loop import loop
from agent.mail import Barrier, Nested
from agent.model import Model, Request, Thinking
from agent.opening.assembly import (
    Parts,
    allowance_of,
    documents_of_run,
    hand_over,
    make_kit,
    make_policy,
    namespace,
    notes_of_run,
)
from agent.opening.desk import find_workspace
from agent.opening.mcp_servers import open_servers
from agent.opening.parts import make_model, make_toolbox, open_workspace, version
from agent.opening.work import Wanted
from agent.settings import EffectiveBudget, Settings, effective_budget
from plugins import Artifact, FileEntry, Files, Toolbox, ToolError, WorkspacePath


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a run would begin with. `request` is its first one; where `stopped` tells what ends the run before that, the
    one that could not be sent. `there`: the workspace need not be made."""

    wanted: Wanted
    kit: Kit
    toolbox: Toolbox
    budget: EffectiveBudget
    workspace: Path
    there: bool
    attended: bool
    request: Request
    stopped: Finished | Stopped | None


@contextmanager
def rehearsal(wanted: Wanted) -> Iterator[Rehearsal]:
    """Rehearse a run; while this lasts, its files can be looked at.

    Raises:
        ThinkactError: a run could not begin, as it would be told.
    """
    goal, settings, flags = wanted.goal, wanted.settings, wanted.flags
    with ExitStack() as stack:
        desk = find_workspace(flag=flags.workspace, stated=goal.workspace, cwd=Path.cwd())
        there = desk.root.exists()
        files: Files = Unmade(desk.root)
        if there:
            files = stack.enter_context(open_workspace(goal, flags.workspace, settings, cwd=Path.cwd(), tell=say))
        attended = is_terminal(sys.stdin) and not flags.yes
        documents = documents_of_run(stack, goal, settings, say)
        servers = stack.enter_context(open_servers(settings, Path.cwd(), goal=goal, logs=None, tell=say))
        toolbox = make_toolbox(
            settings,
            memory=goal.recall,
            person=attended,
            documents=documents is not None,
            servers=servers.plugins,
            write=False,
        )
        budget = effective_budget(settings, goal=goal.budget, flags=flags.limits)
        unkept = Unkept()
        parts = Parts(
            goal=goal,
            model=(unasked := Unasked(make_model(wanted.choice, goal, settings))),
            toolbox=toolbox,
            files=files,
            artifacts=unkept,
            notes=notes_of_run(stack, goal, settings, run="", tell=say, upkeep=False),
            documents=documents,
            allowance=allowance_of(budget.budget),
            environment=settings.program_environment,
            usd_stated=budget.origins.get("usd") != "default",
            handed=hand_over(goal, unkept),
        )
        run = Unwritten()
        policy = make_policy(goal, settings, flags, run.history, attended=attended)
        approver = Dialogue(Lines(lambda: None, threading.Event())) if attended else None
        kit = make_kit(parts, run, Approval(policy, approver))
        run.take(_started(kit, toolbox, settings, attended=attended))
        stopped = _play(kit, run)
        yield Rehearsal(
            wanted=wanted,
            kit=kit,
            toolbox=toolbox,
            budget=budget,
            workspace=desk.root,
            there=there,
            attended=attended,
            request=unasked.request or _unsent(kit),
            stopped=stopped,
        )


def _started(kit: Kit, toolbox: Toolbox, settings: Settings, *, attended: bool) -> RunStarted:
    return RunStarted(
        run_id="",
        goal=goal_to_dict(kit.goal),
        source=kit.goal.source,
        model=kit.model.name,
        workspace=str(kit.files.root),
        namespace=namespace(kit.goal, settings),
        unattended=not attended,
        tools=tuple(toolbox.tools),
        thinkact=version(),
        baseline=checks.baseline(kit.goal, kit.files),
    )


def _play(kit: Kit, run: Unwritten) -> Finished | Stopped | None:
    """Pull the loop up to the first thought, which nobody thinks; or to what ends the run before it."""
    with closing(loop(kit)) as items:
        for item in items:
            if isinstance(item, Thought):
                return None
            if not isinstance(item, Barrier | Nested | ThoughtDelta | Progress):
                run.take(item)
    return run.history.ended


def _unsent(kit: Kit) -> Request:
    """The request that a limit or the window keeps from being sent."""
    reply = kit.prompt.sizes(kit.history, kit.model.window).reply
    return kit.prompt.request(kit.history, kit.limits.allowance, reply, kit.today())


class Unwritten:
    """A run that is written down nowhere."""

    id = ""

    def __init__(self) -> None:
        self.history = History()

    def take(self, event: Event) -> None:
        """Take in the next event."""
        self.history.apply(Record(seq=self.history.seq + 1, time=time.time(), elapsed=0.0, path="", event=event))

    def elapsed(self) -> float:
        """No time passes."""
        return 0.0

    def waiting(self) -> AbstractContextManager[None]:
        """Nobody is waited for."""
        return nullcontext()


class Unasked:
    """A model that is not asked: `request` is the one that it would have been sent."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.request: Request | None = None

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def window(self) -> int | None:
        """The model's, as far as it is known."""
        return self._model.window

    @property
    def offline(self) -> bool:
        """Is it the rule-based one?"""
        return self._model.offline

    def price(self, usage: Usage) -> float | None:
        """The model's; it asks nobody for it."""
        return self._model.price(usage)

    def think(self, request: Request) -> Thinking:
        """Take the request down."""
        self.request = request
        yield from ()
        return Thought(text="", model=self.name)


class Unkept:
    """Artifacts that are given their handles, and kept nowhere."""

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        """The artifact that these bytes would be."""
        from memory.artifacts import handle_of

        handle = handle_of(content)
        return Artifact(handle=handle, path=Path(name or handle), media_type=media_type, bytes=len(content), sha256="")

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        """Nothing is there."""
        raise ToolError(f"there is no artifact {handle}")


class Unmade:
    """The files of a workspace that is not there yet: none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def root(self) -> Path:
        """Where it would be."""
        return self._root

    def path(self, text: str) -> WorkspacePath:
        """The path as it is written."""
        return WorkspacePath(text)

    def exists(self, path: str) -> bool:
        """No."""
        del path
        return False

    def entry(self, path: str) -> FileEntry:
        """Refused."""
        raise self._missing(path)

    def list(self, path: str = "", *, recursive: bool = False) -> Iterator[FileEntry]:
        """Nothing."""
        del path, recursive
        return iter(())

    def read(self, path: str, *, offset: int = 0, limit: int | None = None) -> bytes:
        """Refused."""
        del offset, limit
        raise self._missing(path)

    def sha256(self, path: str) -> str | None:
        """None."""
        del path
        return None

    def write(self, path: str, content: bytes) -> FileEntry:
        """Refused."""
        del content
        raise self._missing(path)

    def move(self, source: str, target: str) -> None:
        """Refused."""
        del target
        raise self._missing(source)

    def delete(self, path: str) -> None:
        """Refused."""
        raise self._missing(path)

    def _missing(self, path: str) -> ToolError:
        return ToolError(f"{path} is not there")
