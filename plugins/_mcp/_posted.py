"""A server at an address: the client that the SDK sends its requests with. It connects to judged addresses alone."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any

import anyio.to_thread
import httpcore2
import httpx2

from plugins._connecting import PORTS_OF
from plugins._contract import ToolError
from plugins._judging import PORTS, Rules
from plugins._mcp._log import Log
from plugins._mcp._server import McpServer
from plugins._ways import AGENT, Web

__all__ = ["LONGEST_ANSWER", "host_and_port", "http_client", "rules_for"]

_CONNECTING = 10.0  # seconds
LONGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer, or of one event where it is a stream of them."""

_SILENCE = 300.0  # seconds that a stream of events may be silent; a call has a clock of its own


def host_and_port(url: str) -> tuple[str, int]:
    """Where an address leads.

    Raises:
        ToolError: it is no http or https address, or holds a name and a password.
    """
    try:
        taken = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise ToolError("its url is no address", hint="such as https://example.org/mcp", kind="mcp") from error
    if taken.scheme not in PORTS_OF or not taken.host:
        raise ToolError("its url is no http or https address", hint="such as https://example.org/mcp", kind="mcp")
    if taken.userinfo:
        raise ToolError("its url holds a name and a password", hint="put them in headers", kind="mcp")
    return taken.host, taken.port or PORTS_OF[taken.scheme]


def rules_for(server: McpServer, web: Web) -> Rules:
    """What may be connected to for this server: its own port, and a private address where the user trusted one."""
    host, port = host_and_port(server.url)
    own = frozenset({f"{host.strip('[]').lower()}:{port}"}) if server.private else frozenset()
    return Rules(private=web.rules.private | own, ports=PORTS | {port}, hosts=web.rules.hosts)


def http_client(server: McpServer, web: Web, log: Log) -> httpx2.AsyncClient:
    """A client for this server's address, with its headers. `log` is told of answers that are no success: the SDK keeps
    them to itself."""
    agent = f"{AGENT}/{web.version}" if web.version else AGENT
    return httpx2.AsyncClient(
        transport=_Judged(server, web, log),
        # Packed, an answer would be measured before it bursts: it is asked for as it is.
        headers={"user-agent": agent, "accept-encoding": "identity", **server.headers},
        timeout=httpx2.Timeout(30.0, read=max(_SILENCE, server.calling)),
        trust_env=False,
    )


class _Backend(httpcore2.AsyncNetworkBackend):
    """Connects to the first of a host's judged addresses that answers; the user's proxy is not judged."""

    def __init__(self, rules: Rules, proxy: tuple[str, int] | None) -> None:
        self._rules, self._proxy = rules, proxy
        self._plain = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        seconds = min(timeout or _CONNECTING, _CONNECTING)
        addresses: Iterable[str] = (host,)
        if (host, port) != self._proxy:

            def judged() -> Iterable[str]:
                return self._rules.judged(host, port, timeout=seconds)

            addresses = await anyio.to_thread.run_sync(judged, abandon_on_cancel=True)
        failed: Exception | None = None
        for address in addresses:
            try:
                return await self._plain.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        assert failed is not None  # there is at least one address
        raise failed

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


class _Judged(httpx2.AsyncBaseTransport):
    """Sends over judged connections. What goes wrong comes out as httpx2's exceptions, as the SDK expects them."""

    def __init__(self, server: McpServer, web: Web, log: Log) -> None:
        self._log, self._rules = log, rules_for(server, web)
        self._proxied = (proxy := _proxy_for(server, web)) is not None
        at = None if proxy is None else (proxy.url.host, proxy.url.port or PORTS_OF[proxy.url.scheme])
        backend = _Backend(self._rules, at)
        tls: ssl.SSLContext = web.tls or httpx2.create_ssl_context(trust_env=False)
        self._pool: httpcore2.AsyncConnectionPool
        if proxy is None:
            self._pool = httpcore2.AsyncConnectionPool(tls, network_backend=backend)
        else:
            self._pool = httpcore2.AsyncHTTPProxy(
                str(proxy.url), proxy.raw_auth, ssl_context=tls, network_backend=backend
            )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        target = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore2.Request(
            request.method,
            target,
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            if self._proxied:
                await self._judge(request.url)
            answer = await self._pool.handle_async_request(sent)
        except ToolError as error:
            raise httpx2.ConnectError(error.message, request=request) from error
        except Exception as error:
            raise _renamed(error, request) from error
        if request.method == "POST":  # the SDK tries a GET as well, which a server need not answer
            self._log.status = answer.status if answer.status >= 400 else None
        told = httpx2.Headers(answer.headers)
        if (packed := told.get("content-encoding", "identity").strip().lower()) not in ("", "identity"):
            await answer.aclose()
            words = f"its answer is packed as {packed[:40]}, which was not asked for"
            self._log.add(f"(thinkact: {words})\n".encode())
            raise httpx2.ReadError(words, request=request)
        streamed = told.get("content-type", "").lower().startswith("text/event-stream")
        body = _Body(answer, request, None if streamed else LONGEST_ANSWER)
        return httpx2.Response(answer.status, headers=answer.headers, stream=body)

    async def _judge(self, url: httpx2.URL) -> None:
        """What is known here of where a proxy is to lead."""

        def judged() -> None:
            self._rules.judged(url.host, url.port or PORTS_OF[url.scheme], timeout=_CONNECTING, afar=True)

        await anyio.to_thread.run_sync(judged, abandon_on_cancel=True)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response, request: httpx2.Request, most: int | None) -> None:
        self._answer, self._request, self._most = answer, request, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        try:
            async for piece in self._answer.aiter_stream():
                count += len(piece)
                if self._most is not None and count > self._most:
                    raise httpx2.ReadError(f"an answer of more than {self._most} bytes", request=self._request)
                yield piece
        except httpx2.HTTPError:
            raise
        except Exception as error:
            raise _renamed(error, self._request) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


def _renamed(error: Exception, request: httpx2.Request) -> Exception:
    """httpcore2's exceptions have the names that httpx2's have."""
    kind = getattr(httpx2, type(error).__name__, None)
    if isinstance(kind, type) and issubclass(kind, httpx2.TransportError):
        return kind(str(error), request=request)
    return error


def _proxy_for(server: McpServer, web: Web) -> httpx2.Proxy | None:
    proxy = None if server.private else web.proxy_for(host_and_port(server.url)[0])
    return httpx2.Proxy(proxy) if proxy else None
