"""Texts of a goal file that must be of a kind: expressions, patterns, names and paths.

Every function gives the text back, tidied, or raises ValueError, whose text completes "must be ...".
"""

from __future__ import annotations

import ipaddress
import re
import warnings

import idna


def regex(text: str) -> str:
    """Check that a regular expression compiles."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of doubtful but valid expressions: whoever uses it decides
            re.compile(text)
    except re.error as fault:
        raise ValueError(f"a regular expression: {fault}") from None
    except (OverflowError, RecursionError):
        raise ValueError("a regular expression: this one is too large") from None
    return text


def tool_pattern(text: str) -> str:
    """Check a tool's name or a pattern of names."""
    if re.search(r"[\s,;/]", text):
        raise ValueError("one tool's name, or a pattern such as web_*")
    return text


def namespace(text: str) -> str:
    """Check the name of a namespace of notes."""
    if len(text) > 100 or not text.isprintable():
        raise ValueError("one line of at most 100 characters")
    return text


def goal_namespace(text: str) -> str:
    """Check the namespace that a goal file names. What stands in `global` is recalled in every project, so only its
    user says what is written there, with a flag or a setting, and no file that may come from elsewhere."""
    if namespace(text).strip() == "global":
        raise ValueError("another than global, whose notes hold in every project; for once, start it with --namespace")
    return text


def host_pattern(text: str) -> str:
    """Check a host, or a pattern of all below one, with or without a port."""
    told = text.lower().replace("。", ".")
    found = re.fullmatch(
        r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>(?:\*\.)?[\w-]+(?:\.[\w-]+)*))\.?(?::(?P<port>[0-9]{1,5}))?", told
    )
    if found is None or not _is_host(found["v6"], found["name"]):
        raise ValueError("a host, such as example.org, *.example.org or 例子.中国:8080, without https:// and path")
    if found["port"] is not None and not 1 <= int(found["port"]) <= 65535:
        raise ValueError("a host whose port is from 1 to 65535")
    return told


def _is_host(v6: str | None, name: str | None) -> bool:
    try:
        if v6 is not None:
            return ipaddress.ip_address(v6).version == 6
        assert name is not None
        if re.fullmatch(r"[0-9.]+", name):
            return ipaddress.ip_address(name).version == 4
        idna.encode(name.removeprefix("*.").replace("_", "-"))
    except ValueError:  # as are the errors of idna
        return False
    return True


def variable(text: str) -> str:
    """Check the name of an environment variable."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        raise ValueError("a variable's name, such as API_KEY")
    return text


def server_name(text: str) -> str:
    """Check what a server of tools is called."""
    if not 0 < len(text) <= 60 or not text.isprintable() or text.strip() != text:
        raise ValueError("a short name on one line, such as fetch")
    return text


def inside(text: str) -> str:
    """A path of the workspace: relative, with `/`, made regular."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts or _leaves(text, parts) or len(text.splitlines()) > 1:
        raise ValueError("a path inside the workspace, relative and with /, such as out/digest.md")
    return "/".join(parts)


def inside_pattern(text: str) -> str:
    """A pattern of paths of the workspace; a folder (`out/`) means everything in it."""
    return inside(text) + ("/**" if text.endswith("/") else "")


def beside(text: str) -> str:
    """A path or pattern relative to the goal file's folder; it may go up, since the file is the user's own."""
    if text.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:", text) or len(text.splitlines()) > 1:
        raise ValueError("relative to the goal file's folder, such as docs/*.md")
    return text


def _leaves(text: str, parts: list[str]) -> bool:
    return ".." in parts or text.startswith(("/", "~")) or "\\" in text or re.match(r"[A-Za-z]:", text) is not None
