"""The groups of commands, each put together only when it is asked for: a run need not wait for what it does not use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

GROUPS = {
    "runs": "agent.cli.runs",
    "goal": "agent.cli.goals",
    "tools": "agent.cli.tool",
    "plugins": "agent.cli.plugin",
    "models": "agent.cli.models",
    "memory": "agent.cli.memories",
    "kb": "agent.cli.kb",
    "mcp": "agent.cli.mcp",
    "images": "agent.cli.images",
}
"""Each group's name and the room whose `application` it is, in the order in which the help shows them."""
ALONE = {"doctor": "agent.cli.doctor"}
"""The commands that stand alone and are put together as late as the groups; the help shows them behind these."""
_Usage: Any = typer.BadParameter.__base__  # what typer raises for every wrong word; it has no public name


class Groups(TyperGroup):
    """The command `thinkact`: its own commands, and behind them the groups and what stands alone."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        """Read the words before the command's name."""
        with _told_as_ours():
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        """Read the other words and do what they say."""
        with _told_as_ours():
            return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (the parent's signature)
        """All names, in their order."""
        return [*(name for name in self.commands if name not in GROUPS and name not in ALONE), *GROUPS, *ALONE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  (the parent's signature)
        """A command by its name; None where there is none."""
        if cmd_name in GROUPS and cmd_name not in self.commands:
            self.commands[cmd_name] = get_group(import_module(GROUPS[cmd_name]).application)
        if cmd_name in ALONE and cmd_name not in self.commands:
            self.commands[cmd_name] = get_command(import_module(ALONE[cmd_name]).application)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the words name; a name that is none is held against all there are."""
        if args and args[0] not in self.list_commands(ctx):
            for name in (*GROUPS, *ALONE):
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """What is wrong with the words is told like all else that is wrong: in a line, with what to do."""
    try:
        yield
    except _Usage as error:
        if type(error).show is not _Usage.show:  # the help, where no words are there
            raise
        from agent.errors import UsageError

        message = error.format_message().rstrip(".")
        hint = f"`{error.ctx.command_path if error.ctx else 'thinkact'} --help` shows how it is used"
        raise UsageError(message[:1].lower() + message[1:], hint=hint) from None
