"""Whether an address of the web may be opened: a name is resolved once, and all that it stands for is judged."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from plugins._addresses import is_of_a_private_network, why_not
from plugins._hosts import permitted
from plugins._outcome import ToolError

PORTS = frozenset({80, 443, 8000, 8008, 8080, 8088, 8443, 8888})
"""The ports of the public internet that may be opened."""


class Refused(ToolError):
    """An address that may not be opened."""


class NotAllowed(Refused):
    """A host that the goal file does not allow."""


class Unreachable(ToolError):
    """Nobody answers there: the name is unknown, the network is away, the server is silent."""


class OutOfTime(Unreachable):
    """The answer did not come in the time that was given for all of it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be opened.

    Attributes:
        private: Names (or addresses) with their ports, as "wiki.example:8080", that the user named and that may be
            private.
        ports: The ports that may be opened elsewhere; nothing is, where there are none.
        naming: How another one is named, with {} for it.
        hosts: Patterns of the hosts that may be opened at all, as the goal file has them; None: it narrows nothing.
            A private one has to be in `private` as well.
    """

    private: frozenset[str] = frozenset()
    ports: frozenset[int] = PORTS
    naming: str = "the user can allow it: THINKACT_PRIVATE_HOSTS={}"
    hosts: Sequence[str] | None = None

    def permits(self, host: str, port: int | None = None) -> bool:
        """Is it among the hosts that the goal file allows? Nothing is asked for that."""
        return self.hosts is None or permitted(host, port, self.hosts)

    def permit(self, host: str, port: int | None = None) -> None:
        """Refuse a host that the goal file does not allow.

        Raises:
            NotAllowed: it is not among them.
        """
        if not self.permits(host, port):
            allowed = ", ".join(self.hosts or ()) or "none"
            told = host if port in (None, 80, 443) else _with_port(host, port)
            raise NotAllowed(
                f"{told} is not among the hosts that the goal file allows ({allowed})",
                hint="go on without it; only the user can add it, to network.hosts of the goal file",
            )

    def names(self, host: str, port: int) -> bool:
        """Did the user name this host and port?"""
        return not self.private.isdisjoint((f"{_bare(host)}:{port}", _with_port(host, port)))

    def judged(self, host: str, port: int, *, timeout: float, afar: bool = False) -> Sequence[str]:
        """The addresses of a host, all of which may be opened. `afar`: a proxy will look for it, so it need not be
        known here, if its name is one that may be of the public internet; then there are none.

        Raises:
            Refused: one of them may not, or the port may not, or the goal file does not allow the host.
            Unreachable: the host has none, or the resolver did not answer in `timeout` seconds.
        """
        self.permit(host, port)
        named = self.names(host, port)
        hint = self.naming.format(_with_port(host, port))
        if not named and port not in self.ports:
            ports = ", ".join(map(str, sorted(self.ports)))
            others = f"only {ports} are" if ports else "it was not named"
            raise Refused(f"port {port} of {host} is not opened: {others}", hint=hint)
        try:
            addresses = resolved(_bare(host), port, timeout=timeout)
        except Unreachable:
            if not afar:
                raise
            if not named and is_of_a_private_network(_bare(host)):
                raise Refused(f"{host} is a name of a private network, and is not opened", hint=hint) from None
            return ()
        if not named:
            for address in addresses:
                if why := why_not(address):
                    meant = "" if address == host else f" ({address})"
                    raise Refused(f"{host}{meant} is {why}, and is not opened", hint=hint)
        return addresses


def _bare(host: str) -> str:
    """A host without brackets, and without the full stop that may end it."""
    return host.strip("[]").rstrip(".").lower()


def _with_port(host: str, port: int) -> str:
    bare = _bare(host)
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"


def resolved(host: str, port: int, *, timeout: float) -> Sequence[str]:
    """Every address of a host, in the resolver's order. The resolver has no time limit of its own: it is asked in a
    thread, which is left behind where it does not answer."""
    answers: SimpleQueue[Sequence[str] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(one[4][0]) for one in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolving", daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, timeout))
    except Empty:
        raise Unreachable(f"nobody tells the address of {host} in {timeout:.0f} s", hint=_AWAY) from None
    if isinstance(answer, (OSError, UnicodeError)) or not answer:
        raise Unreachable(f"the name {host} is not known", hint=_AWAY)
    return answer


_AWAY = "see whether it is spelt right, and whether there is a network at all"
