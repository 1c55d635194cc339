"""Who listens to a run from the command line: the screen, the output, the ledger of written files, plugins' observers;
and the few lines that are said beside them."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

from agent.approval import PROGRAM
from agent.cli.collecting import collect_at_a_thought
from agent.cli.flags import Flags
from agent.cli.output import Output
from agent.cli.parts import MEMORY_TOOLS, PERSON_TOOLS
from agent.cli.provenance import remember_written
from agent.cli.saying import say
from agent.events import Finished, Record, Stopped
from agent.goal import Goal
from agent.runs import Listener, Run, envelope
from agent.settings import Settings
from agent.spelling import nearest
from plugins import Toolbox


class Listening:
    """The listeners of one run."""

    def __init__(self, run: Run, toolbox: Toolbox, screen: Listener, output: Output) -> None:
        self._run, self._toolbox, self._screen, self._output = run, toolbox, screen, output
        self._unheard = False
        self._failed: set[str] = set()

    def begin(self, *, home: Path, root: Path) -> None:
        """Tell all of them of every event from now on. `root` is the workspace's folder, `home` thinkact's own."""
        run = self._run
        run.listen(self._screen)
        run.listen(self._tell_output)
        run.listen(collect_at_a_thought)
        run.listen(remember_written(home, root, run.id))
        if any(plugin.observers for plugin in self._toolbox.plugins):
            run.listen(self._tell_plugins)

    def warn(self, goal: Goal, settings: Settings, flags: Flags) -> None:
        """Say what the user should know before the run: settings in doubt, rules for nothing, broken plugins."""
        for warning in settings.warnings:
            say(warning)
        for warning in _rules_for_nothing(self._toolbox, goal, settings, flags):
            say(warning)
        for plugin in self._toolbox.plugins:
            if plugin.fault is not None:
                say(f"plugin {plugin.name} is left out: {plugin.fault}")

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

    def _tell_plugins(self, record: Record) -> None:
        for fault in self._toolbox.tell(envelope(record)):
            observer = fault.partition(" failed: ")[0]
            if observer not in self._failed:
                self._failed.add(observer)
                say(f"{fault} (said once)")


def _rules_for_nothing(toolbox: Toolbox, goal: Goal, settings: Settings, flags: Flags) -> list[str]:
    """A rule that names no tool is most likely a slip of the pen, and one that denies must not pass unseen."""
    names = {*toolbox.tools, *MEMORY_TOOLS, *PERSON_TOOLS, PROGRAM}
    rules = goal.tools
    stated = (*rules.allow, *rules.ask, *rules.deny, *flags.allow, *flags.deny, *settings.allow, *settings.deny)
    limited = (*goal.budget.tool_calls, *flags.budget().tool_calls)
    found = [("rule", one) for one in stated if not any(fnmatchcase(name, one) for name in names)]
    found += [("limit on", one) for one in limited if one not in names]
    return [f"the {kind} {one!r} matches no tool{_guess(one, names)}" for kind, one in dict.fromkeys(found)]


def _guess(name: str, names: Collection[str]) -> str:
    found = nearest(name, names)
    return f"; did you mean {found}?" if found else ""
