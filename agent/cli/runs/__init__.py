"""`thinkact runs`: look at the runs there were, and at the one that is; compare, take back, hand on and delete them.

Each command is put together only when it is asked for: a listing need not wait for what an undoing needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

_ROOMS = {
    "list": "listing",
    "show": "showing",
    "tail": "following",
    "replay": "replaying",
    "diff": "comparing",
    "undo": "undoing",
    "export": "exporting",
    "stats": "counting",
    "delete": "deleting",
}
"""Each command's name and the room whose `application` it is, in the order in which the help shows them."""


class Commands(TyperGroup):
    """The commands of the group."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (the parent's signature)
        """All names, in their order."""
        return list(_ROOMS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  (the parent's signature)
        """A command by its name; None where there is none."""
        if cmd_name in _ROOMS and cmd_name not in self.commands:
            room = import_module(f"agent.cli.runs.{_ROOMS[cmd_name]}")
            self.commands[cmd_name] = get_command(room.application)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the words name; a name that is none is held against all there are."""
        if args and args[0] not in _ROOMS:
            for name in _ROOMS:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


application = typer.Typer(
    name="runs",
    cls=Commands,
    help=f"Look at runs: {', '.join(_ROOMS)}.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
