"""The hands of thinkact: what an author of tools writes with, and what runs them.

One file in the plugin folder, or an entry point in the group `thinkact.plugins`, is a plugin:

    from plugins import Context, Effect, Refuse, WorkspacePath, before_call, observe, tool

    @tool(effect=Effect.READ)
    def count_lines(path: WorkspacePath, *, context: Context) -> int:
        \"\"\"Count the lines of a file.

        Args:
            path: The file.
        \"\"\"
        return context.workspace.read(path).count(b"\\n")

    @before_call                       # sees each call before approval
    def keep_out(tool, arguments):
        if "diary" in str(arguments):  # whichever argument names it, of whichever tool
            raise Refuse("the diary is private")
        return arguments               # edited or not

    @observe                           # sees each event of the run as a plain dict
    def count(event): ...

A plugin brings the tools and hooks that its module makes; what it imports from elsewhere is not brought again.
"""

from plugins._contract import (
    Answer,
    Artifact,
    Artifacts,
    Ask,
    AskedEngine,
    BeforeCall,
    Box,
    Budget,
    Cache,
    Call,
    Context,
    ControlPicture,
    Cost,
    Documents,
    Drawing,
    Drawn,
    Effect,
    Ended,
    Fetched,
    FileEntry,
    Files,
    Found,
    FoundPassage,
    Hit,
    Http,
    Images,
    Left,
    Lora,
    Newest,
    Notes,
    Observation,
    Person,
    Progress,
    Refuse,
    Remembered,
    Sandbox,
    Search,
    Searched,
    Seen,
    SourcePicture,
    Talker,
    Tool,
    ToolError,
    ToolFailure,
    WorkspacePath,
)
from plugins._hooks import Observer
from plugins._marking import before_call, observe
from plugins._schema import PluginFault, tool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plugins._discovery import built_in_plugins, load_plugins
    from plugins._http import WebHttp
    from plugins._intents import PathState
    from plugins._judging import Rules
    from plugins._mcp import (
        McpListing,
        McpServer,
        McpServers,
        McpSurroundings,
        McpTool,
        found_program,
        look_at_server,
        named_places,
        programs_of,
    )
    from plugins._programs import Programs, is_of_the_system
    from plugins._running import Running
    from plugins._sandbox import ConfinedProcesses, Escape, NoConfinement, prove
    from plugins._sandbox import Levels as SandboxLevels
    from plugins._search import WebSearch
    from plugins._search_ways import SearchWays
    from plugins._toolbox import BUILT_IN, Plugin, Prepared, Toolbox
    from plugins._ways import Web
    from plugins._workspace import Workspace
    from plugins.images import ImageEndpoint, Studio
else:
    # What runs plugins is loaded when it is first asked for: an author's module needs none of it, nor does the process
    # in which a new one is tried.
    _ROOMS = {
        "_discovery": ("built_in_plugins", "load_plugins"),
        "_http": ("WebHttp",),
        "_intents": ("PathState",),
        "_judging": ("Rules",),
        "_mcp": (
            *("McpListing", "McpServer", "McpServers", "McpSurroundings", "McpTool"),
            *("found_program", "look_at_server", "named_places", "programs_of"),
        ),
        "_programs": ("Programs", "is_of_the_system"),
        "_running": ("Running",),
        "_sandbox": ("ConfinedProcesses", "Escape", "NoConfinement", "SandboxLevels", "prove"),
        "_search": ("WebSearch",),
        "_search_ways": ("SearchWays",),
        "_toolbox": ("BUILT_IN", "Plugin", "Prepared", "Toolbox"),
        "_ways": ("Web",),
        "images": ("ImageEndpoint", "Studio"),
        "_workspace": ("Workspace",),
    }
    _ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

    def __getattr__(name: str) -> object:
        if name not in _ROOM_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), {"SandboxLevels": "Levels"}.get(name, name))
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *_ROOM_OF})


__all__ = [
    "BUILT_IN",
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
    "ConfinedProcesses",
    "Context",
    "ControlPicture",
    "Cost",
    "Documents",
    "Drawing",
    "Drawn",
    "Effect",
    "Ended",
    "Escape",
    "Fetched",
    "FileEntry",
    "Files",
    "Found",
    "FoundPassage",
    "Hit",
    "Http",
    "ImageEndpoint",
    "Images",
    "Left",
    "Lora",
    "McpListing",
    "McpServer",
    "McpServers",
    "McpSurroundings",
    "McpTool",
    "Newest",
    "NoConfinement",
    "Notes",
    "Observation",
    "Observer",
    "PathState",
    "Person",
    "Plugin",
    "PluginFault",
    "Prepared",
    "Programs",
    "Progress",
    "Refuse",
    "Remembered",
    "Rules",
    "Running",
    "Sandbox",
    "SandboxLevels",
    "Search",
    "SearchWays",
    "Searched",
    "Seen",
    "SourcePicture",
    "Studio",
    "Talker",
    "Tool",
    "ToolError",
    "ToolFailure",
    "Toolbox",
    "Web",
    "WebHttp",
    "WebSearch",
    "Workspace",
    "WorkspacePath",
    "before_call",
    "built_in_plugins",
    "found_program",
    "is_of_the_system",
    "load_plugins",
    "look_at_server",
    "named_places",
    "observe",
    "programs_of",
    "prove",
    "tool",
]
