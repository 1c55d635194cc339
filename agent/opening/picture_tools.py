"""Which of the tools for pictures a model is told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.opening.studio import open_studio
from agent.settings import Settings
from plugins import BUILT_IN, Plugin, Tool

_NEEDED: Mapping[str, str] = {
    "generate_image": "generate",
    "edit_image": "edit",
    "inpaint_image": "inpaint",
    "upscale_image": "upscale",
    "caption_image": "caption",
    "ask_image": "ask",
    "find_in_image": "find",
}
"""What a tool for pictures takes, in the words of `plugins.Images.abilities`; the others need nothing."""
_DEEDS: Mapping[str, str] = {
    "generate": "draws pictures from words",
    "edit": "changes pictures",
    "inpaint": "fills a masked part of a picture",
    "upscale": "enlarges pictures",
    "caption": "tells what a picture shows",
    "ask": "answers questions about pictures",
    "find": "finds things in pictures",
}
_DRAWING = ("generate", "edit", "inpaint")


class PictureTools:
    """Which of the tools for pictures can work now; quick, as nothing is loaded for it."""

    def __init__(self, settings: Settings) -> None:
        with open_studio(settings) as studio:
            able = studio.abilities()
            self._worlds = {name: studio.world(need) for name, need in _NEEDED.items() if need in _DRAWING}
        self.left_out = {name: f"nothing here {_DEEDS[need]} now" for name, need in _NEEDED.items() if need not in able}
        """Why a tool cannot work, by its name."""

    def of(self, plugin: Plugin) -> Plugin:
        """A plugin of ours with those of its tools that can work, each told with what alone it draws where that is
        little; a plugin of others as it is."""
        if plugin.origin != BUILT_IN or not any(one.name in _NEEDED for one in plugin.tools):
            return plugin
        return replace(plugin, tools=tuple(map(self._told, filter(self._works, plugin.tools))))

    def _works(self, tool: Tool) -> bool:
        return tool.name not in self.left_out

    def _told(self, tool: Tool) -> Tool:
        world = self._worlds.get(tool.name, "")
        return replace(tool, description=f"{tool.description} Here {world}, and nothing else.") if world else tool
