"""The MCP servers that are named where a run is started: by its goal file, by the user, by the folder.

`mcpServers` stands in `mcp.json` of the user's configuration folder and in `.mcp.json` of the folder where thinkact is
started; a goal file has the field `mcp`. Of two of one name the goal file's counts, then the user's own: what comes
with a folder takes the place of nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.events import JSON
from agent.goal import Goal, goal_to_dict
from agent.goal.texts import server_name, variable
from agent.quantities import read_duration
from agent.settings import Settings
from plugins import McpServer

__all__ = ["Entry", "find_entries", "user_file"]

_LARGEST = 256_000  # bytes of a file
_MOST = 100  # servers of a file
_LONGEST = 3_600.0  # seconds
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_KEYS = re.compile("(?i)key|token|secret|password|authorization|cookie")
_KINDS = frozenset({"stdio", "http", "streamable-http", "streamableHttp", "streamable_http"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A server as a file names it.

    `definition` is a hash of all that decides what is started or asked: name, command, arguments, folder, environment
    and headers as they are written, address. `asks` are the variables of the environment that it is handed, `handed`
    its own variables and headers as they are written, a key's value left out. Where `fault` is set it says why it
    cannot be used; `server` is then None. `off`: its entry says `disabled`. `goal_file` is the goal file that names it,
    None where a file of servers does.
    """

    name: str
    origin: str
    shown: str = ""
    definition: str = ""
    server: McpServer | None = None
    asks: tuple[str, ...] = ()
    handed: tuple[str, ...] = ()
    fault: str | None = None
    off: bool = False
    goal_file: str | None = None

    @property
    def of_goal(self) -> bool:
        """Is it named by the goal itself?"""
        return self.goal_file is not None


class _Fault(ValueError):
    """What is wrong with an entry."""


def user_file(settings: Settings) -> Path:
    """Where the user names servers for every run."""
    return settings.config.parent / "mcp.json"


def find_entries(settings: Settings, cwd: Path, goal: Goal | None = None) -> list[Entry]:
    """Every server that is named, each name once, sorted by it. What cannot be read is an entry with a fault; nothing
    is started."""
    files = [(user_file(settings), str(user_file(settings))), (cwd / ".mcp.json", ".mcp.json")]
    found: dict[str, Entry] = {}
    groups = [_of_goal(goal, settings) if goal is not None else iter(())]
    groups += [_of_file(file, origin, settings) for file, origin in files]
    for group in groups:
        for entry in group:
            found.setdefault(entry.name, entry)
    return sorted(found.values(), key=lambda entry: entry.name)


def _of_goal(goal: Goal, settings: Settings) -> Iterator[Entry]:
    folder = Path(goal.source).parent if goal.source else Path.cwd()
    masked: Any = goal_to_dict(goal)["mcp"]
    for name, stated in goal.mcp.items():
        origin = Path(goal.source).name if goal.source else "the goal"
        entry = _entry(name, stated, masked[name], folder, origin, settings, known=None)
        if entry.server is not None:
            entry = replace(entry, server=replace(entry.server, hidden=(*entry.server.hidden, *goal.secrets)))
        yield replace(entry, goal_file=goal.source or "")


def _of_file(file: Path, origin: str, settings: Settings) -> Iterator[Entry]:
    try:
        if not file.is_file():
            return
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        named = _servers(content)
    except (OSError, ValueError, RecursionError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        said = "it is nested too deeply" if isinstance(error, RecursionError) else said or "it cannot be read"
        yield Entry(name=origin, origin=origin, fault=f"{origin}: {said}")
        return

    for name, stated in named.items():
        yield _entry(name, stated, stated, file.parent, origin, settings, known=settings.variable)


def _servers(content: bytes) -> Mapping[str, Any]:
    if len(content) > _LARGEST:
        raise ValueError(f"it has more than {_LARGEST} bytes")
    try:
        body = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError:
        raise ValueError("it is not written in UTF-8") from None
    named = body.get("mcpServers") if isinstance(body, dict) else None
    if not isinstance(named, dict):
        raise ValueError('it needs an object "mcpServers", such as {"mcpServers": {"fetch": {"command": "uvx", …}}}')
    if len(named) > _MOST:
        raise ValueError(f"it names {len(named)} servers, at most {_MOST} are read")
    return named


def _entry(
    name: str,
    stated: Any,
    written: Any,
    folder: Path,
    origin: str,
    settings: Settings,
    *,
    known: Callable[[str], str | None] | None,
) -> Entry:
    """An entry; `written` is `stated` as it may be kept, its secrets masked. `known` tells the variables that its texts
    may name, None where they name none."""

    def fill(text: str) -> str:
        return text if known is None else _filled(text, known)

    try:
        server_name(name)
        if not isinstance(stated, Mapping):
            raise _Fault("must be an object with a command, or a url")
        kept = _kept(name, written, folder)
        base = Entry(
            name=name,
            origin=origin,
            shown=_shown(stated),
            definition=hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest(),
            asks=tuple(dict.fromkeys(one[1] for one in _VARIABLE.finditer(json.dumps(kept)))) if known else (),
            handed=tuple(_handed(written)),
            off=stated.get("disabled") is True,
        )
    except (ValueError, TypeError) as fault:
        return Entry(name=name[:60], origin=origin, fault=f"{origin}: {name[:60]}: {fault}")
    if base.off:
        return base
    try:
        return replace(base, server=_server(name, stated, folder, settings, fill))
    except ValueError as fault:
        return replace(base, fault=f"{origin}: {name}: {fault}")


def _kept(name: str, written: Mapping[str, Any], folder: Path) -> dict[str, JSON]:
    """What the trust in a server is bound to."""
    known = {key: written.get(key) for key in ("command", "args", "env", "cwd", "url", "headers")}
    where = str(folder) if written.get("command") else ""
    return {"name": name, "folder": where, **{key: value for key, value in known.items() if value}}


def _server(
    name: str, stated: Mapping[str, Any], folder: Path, settings: Settings, fill: Callable[[str], str]
) -> McpServer:
    kind = stated.get("type")
    if isinstance(kind, str) and kind not in _KINDS:
        what = "the protocol's older form (sse) is not spoken" if kind == "sse" else "no type that is known"
        raise _Fault(f'type "{kind[:40]}": {what}; stdio and http are')
    command, url = (_text(stated.get(key), key, fill) for key in ("command", "url"))
    if bool(command) == bool(url):
        raise _Fault("names both command and url" if url else "needs a command, or a url")
    env, headers = (_texts(stated.get(key), key, fill) for key in ("env", "headers"))
    for one in env:
        try:
            variable(one)
        except ValueError as fault:
            raise _Fault(f"env: {one[:40]!r} must be {fault}") from None
    args = stated.get("args") or ()
    if not isinstance(args, list | tuple) or not all(isinstance(one, str) for one in args):
        raise _Fault("args must be a list of texts")
    cwd = _text(stated.get("cwd"), "cwd", fill)
    return McpServer(
        name=name,
        command=command,
        args=tuple(fill(one) for one in args),
        env={**settings.program_environment, **env} if command else {},
        folder=folder / Path(cwd).expanduser() if command else None,
        url=url,
        headers=headers,
        timeout=_timeout(stated.get("timeout")),
        hidden=_secrets(stated, {**env, **headers}, fill),
    )


def _secrets(stated: Mapping[str, Any], handed: Mapping[str, str], fill: Callable[[str], str]) -> tuple[str, ...]:
    """What must not come back: what the environment was asked for, and what is called a key."""
    named = [value for name, value in handed.items() if _KEYS.search(name)]
    asked = [fill(one[0]) for one in _VARIABLE.finditer(json.dumps(stated, ensure_ascii=False))]
    words = [word for value in named for word in (value, *value.split()[1:])]  # the key itself, behind its "Bearer"
    return tuple(one for one in dict.fromkeys([*asked, *words]) if len(one) > 5)


def _handed(written: Mapping[str, Any]) -> Iterator[str]:
    for key, sign in (("env", "="), ("headers", ": ")):
        texts = written.get(key)
        for name, text in texts.items() if isinstance(texts, Mapping) else ():
            shown = "…" if _KEYS.search(name) and not _VARIABLE.search(str(text)) else str(text)
            yield f"{name}{sign}{shown}"


def _text(value: Any, key: str, fill: Callable[[str], str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise _Fault(f"{key} must be a text")
    return fill(value).strip()


def _texts(value: Any, key: str, fill: Callable[[str], str]) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
        raise _Fault(f"{key} must be an object of texts")
    return {str(name): _text(one, key, fill) for name, one in value.items()}


def _filled(text: str, known: Callable[[str], str | None]) -> str:
    """`${NAME}` and `${NAME:-otherwise}` from the environment."""

    def found(match: re.Match[str]) -> str:
        value = known(match[1])
        if value is None and match[2] is None:
            raise _Fault(f"${{{match[1]}}} is not set in the environment")
        return match[2] or "" if value is None else value

    return _VARIABLE.sub(found, text)


def _timeout(value: Any) -> float | None:
    if value is None:
        return None
    try:
        seconds = read_duration(value) if isinstance(value, str) else float(value)
    except (ValueError, TypeError):
        seconds = 0.0
    if isinstance(value, bool) or not 1 <= seconds <= _LONGEST:
        raise _Fault("timeout must be seconds from 1 to 3600, or a text such as 30s")
    return seconds


def _shown(stated: Mapping[str, Any]) -> str:
    """What is started or asked, as it is written: nothing is filled in."""
    if stated.get("url"):
        return str(stated["url"])
    args = stated.get("args") if isinstance(stated.get("args"), list | tuple) else ()
    words = [str(one) for one in (stated.get("command") or "", *(args or ()))]
    return " ".join(json.dumps(one, ensure_ascii=False) if re.search(r"\s", one) or not one else one for one in words)
