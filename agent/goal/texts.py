"""Texts of a goal file that must be of a kind: expressions, patterns, names and paths.

Every function gives the text back, tidied, or raises ValueError, whose text completes "must be ...".
"""

from __future__ import annotations

import re
import warnings


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
    """Check a host, or a pattern of all below one."""
    if not re.fullmatch(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?(?::\d{1,5})?|\[[0-9a-fA-F:.]+\](?::\d{1,5})?", text):
        raise ValueError("a host, such as example.org, *.example.org or example.org:8080, without https:// and path")
    return text.lower()


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
