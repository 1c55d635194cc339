"""Which hosts may be asked, where somebody narrowed them: names, each with all below it where that is said."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

__all__ = ["canonical", "permitted"]


def permitted(host: str, port: int | None, patterns: Sequence[str]) -> bool:
    """Is a host one that a pattern names? "example.org" is that host alone, "*.example.org" all below it; a port behind
    a colon means that port alone. A name may be written in its own letters, or as the name servers have it; `port` is
    None where it is not known, and then it does not count."""
    asked = canonical(host)
    for pattern in patterns if asked else ():
        name, wanted = _parts(pattern)
        if wanted is not None and port is not None and wanted != port:
            continue
        below = canonical(name.removeprefix("*."))
        if below and (asked.endswith(f".{below}") if name.startswith("*.") else asked == below):
            return True
    return False


def canonical(host: str) -> str:
    """A host in the one form in which it is compared, as the client connects to it: the name servers' letters by IDNA
    2008, an address in its shortest writing, without brackets and a last full stop. "" where it can be neither."""
    bare = host.strip("[]").lower().rstrip(".。")
    if not bare.isascii():
        import idna

        try:
            bare = idna.encode(bare).decode()
        except (idna.IDNAError, UnicodeError):
            return ""
    try:
        return ipaddress.ip_address(bare).compressed
    except ValueError:
        return bare


def _parts(pattern: str) -> tuple[str, int | None]:
    """The name of a pattern, and its port; an address of IPv6 stands in brackets."""
    name, colon, port = pattern.rpartition(":")
    if not colon or "]" in port or not port.isascii() or not port.isdigit():
        return pattern, None
    return name, int(port)
