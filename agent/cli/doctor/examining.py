"""The examination: everything is looked at, what may take long at the same time and under a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.cli import mending
from agent.cli.doctor import endpoint
from agent.cli.doctor.confinement import look_at_confinement
from agent.cli.doctor.dependencies import look_at_dependencies, look_at_extras, look_at_python
from agent.cli.doctor.disk import look_at_disk
from agent.cli.doctor.documents import look_at_documents
from agent.cli.doctor.finding import Around, Finding, Look
from agent.cli.doctor.installed import Installed
from agent.cli.doctor.journals import look_at_runs
from agent.cli.doctor.network import look_at_network
from agent.cli.doctor.notes import look_at_chromadb, look_at_embedder, look_at_notes
from agent.cli.doctor.packages import look_at_packages
from agent.cli.doctor.plugs import look_at_plugins
from agent.cli.doctor.searching import look_at_search
from agent.cli.doctor.servers import look_at_servers
from agent.cli.doctor.stated import look_at_settings, look_at_sources
from agent.cli.doctor.terminal import look_at_terminal
from agent.settings import Settings


def examine(wait: float) -> list[Finding]:
    """Look at everything. What may be slow is given so many seconds, all of it together: with two of them it takes less
    than three, whatever is the matter."""
    until = time.monotonic() + wait
    cwd = Path.cwd()
    settings, notices = Settings.examine(cwd=cwd)
    around = Around(cwd=cwd, settings=settings, notices=notices, wait=wait)
    slow = {
        name: Slow(look, around, late)
        for name, look, late in (
            ("confinement", look_at_confinement, _late("confinement", "no way out could be tried in time")),
            ("model", endpoint.look_at_model, endpoint.late),
            ("notes", look_at_notes, _late("notes", "the file of notes is large; not all of it was read in time")),
            (
                "documents",
                look_at_documents,
                _late("documents", "the file of documents is large; not all of it was read in time"),
            ),
            ("chromadb", look_at_chromadb, _late("chromadb", "chromadb was still loading")),
            ("runs", look_at_runs, _late("runs", "not all of the newest runs could be read in time")),
            ("plugins", look_at_plugins, _late("plugins", "the plugins were still loading")),
        )
    }
    for one in slow.values():
        one.begin()
    return _softened(list(_in_order(around, slow, until)))


def _in_order(around: Around, slow: dict[str, Slow], until: float) -> Iterator[Finding]:
    yield from look_at_every_package(around)
    quick: Sequence[tuple[str, Look]] = (
        ("network", look_at_network),
        ("search", look_at_search),
        ("embedder", look_at_embedder),
        ("disk", look_at_disk),
        ("terminal", look_at_terminal),
        ("mcp", look_at_servers),
        ("settings", look_at_sources),
        ("setting", look_at_settings),
    )
    found = {name: list(_guarded(name, around, look)) for name, look in quick}
    yield from found.pop("settings")
    yield from slow["model"].end(until)
    yield from found.pop("network")
    yield from found.pop("search")
    yield from found.pop("embedder")
    for name in ("notes", "documents", "chromadb", "runs", "plugins"):
        yield from slow[name].end(until)
    yield from slow["confinement"].end(until)
    for rest in found.values():
        yield from rest


def look_at_every_package(around: Around) -> Iterator[Finding]:
    """Python, thinkact's own packages, those that it needs, and the extras."""
    installed = Installed()
    yield from _guarded("python", around, lambda _: look_at_python(installed))
    yield from _guarded("packages", around, lambda given: look_at_packages(given, installed))
    yield from _guarded("dependencies", around, lambda given: look_at_dependencies(given, installed))
    yield from _guarded("extra", around, lambda _: look_at_extras(installed))


def _guarded(name: str, around: Around, look: Look) -> Iterator[Finding]:
    """What a look finds. Where it cannot look, that is a finding too: whatever is broken, the rest is told."""
    try:
        yield from look(around)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - what is looked at is broken, and may be foreign code
        said = " ".join(str(error).split()) or "no more is known"
        what = f"{name} could not be looked at: {type(error).__name__}: {said}"
        yield Finding(name=name, state="fault", what=what, value={"not_looked_at": True})


def _softened(findings: list[Finding]) -> list[Finding]:
    """Where a package of ours is another's, nothing else can be looked at, and that is no fault of its own."""
    if not any(one.name in ("packages", "dependency") and one.state == "fault" for one in findings):
        return findings
    return [
        replace(one, state="warning", what=f"{one.what} (mend the packages first)") if _not_looked_at(one) else one
        for one in findings
    ]


def _not_looked_at(one: Finding) -> bool:
    return isinstance(one.value, dict) and one.value.get("not_looked_at") is True


def _late(name: str, what: str) -> Callable[[Around], Finding]:
    return lambda _: Finding(name=name, state="warning", what=what, mend=mending.look_longer())


@dataclass
class Slow:
    """A look that may take long, in a thread of its own; what it has found when the time is up counts."""

    look: Look
    around: Around
    late: Callable[[Around], Finding]
    _found: list[Finding] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        for one in _guarded(self.look.__name__.removeprefix("look_at_"), self.around, self.look):
            self._found.append(one)
        self._done.set()

    def end(self, until: float) -> Iterable[Finding]:
        """What was found until this moment of `time.monotonic`; and that it was not all, where it was not."""
        if self._done.wait(max(0.0, until - time.monotonic())):
            return self._found
        return [*self._found, self.late(self.around)]
