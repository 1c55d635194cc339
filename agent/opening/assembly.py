"""The assembly: everything that one run works with, made from what was asked for and put together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agent.approval import Approval, Approver, Policy
from agent.errors import SettingsError, UsageError
from agent.goal import Budget, Goal
from agent.goal.advice import wide_checks
from agent.history import History
from agent.kit import Kit
from agent.limits import Allowance, Limits
from agent.model import Model
from agent.model.choice import Choice
from agent.notes import LongTerm
from agent.opening.documents import find_documents
from agent.opening.flags import Flags
from agent.opening.mcp_servers import open_servers
from agent.opening.notes import NoNotes, RecallNotes
from agent.opening.offering import make_offer
from agent.opening.parts import ShelfArtifacts, make_model, make_toolbox, open_workspace
from agent.opening.project import default_namespace
from agent.opening.sandbox import open_sandbox, why_unconfined
from agent.opening.search import open_search
from agent.opening.store import open_notes
from agent.opening.studio import open_studio
from agent.opening.web import open_web
from agent.prompt import Prompt
from agent.runs import Run
from agent.settings import Settings, effective_budget
from memory.artifacts import Shelf
from memory.tokens import Counter
from plugins import Artifacts, Documents, Files, Http, Images, Sandbox, Search, Toolbox

if TYPE_CHECKING:
    from memory.recall import Recall


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a run is put together from. `usd_stated`: the user stated the limit on money. `handed` tells the model of
    the goal's context files, a line each."""

    goal: Goal
    model: Model
    toolbox: Toolbox
    files: Files
    artifacts: Artifacts
    notes: LongTerm
    allowance: Allowance
    environment: Mapping[str, str]
    usd_stated: bool = True
    handed: Sequence[str] = ()
    documents: Documents | None = None
    http: Http | None = None
    search: Search | None = None
    sandbox: Sandbox | None = None
    images: Images | None = None
    today: Callable[[], date] = date.today


class Clocked(Protocol):
    """A run as far as its kit needs it."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def history(self) -> History:
        """Everything so far, folded."""
        ...

    def elapsed(self) -> float:
        """Its own time in seconds."""
        ...

    def waiting(self) -> AbstractContextManager[None]:
        """A stretch in which that time stands still."""
        ...


def make_kit(parts: Parts, run: Clocked, approval: Approval, *, stop: threading.Event | None = None) -> Kit:
    """Put a run's kit together. Tools that the user denies are not even offered, nor those that run programs where
    nobody can allow them."""
    offer = make_offer(parts.goal, parts.model, parts.toolbox, approval, run.history.offered)
    artifacts = parts.artifacts
    prompt = Prompt(
        parts.goal,
        offer.told,
        counter=Counter(),
        keep=lambda text: artifacts.put(text.encode("utf-8", "replace"), name="result.txt").handle,
        files=parts.handed,
        cache_key=run.id,
        others=tuple(offer.others.values()),
    )
    return Kit(
        goal=parts.goal,
        history=run.history,
        model=parts.model,
        toolbox=parts.toolbox,
        files=parts.files,
        artifacts=artifacts,
        notes=parts.notes,
        approval=approval,
        limits=Limits(parts.allowance, run.history, parts.model.price, elapsed=run.elapsed),
        prompt=prompt,
        environment=parts.environment,
        today=parts.today,
        offer=offer,
        recalls=parts.goal.recall,
        usd_stated=parts.usd_stated,
        documents=parts.documents,
        http=parts.http,
        search=parts.search,
        sandbox=parts.sandbox,
        images=parts.images,
        waiting=run.waiting,
        stop=stop or threading.Event(),
    )


def make_parts(
    stack: ExitStack,
    run: Run,
    *,
    goal: Goal,
    choice: Choice,
    settings: Settings,
    flags: Flags,
    attended: bool,
    tell: Callable[[str], None],
    approver: Approver | None = None,
) -> Parts:
    """The parts of a run as the user asked for it; what must be closed is left to `stack`, and `tell` says a line to
    the person. `approver`: is asked whether to trust MCP servers that are not trusted yet.

    Raises:
        ThinkactError: one of them cannot be had.
    """
    budget = effective_budget(settings, goal=goal.budget, flags=_with_earlier(flags.limits, run.history))
    artifacts = ShelfArtifacts(Shelf(run.folder / "artifacts"))
    documents = documents_of_run(stack, goal, settings, tell)
    files = stack.enter_context(open_workspace(goal, flags.workspace, settings, cwd=Path.cwd(), tell=tell))
    if (said := wide_checks(goal, why_unconfined(settings))) is not None:
        tell(said)
    deny = (*goal.tools.deny, *settings.deny, *flags.deny)
    servers = open_servers(
        settings,
        Path.cwd(),
        goal=goal,
        logs=run.folder / "mcp",
        tell=tell,
        begin=True,
        deny=deny,
        workspace=files.root,
        approver=approver,
    )
    stack.enter_context(servers)
    return Parts(
        goal=goal,
        model=make_model(choice, goal, settings),
        files=files,
        artifacts=artifacts,
        notes=notes_of_run(stack, goal, settings, run=run.id, tell=tell),
        toolbox=make_toolbox(
            settings,
            memory=goal.recall,
            person=attended,
            documents=documents is not None,
            servers=servers.plugins,
        ),
        documents=documents,
        http=stack.enter_context(open_web(settings, goal.hosts)),
        search=stack.enter_context(open_search(settings, goal.hosts)),
        sandbox=stack.enter_context(open_sandbox(goal, settings, files.root, cwd=Path.cwd())),
        images=stack.enter_context(open_studio(settings, choice)),
        allowance=allowance_of(budget.budget),
        usd_stated=budget.origins.get("usd") != "default",
        handed=run.history.started.handed if run.history.started else hand_over(goal, artifacts),
        environment=settings.program_environment,
    )


def allowance_now(goal: Goal, settings: Settings, history: History) -> tuple[Allowance, bool]:
    """The limits as they hold by now, by settings, goal and all that the run was told; and whether somebody stated the
    one on money."""
    budget = effective_budget(settings, goal=goal.budget, flags=_with_earlier(Budget(), history))
    return allowance_of(budget.budget), budget.origins.get("usd") != "default"


def namespace(goal: Goal, settings: Settings) -> str:
    """Where the notes of a run are kept: what a flag or the goal file says, else what the settings say, else the
    project that thinkact is started in."""
    return goal.namespace or default_namespace(settings, Path.cwd())


def documents_of_run(stack: ExitStack, goal: Goal, settings: Settings, tell: Callable[[str], None]) -> Documents | None:
    """The knowledge base of a run's namespace, which is closed by `stack`; None where nothing was added to it."""
    found = find_documents(settings, namespace(goal, settings), tell)
    return None if found is None else stack.enter_context(found)


def make_policy(goal: Goal, settings: Settings, flags: Flags, history: History, *, attended: bool) -> Policy:
    """What the user permits: by settings, flags and the goal file."""
    return Policy(
        allow=goal.tools.allow,
        own=(*settings.allow, *flags.allow),
        ask=goal.tools.ask,
        deny=(*goal.tools.deny, *settings.deny, *flags.deny),
        attended=attended,
        yes=flags.yes,
        unasked=history.step + flags.steps if flags.steps else 0,
    )


def allowance_of(budget: Budget) -> Allowance:
    """The limits of a budget in which every one is set."""
    return Allowance(
        steps=budget.steps or 0,
        model_calls=budget.model_calls or 0,
        tokens=budget.tokens or 0,
        usd=budget.usd,
        time=budget.time or 0.0,
        tool_calls=budget.tool_calls,
    )


def _with_earlier(flags: Budget, history: History) -> Budget:
    """The limits that flags state, now or at an earlier `resume`: a raised limit stays raised."""
    raised: dict[str, Any] = dict(history.raised)
    tools = {**raised.pop("tool_calls", {}), **flags.tool_calls}
    kept = {name: value for name, value in raised.items() if getattr(flags, name) is None}
    return replace(flags, **kept, tool_calls=tools)


def notes_of_run(
    stack: ExitStack, goal: Goal, settings: Settings, *, run: str, tell: Callable[[str], None], upkeep: bool = True
) -> LongTerm:
    """The long-term memory of a run; it is closed by `stack`."""
    if not goal.recall:
        return NoNotes()
    from memory.recall import RecallError

    def opened(name: str) -> Recall:
        return open_notes(settings, name, tell=tell, upkeep=upkeep)

    try:
        return stack.enter_context(RecallNotes(namespace(goal, settings), opened, run=run, tell=tell))
    except RecallError as error:
        hint = f"{error.hint}; or go without memory: --no-memory" if error.hint else "--no-memory goes without it"
        raise SettingsError(error.message, hint=hint) from error


def hand_over(goal: Goal, artifacts: Artifacts) -> list[str]:
    """The goal's context files, kept as artifacts: a line each for the model."""
    lines = []
    for name in goal.files:
        file = Path(name)
        try:
            kept = artifacts.put(file.read_bytes(), media_type="text/plain", name=file.name)
        except OSError as error:
            raise UsageError(f"the context file {file} cannot be read: {error.strerror}") from error
        lines.append(f"{file.name}: handle {kept.handle}, {kept.bytes} bytes")
    return lines
