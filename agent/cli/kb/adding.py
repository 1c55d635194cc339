"""`thinkact kb add`: documents in, with what is going on on stderr and what came of it on stdout."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from agent.cli.kb.aside import is_damaged, set_aside
from agent.cli.kb.converting import MOST_BYTES, converted
from agent.cli.kb.opened import opened, shown, wanted_namespace
from agent.cli.kb.progress import Bar
from agent.cli.kb.stopping import Stopping
from agent.cli.saying import say
from agent.cli.tables import as_json
from agent.errors import UsageError
from agent.opening.store import documents_file
from agent.settings import Settings
from agent.spending import counted
from memory.documents import SIZE
from memory.embedding import EmbeddingFailed
from memory.library import Added, Forgotten, Library, Planned, Skipped, Step
from memory.recall import EXACT_UP_TO, Recall, StoreDamaged

_NAMED = 100  # lines that are told of files one by one; JSON has all


@dataclass(slots=True)
class Tally:
    """What an adding came to so far."""

    began: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    passages: int = 0
    hidden: int = 0

    def take(self, step: Step) -> list[str]:
        """Count a step; the lines that are to be told of it at once."""
        if isinstance(step, Planned):
            self.hidden = step.hidden
        elif isinstance(step, Forgotten):
            self.forgotten.append(step.file)
            return [f"forgotten, since it is gone: {step.file}"]
        elif isinstance(step, Skipped):
            self.skipped.append(step)
            kept = "; what was there of it stays" if step.kept else ""
            return [f"skipped: {step.reason}{kept}"]
        else:
            self.counts[step.how] += 1
            self.passages += step.passages
            self.notes += [(step.file, note) for note in step.notes]
            return [f"{step.file}: {note}" for note in step.notes]
        return []

    @property
    def line(self) -> str:
        """All of it in one line."""
        told = [f"{how} {self.counts[how]:,}" for how in ("added", "changed", "unchanged")]
        if self.forgotten:
            told.append(f"forgotten {len(self.forgotten):,}")
        told.append(f"skipped {len(self.skipped):,}")
        if self.hidden:
            told.append(f"left out {self.hidden:,} hidden")
        passages = f"{self.passages:,} {'passage' if self.passages == 1 else 'passages'}"
        return f"{', '.join(told)}: {passages}, {time.monotonic() - self.began:.1f} s"

    def described(self, namespace: str) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "namespace": namespace,
            **{how: self.counts[how] for how in ("added", "changed", "unchanged")},
            "forgotten": self.forgotten,
            "skipped": [{"file": one.file, "reason": one.reason, "kept": one.kept} for one in self.skipped],
            "notes": [{"file": file, "note": note} for file, note in self.notes],
            "hidden": self.hidden,
            "passages": self.passages,
            "seconds": round(time.monotonic() - self.began, 3),
        }


def add_all(paths: Sequence[Path], namespace: str | None, *, workers: int | None, as_data: bool) -> int:
    """The command; its exit code."""
    for path in paths:
        _check(path)
    settings = Settings.load(cwd=Path.cwd())
    space = wanted_namespace(namespace, settings)
    try:
        tally = _bring_in(paths, settings, space, workers=workers, as_data=as_data)
    except StoreDamaged as error:
        if not is_damaged(documents_file(settings)):
            raise
        kept = set_aside(documents_file(settings))
        say(f"{error.message}; it is kept as {kept.name}, and a new one is filled")
        say("documents of other folders and namespaces that were in it are there again once they are added again")
        tally = _bring_in(paths, settings, space, workers=workers, as_data=as_data)
    if as_data:
        as_json(tally.described(space))
    else:
        typer.echo(tally.line)
    if not sum(tally.counts.values()):
        say("no document was found there")
        return 1
    return 0


_WHOLE = "stopped: what was brought in is whole; the same command goes on"


def _bring_in(paths: Sequence[Path], settings: Settings, space: str, *, workers: int | None, as_data: bool) -> Tally:
    tally, stopping = Tally(), Stopping(_WHOLE)
    with stopping.within(), opened(settings, space) as recall, Bar(colour=not settings.no_color) as bar:
        library, cwd = Library(recall), Path.cwd()
        steps = library.add(
            paths,
            converted,
            workers=workers,
            most_bytes=MOST_BYTES,
            leave=[settings.home.resolve()],
            told=lambda name: name if as_data else shown(name, cwd),
            working=bar.working,
            cancelled=stopping.asked,
        )
        try:
            will_index = _will_index(recall)
            with stopping.gently():
                _follow(steps, tally, bar, will_index)
            _index(recall, bar)
        except KeyboardInterrupt:
            bar.close()
            done = counted(tally.counts["added"] + tally.counts["changed"], "document")
            say(f"stopped: {done} brought in, each of them whole; the same command goes on")
            raise typer.Exit(130) from None
    return tally


def _check(path: Path) -> None:
    if str(path) == "" or not path.exists():
        raise UsageError(f"there is no file or folder {path}", hint="name one that is there")


def _will_index(recall: Recall) -> Callable[[int], bool]:
    """Whether something is left to do after files of so many bytes: as far as can be told before they are read."""
    stats = recall.stats()
    if stats.embedder is not None and stats.embedded < stats.notes:
        return lambda _: True
    return lambda size: size > 0 and stats.notes + size // SIZE > EXACT_UP_TO


def _follow(steps: Generator[Step, None, None], tally: Tally, bar: Bar, will_index: Callable[[int], bool]) -> None:
    told = 0
    with closing(steps):
        for step in steps:
            for line in tally.take(step):
                told += 1
                if told <= _NAMED:
                    bar.say(line)
            if isinstance(step, Planned):
                bar.plan(step.files, step.bytes, more=will_index(step.bytes))
            elif isinstance(step, Added | Skipped) and step.bytes:
                bar.advance(step.bytes)
    if told > _NAMED:
        bar.say(f"{told - _NAMED:,} more lines like these; --json has all")


def _index(recall: Recall, bar: Bar) -> None:
    """Bring the vectors of the base in order now, and not in the next question: where another embedder is set up since
    they were made, they are made anew, and those of a large base are found by an index."""
    stats = recall.stats()
    if stats.embedder is not None and stats.embedded < stats.notes:
        bar.doing(f"embedding {stats.notes - stats.embedded:,} passages")
        try:
            recall.reembed()
        except EmbeddingFailed as error:
            bar.say(f"documents are found by their words alone: {error}")
            return
    if stats.notes > EXACT_UP_TO and recall.stats().waiting:
        bar.doing("indexing")
        recall.sync(wait=1.0)
