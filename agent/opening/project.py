"""The project: the folder that a run is started in belongs to one, whose notes are kept apart from those of others."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

from agent.settings import Settings

MARKS = (
    *(".git", ".hg", ".svn", ".jj", "pyproject.toml", "setup.py", "package.json", "Cargo.toml", "go.mod", "pom.xml"),
    *("build.gradle", "build.gradle.kts", "settings.gradle", "Gemfile", "composer.json", "mix.exs", "CMakeLists.txt"),
    *("deno.json", "pubspec.yaml", "Package.swift", "DESCRIPTION", "typst.toml", ".obsidian", ".project"),
)
"""A folder that holds one of these is a project's."""
_LONGEST = 60
"""Characters of the folder's name that are taken into the namespace."""


def project_folder(cwd: Path) -> Path:
    """The nearest folder upwards that is a project's, else `cwd` itself. The home folder and those above it are none:
    whoever keeps their dotfiles under version control has not one project for everything."""
    cwd = _resolved(cwd)
    above = _home_and_above()
    for folder in (cwd, *cwd.parents):
        if folder in above:
            break
        if any(_is_there(folder / mark) for mark in MARKS):
            return folder
    return cwd


def project_namespace(cwd: Path) -> str:
    """The namespace of the project that `cwd` belongs to: its folder's name, and six characters of a hash of its path,
    so that two of one name do not meet. A project that is moved has another."""
    folder = project_folder(cwd)
    path = unicodedata.normalize("NFC", folder.as_posix())
    mark = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    name = "".join(one for one in unicodedata.normalize("NFC", folder.name) if one.isprintable())
    return f"{name.strip()[:_LONGEST].rstrip() or 'project'}-{mark}"


def default_namespace(settings: Settings, cwd: Path) -> str:
    """Where notes are kept where neither a flag nor a goal file says: as THINKACT_NAMESPACE says, else by project."""
    return settings.namespace or project_namespace(cwd)


def _home_and_above() -> set[Path]:
    try:
        home = _resolved(Path.home())
    except RuntimeError:  # nobody knows where it is
        return set()
    return {home, *home.parents}


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links, or a folder that nobody may enter
        return path.absolute()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
