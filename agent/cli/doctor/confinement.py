"""Confinement: what is true in this version, and what the system would offer."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress

from agent.cli.doctor.finding import Around, Finding

_LANDLOCK_CREATE_RULESET, _VERSION_FLAG = 444, 1  # one number on every machine that Linux runs on


def look_at_confinement(around: Around) -> Iterator[Finding]:  # noqa: ARG001  (a look's signature)
    """Nothing is confined in this version but the tools' paths; said plainly, with what is there to do it with."""
    bubblewrap = shutil.which("bwrap")
    landlock = _landlock()
    told = [
        f"bubblewrap is {'' if bubblewrap else 'not '}installed",
        f"Landlock is there (version {landlock})" if landlock else "Landlock is not there",
    ]
    yield Finding(
        name="confinement",
        state="absent",
        what="tools cannot leave the workspace, but programs of `run` checks are not confined in this version; they "
        f"start only with your leave ({', '.join(told)}; neither is used yet)",
        value={"confined": False, "bubblewrap": bubblewrap, "landlock": landlock},
    )


def _landlock() -> int | None:
    """The version of Landlock that this kernel speaks; None where there is none."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            version = ctypes.CDLL(None).syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
            return version if version > 0 else None
    return None
