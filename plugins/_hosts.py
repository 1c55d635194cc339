"""Which hosts may be asked, where somebody narrowed them: names, each with all below it where that is said."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["permitted"]


def permitted(host: str, port: int | None, patterns: Sequence[str]) -> bool:
    """Is a host one that a pattern names? "example.org" is that host alone, "*.example.org" all below it; a port behind
    a colon means that port alone. A name may be written in its own letters, or as the name servers have it; `port` is
    None where it is not known, and then it does not count."""
    asked = _canonical(host)
    for pattern in patterns:
        name, wanted = _parts(pattern)
        if wanted is not None and port is not None and wanted != port:
            continue
        if asked == _canonical(name) or (name.startswith("*.") and asked.endswith(f".{_canonical(name[2:])}")):
            return True
    return False


def _parts(pattern: str) -> tuple[str, int | None]:
    """The name of a pattern, and its port; an address of IPv6 stands in brackets."""
    name, colon, port = pattern.rpartition(":")
    if not colon or "]" in port or not port.isascii() or not port.isdigit():
        return pattern, None
    return name, int(port)


def _canonical(host: str) -> str:
    bare = host.strip("[]").rstrip(".").casefold()
    if bare.isascii():
        return bare
    try:
        return bare.encode("idna").decode()
    except UnicodeError:
        return bare
