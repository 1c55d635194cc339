"""Trust in an MCP server, asked for: what would be started is shown, it is started once, what it brings is shown, and
the trust kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.approval import Allow, Approver, Question, Quit
from agent.opening.mcp_entry import Entry
from agent.opening.mcp_trust import Trust, Trusted
from agent.opening.mcp_words import entry_lines, listing_lines
from agent.opening.web import web_of
from agent.settings import Settings
from plugins import McpSurroundings, ToolError, look_at_server

__all__ = ["Agrees", "ask_for_trust", "asked_by", "asks_of", "why_it_failed"]

Agrees = Callable[[Sequence[str], str], bool]
"""Shows lines, asks the question behind them, and tells whether the answer is yes."""

_LEAST_TIME = 120.0  # seconds: the first start of some fetches its program


def ask_for_trust(
    entry: Entry,
    trust: Trust,
    settings: Settings,
    around: McpSurroundings,
    *,
    agrees: Agrees,
    tell: Callable[[str], None],
) -> Trusted | None:
    """Ask whether to start a server, start it, ask whether to trust it with its tools, and keep the trust. None where
    an answer is no.

    Raises:
        ToolError: it cannot be started or reached.
        SettingsError: the trust cannot be kept.
    """
    server = entry.server
    assert server is not None
    earlier = trust.of(entry) or trust.earlier(entry)
    server = replace(server, private=around.leads_inside(server))
    question = "start it, and look at its tools" if server.command else "look at its tools"
    if not agrees([*entry_lines(entry, server)], question):
        return None
    tell(f"starting the MCP server {entry.name} …" if server.command else f"asking the MCP server {entry.name} …")
    patient = replace(server, timeout=max(_LEAST_TIME, server.timeout or 0.0))
    listing = look_at_server(patient, web_of(settings), around=around, log=settings.home / "mcp" / "trust.log")
    lines = [*listing_lines(server, listing, earlier=None if earlier is None else earlier.listing)]
    if not agrees(lines, "trust it with these tools"):
        return None
    return trust.give(entry, listing)


def asked_by(approver: Approver) -> Agrees:
    """Whoever is asked for a run's calls is asked for its servers, too. Who stops there is taken to have pressed
    Ctrl-C."""

    def agrees(lines: Sequence[str], question: str) -> bool:
        asked = Question(tool=question, effect="", arguments={}, reason="", step=0, kind="server", told=lines)
        answer = approver.ask(asked)
        if isinstance(answer, Quit):
            raise KeyboardInterrupt
        return isinstance(answer, Allow)

    return agrees


def why_it_failed(error: ToolError) -> list[str]:
    """Why a server does not work, and what to do: to the user, whom hints for a model speak of."""
    hint = (error.hint or "").replace("do without it, or ask it for less; ", "").replace("do without it; ", "")
    return [error.message, *([hint.replace("the user can ", "")] if hint else [])]


def asks_of(entry: Entry) -> bool:
    """May a run ask for the trust in it? What came with a folder is told of, not asked for."""
    return entry.of_user or entry.of_goal
