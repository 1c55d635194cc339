"""The vector index on a chroma server, which several machines may use; each file of notes has collections of its own.

All processes may search at once; those that use the same file of notes write one after another, behind a lock beside
it. What the server does not hear of waits in the outbox.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from ._index_place import SEAL, SERVER_MARKS, IndexAway, WriterLock
from ._note_errors import RecallError

if TYPE_CHECKING:
    import httpx
    from chromadb.api.client import Client

_KNOCK = 1.0  # seconds until the server says that it is there
_ANSWER = 20.0  # seconds for an answer to anything else
_PORT = 8000


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a chroma server is: scheme, host, port (8000, or 443 for https, where none is named) and a path."""

    ssl: bool
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> ServerAddress:
        """Read an address.

        Raises:
            RecallError: it is none.
        """
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        wrong = parts.scheme not in ("http", "https") or not host or port == 0 or any(map(str.isspace, parts.netloc))
        if wrong or parts.query or parts.fragment or parts.username is not None or not parts.path.isprintable():
            raise RecallError(
                "the address of the chroma server is no URL of a server",
                hint="it looks like http://localhost:8000 or https://chroma.example/path, with no user and no query",
            )
        ssl = parts.scheme == "https"
        return cls(ssl, host, port or (443 if ssl else _PORT), parts.path.rstrip("/"))

    def __str__(self) -> str:
        return f"{self.netloc}{self.path}"

    @property
    def netloc(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole, as chromadb takes it."""
        return f"{'https' if self.ssl else 'http'}://{self}"


class IndexServer:
    """A `Place` on a chroma server. `folder`: where this machine keeps what it needs to know of it."""

    retry = 30.0

    def __init__(self, address: ServerAddress, folder: Path) -> None:
        self.where = f"chroma server {address}"
        self._address = address
        self._folder = folder
        self._lock = WriterLock(folder / "lock")
        self._client: Client | None = None
        self._sessions: list[httpx.Client] = []

    @property
    def exists(self) -> bool:
        """Was a collection ever made on it?"""
        return self._marks.exists()

    def look(self) -> str | None:
        """Does the server answer?"""
        try:
            self._knock()
        except IndexAway as error:
            return str(error)
        return None

    def ready(self, name: str) -> bool:
        """Was this collection brought up to date on this server once?"""
        return self._known().get(name) == self._address.url

    def open(self, *, build: bool, wait: float) -> Client | None:  # noqa: ARG002 - searching needs no lock
        """The way to the server.

        Raises:
            IndexAway: it does not answer.
        """
        self._knock()
        import chromadb
        import httpx
        from chromadb.config import Settings

        settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
        address = self._address
        try:
            client = chromadb.HttpClient(host=address.url, port=address.port, ssl=address.ssl, settings=settings)
        except ValueError as error:  # all that chromadb says where there is no server
            raise IndexAway(f"{address} does not answer: {error}") from error
        # chromadb itself waits for ever, and leaves its connections open when it is closed.
        both = (client, getattr(client, "_admin_client", None))
        sessions = (getattr(getattr(one, "_server", None), "_session", None) for one in both)
        self._sessions = [one for one in sessions if isinstance(one, httpx.Client)]
        for session in self._sessions:
            session.timeout = httpx.Timeout(_ANSWER, connect=_KNOCK)
        self._client = cast("Client", client)
        return self._client

    def hold(self, wait: float) -> bool:
        """Be the only process of this file of notes that writes."""
        return self._lock.acquire(wait)

    def note(self, name: str) -> None:
        """The collection is up to date, and a folder beside the notes no longer."""
        with suppress(OSError):
            (self._folder / SEAL).unlink(missing_ok=True)
            if not self.ready(name):
                self._marks.write_text(json.dumps({name: self._address.url}), encoding="utf-8")

    def rest(self) -> None:
        """Let others write."""
        self._lock.release()

    def close(self) -> None:
        """End the connections."""
        client, sessions, self._client, self._sessions = self._client, self._sessions, None, []
        self._lock.release()
        if client is not None:
            client.close()
        for session in sessions:
            session.close()

    def discard(self) -> None:
        """The same, whatever is the matter."""
        with suppress(Exception):
            self.close()

    @property
    def _marks(self) -> Path:
        return self._folder / SERVER_MARKS

    def _known(self) -> dict[str, str]:
        try:
            known = json.loads(self._marks.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _knock(self) -> None:
        """Is the server there? Asked here, since chromadb would wait for a silent one for ever."""
        address = self._address
        kind = HTTPSConnection if address.ssl else HTTPConnection
        connection = kind(address.host, address.port, timeout=_KNOCK)
        until = time.monotonic() + 2 * _KNOCK
        try:
            connection.request("GET", f"{address.path}/api/v2/heartbeat")
            answer = connection.getresponse()
            body = answer.read(4096)
        except (OSError, HTTPException) as error:
            raise IndexAway(f"{address} does not answer: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()
        if answer.status != 200 or b"heartbeat" not in body or time.monotonic() > until:
            raise IndexAway(f"{address} is no chroma server (it answers {answer.status})")
