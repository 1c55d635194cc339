"""`thinkact tools`: list them, show a schema, call one with no model."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from agent.cli.completing import values
from agent.cli.saying import say
from agent.cli.tables import as_json, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.errors import UsageError
    from agent.settings import Settings
    from plugins import Toolbox

application = typer.Typer(name="tools", help="Tools: list, schema, call.", no_args_is_help=True, rich_markup_mode=None)

WRONG_USAGE = ("unknown-tool", "arguments")
"""The kinds of failure that are the caller's: what was typed names no call that can be made."""

_LOOK = 0.2  # seconds between two looks whether a plugin has changed

JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def _toolbox() -> Toolbox:
    from agent.cli.streams import own_stdout
    from agent.opening.mcp_servers import open_servers
    from agent.opening.parts import make_toolbox
    from agent.settings import Settings

    settings = Settings.load(cwd=Path.cwd(), take_keys=True)
    with (
        own_stdout(),
        redirect_stdout(sys.stderr),
        open_servers(settings, Path.cwd(), goal=None, logs=None, tell=say) as servers,  # told of, not started
    ):
        return make_toolbox(settings, memory=True, person=True, servers=servers.plugins)


@application.command("list")
def list_tools(
    goal: Annotated[
        str | None, typer.Option("--goal", metavar="WORDS", help="Tell which of them the prompt for this goal carries.")
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """List the tools with their effects, and which of them a model is told of from the start."""
    box = _toolbox()
    told = _told(box, goal)
    if as_data:
        as_json(
            [
                {
                    "name": one.name,
                    "effect": one.effect.value,
                    "plugin": one.origin,
                    "description": one.description,
                    "aliases": list(one.aliases),
                    "told": told(one.name),
                }
                for one in box.tools.values()
            ]
        )
        return
    rows = [[one.name, one.effect.value, told(one.name), one.description.split("\n")[0]] for one in box.tools.values()]
    table([["TOOL", "EFFECT", "TOLD", "WHAT IT DOES"], *rows])
    _tell_left_out()


def _left_out() -> Mapping[str, str]:
    """The tools that come with thinkact and cannot work now, with the reason."""
    from agent.opening.picture_tools import PictureTools
    from agent.settings import Settings
    from plugins import built_in_plugins

    there = {tool.name for plugin in built_in_plugins() for tool in plugin.tools}
    left_out = PictureTools(Settings.load(cwd=Path.cwd())).left_out
    return {name: why for name, why in left_out.items() if name in there}


def _tell_left_out() -> None:
    reasons: dict[str, list[str]] = {}
    for name, why in _left_out().items():
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        say(f"left out: {', '.join(names)}: {why}; thinkact images status tells what to do")


def _told(box: Toolbox, goal: str | None) -> Callable[[str], str]:
    """Of a tool, when a model is told of it: `always`; `found`, by find_tools, when it is looked for; or, where no goal
    is given and not all tools are told of, `by goal`."""
    from agent.approval import Approval, Policy
    from agent.goal import goal_from_words
    from agent.offer import ALWAYS
    from agent.opening.offering import make_offer
    from agent.settings import Settings

    settings = Settings.load(cwd=Path.cwd())
    approval = Approval(Policy(own=settings.allow, deny=settings.deny))
    offer = make_offer(goal_from_words(goal or "-"), None, box, approval)

    def told(name: str) -> str:
        if approval.denied(name):
            return "denied"
        if not offer.others or name in ALWAYS:
            return "always"
        if goal is None:
            return "by goal"
        return "found" if name in offer.others else "by goal"

    return told


@application.command("schema")
def schema(
    name: Annotated[
        str | None, typer.Argument(help="One tool; all, if none is named.", autocompletion=values.tool_names)
    ] = None,
) -> None:
    """Print what a model is told of a tool: name, description, JSON schema of its arguments."""
    from plugins import ToolError

    box = _toolbox()
    if name is not None:
        try:
            box.get(name)
        except ToolError as error:
            raise _wrong(box, error.message, error.hint, error.kind) from error
    as_json([{**one, "aliases": list(one["aliases"])} for one in box.describe() if name in (None, one["name"])])


@application.command("call")
def call(
    name: Annotated[str, typer.Argument(help="The tool.", autocompletion=values.tool_names)],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Its arguments.", autocompletion=values.tool_arguments),
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="Print the whole observation as JSON.")] = False,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", metavar="DIR", help="The folder to work in.", autocompletion=values.folders),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Call it again each time when a plugin's file changes, until Ctrl-C.")
    ] = False,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="Show no pictures in the terminal.")] = False,
) -> None:
    """Run one tool with no model: a value that is JSON is taken as JSON, everything else as text."""
    from agent.cli.calling import Interrupted, as_dict, call_tool, servers_of, toolbox_of
    from agent.cli.streams import own_stdout
    from agent.settings import Settings

    settings = Settings.load(cwd=Path.cwd(), take_keys=True)

    def called(toolbox: Toolbox) -> dict[str, Any]:
        with own_stdout(), redirect_stdout(sys.stderr):
            return call_tool(name, arguments or [], workspace, settings=settings, toolbox=toolbox)

    with servers_of(settings, workspace) as servers:
        with own_stdout(), redirect_stdout(sys.stderr):
            box = toolbox_of(settings, servers)
        if reload:
            _call_again(called, box, settings, as_data=as_data)
        try:
            observation = called(box)
        except Interrupted as stopped:
            with suppress(typer.Exit):
                _tell(box, as_dict(stopped.observation), as_data=as_data)
            raise typer.Exit(130) from None
    _tell(box, observation, as_data=as_data)
    if not as_data:
        _show_pictures(observation, settings, wanted=not no_preview)


def _call_again(
    called: Callable[[Toolbox], dict[str, Any]], box: Toolbox, settings: Settings, *, as_data: bool
) -> NoReturn:
    """Call, and call again whenever a plugin has changed, whatever comes of it; Ctrl-C ends it."""
    from agent.cli.application import complain
    from agent.cli.streams import own_stdout
    from agent.errors import UsageError
    from plugins._reloading import Reloading

    folder = settings.plugins_folder
    watched = Reloading(folder, box, tell=say, tried=settings.tried_plugins)
    try:
        while True:
            try:
                _tell(box, called(box), as_data=as_data)
            except UsageError as error:
                complain(error.message, error.hint)
            except typer.Exit:
                pass  # it was told why
            sys.stdout.flush()
            say(f"waiting until a plugin in {folder} changes; Ctrl-C ends it")
            changed = False
            while not changed:
                time.sleep(_LOOK)
                with own_stdout():
                    changed = watched.look()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _tell(box: Toolbox, observation: dict[str, Any], *, as_data: bool) -> None:
    """Print what came of a call; raises typer.Exit or UsageError where it failed."""
    error = observation["error"] or {"kind": ""}
    if as_data:
        as_json(observation)
    elif error["kind"] in WRONG_USAGE:
        raise _wrong(box, **error)
    else:
        from agent.terminal import neutral

        typer.echo(neutral(observation["text"]), err=not observation["ok"])
    if not observation["ok"]:
        raise typer.Exit(2 if error["kind"] in WRONG_USAGE else 1)


def _show_pictures(observation: dict[str, Any], settings: Settings, *, wanted: bool) -> None:
    """Show the first pictures that a call has made, where stdout is a terminal."""
    from agent.cli.terminals import is_terminal

    pictures = [one for one in observation["artifacts"] if one["media_type"] == "image/png"]
    if not pictures or not is_terminal(sys.stdout):
        return
    import shutil

    from agent.cli.picturing import shown_file
    from agent.cli.previews import way_of
    from agent.screen import SHOWN_PICTURES

    way = way_of(settings, sys.stdout, wanted=wanted)
    for one in pictures[:SHOWN_PICTURES]:
        sys.stdout.write(shown_file(Path(one["path"]), way, shutil.get_terminal_size().columns))


def _wrong(box: Toolbox, message: str, hint: str | None, kind: str) -> UsageError:
    """What was typed names no call that can be made."""
    from agent.errors import UsageError

    if kind == "unknown-tool" and (why := next((why for one, why in _left_out().items() if f'"{one}"' in message), "")):
        return UsageError(f"{message} now: {why}", hint="thinkact images status tells what to do")
    if kind == "unknown-tool":
        near = f"{hint}; " if hint and "?" in hint else ""  # else it is of the tools that a model was told of
        broken = [one.name for one in box.plugins if one.fault is not None]
        did = f"{', '.join(broken[:3])}{' and others' if len(broken) > 3 else ''} did not load"
        hint = f"{near}{f'{did}: thinkact plugins doctor tells why; ' * bool(broken)}thinkact tools list shows them all"
    return UsageError(message, hint=hint)
