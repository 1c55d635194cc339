"""`thinkact kb`: a knowledge base of the user's own documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.completing import values

application = typer.Typer(
    name="kb",
    help="A knowledge base of your documents: add, ask, list, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

NamespaceOption = Annotated[
    str | None,
    typer.Option("--namespace", help="Which knowledge base; the project's, if not given.", autocompletion=values.bases),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@application.command("add")
def add(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Folders or files.", autocompletion=values.files)
    ],
    namespace: NamespaceOption = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="Documents converted at a time; one for each processor, 8 at most, if not given."
        ),
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """Bring documents in, or up to date. What has not changed is not read again, and a document of the folder that is
    gone from it is forgotten. Ctrl-C keeps what is done; the same command goes on. Ends with 1 where nothing was found.

    Read are text, Markdown, source code, PDF, Word, Excel, PowerPoint, OpenDocument text, EPUB, RTF, HTML, e-mail,
    notebooks and CSV. Links are not followed; hidden files, node_modules and the like are left out.
    """
    from agent.cli.kb.adding import add_all

    raise typer.Exit(add_all(paths, namespace, workers=workers, as_data=as_data))


@application.command("ask")
def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    count: Annotated[int, typer.Option("-k", "--count", min=1, max=50, help="Passages that are looked at.")] = 8,
    model: Annotated[
        str | None,
        typer.Option(
            "-m",
            "--model",
            help="The model; the one that `run` would call, if none is named. `offline` quotes sentences.",
            autocompletion=values.model_names,
        ),
    ] = None,
    base_url: Annotated[str | None, typer.Option("--base-url", help="An OpenAI-compatible endpoint.")] = None,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Answer from the documents, each statement with a citation that was checked: the passage is there, and the quoted
    words are in it. Ends with 1 where the documents do not say."""
    from agent.cli.kb.asking import answer

    raise typer.Exit(answer(question, namespace, count=count, model=model, base_url=base_url, as_data=as_data))


@application.command("list")
def list_documents(namespace: NamespaceOption = None, as_data: JsonOption = False) -> None:
    """List the documents, each with its passages, size and the day it was added."""
    from agent.cli.kb.listing import list_all

    list_all(namespace, as_data=as_data)


@application.command("remove")
def remove(
    wanted: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Documents, or folders with all in them.", autocompletion=values.documents
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every document of this knowledge base.")] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Remove everything without a question.")] = False,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Remove documents from the knowledge base, with their words and vectors. The files themselves stay."""
    from agent.cli.kb.listing import remove as remove_them

    raise typer.Exit(remove_them(wanted or [], namespace, everything=everything, yes=yes, as_data=as_data))
