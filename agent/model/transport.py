"""The transport to an endpoint: through proxies, past certificates, within a time. Replies, lists and whatever else is
asked of an endpoint go the same way, so that one cannot work where the other does not."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.request import proxy_bypass

from agent.errors import ModelRefused
from agent.model.dialect import Endpoint
from agent.model.renaming import CONNECT

if TYPE_CHECKING:
    import httpx2

__all__ = ["open_transport"]

_KEPT_OPEN = 90.0  # seconds that an idle connection is kept: tools between two thoughts take their time


def open_transport(
    endpoint: Endpoint,
    *,
    timeout: float,
    proxy: str | None,
    follow: bool,
    asked: Callable[[httpx2.Request], None] | None = None,
    answered: Callable[[httpx2.Response], None] | None = None,
) -> httpx2.Client:
    """A client for one endpoint, to be closed by whoever opens it.

    Args:
        endpoint: Where the requests go.
        timeout: Seconds for each step of a request.
        proxy: URL of a proxy; None: what the environment says. Never used for this machine, nor for what `NO_PROXY`
            names.
        follow: Follow redirects.
        asked: Is told of each request that goes out.
        answered: Is told of each response whose head is there.

    Raises:
        ModelRefused: the proxy cannot be used.
    """
    import httpx2

    near = endpoint.loopback
    direct = near or (proxy is not None and proxy_bypass(endpoint.host))
    try:
        return httpx2.Client(
            timeout=httpx2.Timeout(timeout, connect=min(CONNECT, timeout)),
            follow_redirects=follow,
            trust_env=not near,
            proxy=None if direct else proxy,
            verify=_nobody() if near and endpoint.url.startswith("http://") else True,
            limits=httpx2.Limits(max_connections=100, keepalive_expiry=_KEPT_OPEN),
            event_hooks={"request": [asked] if asked else [], "response": [answered] if answered else []},
        )
    except (ValueError, httpx2.InvalidURL) as error:
        raise ModelRefused(f"the proxy cannot be used: {error}", hint="look at HTTPS_PROXY and ALL_PROXY") from error
    except ImportError as error:
        raise ModelRefused(
            "the proxy cannot be used: SOCKS needs the package socksio, which is not installed",
            hint="install socksio beside thinkact, or name an http:// proxy in HTTPS_PROXY or ALL_PROXY",
        ) from error


def _nobody() -> ssl.SSLContext:
    """Trusts no certificate: for plain http on this machine, where reading all of the system's would cost the first
    request more than everything else of ours together."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
