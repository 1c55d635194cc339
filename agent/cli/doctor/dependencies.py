"""What thinkact needs of others: is it installed, in a version that fits, and found by Python? And the extras."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.cli.doctor.installed import OURS, ROOT, Asked, Copy, Installed, asked, name_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_EXTRAS = {
    "browser": "`fetch_page` renders with it what only scripts make, where a Chromium is installed as well",
    "minilm": "runs the local model that notes are found by, where its weights are installed beside it",
    "plot": "`thinkact runs stats --plot` draws with it",
}
"""What an extra is for; for the others no room of this version asks."""


def look_at_python(installed: Installed) -> Iterator[Finding]:
    """The version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    needs = asked(installed.get(OURS))
    value = {"version": version, "executable": sys.executable}
    if needs is not None and needs.python and not _allows(needs.python, version):
        what = f"Python {version} runs thinkact, which asks for {needs.python}"
        mend = mending.own_environment(OURS)
        yield Finding(name="python", state="fault", what=what, mend=mend, value=value)
    else:
        yield Finding(name="python", state="ok", what=f"{version}, {sys.executable}", value=value)


def _allows(specifier: str, version: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return True
    return SpecifierSet(specifier).contains(version, prereleases=True)


def look_at_dependencies(around: Around, installed: Installed) -> Iterator[Finding]:
    """All that thinkact asks for, and all that this asks for in turn."""
    needs = asked(installed.get(OURS))
    if needs is None:
        what = f"what thinkact needs is not known: it is not installed, and there is no pyproject.toml in {ROOT}"
        yield Finding(name="dependencies", state="warning", what=what, mend=mending.install(OURS))
        return
    direct = [copy for text in needs.base if (copy := installed.get(name_of(text))) is not None]
    broken = [*_unmet(needs, installed), *_misplaced(around, direct)]
    yield from broken
    if not broken:
        what = f"the {len(needs.base)} packages that thinkact asks for, and those that they ask for, are installed"
        names = {one.name: one.version for one in direct}
        yield Finding(name="dependencies", state="ok", what=what, value=names)


def _unmet(needs: Asked, installed: Installed) -> Iterator[Finding]:
    """What is missing, or installed in a version that does not fit."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        yield from _missing_by_name(needs, installed)
        return
    waiting = [(Requirement(text), OURS, "") for text in needs.base]
    seen: set[str] = set()
    while waiting:
        one, asker, extra = waiting.pop(0)
        if (one.marker is not None and not one.marker.evaluate({"extra": extra})) or f"{one} {extra}" in seen:
            continue
        seen.add(f"{one} {extra}")
        copy = installed.get(one.name)
        if (finding := _judged(one, asker, copy)) is not None:
            yield finding
        if copy is not None:
            below = [Requirement(text) for text in copy.distribution.requires or []]
            waiting += [(deep, one.name, each) for each in ("", *sorted(one.extras)) for deep in below]


def _judged(one: Requirement, asker: str, copy: Copy | None) -> Finding | None:
    """What is wrong with the copy that answers to a requirement; None where nothing is."""
    if copy is not None and one.specifier.contains(copy.version, prereleases=True):
        return None
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    return _broken(one.name, f"{one.name}{extras}{one.specifier}", asker, copy)


def _broken(name: str, wanted: str, asker: str, copy: Copy | None) -> Finding:
    is_there = "is not installed" if copy is None else f"is installed as {copy.version}, and it asks for {wanted}"
    return Finding(
        name="dependency",
        state="fault",
        what=f"{name}, which {asker} needs, {is_there}",
        mend=mending.install(wanted),
        value={"name": name, "asked": wanted, "installed": copy.version if copy else None, "by": asker},
    )


def _missing_by_name(needs: Asked, installed: Installed) -> Iterator[Finding]:
    """Versions are compared by `packaging`, which others bring; without it, who is missing can still be told."""
    yield _broken("packaging", "packaging", "the comparing of versions", None)
    for text in needs.base:
        if installed.get(name_of(text)) is None:
            yield _broken(name_of(text), text.partition(";")[0].strip(), OURS, None)


def _misplaced(around: Around, direct: Sequence[Copy]) -> Iterator[Finding]:
    """Packages whose modules are gone, or hidden behind another file of that name."""
    for copy in direct:
        for module in sorted(_modules(copy)):
            found = _found(module)
            if found is None:
                what = f"{copy.name} {copy.version} is installed, but its module {module} is gone"
                mend = mending.install("--force-reinstall", "--no-deps", copy.source)
            elif not found.is_relative_to(copy.folder.resolve()):
                what = f"Python finds the module {module} in {found} instead of that of {copy.name}"
                by_path = any(found.is_relative_to(one.resolve()) for one in around.settings.import_path)
                mend = mending.unset("PYTHONPATH") if by_path else mending.move_away(found)
            else:
                continue
            value = {"name": copy.name, "module": module, "found": str(found) if found else None}
            yield Finding(name="dependency", state="fault", what=what, mend=mend, value=value)


def _modules(copy: Copy) -> set[str]:
    """The modules that a distribution brings, by its own record; none where it keeps none, or is edited in place."""
    if copy.edited_in is not None:
        return set()
    files = [one.parts for one in copy.distribution.files or [] if one.suffix == ".py"]
    found = {one[0] for one in files if len(one) == 2 and one[1] == "__init__.py"}
    return {one for one in found if one.isidentifier() and not one.startswith("_")}


def _found(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin).resolve() if spec is not None and spec.origin else None


@dataclass(frozen=True, slots=True)
class _Part:
    """One requirement of an extra, and what of it is installed."""

    text: str
    version: str | None


def look_at_extras(installed: Installed) -> Iterator[Finding]:
    """What can be had besides, and is installed or not."""
    needs = asked(installed.get(OURS))
    for extra, texts in (needs.extras if needs is not None else {}).items():
        parts = [_Part(text.partition(";")[0].strip(), _version(installed, text)) for text in texts]
        use = _EXTRAS.get(extra, "nothing in this version uses it yet")
        missing = [one.text for one in parts if one.version is None]
        value = {"extra": extra, "packages": {name_of(one.text): one.version for one in parts}}
        if missing:
            what = f"{extra}: {', '.join(missing)} is not installed; {use}"
            yield Finding(name="extra", state="absent", what=what, mend=mending.install(*missing), value=value)
            continue
        unfit = [one.text for one in parts if not _allows(one.text[len(_bare(one.text)) :], one.version or "")]
        told = ", ".join(f"{name_of(one.text)} {one.version}" for one in parts)
        if unfit:
            what = f"{extra}: {told} is installed, and {', '.join(unfit)} is asked for"
            yield Finding(name="extra", state="warning", what=what, mend=mending.install(*unfit), value=value)
        else:
            yield Finding(name="extra", state="ok", what=f"{extra}: {told}; {use}", value=value)


def _version(installed: Installed, text: str) -> str | None:
    copy = installed.get(name_of(text))
    return copy.version if copy is not None else None


def _bare(requirement: str) -> str:
    """The beginning of a requirement up to its versions."""
    return requirement[: next((n for n, one in enumerate(requirement) if one in "<>=!~ "), len(requirement))]
