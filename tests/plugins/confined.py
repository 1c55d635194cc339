"""Which confinements this machine has, for tests: the ones that it lacks are skipped, with the reason."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plugins import ConfinedProcesses
from plugins._sandbox import Level
from plugins._sandbox._level import why_not
from tests.plugins.escaping import LEVELS

ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"}


@cache
def lacking(name: str) -> str | None:
    """Why this confinement cannot be had here; None where it can."""
    lack = "confinement is Linux's" if sys.platform != "linux" else why_not(LEVELS[name])
    return None if lack is None else str(lack)


def needed(name: str) -> Level:
    """The level of this name; the test is skipped where it cannot be had."""
    if (why := lacking(name)) is not None:
        pytest.skip(f"{name}: {why}")
    return LEVELS[name]


def any_level() -> Level:
    """The best that there is here."""
    for name in LEVELS:
        if lacking(name) is None:
            return LEVELS[name]
    pytest.skip("nothing here confines programs")


@contextmanager
def confined(root: Path, level: Level | None = None, **more: Any) -> Iterator[ConfinedProcesses]:
    """Confined programs in a workspace."""
    chosen = level or any_level()
    root.mkdir(parents=True, exist_ok=True)
    with ConfinedProcesses(root, level=lambda: chosen, environment=ENVIRONMENT, **more) as found:
        yield found


def plain_python() -> str | None:
    """A Python that every user may start; None where there is none."""
    return shutil.which("python3", path="/usr/bin:/usr/local/bin")
