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
    Artifact,
    Artifacts,
    Ask,
    AskedEngine,
    BeforeCall,
    Budget,
    Cache,
    Call,
    Context,
    Cost,
    Documents,
    Effect,
    Ended,
    Fetched,
    FileEntry,
    Files,
    Found,
    FoundPassage,
    Hit,
    Http,
    Left,
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
    Talker,
    Tool,
    ToolError,
    ToolFailure,
    WorkspacePath,
)
from plugins._discovery import built_in_plugins, load_plugins
from plugins._hooks import Observer
from plugins._http import WebHttp
from plugins._intents import PathState
from plugins._judging import Rules
from plugins._marking import before_call, observe
from plugins._mcp import (
    McpListing,
    McpServer,
    McpServers,
    McpSurroundings,
    McpTool,
    look_at_server,
    named_places,
)
from plugins._running import Running
from plugins._sandbox import ConfinedProcesses, Escape, NoConfinement, prove
from plugins._sandbox import Levels as SandboxLevels
from plugins._schema import PluginFault, tool
from plugins._search import WebSearch
from plugins._search_ways import SearchWays
from plugins._toolbox import BUILT_IN, Plugin, Prepared, Toolbox
from plugins._ways import Web
from plugins._workspace import Workspace

__all__ = [
    "BUILT_IN",
    "Artifact",
    "Artifacts",
    "Ask",
    "AskedEngine",
    "BeforeCall",
    "Budget",
    "Cache",
    "Call",
    "ConfinedProcesses",
    "Context",
    "Cost",
    "Documents",
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
    "Left",
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
    "load_plugins",
    "look_at_server",
    "named_places",
    "observe",
    "prove",
    "tool",
]
