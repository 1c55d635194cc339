"""The knowledge base that a command works on, and how its documents are named to a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.cli.saying import say
from agent.errors import UsageError
from agent.opening.documents import mended_by_adding
from agent.opening.project import default_namespace
from agent.opening.store import open_documents
from agent.settings import Settings
from agent.terminal import plain
from memory.recall import Recall

_NAMED = 8  # bases


def wanted_namespace(named: str | None, settings: Settings) -> str:
    """The namespace that the command line means."""
    if named is not None and not named.strip():
        raise UsageError("a namespace needs a name", hint="leave it out for the default one")
    return named or default_namespace(settings, Path.cwd())


@contextmanager
def opened(settings: Settings, namespace: str) -> Iterator[Recall]:
    """Its store. The vector index is brought up to date by who has changed much, and says so meanwhile."""
    with mended_by_adding(), open_documents(settings, namespace, tell=say, upkeep=False) as recall:
        yield recall


def others(recall: Recall) -> str:
    """What to do where a knowledge base is empty: others of the same file may be meant."""
    names = recall.namespaces()
    if not names:
        return "thinkact kb add FOLDER brings them in"
    listed = ", ".join(plain(name) for name in names[:_NAMED])
    more = ", …" if len(names) > _NAMED else ""
    return f"thinkact kb add FOLDER brings them in; --namespace names another base: {listed}{more}"


def shown(name: str, cwd: Path) -> str:
    """A document's name as it is told: the way from here where it lies below, else all of it."""
    try:
        return Path(name).relative_to(cwd).as_posix()
    except ValueError:
        return name
