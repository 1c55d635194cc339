"""Where plugins come from: files and packages in a folder, and the entry points of what is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Self

from plugins._importing import import_file, inside, module_name

__all__ = ["Origin", "in_folder", "installed", "is_passed_over", "of_path"]

_GROUP = "thinkact.plugins"
_TESTS = ("test_*.py", "*_test.py", "conftest.py")  # what pytest takes for its own may lie beside a plugin
_CODE = (".py", ".pyc", ".pyd", ".so")  # what an import may run


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one plugin comes from. `told` is what it is called by: its file, its package's folder, or its entry point.
    `module` is what it becomes when it is imported, `start` the file in which that begins ("": an entry point, whose
    `value` says what is taken), `package` its folder ("": it is a file). Where `fault` is set nothing is there to be
    imported."""

    name: str
    told: str
    module: str = ""
    start: str = ""
    package: str = ""
    value: str = ""
    fault: str | None = None

    def load(self, *, fresh: bool = False) -> Any:
        """Import it: the module, or what its entry point names. Raises whatever its code raises. `fresh`: its text
        counts, whatever was compiled of it before."""
        if self.value:
            from importlib.metadata import EntryPoint  # slow to import

            return EntryPoint(name=self.name, value=self.value, group=_GROUP).load()
        return import_file(self.module, Path(self.start), Path(self.package) if self.package else None, fresh=fresh)

    @property
    def is_own(self) -> Callable[[str], bool]:
        """Tells by a module's name whether it is the plugin's own."""
        return inside(self.module)

    def place(self) -> Path | None:
        """The file or the package's folder that holds its code, found without running any of it; None where none is."""
        if not self.value:
            return Path(self.package or self.start)
        from importlib.util import find_spec

        try:
            spec = find_spec(self.module)
        except (ImportError, ValueError):  # the import will say it better
            return None
        if spec is None or not spec.origin:
            return None
        return Path(spec.submodule_search_locations[0] if spec.submodule_search_locations else spec.origin)

    def files(self) -> Iterator[Path]:
        """The files that hold its code, as far as they can be found without running any of it."""
        place = self.place()
        if place is not None:
            yield from sorted(one for one in place.rglob("*") if one.suffix in _CODE) if place.is_dir() else [place]

    def as_data(self) -> dict[str, Any]:
        """For a process of ours."""
        return asdict(self)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Self:
        """The origin that `as_data` told."""
        return cls(**data)


def is_passed_over(name: str) -> bool:
    """Is what has this name in the plugin folder no plugin: private, hidden, or a test?"""
    return name.startswith(("_", ".")) or any(fnmatchcase(name, one) for one in _TESTS)


def in_folder(folder: Path) -> Iterator[Origin]:
    """Every `*.py` file and every folder with such files, sorted by name; none where there is no folder."""
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []
    except OSError as error:
        yield Origin(name=folder.name, told=str(folder), fault=f"{folder}: cannot be read: {error.strerror}")
        return
    for entry in entries:
        if is_passed_over(entry.name):
            continue
        if any(entry.glob("*.py")) if entry.is_dir() else entry.suffix == ".py":
            yield of_path(entry)


def of_path(path: Path) -> Origin:
    """The plugin of one file, or of one package's folder, wherever it lies."""
    if not path.is_dir():
        return Origin(name=path.stem, told=str(path), module=module_name(path.stem, path), start=str(path))
    start = path / "__init__.py"
    if not start.is_file():
        fault = f"{path}: the folder holds Python files, but no __init__.py that would make it a plugin"
        return Origin(name=path.name, told=str(path), fault=fault)
    module = module_name(path.name, start)
    return Origin(name=path.name, told=str(path), module=module, start=str(start), package=str(path))


def installed() -> Iterator[Origin]:
    """What installed packages name in their entry points, sorted."""
    from importlib.metadata import entry_points  # slow to import

    for name, value in sorted({(point.name, point.value) for point in entry_points(group=_GROUP)}):  # some come twice
        told, module = f"entry point {name} = {value}", re.match(r"\w+", value)
        fault = None if module else f"{told}: it names no module"
        yield Origin(name=name, told=told, module=module[0] if module else "", value=value, fault=fault)
