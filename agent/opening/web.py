"""The web as the user's settings let tools reach it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.opening.parts import version
from agent.settings import Settings
from plugins import Rules, Web, WebHttp


def open_web(settings: Settings, hosts: Sequence[str] | None = None) -> WebHttp:
    """The web, for tools: the addresses that the user named besides the public ones, the user's proxy, and what was
    read before, in `THINKACT_HOME`. `hosts`: patterns of those that the goal file narrows it to; None: it does not.
    Nothing is opened or loaded before a tool asks for an address."""
    return WebHttp(web_of(settings, hosts))


def web_of(settings: Settings, hosts: Sequence[str] | None = None) -> Web:
    """How the web is reached from here, by the user's settings, narrowed to `hosts`."""
    return Web(
        rules=Rules(private=frozenset(host.lower() for host in settings.private_hosts), hosts=hosts),
        proxy=settings.https_proxy or settings.all_proxy,
        no_proxy=settings.no_proxy,
        cache=settings.home / "cache",
        version=version(),
        authorities=settings.ca_file,
    )
