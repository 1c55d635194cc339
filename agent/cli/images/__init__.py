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


@application.command("train-lora")
def learn_style(
    pictures: Annotated[
        Path, typer.Argument(help="A folder of pictures, each with what it shows in a .txt beside it.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The LoRA to make: NAME.safetensors.")],
    caption: Annotated[str, typer.Option("--caption", help="What is said of pictures that have no .txt.")] = "",
    model: Annotated[
        str, typer.Option("--model", metavar="MODEL", help="Its folder or name; else THINKACT_IMAGE_MODEL.")
    ] = "",
    steps: Annotated[int, typer.Option("--steps", help="How often it learns.")] = 500,
    rank: Annotated[int, typer.Option("--rank", help="How much the LoRA can hold.")] = 8,
    rate: Annotated[float, typer.Option("--rate", help="The learning rate.")] = 1e-4,
    batch: Annotated[int, typer.Option("--batch", help="Pictures at a time.")] = 1,
    side: Annotated[int, typer.Option("--size", help="To which pictures are cut and scaled; 0: the model's own.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Of the order and the noise.")] = 0,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Beside the convolutions as well, not in the attention alone.")
    ] = False,
) -> None:
    """Learn a style from pictures, as a LoRA; it goes on where it was stopped."""
    from agent.cli.images.training import learn

    wanted: dict[str, int | float] = {
        "steps": steps,
        "rank": rank,
        "rate": rate,
        "batch": batch,
        "side": side,
        "seed": seed,
    }
    wanted["everywhere"] = everywhere
    raise typer.Exit(learn(pictures, out, model, caption, wanted))


@application.command("drag")
def drag_picture(
    picture: Annotated[Path, typer.Argument(help="The picture.")],
    moves: Annotated[
        list[str], typer.Option("--move", metavar="'X,Y X,Y'", help="A point and its goal, in pixels; several can go.")
    ],
    prompt: Annotated[str, typer.Option("--prompt", help="What the picture shows once it is dragged.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The PNG to make; none is written over.")],
    radius: Annotated[
        float | None, typer.Option("--radius", help="Of what is moved around a point, in pixels.")
    ] = None,
    rounds: Annotated[int | None, typer.Option("--rounds", help="In how many little moves.")] = None,
    strength: Annotated[float | None, typer.Option("--strength", help="More moves more, and changes more.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="The same one drags the same way.")] = None,
) -> None:
    """Drag what is at a point of a picture to another, and have a model make a picture of it again."""
    from agent.cli.images.dragging import drag

    raise typer.Exit(drag(picture, moves, prompt, out, radius=radius, rounds=rounds, strength=strength, seed=seed))


@application.command("models")
def show_models(
    as_data: JsonOption = False,
    get: Annotated[
        str | None, typer.Option("--get", metavar="OWNER/NAME", help="Fetch one from the Hugging Face hub first.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to what --get fetches.")] = False,
) -> None:
    """List the models that can be drawn with, or fetch one."""
    from agent.cli.images.models import get_model, list_models

    raise typer.Exit(list_models(as_data=as_data) if get is None else get_model(get, yes=yes))


@application.command("show")
def show_pictures(
    files: Annotated[list[Path], typer.Argument(help="PNG, JPEG, WebP or GIF files.")],
) -> None:
    """Show pictures in the terminal, as well as it can."""
    from agent.cli.images.showing import show

    raise typer.Exit(show(files))


@application.command("again")
def draw_again(
    file: Annotated[Path, typer.Argument(help="A picture that tells how it was made.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The PNG to make; else FILE-again.png.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Another seed.")] = None,
    model: Annotated[str, typer.Option("--model", help="Another model: a folder or a name.")] = "",
    anyway: Annotated[bool, typer.Option("--anyway", help="Also where the model is another one.")] = False,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="Do not show it in the terminal.")] = False,
) -> None:
    """Make a picture again from what its file tells, and tell whether it came out identical."""
    from agent.cli.images.again import Wanted, make_again

    wanted = Wanted(file=file, out=out, seed=seed, model=model, anyway=anyway, preview=not no_preview)
    raise typer.Exit(make_again(wanted))
