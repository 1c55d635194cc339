"""thinkact itself: which one runs, whether its packages are ours and whole, and whether something is there twice."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.metadata import PackagePath
from importlib.util import find_spec
from pathlib import Path

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.cli.doctor.installed import OURS, ROOT, Copy, Installed, asked, name_of

PACKAGES = ("agent", "plugins", "memory")


def look_at_packages(around: Around, installed: Installed) -> Iterator[Finding]:
    """Which thinkact runs; whether `agent`, `plugins` and `memory` are its own, and as they were installed."""
    own = installed.get(OURS)
    yield _which(around, own)
    foreign = [one for name in PACKAGES if (one := _foreign(around, name, own)) is not None]
    yield from foreign
    changed = _changed(own) if own is not None and not foreign else []
    if changed and own is not None:
        yield Finding(
            name="packages",
            state="fault",
            what=f"{len(changed)} files of thinkact are not as they were installed: {', '.join(changed[:3])}",
            mend=mending.install("--force-reinstall", "--no-deps", _source(own)),
            value={"changed": changed},
        )
    if not foreign and not changed:
        what = f"the packages {', '.join(PACKAGES)} are thinkact's own"
        yield Finding(name="packages", state="ok", what=what, value={"folder": str(ROOT)})
    yield from _copies(around, installed)


def _which(around: Around, own: Copy | None) -> Finding:
    if own is None:
        return Finding(
            name="thinkact",
            state="warning",
            what=f"thinkact is not installed in this Python; it runs from {ROOT}",
            mend=mending.install("-e", str(ROOT)),
            value={"version": None, "folder": str(ROOT)},
        )
    value = {"version": own.version, "folder": str(ROOT)}
    home = own.edited_in or own.folder
    if home.resolve() == ROOT:
        return Finding(name="thinkact", state="ok", what=f"{own.version}, in {ROOT}", value=value)
    by_path = any(one.resolve() == ROOT for one in around.settings.import_path)
    return Finding(
        name="thinkact",
        state="warning",
        what=f"thinkact {own.version} is installed in {home}, but the one that runs is in {ROOT}",
        mend=mending.unset("PYTHONPATH") if by_path else mending.install("-e", str(ROOT)),
        value=value,
    )


def _foreign(around: Around, name: str, own: Copy | None) -> Finding | None:
    """What takes the place of one of our packages."""
    spec = find_spec(name)
    places = [] if spec is None else [*(spec.submodule_search_locations or []), spec.origin or ""]
    where = Path(places[0]).resolve() if places else None
    if where == ROOT / name:
        return None
    if where is None:
        what = f"the package {name} of thinkact is not there"
    else:
        what = f"the package {name} that Python finds is another project's, in {where}; thinkact's own is in {ROOT}"
    if where is not None and any(one.resolve() == where.parent for one in around.settings.import_path):
        mend = mending.unset("PYTHONPATH")
    elif where is None:
        mend = mending.install("--force-reinstall", "--no-deps", _source(own))
    else:
        mend = mending.own_environment(_source(own))
    value = {"package": name, "found": str(where) if where else None}
    return Finding(name="packages", state="fault", what=what, mend=mend, value=value)


def _source(own: Copy | None) -> str:
    """What pip installs this very thinkact from."""
    return str(ROOT) if own is None else own.source


def _changed(own: Copy) -> list[str]:
    """The files of our packages that are not as pip put them there; it cannot be told where it put none."""
    files = [one for one in own.distribution.files or [] if one.parts[0] in PACKAGES and one.suffix == ".py"]
    return sorted(str(one) for one in files if one.hash is not None and not _is_whole(one))


def _is_whole(file: PackagePath) -> bool:
    assert file.hash is not None  # the caller has looked
    try:
        digest = hashlib.new(file.hash.mode, Path(str(file.locate())).read_bytes()).digest()
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == file.hash.value


def _copies(around: Around, installed: Installed) -> Iterator[Finding]:
    """What thinkact needs and is there twice."""
    needs = asked(installed.get(OURS))
    for name in (OURS, *(name_of(text) for text in (needs.base if needs else ()))):
        copies = installed.copies(name)
        for other in copies[1:]:
            yield _twice(around, copies[0], other)


def _twice(around: Around, used: Copy, other: Copy) -> Finding:
    value = {"name": used.name, "used": used.version, "other": other.version, "folder": str(other.folder)}
    if used.folder == other.folder:
        what = f"{used.name} is installed as {used.version} and as {other.version} in one folder, {used.folder}"
        mend = _drop(min((used, other), key=_agreement))
        return Finding(name="copies", state="fault", what=what, mend=mend, value=value)
    by_path = any(one.resolve() == used.folder.resolve() for one in around.settings.import_path)
    return Finding(
        name="copies",
        state="warning",
        what=f"{used.name} is installed twice: {used.version} in {used.folder}, which is used, "
        f"and {other.version} in {other.folder}",
        mend=mending.unset("PYTHONPATH") if by_path else _drop(other),
        value=value,
    )


def _agreement(copy: Copy) -> tuple[float, str]:
    """How much of what a copy's record tells is true of the files, and its version: the lowest is the stale one."""
    files = [one for one in copy.distribution.files or [] if one.hash is not None and one.suffix == ".py"]
    return (sum(map(_is_whole, files)) / len(files) if files else 0.0), copy.version


def _drop(copy: Copy) -> str | None:
    return mending.remove(copy.record) if copy.record is not None else None
