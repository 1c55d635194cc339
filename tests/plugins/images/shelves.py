"""Models in the places and layouts in which people have them, made of the demo's."""

from __future__ import annotations

import shutil
from pathlib import Path

from plugins.images._models import DEMO

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def cached(cache: Path, name: str, *, source: Path = DEMO) -> Path:
    """A model in the cache of the hub, as huggingface_hub lays it out; the folder of its snapshot."""
    repository = cache / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    snapshot = repository / "snapshots" / COMMIT
    blobs = repository / "blobs"
    blobs.mkdir()
    for number, file in enumerate(sorted(one for one in source.rglob("*") if one.is_file())):
        blob = blobs / f"{number:040x}"
        shutil.copyfile(file, blob)
        link = snapshot / file.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return snapshot


def forget(snapshot: Path, name: str) -> None:
    """As where the fetching of a file was broken off: its blob is not whole, and the snapshot has no link to it."""
    link = snapshot / name
    blob = link.resolve()
    blob.rename(blob.with_name(f"{blob.name}.incomplete"))
    link.unlink()
