"""Connections to judged addresses: a name is resolved once, all its addresses are judged, and the connection goes to
one of those that were judged.

A name that means a public address when it is looked at and a private one when it is connected to (DNS rebinding) gains
nothing: there is one look. TLS still checks the certificate against the name.
"""

from __future__ import annotations

import math
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

from plugins._judging import OutOfTime, Rules, resolved

PORTS_OF = {"http": 80, "https": 443}
"""The port of an address that names none."""
_KEPT = 30.0  # seconds that an idle connection is kept
_CONNECTING = 10.0  # seconds for one address; there may be others
_CONNECTIONS = 100  # open at the same time, to all hosts together


class Clock(threading.local):
    """When a thread's request must be over, by the monotonic clock."""

    ends: float = math.inf

    def left(self, at_most: float | None = None) -> float:
        """Seconds that are left, `at_most` at most. Raises `OutOfTime` where none are."""
        seconds = self.ends - time.monotonic()
        if seconds <= 0:
            raise OutOfTime("the answer did not come in time", hint="try again later, or give it more time")
        return seconds if at_most is None else min(seconds, at_most)

    @contextmanager
    def ending_in(self, seconds: float) -> Iterator[None]:
        """Let what this thread does on the network end by then, or earlier where that was said before."""
        before = self.ends
        self.ends = min(before, time.monotonic() + seconds)
        try:
            yield
        finally:
            self.ends = before


class JudgedBackend(httpcore2.NetworkBackend):
    """Connects to judged addresses only, and to nothing beyond the clock.

    `proxy` is the host and port of the user's proxy, which is a setting and not judged.
    """

    def __init__(self, rules: Rules, clock: Clock, *, proxy: tuple[str, int] | None = None) -> None:
        self._rules, self._clock, self._proxy = rules, clock, proxy
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of a host's addresses that answers."""
        if (host, port) == self._proxy:
            addresses = resolved(host.strip("[]"), port, timeout=self._clock.left(timeout))
        else:
            addresses = self._rules.judged(host, port, timeout=self._clock.left(timeout))
        failed: Exception | None = None
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(
                    address,
                    port,
                    timeout=self._clock.left(min(_CONNECTING, timeout or _CONNECTING)),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
            else:
                return _TimedStream(stream, self._clock)
        assert failed is not None  # there is at least one address
        raise failed


class _TimedStream(httpcore2.NetworkStream):
    """A stream none of whose reads and writes goes beyond the clock: a server that sends a byte now and then is cut."""

    def __init__(self, stream: httpcore2.NetworkStream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._clock.left(timeout))
        return _TimedStream(secured, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class JudgedTransport(httpx2.BaseTransport):
    """Sends requests over judged connections, which are kept open for the next; with `proxy`, through that proxy.

    What goes wrong below comes out as httpcore2's exceptions, or as `Refused` and `Unreachable`.
    """

    def __init__(
        self, rules: Rules, clock: Clock, *, tls: ssl.SSLContext | None = None, proxy: httpx2.Proxy | None = None
    ) -> None:
        self._rules, self._clock, self._proxied = rules, clock, proxy is not None
        at = None if proxy is None else (proxy.url.host, proxy.url.port or PORTS_OF[proxy.url.scheme])
        backend = JudgedBackend(rules, clock, proxy=at)
        tls = tls or httpx2.create_ssl_context(trust_env=False)
        self._pool: httpcore2.ConnectionPool
        limits: Any = {"max_connections": _CONNECTIONS, "keepalive_expiry": _KEPT}
        if proxy is None:
            self._pool = httpcore2.ConnectionPool(tls, network_backend=backend, **limits)
        else:
            self._pool = httpcore2.HTTPProxy(
                str(proxy.url), proxy.raw_auth, ssl_context=tls, network_backend=backend, **limits
            )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; its answer's body is read as it is wanted."""
        if self._proxied:
            # It is the proxy that resolves a name; what is known of it here is judged all the same.
            port = request.url.port or PORTS_OF[request.url.scheme]
            self._rules.judged(request.url.host, port, timeout=self._clock.left(_CONNECTING), afar=True)
        target = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = self._pool.handle_request(
            httpcore2.Request(
                request.method,
                target,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
