"""`thinkact images`: what draws here, what a picture tells of itself, and many on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

application = typer.Typer(
    name="images",
    help="Pictures: what draws them, what one tells of itself.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@application.command("status")
def show_status(as_data: JsonOption = False) -> None:
    """Tell what draws pictures here, what does not, and why."""
    from agent.cli.images.status import tell_status

    raise typer.Exit(tell_status(as_data=as_data))


@application.command("info")
def tell_of_picture(
    file: Annotated[Path, typer.Argument(help="A PNG, JPEG, WebP or GIF file.")], as_data: JsonOption = False
) -> None:
    """Tell what a picture file says of how it was made: by thinkact, or by another program."""
    from agent.cli.images.telling import tell

    raise typer.Exit(tell(file, as_data=as_data))


@application.command("grid")
def make_grid(
    files: Annotated[list[Path], typer.Argument(help="Pictures, in the order in which they are to stand.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The PNG to make; none is written over.")],
    columns: Annotated[int, typer.Option("--columns", min=0, help="Pictures in a row; 0: as square as it goes.")] = 0,
) -> None:
    """Put several pictures on one sheet, all scaled to the size of the first."""
    from agent.cli.images.grid import write_grid

    raise typer.Exit(write_grid(files, out, columns=columns))
