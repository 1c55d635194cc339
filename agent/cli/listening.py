"""Who listens to a run from the command line beside the screen, and the few lines that are said beside them."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase

from agent.approval import PROGRAM
from agent.cli.collecting import collect_at_a_thought
from agent.cli.output import Output
from agent.cli.saying import say
from agent.events import Finished, Record, Stopped, Thought
from agent.goal import Goal
from agent.history import FIND
from agent.opening.flags import Flags
from agent.opening.parts import MEMORY_TOOLS, PERSON_TOOLS
from agent.opening.work import Wanted
from agent.runs import Listener, Run
from agent.settings import Settings
from agent.spelling import nearest
from plugins import Toolbox
from plugins._reloading import Reloading


class Listening:
    """The listeners of one run from the command line, beside its screen."""

    def __init__(self, run: Run, output: Output) -> None:
        self._run, self._output = run, output
        self._unheard = False

    def listeners(self) -> tuple[Listener, ...]:
        """Who is told of every event."""
        return (self._tell_output, collect_at_a_thought)

    def warn(self, toolbox: Toolbox, wanted: Wanted) -> None:
        """Say what the user should know before the run: settings in doubt, rules for nothing, broken plugins."""
        for doubt in doubts(toolbox, wanted):
            say(doubt)

    def end(self, ended: Finished | Stopped, code: int) -> int:
        """Give out the answer; the exit code, which is never 0 where something could not be written."""
        try:
            self._output.end(self._run, ended)
        except OSError as error:
            again = f"`thinkact runs replay {self._run.id}` tells it again"
            say(f"the answer cannot be written ({error.strerror}); {again}")
            return code or 1
        return code or int(self._unheard)

    def _tell_output(self, record: Record) -> None:
        """Where the events of a run cannot be written any more, that is said once, and the run goes on."""
        if self._unheard:
            return
        try:
            self._output.tell(record)
        except OSError as error:
            self._unheard = True
            again = f"`thinkact runs show {self._run.id} --json` tells them all"
            say(f"the events cannot be written ({error.strerror}); the run goes on, {again}")


def reloading(settings: Settings, toolbox: Toolbox) -> Listener:
    """A listener that loads plugins anew whose files have changed: after each thought, before what it wants is done."""
    watched = Reloading(settings.plugins_folder, toolbox, tell=say, tried=settings.tried_plugins)

    def look(record: Record) -> None:
        if isinstance(record.event, Thought):
            watched.look()

    return look


def doubts(toolbox: Toolbox, wanted: Wanted) -> list[str]:
    """What the user should know before a run, a line each."""
    broken = [f"plugin {one.name} is left out: {one.fault}" for one in toolbox.plugins if one.fault is not None]
    if broken:
        broken.append("`thinkact plugins doctor` tells what to write instead")
    idle = _rules_for_nothing(toolbox, wanted.goal, wanted.settings, wanted.flags)
    return [*wanted.settings.warnings, *idle, *broken]


def _rules_for_nothing(toolbox: Toolbox, goal: Goal, settings: Settings, flags: Flags) -> list[str]:
    """A rule that names no tool is most likely a slip of the pen, and one that denies must not pass unseen."""
    names = {*toolbox.tools, *MEMORY_TOOLS, *PERSON_TOOLS, PROGRAM, FIND}
    rules = goal.tools
    stated = (*rules.allow, *rules.ask, *rules.deny, *flags.allow, *flags.deny, *settings.allow, *settings.deny)
    limited = (*goal.budget.tool_calls, *flags.limits.tool_calls)
    found = [("rule", one) for one in stated if not any(fnmatchcase(name, one) for name in names)]
    found += [("limit on", one) for one in limited if one not in names]
    return [f"the {kind} {one!r} matches no tool{_guess(one, names)}" for kind, one in dict.fromkeys(found)]


def _guess(name: str, names: Collection[str]) -> str:
    found = nearest(name, names)
    return f"; did you mean {found}?" if found else ""
