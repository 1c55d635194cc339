"""`thinkact memory`: long-term memory, by hand."""

from __future__ import annotations

import typer

from agent.cli.memories import carrying, finding, rebuilding, showing, writing
from agent.cli.memories.dashed import Dashed

application = typer.Typer(
    name="memory",
    help="Long-term memory: notes added, found, looked at, corrected, forgotten, and carried.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
application.command("add", cls=Dashed)(writing.add)
application.command("search", cls=Dashed)(finding.search)
application.command("list")(finding.list_notes)
application.command("show")(showing.show)
application.command("edit")(writing.edit)
application.command("forget")(writing.forget)
application.command("export")(carrying.export)
application.command("import")(carrying.import_notes)
application.command("stats")(showing.stats)
application.command("rebuild")(rebuilding.rebuild)
