"""`thinkact models`: which models there are, and what works at an endpoint."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.completing import values

application = typer.Typer(
    name="models", help="Models: list, test.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

BaseOption = Annotated[
    str | None, typer.Option("--base-url", help="An OpenAI-compatible endpoint, in place of that of the settings.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@application.command("list")
def list_models(
    wanted: Annotated[
        str | None, typer.Argument(metavar="[FILTER]", help="Only models whose names hold these words.")
    ] = None,
    base_url: BaseOption = None,
    most: Annotated[int | None, typer.Option("--most", min=1, help="How many models at most; with --json all.")] = None,
    as_data: JsonOption = False,
) -> None:
    """List the endpoints that are set up or found on this machine, with their models, and what `run` would call."""
    from agent.cli.models.listing import list_all

    raise typer.Exit(list_all(wanted, base_url=base_url, most=most, as_data=as_data))


@application.command("test")
def try_model(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="The model; the one that `run` would call, if none is named.",
            autocompletion=values.model_names,
        ),
    ] = None,
    base_url: BaseOption = None,
    as_data: JsonOption = False,
) -> None:
    """Try within 10 seconds what works at an endpoint: chat, streaming, tool calls, JSON, embeddings, window. Ends with
    1 where chat does not work. It asks real questions, which cost little."""
    from agent.cli.models.trying import try_one

    raise typer.Exit(try_one(model, base_url=base_url, as_data=as_data))
