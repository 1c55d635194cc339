"""`constraints.txt` pins what base, test extra and image extra install; the docs tell of every dependency."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.place import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PINS = {
    canonicalize_name(one.name): one
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
    for one in [Requirement(line)]
}
PINNED = [*PROJECT["dependencies"], *EXTRAS["test"], *EXTRAS["images"]]


def needed(first: list[str]) -> dict[str, str]:
    """Every package that these requirements bring here, by its plain name, with who asks for it."""
    found: dict[str, str] = {}
    waiting = [(Requirement(text), "pyproject.toml") for text in first]
    seen: set[tuple[str, str]] = set()
    while waiting:
        one, asker = waiting.pop()
        name = str(canonicalize_name(one.name))
        for extra in ("", *sorted(one.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            found.setdefault(name, asker)
            try:
                texts = distribution(name).requires or []
            except PackageNotFoundError:  # asked for by an extra that is not installed here
                continue
            below = [Requirement(text) for text in texts]
            waiting += [(deep, name) for deep in below if deep.marker is None or deep.marker.evaluate({"extra": extra})]
    return found


def test_everything_that_base_tests_and_images_bring_is_pinned() -> None:
    brought = needed(PINNED)
    # What torch's build for a GPU brings of that GPU's maker is pinned by torch itself.
    own = {name: asker for name, asker in brought.items() if not name.startswith(("nvidia-", "cuda-", "triton"))}
    assert {name: asker for name, asker in own.items() if name not in PINS} == {}


def test_every_package_that_is_imported_is_asked_for_or_comes_with_one_that_is() -> None:
    declared = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
    asked = {str(canonicalize_name(Requirement(one).name)) for one in declared}
    brought = {name for name, asker in needed(declared).items() if asker in asked or asker == "pyproject.toml"}
    owners = packages_distributions()
    imported = {name for folder in ("agent", "plugins", "memory") for name in imports_below(folder)}
    homeless = imported - sys.stdlib_module_names - {"agent", "plugins", "memory"}
    lacking = {
        name
        for name in homeless & owners.keys()  # that of an extra may not be installed here
        if not {str(canonicalize_name(owner)) for owner in owners[name]} & (asked | brought)
    }
    assert lacking == set()


def imports_below(folder: str) -> set[str]:
    """The top names of what the modules of a folder import, also late."""
    found: set[str] = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_every_pin_is_exact() -> None:
    assert [str(pin) for pin in PINS.values() if not re.fullmatch(r"==[0-9][0-9a-z.]*", str(pin.specifier))] == []


def test_the_pins_fit_what_the_project_asks_for() -> None:
    asked = [Requirement(text) for text in PINNED]
    unfit = [
        str(one)
        for one in asked
        if not one.specifier.contains(next(iter(PINS[canonicalize_name(one.name)].specifier)).version)
    ]
    assert unfit == []


def test_the_docs_tell_of_every_dependency_why_it_is_there_its_licence_and_its_size() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    told: dict[str, list[str]] = {}
    for line in re.findall(r"^\|(.+)\|$", text, re.MULTILINE):
        names, reason, licence, *rest = (cell.strip() for cell in line.split("|"))
        for name in re.findall(r"[\w-]+", names):
            told[canonicalize_name(name)] = [reason, licence, rest[-1]]
    asked = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
    for name in (canonicalize_name(Requirement(one).name) for one in asked):
        assert name in told, f"{name} has no line in docs/dependencies.md"
        reason, licence, size = told[name]
        assert len(reason) > 5, name
        assert re.search(r"MIT|BSD|Apache|MPL", licence), name
        assert size.isdecimal(), name
