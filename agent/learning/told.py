"""Told: what of a call may stand in a note: short values of its arguments, and no secret, wherever that stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent.events import JSON

LEFT_OUT = "…"
"""Stands for what is not told."""
_VALUE = 80
"""Characters of an argument that is told; longer ones, and those of several lines, are texts and no settings."""
_SAME = 0.6
"""Two values of which this part is alike (by their words) mean the same thing."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET = re.compile(
    r"pass(?:word|wd|phrase|code|wort)|secret|credential|kennwort|contraseña|парол|mot de passe|密码|密碼|口令|密钥"
    r"|密鑰|凭证|パスワード|비밀번호|(?:api|access|private)key|(?<![a-z])(?:pass|pwd|pin|senha|o?auth(?!or(?!i))[a-z]*"
    r"|bearer|jwt|(?:auth|access|api)?tokens?|keys?|cookies?)(?![a-z])",
    re.IGNORECASE,
)
"""Words that say of an argument, by its name or in its value, that it may be a secret."""
_SECRET_LEAST = 3
"""Characters of a secret that is taken out of an error; a shorter one stands in any text."""


def call(tool: str, arguments: Mapping[str, JSON]) -> str:
    """A call in one line."""
    return f"{tool}({', '.join(f'{name}={shown(name, one)}' for name, one in arguments.items() if one is not None)})"


def shown(name: str, value: JSON) -> str:
    """The value of an argument; a mark in place of a long text, and of what may be a secret."""
    if value is None:
        return "(none)"
    return line(str(value), _VALUE) if is_short(value) and not _is_secret(name, value) else LEFT_OUT


def is_short(value: JSON) -> bool:
    """Is it a setting, and no text, list or object?"""
    if isinstance(value, list | dict):
        return False
    return value is None or (len(str(value)) <= _VALUE and len(str(value).splitlines()) <= 1)


def alike(one: JSON, other: JSON) -> bool:
    """Do two values mean much the same thing, by their words?"""
    from memory.embedding import words

    mine, theirs = set(words(str(one or ""))), set(words(str(other or "")))
    return bool(mine & theirs) and len(mine & theirs) >= _SAME * min(len(mine), len(theirs))


def without_secrets(text: str, calls: Iterable[Mapping[str, JSON]]) -> str:
    """A text without the values of arguments of these calls that may be secrets, and without what a command in it
    carries as a password."""
    from memory.passwords import without_passwords

    secrets = [secret for arguments in calls for secret in _secrets(arguments)]
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret.strip()) >= _SECRET_LEAST:
            text = text.replace(secret.strip(), LEFT_OUT)
    return without_passwords(text, LEFT_OUT)


def line(text: str, most: int) -> str:
    """A text in one line of about so many characters, without the stop at its end."""
    flat = " ".join(text.split()).rstrip(".。")
    return flat if len(flat) <= most else f"{flat[:most]} …"


def _is_secret(name: str, value: JSON) -> bool:
    """May this be a secret? What only says yes or no is none."""
    if value is None or isinstance(value, bool):
        return False
    return any(_SECRET.search(_HUMP.sub("_", text)) for text in (name, str(value))) or bool(_passwords(str(value)))


def _passwords(command: str) -> list[str]:
    """The passwords that a command carries."""
    from memory.passwords import passwords_in

    return [command[start:end] for start, end in passwords_in(command)]


def _secrets(value: JSON | Mapping[str, JSON], name: str = "") -> Iterator[str]:
    """The values of arguments that may be secrets, however deep they lie."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, f"{name} {key}")
    elif isinstance(value, list):
        for one in value:
            yield from _secrets(one, name)
    elif _is_secret(name, value):
        yield str(value)
        yield from _passwords(str(value))
