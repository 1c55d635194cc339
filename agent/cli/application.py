"""The commands put together, and the one table from error to exit code."""

from __future__ import annotations

import gc
import re
import sys
from typing import Annotated

import typer

from agent.cli import running
from agent.cli.groups import Groups
from agent.errors import ModelError, ThinkactError

application = typer.Typer(
    name="thinkact",
    cls=Groups,
    help="An autonomous agent for the terminal: a goal in, a think-act loop, checks that decide, an answer out.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help starts in half the time
    pretty_exceptions_enable=False,
    add_completion=False,  # agent/cli/completing has its own
    context_settings={"help_option_names": ["-h", "--help"]},
)
application.command("run")(running.run)
application.command("resume")(running.resume)


def _version(wanted: bool) -> None:
    if wanted:
        from agent.opening.parts import version

        typer.echo(f"thinkact {version()}")
        raise typer.Exit


def _install_completion(wanted: bool) -> None:
    if wanted:
        from agent.cli.completing.installing import install_here

        typer.echo(install_here())
        raise typer.Exit


def _show_completion(wanted: bool) -> None:
    if wanted:
        from agent.cli.completing.installing import script_here

        typer.echo(script_here())
        raise typer.Exit


@application.callback()
def _thinkact(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback has told it)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
    install_completion: Annotated[  # noqa: ARG001
        bool,
        typer.Option(
            "--install-completion", callback=_install_completion, is_eager=True, help="Set up tab completion here."
        ),
    ] = False,
    show_completion: Annotated[  # noqa: ARG001
        bool,
        typer.Option("--show-completion", callback=_show_completion, is_eager=True, help="Show its script instead."),
    ] = False,
) -> None:
    """An autonomous agent for the terminal."""
    if context.invoked_subcommand not in ("run", "resume"):
        gc.enable()  # `__main__` holds it; those two let it go when the run works: agent/cli/collecting.py


def exit_code(error: Exception) -> int:
    """The exit code for an error that ended a command before a run could end. What is to be looked into and cannot be
    had, such as a damaged file of notes, is told from what was looked for and not found."""
    if isinstance(error, ThinkactError):
        return 6 if isinstance(error, ModelError) else 2
    if type(error).__module__.partition(".")[0] != "memory":
        return 1
    from memory.recall import StoreError

    return 2 if isinstance(error, StoreError) else 1


def complain(message: str, hint: str | None = None) -> None:
    """One clear line on stderr for each thing that is wrong, and the hint in a last one; foreign text neutralised.

    Every line but the first is indented, so that none can pass for the first.
    """
    from agent.terminal import plain

    lines = [*_complaints(message), *filter(None, [hint])]
    sys.stderr.write("".join(f"{'thinkact:' if n == 0 else ' ' * 9} {plain(line)}\n" for n, line in enumerate(lines)))


def _complaints(message: str) -> list[str]:
    """The complaints about a file, each of which begins with its place; a line end within one is no end."""
    place = re.match(r"(.*?):\d+:\d+: ", message, re.DOTALL)
    return re.split(rf"\n(?={re.escape(place[1])}:\d+:\d+: )", message) if place else [message]


def start() -> None:
    """Run the command line and end the process."""
    from agent.cli.streams import let_go, outlive_stderr

    if sys.argv[1:2] == ["_complete"]:  # a shell asks; it is answered before anything else could be said
        from agent.cli.completing.answering import answer

        answer(application, sys.argv[2:])
        return
    from typer._completion_classes import completion_init

    completion_init()  # for PowerShell, which has typer's own completion
    outlive_stderr()
    try:
        application(
            prog_name="thinkact", windows_expand_args=False
        )  # a `*`, `$` or `~` in a goal is meant as it stands
    except ThinkactError as error:
        complain(error.message, error.hint)
        sys.exit(exit_code(error))
    except Exception as error:  # noqa: BLE001 - whatever happens, the person is told in words
        complain(*(_told(error) or _unforeseen(error)))
        if isinstance(error, OSError):
            let_go(sys.stdout)
        sys.exit(exit_code(error))


def _told(error: Exception) -> tuple[str, str | None] | None:
    """The line for an error of the ground rooms, which carry `message` and `hint` like ours, and for what the system
    says of a file or of a reader that went away; None for a bug."""
    message = getattr(error, "message", None)
    if isinstance(message, str) and type(error).__module__.split(".")[0] in ("memory", "plugins"):
        return message, getattr(error, "hint", None)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the output'}: {error.strerror}", "look at the place, its rights and its disk"
    return None


def _unforeseen(error: Exception) -> tuple[str, str | None]:
    """The line for a bug of ours. Its trace is kept in a file: on the screen it would help nobody."""
    import tempfile
    import traceback

    message = f"a fault of thinkact itself: {type(error).__name__}: {error}".split("\n")[0]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="thinkact-fault-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return message, "nothing that was done is lost: a run goes on with `thinkact resume`"
    return message, f"`thinkact resume` goes on with a run; please report what is in {file.name}"
