"""The contract between a tool and whoever runs it: what an author writes, what a tool is given, what comes back.

A tool is a plain function. Its name, docstring and annotations are the only source of its JSON schema; a parameter
annotated `Context` is filled in by the runner and never shown to the model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from plugins._cache import Cache
from plugins._given import (
    Artifacts,
    Ask,
    Budget,
    Call,
    Cost,
    Documents,
    FileEntry,
    Files,
    Found,
    FoundPassage,
    Left,
    Newest,
    Notes,
    Person,
    Progress,
    Remembered,
    Seen,
)
from plugins._given_images import Answer, Box, ControlPicture, Drawing, Drawn, Images, Lora, SourcePicture
from plugins._given_programs import Ended, Sandbox, Talker
from plugins._given_web import AskedEngine, Fetched, Hit, Http, Search, Searched
from plugins._outcome import Artifact, Effect, Observation, Refuse, ToolError, ToolFailure, WorkspacePath

__all__ = [
    "Answer",
    "Artifact",
    "Artifacts",
    "Ask",
    "AskedEngine",
    "BeforeCall",
    "Box",
    "Budget",
    "Cache",
    "Call",
    "Context",
    "ControlPicture",
    "Cost",
    "Documents",
    "Drawing",
    "Drawn",
    "Effect",
    "Ended",
    "Fetched",
    "FileEntry",
    "Files",
    "Found",
    "FoundPassage",
    "Hit",
    "Http",
    "Images",
    "Left",
    "Lora",
    "Newest",
    "Notes",
    "Observation",
    "Person",
    "Progress",
    "Refuse",
    "Remembered",
    "Sandbox",
    "Search",
    "Searched",
    "Seen",
    "SourcePicture",
    "Talker",
    "Tool",
    "ToolError",
    "ToolFailure",
    "WorkspacePath",
]


@dataclass(frozen=True, kw_only=True)
class Context:
    """A tool's way to the world; what is not here a tool should not need.

    `ask` is None where no model can be asked free questions (the offline model): a tool that can must then work
    without. `budget` goes with `ask`, and is None with it. `parallel` is how many questions a tool may have under way
    at a time (the goal file's `parallel`). `cache` holds what was worked out in this run and may be needed again.
    `cancel` is set when the call timed out or the user stopped it; the context is revoked at the same moment, so later
    writes through it are refused. What is handed to it is checked: a `TypeError` or `ValueError` names what has the
    wrong type. `documents` is None where the user has no knowledge base, `http` and `search` where the web cannot be
    had, `sandbox` where no programs are run at all, `images` where no pictures are drawn. `effects` tells which tools
    `call` can make, with the effect of each.
    """

    workspace: Files
    artifacts: Artifacts
    notes: Notes
    ask: Ask | None
    call: Call
    person: Person
    progress: Progress
    budget: Budget | None = None
    parallel: int = 1
    documents: Documents | None = None
    http: Http | None = None
    search: Search | None = None
    sandbox: Sandbox | None = None
    images: Images | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)
    cache: Cache = field(default_factory=Cache)
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        """Should the work be given up?"""
        return self.cancel.is_set()


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool, as `@tool` makes it from a function. Calling it calls the function.

    `parameters` is its JSON schema. `paths` names the parameters typed `WorkspacePath`; `context` names the one
    typed `Context`, or None. `timeout` is in seconds. `aliases` are other words for it, in any language: they help
    to find the tool and the offline model. `after` tells, for a tool that writes, the content that its files will
    have: given the arguments and the old content of each path (None: not there), it returns path -> new content
    (None: gone); with it an interrupted call can be settled by comparing hashes. `origin` is the plugin's name.
    `convert` turns an argument, by its name, from JSON into what the function's annotation asks for (an enum's member,
    a tuple, a dataclass); an argument without an entry is handed over as it is.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    effect: Effect
    function: Callable[..., Any]
    repeatable: bool = False
    timeout: float = 60.0
    aliases: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    context: str | None = None
    after: Callable[[Mapping[str, Any], Mapping[str, bytes | None]], Mapping[str, bytes | None]] | None = None
    origin: str = ""
    convert: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Call the plain function, as a test would."""
        return self.function(*positional, **named)


class BeforeCall(Protocol):
    """A hook that sees every call before approval: it returns the arguments (edited or not), or raises `Refuse`.

    It is given arguments of its own and may edit them in place; then, or where it only looked, it may return None.
    """

    def __call__(self, tool: str, arguments: dict[str, Any], /) -> Mapping[str, Any] | None:
        """Edit or let pass."""
        ...
