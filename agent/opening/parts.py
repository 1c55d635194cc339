"""The parts of a run, made from settings, goal and flags: model, workspace, toolbox."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import UsageError
from agent.goal import Goal
from agent.model import Model, ToolDescription
from agent.model.choice import Choice
from agent.opening.desk import find_workspace
from agent.opening.documents import DOCUMENT_TOOLS
from agent.opening.mcp import unconfined_files
from agent.opening.picture_tools import PictureTools
from plugins import Artifact, Plugin, Tool, Toolbox, ToolError, Workspace, built_in_plugins, load_plugins

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory.artifacts import Kept, Shelf

MEMORY_TOOLS = frozenset({"remember", "recall"})
PERSON_TOOLS = frozenset({"ask_user"})


def make_model(choice: Choice, goal: Goal, settings: Settings) -> Model:
    """The model that was chosen, with its fall-backs behind it."""
    if choice.name == "offline":
        from agent.model.offline_model import OfflineModel

        return OfflineModel(goal)
    from agent.model.openai_model import OpenAIModel

    def one(name: str) -> Model:
        return OpenAIModel(
            name,
            base_url=choice.base_url,
            api_key=choice.api_key,
            window=goal.model.window,
            timeout=settings.beginning,
            idle=settings.timeout,
            proxy=settings.https_proxy or settings.all_proxy,
        )

    names = [choice.name, *(name for name in goal.model.fallback if name != choice.name)]
    if len(names) == 1:
        return one(choice.name)
    from agent.model.fallback import FallbackModel

    return FallbackModel([make_model(replace(choice, name=name), _alone(goal), settings) for name in names])


def _alone(goal: Goal) -> Goal:
    return replace(goal, model=replace(goal.model, fallback=()))


def open_workspace(
    goal: Goal, flag: Path | None, settings: Settings, *, cwd: Path, tell: Callable[[str], None]
) -> Workspace:
    """The workspace: the flag's, the goal's, or `./workspace` of `cwd`, the folder where thinkact is started. `tell`
    says a line to the person."""
    desk = find_workspace(flag=flag, stated=goal.workspace, cwd=cwd, goals=goal.goals)
    if desk.note is not None:
        tell(desk.note)
    root = desk.root
    try:
        return Workspace.open(
            root,
            write=goal.write,
            protected=(*protected_files(goal, settings, cwd, workspace=root), *_obeyed(root)),
            hidden=(settings.home, cwd / ".env"),
        )
    except ToolError as error:
        raise UsageError(f"the workspace {root} cannot be used: {error.message}", hint=error.hint) from error


def _obeyed(root: Path) -> Iterator[Path]:
    """What rules whoever starts thinkact in the workspace one day: what configures it there, and its own environment,
    where the workspace holds that."""
    yield from (root / ".env", root / ".mcp.json")
    real = Path(os.path.realpath(root))
    for one in dict.fromkeys(Path(os.path.realpath(one)) for one in (sys.prefix, sys.exec_prefix)):
        if real in one.parents:
            yield one


def protected_files(goal: Goal, settings: Settings, cwd: Path, *, workspace: Path) -> tuple[Path, ...]:
    """What no tool writes, wherever it lies: what configures thinkact, and what runs with all of the user's rights."""
    return (*configuring_files(goal, settings, cwd), *unconfined_files(settings, cwd, goal, workspace=workspace))


def configuring_files(goal: Goal, settings: Settings, cwd: Path) -> tuple[Path, ...]:
    """The goal's own file, and what configures thinkact."""
    source = (Path(goal.source),) if goal.source else ()
    return (*source, cwd / ".env", cwd / ".mcp.json", settings.config.parent)


def all_plugins(settings: Settings, *, again: bool = False, write: bool = True) -> tuple[Plugin, ...]:
    """Every plugin: ours, those in the user's folder, those installed as packages. `again`: those that ended their
    process when they were tried are tried once more. Without `write` it is not written down what became of those
    that are tried."""
    others = load_plugins(settings.plugins_folder, tried=settings.tried_plugins, again=again, write=write)
    return (*built_in_plugins(), *others)


def make_toolbox(
    settings: Settings,
    *,
    memory: bool,
    person: bool,
    documents: bool = True,
    servers: Sequence[Plugin] = (),
    write: bool = True,
) -> Toolbox:
    """The tools that can work in this run: with long-term memory, a person who can be asked, a knowledge base, by what
    draws and looks at pictures here; and those of MCP servers. `write` as in `all_plugins`."""
    missing = (frozenset() if memory else MEMORY_TOOLS) | (frozenset() if person else PERSON_TOOLS)
    missing |= frozenset() if documents else DOCUMENT_TOOLS

    def usable(tool: Tool) -> bool:
        return tool.name not in missing

    plugins = map(PictureTools(settings).of, (*all_plugins(settings, write=write), *servers))
    return Toolbox(replace(plugin, tools=tuple(filter(usable, plugin.tools))) for plugin in plugins)


@dataclass(frozen=True, slots=True)
class ShelfArtifacts:
    """A run's artifacts, as tools see them."""

    shelf: Shelf

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        """Keep bytes."""
        from memory.artifacts import ArtifactError

        try:
            return _artifact(self.shelf.put(content, media_type=media_type, name=name))
        except ArtifactError as error:
            raise ToolError(error.message, hint=error.hint) from error

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        """An artifact and its content."""
        from memory.artifacts import ArtifactError

        try:
            kept, content = self.shelf.get(handle)
        except ArtifactError as error:
            raise ToolError(error.message, hint=error.hint) from error
        return _artifact(kept), content


def _artifact(kept: Kept) -> Artifact:
    return Artifact(
        handle=kept.handle, path=kept.path, media_type=kept.media_type, bytes=kept.bytes, sha256=kept.sha256
    )


def describe_tool(described: dict[str, Any]) -> ToolDescription:
    """A tool of the toolbox as the model's protocol has it."""
    return ToolDescription(
        name=described["name"],
        description=described["description"],
        parameters=described["parameters"],
        aliases=tuple(described["aliases"]),
        effect=described["effect"],
    )


def version() -> str:
    """The installed version of thinkact."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("thinkact")
    except PackageNotFoundError:
        return "0 (not installed)"
