"""An MCP server as it is named and as it describes itself; the hash by which a change of its tools is seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from plugins._contract import Effect

__all__ = ["McpListing", "McpServer", "McpTool"]

STARTING = 30.0
"""Seconds that a server has until it has told its tools, where its entry says nothing."""
CALLING = 60.0
"""Seconds that a call may take, where its entry says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServer:
    """A server as the user's configuration names it: a program that is started, or an address.

    Attributes:
        name: What the user calls it; its tools are called after it.
        command: The program; "" where it is an address.
        args: The program's arguments.
        env: The variables that its entry states.
        given: What it may see of the user's environment: what finds programs and folders.
        folder: Where the program is started; also what a relative `command` is relative to.
        avoided: Folders in which no `command` without a path is looked for, each with what it is.
        spared: Folders within those in which it is all the same.
        file: The real file that the program must be; "": none was there; None: it is whatever is found.
        confined: The program sees what its entry names, its own place and the workspace, all to read, and writes to a
            home of its own; where False it has the rights of this process.
        network: A confined one has the network.
        reads: What a confined one reads, since its entry names it: absolute paths, each with the real one.
        folders: Folders that a confined one reads and writes, in the same way.
        url: The address of its endpoint (streamable HTTP); "" where it is a program.
        headers: What is sent with each request.
        timeout: Seconds for a call, and for starting; None: 60 and 30.
        private: The address may be one of this machine or of a private network.
        hidden: Texts, such as keys, that never stand in what comes from it.
    """

    name: str
    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    avoided: Mapping[str, str] = field(default_factory=dict, repr=False)
    spared: tuple[str, ...] = field(default=(), repr=False)
    file: str | None = None
    confined: bool = True
    network: bool = False
    reads: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    private: bool = False
    hidden: tuple[str, ...] = field(default=(), repr=False)

    @property
    def starting(self) -> float:
        """Seconds until it must have told its tools."""
        return self.timeout or STARTING

    @property
    def calling(self) -> float:
        """Seconds that a call may take."""
        return self.timeout or CALLING


@dataclass(frozen=True, slots=True, kw_only=True)
class McpTool:
    """A tool as a server describes it, word for word. `schema` is JSON Schema, `annotations` the hints under the names
    that the protocol gives them (`readOnlyHint`); a server may put anything there."""

    name: str
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def effect(self) -> Effect:
        """What a call may do: a tool that only reads is READ where its world is closed, else FETCH; all else, and what
        says nothing of itself, is SEND."""
        if self.annotations.get("readOnlyHint") is not True:
            return Effect.SEND
        return Effect.READ if self.annotations.get("openWorldHint") is False else Effect.FETCH


@dataclass(frozen=True, slots=True, kw_only=True)
class McpListing:
    """What a server told of itself: its tools, sorted by name, what it calls itself, the protocol's version, and
    whether its address is one of this machine or of a private network."""

    tools: tuple[McpTool, ...] = ()
    server: str = ""
    protocol: str = ""
    private: bool = False

    @property
    def hash(self) -> str:
        """Over every tool's name, description, schema and annotations; what else it tells does not count."""
        told = [[one.name, one.description, one.schema, one.annotations] for one in self.tools]
        text = json.dumps(told, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The listing as plain JSON; `from_dict` reads it back."""
        return {
            "server": self.server,
            "protocol": self.protocol,
            "private": self.private,
            "tools": [
                {
                    "name": one.name,
                    "description": one.description,
                    "schema": one.schema,
                    "annotations": one.annotations,
                }
                for one in self.tools
            ],
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            tools = tuple(
                McpTool(
                    name=str(one["name"]),
                    description=str(one["description"]),
                    schema=dict(one["schema"]),
                    annotations=dict(one["annotations"]),
                )
                for one in body["tools"]
            )
            return cls(
                tools=tools,
                server=str(body["server"]),
                protocol=str(body["protocol"]),
                private=body["private"] is True,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no listing of an MCP server: {error}") from error


def listing(tools: Sequence[McpTool], *, server: str, protocol: str, private: bool) -> McpListing:
    """A listing whose tools are in the order of their names: a server may tell them in any."""
    ordered = tuple(sorted(tools, key=lambda tool: tool.name))
    return McpListing(tools=ordered, server=server, protocol=protocol, private=private)
