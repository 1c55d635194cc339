"""A live connection to a server: the SDK's client in a thread of its own, driven from any other."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeVar

from plugins._contract import ToolError
from plugins._mcp._around import McpSurroundings
from plugins._mcp._faults import Ended, in_time, translated
from plugins._mcp._log import Log
from plugins._mcp._server import McpListing, McpServer, McpTool, listing
from plugins._text import show
from plugins._ways import Web

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from mcp import Client

    from plugins._mcp._starting import Started

__all__ = ["Session"]

T = TypeVar("T")
Tell = Callable[[float, float | None, str | None], None]
"""Is told how far a call is: how much is done, of how much, and in words."""

_MOST_TOOLS = 200
_MOST_PAGES = 50
_LONGEST_LISTING = 4_000_000  # characters of JSON
_LOOK_EVERY = 0.2  # seconds between two looks whether the call was given up
_CLOSING = 4.0  # seconds
_LOADING = 60.0  # seconds at most for the SDK itself, which is no fault of the server's


class Session:
    """A connection, from `open` to `close`. Calls may come from several threads at a time.

    Attributes:
        listing: What the server told of itself when it was connected to.
        doubtful: It said that its tools have changed.
    """

    def __init__(self, server: McpServer, web: Web, around: McpSurroundings, log: Log) -> None:
        self._server, self._web, self._around, self._log = server, web, around, log
        self._opened: Future[McpListing] = Future()
        self._portal: BlockingPortal | None = None
        self._client: Client | None = None
        self._program: Started | None = None
        self._unwanted = threading.Event()  # closed, maybe before it was connected
        self._give_up: Callable[[], object] | None = None  # ends a start that is under way, from any thread
        self._over = threading.Event()  # no more calls
        self._ended = threading.Event()  # its thread is through, and its program ended
        self.listing = McpListing()
        self.doubtful = False

    @classmethod
    def open(
        cls,
        server: McpServer,
        web: Web,
        around: McpSurroundings,
        log: Log,
        *,
        made: Callable[[Session], None] = lambda _: None,
    ) -> Session:
        """Connect, and have the tools told; `made` gets the session before that, so that another thread can close it.

        Raises:
            ToolError: kind "mcp": it cannot be started or reached, is silent for too long, or speaks no MCP; kind
                "cancelled": it was closed meanwhile.
        """
        session = cls(server, web, around, log)
        made(session)
        threading.Thread(target=session._live, name=f"mcp {server.name}", daemon=True).start()
        try:
            session.listing = session._opened.result(server.starting + _LOADING)
        except TimeoutError:  # its thread does not even time out
            session.close(wait=False)
            raise in_time(server, server.starting) from None
        except BaseException:
            session.close(wait=False)
            raise
        return session

    @property
    def over(self) -> bool:
        """Has the connection ended?"""
        return self._over.is_set()

    @property
    def exposed(self) -> str | None:
        """A path that its program may see since it was started, though it must not; None where there is none."""
        return None if self._program is None else self._program.exposed()

    def call(
        self, tool: str, arguments: Mapping[str, Any], *, cancel: threading.Event, tell: Tell | None = None
    ) -> tuple[Any, list[Any]]:
        """Call a tool by the name that the server gave it; its result, and the contents of the resources that the
        result refers to.

        Raises:
            Ended: the server went away meanwhile.
            ToolError: it refused, or did not answer in time; `cancel` was set.
        """

        async def told(progress: float, total: float | None, message: str | None) -> None:
            if tell is not None:
                tell(progress, total, message)

        async def called() -> tuple[Any, list[Any]]:
            import anyio

            assert self._client is not None
            with anyio.fail_after(self._server.calling):  # also where progress comes without an end
                result = await self._client.call_tool(
                    tool, dict(arguments), read_timeout_seconds=self._server.calling, progress_callback=told
                )
                return result, await self._linked(result)

        return self._ask(called, cancel, seconds=self._server.calling)

    def look_again(self) -> McpListing:
        """Have the tools told once more. Raises as `call` does."""

        async def listed() -> McpListing:
            import anyio

            assert self._client is not None
            with anyio.fail_after(self._server.starting):
                return await self._listed(self._client)

        self.doubtful = False  # before it asks: it may change once more meanwhile
        try:
            self.listing = self._ask(listed, threading.Event(), seconds=self._server.starting)
        except BaseException:
            self.doubtful = True
            raise
        return self.listing

    def close(self, *, wait: bool = True) -> None:
        """End the connection, and the program with it."""
        self._unwanted.set()  # before the portal is looked for, as `_served` looks the other way round
        try:
            if (portal := self._portal) is not None:
                portal.start_task_soon(self._stop.set)
            elif (give_up := self._give_up) is not None:
                give_up()
        except RuntimeError:  # it has ended by itself
            return
        if wait:
            self._ended.wait(_CLOSING)

    # ------------------------------------------------------------- in the thread of the connection

    def _live(self) -> None:
        import anyio

        for name in ("mcp", "client"):  # the SDK's loggers: unheard, they would write to the screen
            if not logging.getLogger(name).handlers:
                logging.getLogger(name).addHandler(logging.NullHandler())
        try:
            anyio.run(self._connected)
        except BaseException as error:  # noqa: BLE001  whatever comes out of the SDK's tasks ends this connection alone
            self._fail(error)
        finally:
            self._over.set()
            self._ended.set()

    async def _connected(self) -> None:
        import asyncio

        import anyio
        import mcp  # noqa: F401  may take seconds, which are not the server's

        self._stop = anyio.Event()
        loop = asyncio.get_running_loop()
        try:
            # One scope around all of it, whose deadline is lifted: a scope cannot end before what was entered in it.
            with anyio.CancelScope(deadline=anyio.current_time() + self._server.starting) as within:
                self._give_up = lambda: loop.call_soon_threadsafe(within.cancel)
                if self._unwanted.is_set():
                    within.cancel()
                async with AsyncExitStack() as stack:
                    client = await stack.enter_async_context(self._made())
                    told = await self._listed(client)
                    within.deadline, self._log.status = math.inf, None
                    await self._served(client, told)
            if within.cancelled_caught:
                self._fail(
                    ToolError("the run is over", kind="cancelled") if self._unwanted.is_set() else TimeoutError()
                )
        except Exception as error:  # noqa: BLE001  raised here, an exception group would be all that is left of it
            self._fail(error)

    async def _served(self, client: Client, told: McpListing) -> None:
        from anyio.from_thread import BlockingPortal

        async with BlockingPortal() as portal:
            self._client, self._portal = client, portal
            if self._unwanted.is_set():
                return
            self._opened.set_result(told)
            await self._stop.wait()
            self._over.set()
            await portal.stop(cancel_remaining=True)

    def _fail(self, error: BaseException) -> None:
        if not self._opened.done():
            self._opened.set_exception(translated(error, self._server, self._log, starting=True))

    def _made(self) -> Client:
        from mcp import Client, types

        async def heard(message: Any) -> None:
            if isinstance(message, types.ToolListChangedNotification):
                self.doubtful = True

        return Client(
            self._transport(),
            message_handler=heard,
            client_info=types.Implementation(name="thinkact", version=self._web.version or "0"),
            cache=None,
        )

    def _transport(self) -> Any:
        if self._server.command:
            from plugins._mcp._piped import piped

            return piped(self._server, self._around, self._log, self._began)
        return _posted(self._server, self._web, self._log)

    def _began(self, program: Started) -> None:
        self._program = program

    async def _listed(self, client: Client) -> McpListing:
        tools, cursor = [], None
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            for one in page.tools:
                told = one.model_dump(by_alias=True, exclude_none=True, mode="json")
                tools.append(
                    McpTool(
                        name=one.name,
                        description=one.description or "",
                        schema=told.get("inputSchema") or {},
                        annotations=told.get("annotations") or {},
                    )
                )
            cursor = page.next_cursor
            if not cursor or len(tools) > _MOST_TOOLS:
                break
        _judge_size(tools, self._server)
        known = client.server_info
        return listing(
            tools,
            server=f"{known.name} {known.version}".strip() if known is not None else "",
            protocol=str(client.protocol_version),
            private=self._server.private,
        )

    async def _linked(self, result: Any) -> list[Any]:
        """What the links of a result lead to, as far as this server has it."""
        from plugins._mcp._results import links

        assert self._client is not None
        found: list[Any] = []
        if self._client.server_capabilities.resources is None:
            return found
        for uri in links(result):
            try:
                read = await self._client.read_resource(uri)
            except Exception as error:  # noqa: BLE001  a link that leads nowhere takes nothing from the result
                translated(error, self._server, self._log)
                continue
            found.extend(read.contents)
        return found

    # ------------------------------------------------------------- in the thread of whoever asks

    def _ask(self, asked: Callable[[], Awaitable[T]], cancel: threading.Event, *, seconds: float) -> T:
        if self.over or self._portal is None:
            raise Ended(self._server, self._log)
        try:
            future: Future[T] = self._portal.start_task_soon(asked)
        except RuntimeError:
            raise Ended(self._server, self._log) from None
        while True:
            try:
                return future.result(_LOOK_EVERY)
            except TimeoutError:
                if future.done():
                    raise in_time(self._server, seconds) from None
            except CancelledError:
                raise Ended(self._server, self._log) from None
            except Exception as error:
                raise translated(error, self._server, self._log) from error
            if cancel.is_set():
                future.cancel()  # the SDK tells the server
                raise ToolError("the call was given up", kind="cancelled")


def _judge_size(tools: Sequence[McpTool], server: McpServer) -> None:
    """What a server tells is kept with the trust in it, and each of its tools is told to a model."""
    size = sum(len(str(one.schema)) + len(one.description) for one in tools)
    if len(tools) <= _MOST_TOOLS and size <= _LONGEST_LISTING:
        return
    what = f"brings more than {_MOST_TOOLS} tools" if len(tools) > _MOST_TOOLS else "says too much of its tools"
    raise ToolError(
        f"the MCP server {show(server.name)} {what}",
        hint="a server that brings fewer can be used; some take the wanted ones as arguments",
        kind="mcp",
    )


def _posted(server: McpServer, web: Web, log: Log) -> Any:
    from contextlib import asynccontextmanager

    from mcp.client.streamable_http import streamable_http_client

    from plugins._mcp._posted import LONGEST_ANSWER, http_client

    @asynccontextmanager
    async def streams() -> Any:
        async with (
            http_client(server, web, log) as client,
            streamable_http_client(server.url, http_client=client, max_sse_event_size=LONGEST_ANSWER) as both,
        ):
            yield both

    return streams()
