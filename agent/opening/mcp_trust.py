"""Trust in MCP servers: given once by the user, bound to what is started and to every tool that it brought then."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.errors import SettingsError
from agent.opening.mcp import Entry
from agent.settings import Settings
from memory.private import make_private_folder
from plugins import McpListing

__all__ = ["Trust", "Trusted", "read_trust"]

_VERSION = 1
_LARGEST = 20_000_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A server that was trusted: with which tools, when, and whether they have changed since then. `stated` is the hash
    of its entry, `program` the file that it was, where that is a part of what was trusted; else ""."""

    name: str
    listing: McpListing
    when: str
    changed: bool = False
    stated: str = ""
    program: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is trusted, by the hash of the definition. Kept in `THINKACT_HOME`, readable for its owner alone."""

    file: Path
    known: Mapping[str, Trusted]

    def of(self, entry: Entry) -> Trusted | None:
        """The trust in a server as it is named now; None where it was never given, or to another definition."""
        return self.known.get(entry.definition) if entry.definition else None

    def earlier(self, entry: Entry) -> Trusted | None:
        """The trust that was given to another definition of the same name."""
        found = [one for key, one in self.known.items() if one.name == entry.name and key != entry.definition]
        return max(found, key=lambda one: one.when, default=None)

    def of_other_program(self, entry: Entry) -> Trusted | None:
        """The trust that was given to the very same entry, whose program was another file then, or was not known: its
        `program` is then ""."""
        if not entry.stated:
            return None
        same = [one for key, one in self.known.items() if entry.stated in (key, one.stated)]
        return max(same, key=lambda one: one.when, default=None)

    def give(self, entry: Entry, listing: McpListing) -> Trusted:
        """Trust a server with these tools."""
        program = (entry.server and entry.server.file) or ""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        given = Trusted(name=entry.name, listing=listing, when=when, stated=entry.stated, program=program)
        _write(self.file, {entry.stated: None, entry.definition: given})
        return given

    def mark(self, entry: Entry) -> None:
        """Its tools are no more those that were trusted: it stays off until it is trusted again."""
        found = _read(self.file).get(entry.definition)
        if found is not None:
            _write(self.file, {entry.definition: replace(found, changed=True)})

    def take(self, entry: Entry) -> bool:
        """Take the trust back; False where there was none."""
        there = {entry.definition, entry.stated} & _read(self.file).keys()
        if there:
            _write(self.file, dict.fromkeys(there))
        return bool(there)


def read_trust(settings: Settings) -> Trust:
    """What is trusted by now.

    Raises:
        SettingsError: the file cannot be read.
    """
    file = settings.home / "mcp-trust.json"
    return Trust(file, _read(file))


def _read(file: Path) -> dict[str, Trusted]:
    hint = f"move {file} away: every server is then asked for once more (thinkact mcp trust)"
    try:
        if file.stat().st_size > _LARGEST:
            raise SettingsError(f"{file}: it is too large to be read", hint=hint)
        body = json.loads(file.read_bytes())
        if body["version"] != _VERSION:
            raise SettingsError(f"{file}: it was written by a newer thinkact", hint="update thinkact")
        return {str(key): _trusted(one) for key, one in body["servers"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}", hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError(f"{file}: it is damaged", hint=hint) from error


def _trusted(body: Mapping[str, Any]) -> Trusted:
    return Trusted(
        name=str(body["name"]),
        listing=McpListing.from_dict(body["listing"]),
        when=str(body["when"]),
        changed=body["changed"] is True,
        stated=str(body.get("stated", "")),
        program=str(body.get("program", "")),
    )


def _as_dict(one: Trusted) -> dict[str, Any]:
    bound = {"stated": one.stated, "program": one.program} if one.stated else {}
    return {"name": one.name, "when": one.when, "changed": one.changed, "listing": one.listing.as_dict(), **bound}


def _write(file: Path, changes: Mapping[str, Trusted | None]) -> None:
    """Read anew and write: another process may have trusted something meanwhile."""
    known: dict[str, Trusted | None] = {**_read(file), **changes}
    servers = {key: _as_dict(one) for key, one in known.items() if one is not None}
    text = json.dumps({"version": _VERSION, "servers": servers}, ensure_ascii=False, indent=1)
    temporary = ""
    try:
        make_private_folder(file.parent)
        number, temporary = tempfile.mkstemp(dir=file.parent, prefix=".mcp-trust-")  # 0600 from the start
        with os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="\n") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(temporary).replace(file)
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise SettingsError(f"{file}: cannot be written: {error.strerror}", hint="look at its rights") from error
