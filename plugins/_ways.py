"""How the web is reached from here."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugins._judging import Rules

AGENT = "thinkact"
"""The name that the client goes by, in its requests and in `robots.txt`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How the web is reached from here; all of it comes from the user's settings.

    Attributes:
        rules: What may be opened.
        proxy: The address of a proxy, or None.
        no_proxy: Hosts that are reached without it: names, with all below them, or "*".
        cache: A folder for what was read, or None.
        honour_robots: Ask `robots.txt` before a page is read?
        version: Told to servers behind the name.
        tls: How certificates are checked; the system's way where None.
        authorities: A file of certificates that are trusted besides the system's (of a company's proxy), or None.
    """

    rules: Rules = field(default_factory=Rules)
    proxy: str | None = None
    no_proxy: Sequence[str] = ()
    cache: Path | None = None
    honour_robots: bool = True
    version: str = ""
    tls: ssl.SSLContext | None = None
    authorities: Path | None = None

    def proxy_for(self, host: str) -> str | None:
        """The proxy by which a host is reached; None for the straight way."""
        names = [name.strip().lstrip(".").lower() for name in self.no_proxy]
        direct = any(name == "*" or host == name or (name and host.endswith(f".{name}")) for name in names)
        return None if direct else self.proxy or None
