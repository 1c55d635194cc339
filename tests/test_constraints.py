"""`constraints.txt` pins all that the base and the test extra install, and the docs tell of every dependency."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

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


def test_everything_that_base_and_tests_bring_is_pinned() -> None:
    brought = needed([*PROJECT["dependencies"], *EXTRAS["test"]])
    assert {name: asker for name, asker in brought.items() if name not in PINS} == {}


def test_every_pin_is_exact() -> None:
    assert [str(pin) for pin in PINS.values() if not re.fullmatch(r"==[0-9][0-9a-z.]*", str(pin.specifier))] == []


def test_the_pins_fit_what_the_project_asks_for() -> None:
    asked = [Requirement(text) for text in [*PROJECT["dependencies"], *EXTRAS["test"]]]
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
