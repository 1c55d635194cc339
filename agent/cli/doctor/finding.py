"""What a look at one thing found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from agent.settings import Notice, Settings

State: TypeAlias = Literal["ok", "warning", "fault", "absent"]
"""`fault`: something that is needed is broken. `absent`: something that is not needed is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: what was found, in one line, and the one command that mends it, or None.

    `name` says what was looked at; a thing of which there are many (a setting, a dependency) has a finding for each.
    `value` is for programs: JSON, whose shape belongs to the name.
    """

    name: str
    state: State
    what: str
    mend: str | None = None
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is looked at: the folder where thinkact is started, the settings as far as they can be used, and all that
    there is to say of them. `wait`: the seconds that what may be slow is given."""

    cwd: Path
    settings: Settings
    notices: tuple[Notice, ...] = ()
    wait: float = 2.0


Look: TypeAlias = Callable[[Around], Iterable[Finding]]
"""Looks at one thing; may raise anything where it cannot."""
