"""Confined programs as the user's settings and the goal let tools run them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from agent.goal import Goal
from agent.opening.levels import find_levels
from agent.opening.parts import protected_files
from agent.settings import Settings
from plugins import ConfinedProcesses

__all__ = ["open_sandbox", "why_unconfined", "writable_paths"]


def open_sandbox(goal: Goal, settings: Settings, root: Path, *, cwd: Path) -> ConfinedProcesses:
    """Confined programs in the workspace `root`: what tools may not write there, programs may not either. Nothing is
    tried before the first one is started."""
    return ConfinedProcesses(
        root,
        level=find_levels(settings, cwd, workspace=root, goal=goal),
        write=writable_paths(root, goal.write) if goal.write else None,
        protected=protected_files(goal, settings, cwd, workspace=root),
        hidden=(settings.home,),
        environment=settings.program_environment,
    )


def why_unconfined(settings: Settings) -> str | None:
    """Why the programs of `run` checks are not confined, as far as that is known before one is started."""
    if settings.sandbox == "off":
        return "THINKACT_SANDBOX=off"
    return "nothing confines programs on Windows" if os.name == "nt" else None


def writable_paths(root: Path, globs: Sequence[str]) -> tuple[str, ...]:
    """What a program may write, where a goal narrows it: the folders of globs such as `out/**`, which are made where
    they are missing, and files that are there. A glob that holds less than a folder's whole content gives nothing."""
    found = []
    real = Path(os.path.realpath(root))
    for glob in globs:
        parts = [part for part in glob.strip("/").split("/") if part not in ("", ".")]
        fixed = [part for part in parts if not set(part) & set("*?[")]
        if ".." in parts or not fixed or fixed != parts[: len(fixed)]:
            continue
        place, rest = real.joinpath(*fixed), parts[len(fixed) :]
        if place.is_symlink() or real not in Path(os.path.realpath(place)).parents:
            continue
        if rest in (["**"], ["**", "*"]) or (not rest and glob.endswith("/")):
            place.mkdir(parents=True, exist_ok=True)
            found.append(str(place))
        elif not rest and place.is_file():
            found.append(str(place))
    return tuple(dict.fromkeys(found))
