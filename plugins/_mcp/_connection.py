"""One server of a run: started at its first call, started anew once where it went away, off where it has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from plugins._contract import Context, Observation, ToolError
from plugins._mcp._around import McpSurroundings
from plugins._mcp._faults import Ended
from plugins._mcp._log import Log
from plugins._mcp._results import observed
from plugins._mcp._server import McpListing, McpServer
from plugins._mcp._session import Session
from plugins._mcp._words import within
from plugins._text import show
from plugins._ways import Web

__all__ = ["Connection"]

_MOST_FAILURES = 2  # in a row, without a call that went well between
_TELL_EVERY = 0.1  # seconds: a server may tell its progress without a pause

Say = Callable[[str], None]


class Connection:
    """A server that the user trusted with exactly these tools. Safe to be used by several threads.

    `say` tells the person a line; `changed` is called once where its tools are no more those that were trusted.
    """

    def __init__(
        self,
        server: McpServer,
        trusted: McpListing,
        *,
        web: Web,
        around: McpSurroundings,
        log: Path | None,
        say: Say,
        changed: Callable[[], None],
    ) -> None:
        self.server, self._trusted = server, trusted
        self._web, self._around, self._say, self._changed = web, around, say, changed
        self._log = Log(log, server.hidden)
        self._turn = threading.Lock()
        self._session: Session | None = None
        self._begun: Session | None = None  # the last one, maybe not connected yet
        self._failures = 0
        self._closed = False
        self._anew = ""  # why it was started anew, until that was told to a model
        self._off: ToolError | None = None

    def begin(self) -> None:
        """Start it in a thread of its own, so that its first call need not wait; what goes wrong is told by that
        call."""

        def start() -> None:
            try:
                self._live()
            except ToolError:
                return

        threading.Thread(target=start, name=f"starting mcp {self.server.name}", daemon=True).start()

    def call(self, tool: str, arguments: Mapping[str, Any], context: Context, *, repeatable: bool) -> Observation:
        """Call one of its tools.

        A call that does no harm when it is made twice is made once more where the server went away amid it.

        Raises:
            ToolError: it failed, in words that tell what to do.
        """
        for again in (repeatable, False):
            session = self._live()
            try:
                result, linked = session.call(tool, arguments, cancel=context.cancel, tell=_progress(context))
            except Ended as error:
                self._went_away(session, error)
                if again and not context.cancelled:
                    continue
                raise self._told(error, tool, repeatable=repeatable) from error
            except ToolError as error:
                if error.kind == "timeout":
                    self._was_silent(session)
                raise
            self._failures = 0
            found = observed(self.server, result, linked, context.artifacts)
            why, self._anew = self._anew, ""
            return replace(found, text=f"({why})\n{found.text}") if why else found
        raise AssertionError("the second try returns or raises")

    def close(self) -> None:
        """End it."""
        self._closed = True
        if (session := self._begun) is not None:
            session.close()

    # ------------------------------------------------------------- the session that lives now

    def _live(self) -> Session:
        with self._turn:
            if self._off is not None:
                raise self._off
            if self._closed:
                raise ToolError("the run is over", kind="cancelled")
            if self._session is not None and (path := self._session.exposed) is not None:
                self._leave(self._session, path)
            if self._session is not None and self._session.doubtful and not self._session.over:
                self._look_again(self._session)
            if self._session is None or self._session.over:
                self._session = self._opened()
            return self._session

    def _leave(self, session: Session, path: str) -> None:
        """End a program that could see what it must not: one that is started now cannot."""
        session.close()  # wholly, as the next one has the same home
        self._session = None
        name = within(self.server.name, 60)
        self._anew = f"{name} was started anew before this call: what it had not kept is lost"
        self._say(f"the MCP server {name} is started anew, as {within(path, 300)}, which is kept from it, has changed")

    def _look_again(self, session: Session) -> None:
        """Judge tools that may have changed; where the server goes away meanwhile it can be started anew."""
        try:
            told = session.look_again()
        except Ended as error:
            self._session = None
            session.close(wait=False)
            self._failed(error)
            if self._off is not None:
                raise self._off from error
            return
        self._judge(told, session)

    def _opened(self) -> Session:
        try:
            session = Session.open(self.server, self._web, self._around, self._log, made=self._begins)
        except ToolError as error:
            if not self._closed:
                self._failed(error)
            raise
        self._judge(session.listing, session)
        if self._closed:  # the run ended meanwhile
            session.close(wait=False)
            raise ToolError("the run is over", kind="cancelled")
        return session

    def _begins(self, session: Session) -> None:
        self._begun = session
        if self._closed:
            session.close(wait=False)

    def _judge(self, told: McpListing, session: Session) -> None:
        """Are its tools those that the user trusted?"""
        if told.hash == self._trusted.hash:
            return
        session.close(wait=False)
        name = self.server.name
        self._off = ToolError(
            f"the MCP server {show(name)} is off: its tools are no more those that the user trusted",
            hint=f"do without it; the user can look at what has changed, and trust it again: thinkact mcp trust {name}",
            kind="mcp",
        )
        self._say(
            f"the tools of the MCP server {name} have changed since they were trusted; it is off until "
            f"`thinkact mcp trust {name}`"
        )
        self._changed()
        raise self._off

    # ------------------------------------------------------------- what goes wrong

    def _went_away(self, session: Session, error: ToolError) -> None:
        with self._turn:
            if self._session is session:
                self._session = None
                session.close(wait=False)
                self._failed(error)

    def _was_silent(self, session: Session) -> None:
        """Once it may have been the call; twice in a row it is the server."""
        with self._turn:
            self._failures += 1
            if self._failures >= _MOST_FAILURES and self._session is session:
                self._session, self._failures = None, 1
                session.close(wait=False)

    def _failed(self, error: ToolError) -> None:
        self._failures += 1
        if self._failures < _MOST_FAILURES or self._off is not None:
            return
        name = self.server.name
        hint = f"do without it; the user can look: thinkact mcp test {name}"
        if self._log.place is not None and self._log.place.exists():
            hint += f" (its words are in {self._log.place})"
        self._off = ToolError(f"{error.message}; it is not started again in this run", hint=hint, kind="mcp")
        self._say(f"{error.message}; it is not started again in this run (thinkact mcp test {name})")

    def _told(self, error: ToolError, tool: str, *, repeatable: bool) -> ToolError:
        done = "" if repeatable else "; whether it did what was asked is not known"
        anew = "it is off for this run" if self._off is not None else "it is started anew by the next call"
        hint = anew if repeatable else f"see whether it was done before you ask for it again; {anew}"
        return ToolError(f"{error.message}, amid {show(tool)}{done}", hint=hint, kind="mcp")


def _progress(context: Context) -> Callable[[float, float | None, str | None], None]:
    last = 0.0

    def tell(done: float, total: float | None, message: str | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TELL_EVERY:
            last = now
            context.progress(within(message or "", 200) or "at work", done=done, total=total)

    return tell
