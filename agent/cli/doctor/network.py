"""Proxies: what is set, and whether the client could use it. Nothing is asked on the network here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding

_KNOWN = ("http", "https", "socks5", "socks5h")


def look_at_network(around: Around) -> Iterator[Finding]:
    """The proxies, and whether they can be used."""
    settings = around.settings
    told = {one.name: one for one in settings.told() if one.name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")}
    value = {name: one.value for name, one in told.items()}
    stated = [(name, url) for name, url in _proxies(around) if url]
    if not stated:
        what = "no proxy is set: the model's endpoint, and what plugins read of the web, is reached directly"
        yield Finding(name="network", state="ok", what=what, value=value)
        return
    for name, url in stated:
        shown = f"{name} is {told[name].value} ({told[name].origin})"
        fault = _fault(url)
        if fault is None:
            yield Finding(name="network", state="ok", what=shown, value=value)
            continue
        why, mend = fault
        if mend is None:
            mend = _take_out(around, name)
        yield Finding(name="network", state="fault", what=f"{shown}: {why}", mend=mend, value=value)


def _proxies(around: Around) -> list[tuple[str, str | None]]:
    return [("HTTPS_PROXY", around.settings.https_proxy), ("ALL_PROXY", around.settings.all_proxy)]


def _fault(url: str) -> tuple[str, str | None] | None:
    """Why the client cannot use a proxy, and the command that mends it, if it is not to take the setting out."""
    try:
        parts = urlsplit(url)
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host = "", None
    if scheme not in _KNOWN or not host:
        return f"it is no address of a proxy, such as http://proxy.example:3128 (with {', '.join(_KNOWN)})", None
    if scheme.startswith("socks") and find_spec("socksio") is None:
        return "the client needs socksio for it, which is not installed", mending.install("socksio")
    return None


def _take_out(around: Around, name: str) -> str:
    if around.settings.origin(name) == "config.toml":
        return mending.edit(around.settings.config)
    return f"{mending.unset(name)}; {mending.unset(name.lower())}"
