"""`thinkact plugins`: what is loaded, what each brings, and what is not loaded and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completing import values
from agent.cli.tables import as_json, fitted, table
from agent.terminal import plain

if TYPE_CHECKING:
    from agent.cli.plugin.judging import Judged
    from plugins import Plugin

application = typer.Typer(
    name="plugins", help="Plugins: list, show, doctor, new, test, folder.", no_args_is_help=True, rich_markup_mode=None
)
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@application.command("list")
def list_plugins(as_data: JsonOption = False) -> None:
    """List every plugin with its tools; one that did not load with the reason."""
    from plugins import Toolbox

    plugins = Toolbox(_all()).plugins
    if as_data:
        as_json(
            [
                {
                    "name": one.name,
                    "origin": one.origin,
                    "tools": [tool.name for tool in one.tools],
                    "loaded": one.fault is None,
                    "fault": one.fault,
                }
                for one in plugins
            ]
        )
        return
    loaded = [[one.name, ", ".join(tool.name for tool in one.tools)] for one in plugins if one.fault is None]
    table([["PLUGIN", "TOOLS"], *loaded])
    for one in plugins:
        if one.fault is not None:  # no column: a terminal would show the beginning of the reason, and no more
            typer.echo(f"{plain(one.name)} did not load: {plain(one.fault)}")
    typer.echo(f"your own plugins go to {plain(str(_folder()))}", err=True)


@application.command("show")
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The plugin's name, or its file.", autocompletion=values.plugin_names),
    ],
    as_data: JsonOption = False,
) -> None:
    """Show what a plugin brings: its tools with effect, timeout and arguments, its hooks and observers; or why it did
    not load."""
    from agent.cli.plugin.judging import judged
    from agent.cli.plugin.showing import as_data_of, lines_of

    (one,) = _named(judged(_all()), name, only_one=True)
    if as_data:
        as_json(as_data_of(one))
        return
    for line in lines_of(one):
        _show(line)


@application.command("doctor")
def doctor(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One plugin; all, if none is named.", autocompletion=values.plugin_names),
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """Say why a plugin did not load: file, line, argument, and what to write instead. One that
    ended its process when it was tried is tried again. Ends with 1 where one did not load."""
    from agent.cli.plugin.judging import judged
    from agent.cli.plugin.showing import fault_lines, summary

    found = judged(_all(again=True))
    if name is not None:
        found = _named(found, name)
    if as_data:
        as_json([one.as_data() for one in found])
    else:
        for one in found:
            for line in fault_lines(one):
                _show(line)
        _show(summary(found))
    if not all(one.loaded for one in found):
        raise typer.Exit(1)


@application.command("test")
def try_out(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH", help="The plugin's file, its package, or its name.", autocompletion=values.files
        ),
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Arguments that its tools are called with where they take them."),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="PATTERN", help="Call these tools too, whatever they declare; repeatable."),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", metavar="DIR", help="Call them in a copy of this folder.", autocompletion=values.folders
        ),
    ] = None,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=600, help="The most that a call may take.")] = 5.0,
    as_data: JsonOption = False,
) -> None:
    """Try a plugin in a process of its own: its text, its loading, its tools with plain and odd arguments, its hooks.
    Ends with 1 where something is wrong. Tools that execute, fetch or send are called only with --allow."""
    from agent.cli.plugin.examining.apart import Order, examined, plugin_file
    from agent.cli.plugin.examining.telling import lines_of
    from agent.opening.inputs import parse_inputs, read_value

    given = {name: read_value(value) for name, value in parse_inputs(arguments or [], "").items()}
    order = Order(
        path=plugin_file(path, _folder()), given=given, allow=tuple(allow or ()), seconds=seconds, workspace=workspace
    )
    report = examined(order)
    if as_data:
        as_json(report.as_data())
    else:
        for line in lines_of(report):
            _show(line)
    if not report.passed:
        raise typer.Exit(1)


@application.command("folder")
def folder() -> None:
    """Print the plugin folder, which is made where it is missing: a plugin's file is copied into it."""
    from agent.errors import SettingsError

    place = _folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the plugin folder {place} cannot be made: {error.strerror}") from error
    typer.echo(str(place))


@application.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin's name, such as word_count.")],
    tool: Annotated[
        str | None, typer.Option("--tool", metavar="NAME", help="What models call its tool, if not NAME.")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="DIR", help="Where to write; here, if not given.", autocompletion=values.folders
        ),
    ] = None,
    as_package: Annotated[
        bool, typer.Option("--package", help="A project with an entry point, to be installed and published.")
    ] = False,
) -> None:
    """Write a new plugin, with one tool and one hook, and its test: both work as they stand."""
    from agent.cli.mending import line_of
    from agent.cli.plugin.writing import named, package, plugin_file, write
    from agent.opening.parts import version
    from plugins import Toolbox

    names = named(name, tool, Toolbox(_all()))
    place = into or Path()
    if as_package:
        place /= f"thinkact-{names.tool.lower().replace('_', '-')}"
    written = write(package(names, version()) if as_package else plugin_file(names), place)
    for file in written:
        typer.echo(plain(str(file)))
    steps = [("run its test", line_of(["pytest", place if as_package else written[-1]]))]
    if as_package:
        steps += [("install it here, to be changed", line_of(["pip", "install", "-e", place]))]
    else:
        steps += [
            ("see what is wrong with it", line_of(["thinkact", "plugins", "test", written[0]])),
            (
                "let runs have it",
                line_of(["cp", written[0], _folder()]) if _folder().is_dir() else _install(written[0]),
            ),
        ]
    for what, command in steps:
        typer.echo(f"{what}: {plain(command)}", err=True)


def _install(file: Path) -> str:
    """The command that puts a file into the plugin folder."""
    from agent.cli.mending import line_of, make_folder

    copy = line_of(["cp", file, _folder()])
    return copy if _folder().is_dir() else f"{make_folder(_folder())} && {copy}"


def _show(line: str) -> None:
    """A line for people; a command stays whole, as it is there to be pasted."""
    typer.echo(line if line.startswith("  mend: ") else "\n".join(fitted(line, frame="    ")))


def _all(*, again: bool = False) -> tuple[Plugin, ...]:
    from agent.cli.streams import own_stdout
    from agent.opening.parts import all_plugins
    from agent.settings import Settings

    with own_stdout():  # what a plugin writes to the process's stdout while it is imported is no answer
        return all_plugins(Settings.load(cwd=Path.cwd(), take_keys=True), again=again)


def _folder() -> Path:
    from agent.settings import Settings

    return Settings.load(cwd=Path.cwd()).plugins_folder


def _named(found: list[Judged], name: str, *, only_one: bool = False) -> list[Judged]:
    """Those that a name, a file name or an origin means.

    Raises:
        UsageError: there is none; or several, and only one is wanted.
    """
    from agent.errors import UsageError
    from agent.spelling import did_you_mean

    meant = [one for one in found if name == one.plugin.origin] or [
        one for one in found if name in (one.plugin.name, Path(one.plugin.origin).name)
    ]
    if not meant:
        passed = next((one for one in (name, f"{name}.py") if (_folder() / one).exists()), None)
        if passed is not None:
            why = "its name begins with _ or ., is that of a test, or it holds no Python"
            raise UsageError(f"{_folder() / passed} is passed over: {why}", hint="give it another name")
        guess = did_you_mean(name, [one.plugin.name for one in found])
        raise UsageError(f"there is no plugin {name}{guess}", hint="`thinkact plugins list` shows all")
    if only_one and len(meant) > 1:
        places = ", ".join(one.plugin.origin for one in meant)
        raise UsageError(f"{len(meant)} plugins are called {name}", hint=f"name one by its file: {places}")
    return meant
