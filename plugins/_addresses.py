"""Which addresses of the network may be opened: those of the public internet, and the private ones that the user named.

What is judged is an address, never how a name is written: `127.1`, `2130706433` and `0x7f.1` all become 127.0.0.1
before they come here, and an IPv4 address that is wrapped in an IPv6 one is judged as what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# What `is_global` lets through, or is known to lead inside: relays of 6to4, IETF's own, the cloud's inner servers.
_INSIDE_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "168.63.129.16/32",  # Azure's, public by its number alone
            "240.0.0.0/4",
        ),
    )
)
_INSIDE_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo and IETF's own
            "3fff::/20",  # for examples
        ),
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")  # what is given out; the rest is for special uses or for none
_NAT64, _6TO4 = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)


_PRIVATE_NAMES = (
    *("localhost", "localdomain", "local", "internal", "home.arpa", "onion"),  # RFC 6761, 6762, 8375, 7686; ICANN
    *("lan", "home", "corp", "intranet", "private", "mail"),  # never given out, since so many networks use them
)
"""Endings of names that no public resolver knows."""


def is_of_a_private_network(name: str) -> bool:
    """Can a name, without a full stop at its end, be of a private network alone? So can one without any full stop."""
    folded = name.casefold()
    return "." not in folded or any(folded.endswith(f".{one}") for one in _PRIVATE_NAMES)


def why_not(address: str) -> str | None:
    """Why an address, as a resolver gives it, is not to be opened, in a few words; None where it may be.

    Raises:
        ValueError: it is no address.
    """
    bare, _, zone = address.partition("%")
    if zone:
        return "an address of this machine's own network"
    return _inside(ip_address(bare))


def _inside(address: IPv4Address | IPv6Address) -> str | None:
    if isinstance(address, IPv6Address) and (wrapped := _wrapped(address)) is not None:
        return _inside(wrapped)
    if address.is_loopback or address.is_unspecified:
        return "this machine"
    if address.is_link_local:
        return "an address of this machine's own network"
    if address.is_multicast:
        return "an address of many machines at once"
    if isinstance(address, IPv6Address) and address not in _PUBLIC_6:
        return "an address of a private network"
    inside: Sequence[IPv4Network | IPv6Network] = _INSIDE_4 if isinstance(address, IPv4Address) else _INSIDE_6
    if not address.is_global or any(address in network for network in inside):
        return "an address of a private network"
    return None


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    number = int(address)
    if address in _NAT64 or (number >> 32 & 0xFFFFFFFF) in _ISATAP:
        return IPv4Address(number & 0xFFFFFFFF)
    if address in _6TO4:
        return IPv4Address(number >> 80 & 0xFFFFFFFF)
    if number >> 32 == 0 and number > 1:
        return IPv4Address(number)
    return None
