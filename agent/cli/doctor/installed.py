"""The distributions that are installed here, as Python would find them, and what thinkact asks of them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import agent

OURS = "thinkact"
ROOT = Path(next(iter(agent.__path__))).resolve().parent
"""The folder in which the package `agent` that runs now lies."""


def plain_name(name: str) -> str:
    """A distribution's name in the one form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    """The name in a requirement such as `openai>=3.50,<4`, in its plain form."""
    found = re.match(r"[\w.-]+", requirement)
    return plain_name(found[0]) if found else requirement


@dataclass(frozen=True)
class Copy:
    """One installed distribution."""

    name: str
    version: str
    folder: Path
    distribution: Distribution = field(repr=False, compare=False)

    @cached_property
    def _direct(self) -> dict[str, Any]:
        """Where it was installed from, as pip notes it where that was no index."""
        try:
            found = json.loads(self.distribution.read_text("direct_url.json") or "{}")
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def source(self) -> str:
        """What pip would install this very copy from."""
        return str(self._direct.get("url") or f"{self.name}=={self.version}")

    @property
    def edited_in(self) -> Path | None:
        """The folder of its sources, where it is used from there (`pip install -e`)."""
        if not self._direct.get("dir_info", {}).get("editable") or not self.source.startswith("file:"):
            return None
        return Path(url2pathname(urlsplit(self.source).path))

    @property
    def record(self) -> Path | None:
        """The folder that tells of it (`NAME-1.0.dist-info`); None where it is not to be found."""
        return next(
            (
                one
                for one in self.folder.glob(f"*-{self.version}.*-info")
                if plain_name(one.name.removesuffix(f"-{self.version}{one.suffix}")) == self.name
            ),
            None,
        )


class Installed:
    """All that is installed, by plain name; of several copies the first is the one that Python uses."""

    def __init__(self, path: Sequence[str] | None = None) -> None:
        self._copies: dict[str, list[Copy]] = {}
        for one in distributions(path=list(sys.path if path is None else path)):
            copy = _copy_of(one)
            if copy is not None and copy not in self._copies.setdefault(copy.name, []):
                self._copies[copy.name].append(copy)

    def __iter__(self) -> Iterator[Copy]:
        """Every copy in use."""
        return (copies[0] for copies in self._copies.values())

    def copies(self, name: str) -> Sequence[Copy]:
        """Every copy of a distribution, the one in use first."""
        return self._copies.get(plain_name(name), ())

    def get(self, name: str) -> Copy | None:
        """The copy in use."""
        return next(iter(self.copies(name)), None)


def _copy_of(one: Distribution) -> Copy | None:
    try:
        name, version = one.metadata["Name"], one.version
        folder = Path(str(one.locate_file("")))
    except (OSError, KeyError, ValueError):  # half a distribution: a folder without METADATA
        return None
    return Copy(plain_name(name), version, folder, one) if name and version else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What thinkact needs: requirements as in metadata, those of each extra, and the versions of Python."""

    base: tuple[str, ...]
    extras: Mapping[str, tuple[str, ...]]
    python: str


def asked(own: Copy | None) -> Asked | None:
    """What the installed thinkact asks for, else what the `pyproject.toml` of its sources does; None where neither
    tells."""
    if own is None:
        return _asked_by_sources()
    extras = [one for one in own.distribution.metadata.get_all("Provides-Extra") or [] if one != "test"]
    texts = own.distribution.requires or []
    return Asked(
        base=tuple(one for one in texts if "extra ==" not in one),
        extras={
            extra: tuple(one for one in texts if re.search(rf"extra == ['\"]{extra}['\"]", one)) for extra in extras
        },
        python=own.distribution.metadata["Requires-Python"] or "",
    )


def _asked_by_sources() -> Asked | None:
    import tomllib

    try:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        extras = {name: tuple(texts) for name, texts in project["optional-dependencies"].items() if name != "test"}
        return Asked(tuple(project["dependencies"]), extras, str(project["requires-python"]))
    except (OSError, ValueError, LookupError):
        return None
