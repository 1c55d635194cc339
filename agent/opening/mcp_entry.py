"""One entry of `mcpServers`: what it says, checked, and the server that it makes."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.events import JSON
from agent.goal.texts import server_name, variable
from agent.quantities import read_duration
from agent.settings import Settings
from plugins import McpServer, named_places

__all__ = ["Entry", "read_entry"]

_LONGEST = 3_600.0  # seconds
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_KEYS = re.compile("(?i)key|token|secret|password|authorization|cookie")
_KINDS = frozenset({"stdio", "http", "streamable-http", "streamableHttp", "streamable_http"})
_OF_PROGRAMS = ("network", "folders", "confined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A server as a file names it.

    `definition` is a hash of all that decides what is started or asked: name, command, arguments, folder, environment
    and headers as they are written, address, what a program may see and write, and, of one that is not confined, the
    file that it is. `asks` are the variables of the
    environment that it is handed, `handed` its own variables and headers as they are written, a key's value left out.
    Where `fault` is set it says why it cannot be used; `server` is then None. `off`: its entry says `disabled`.
    `stated` is the same without the program's file, where that is a part of the definition; else "".
    `goal_file` is the goal file that names it, None where a file of servers does; `of_user`: that is the user's own.
    """

    name: str
    origin: str
    shown: str = ""
    definition: str = ""
    stated: str = ""
    server: McpServer | None = None
    asks: tuple[str, ...] = ()
    handed: tuple[str, ...] = ()
    fault: str | None = None
    off: bool = False
    goal_file: str | None = None
    of_user: bool = False

    @property
    def of_goal(self) -> bool:
        """Is it named by the goal itself?"""
        return self.goal_file is not None


class _Fault(ValueError):
    """What is wrong with an entry."""


def read_entry(
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
            definition=_hash(kept),
            asks=tuple(dict.fromkeys(one[1] for one in _VARIABLE.finditer(json.dumps(kept)))) if known else (),
            handed=tuple(_handed(written)),
            off=stated.get("disabled") is True,
        )
    except (ValueError, TypeError) as fault:
        return Entry(name=name[:60], origin=origin, fault=f"{origin}: {name[:60]}: {fault}")
    if base.off:
        return base
    try:
        server = _server(name, stated, folder, settings, fill)
    except ValueError as fault:
        return replace(base, fault=f"{origin}: {name}: {fault}")
    places = {"reads": [*server.reads.values()], "folders": [*server.folders.values()]}
    if server.confined and any(places.values()):
        base = replace(base, definition=_hash({**kept, "places": places}))
    return replace(base, server=server)


def _hash(kept: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _kept(name: str, written: Mapping[str, Any], folder: Path) -> dict[str, JSON]:
    """What the trust in a server is bound to."""
    known = {key: written.get(key) for key in ("command", "args", "env", "cwd", "url", "headers", "network")}
    where = str(folder) if written.get("command") else ""
    free = {"confined": False} if written.get("confined") is False else {}
    return {"name": name, "folder": where, **{key: value for key, value in known.items() if value}, **free}


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
    if url:
        _judge_address(url)
        if beside := [key for key in _OF_PROGRAMS if stated.get(key) is not None]:
            raise _Fault(f"{beside[0]} goes with a command, not with a url")
    env, headers = (_texts(stated.get(key), key, fill) for key in ("env", "headers"))
    for one in env:
        try:
            variable(one)
        except ValueError as fault:
            raise _Fault(f"env: {one[:40]!r} must be {fault}") from None
    args = stated.get("args") or ()
    if not isinstance(args, list | tuple) or not all(isinstance(one, str) for one in args):
        raise _Fault("args must be a list of texts")
    args = tuple(fill(one) for one in args)
    cwd = _text(stated.get("cwd"), "cwd", fill)
    start = folder / _at_home(cwd)
    confined = _truth(stated.get("confined"), "confined", otherwise=True)
    words = [command, *args] if os.path.dirname(command) else args  # noqa: PTH120 - as the shell tells a path
    kept = (settings.home, settings.config.parent)
    return McpServer(
        name=name,
        command=command,
        args=args,
        env=env,
        given=settings.program_environment if command else {},
        folder=start if command else None,
        confined=confined,
        network=_truth(stated.get("network"), "network", otherwise=False),
        folders=_folders(stated.get("folders"), start, fill),
        reads=named_places(words, env, folder=start, kept=kept, whole=bool(cwd)) if command and confined else {},
        url=url,
        headers=headers,
        timeout=_timeout(stated.get("timeout")),
        hidden=_secrets(stated, {**env, **headers}, fill),
    )


def _judge_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        known = False
    if not known:
        raise _Fault("url must be an address that begins with http:// or https://")


def _truth(value: Any, key: str, *, otherwise: bool) -> bool:
    if value is not None and not isinstance(value, bool):
        raise _Fault(f"{key} must be true or false")
    return otherwise if value is None else value


def _folders(value: Any, start: Path, fill: Callable[[str], str]) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) and one for one in value):
        raise _Fault("folders must be a list of paths")
    found = [os.path.normpath(start / _at_home(_text(one, "folders", fill))) for one in value]
    for one in found:
        if not os.path.isdir(one):  # noqa: PTH112 - a text that need not be a path
            raise _Fault(f"folders: {one} is no folder that is there")
    return {one: os.path.realpath(one) for one in found}


def _at_home(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise _Fault(f"{text}: there is no home folder to put in place of ~") from None


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
