"""A model fetched from the Hugging Face hub into its cache, as a person asked for it: no tool and no run fetches any.

What is fetched is what is needed: of the parts that the model's index names the settings, and the weights as
safetensors, in half precision where they are there so. A file that was broken off goes on where it ended; its content
is held against the hash that the hub tells of it. A server that says nothing is given up after seconds.
"""

from __future__ import annotations

import hashlib
import json
import queue
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import IO, Any

from plugins._outcome import ToolError
from plugins.images._families import INDEX
from plugins.images._hub import is_hub_name

__all__ = ["Offer", "fetch", "needed", "offer_of"]

_BEGINNING = 20.0
"""Seconds until a hub must have told what there is; a name server that does not answer is in no other time limit."""
_PIECE = 1 << 18  # bytes
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SETTINGS = (".json", ".txt", ".model")
_WEIGHTS = ".safetensors"
_TEXTS = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A file of the hub: its size in bytes, and the name of its content, which is its SHA-256, or where that has 40
    digits the SHA-1 by which git knows it."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model of the hub, as far as it is needed.

    Attributes:
        name: "owner/name".
        commit: The revision that its branch main is now.
        files: What is needed, by name.
        endpoint: The address of the hub.
        licence: As its card names it; "" where it does not.
        whole: Bytes of all files.
    """

    name: str
    commit: str
    files: Mapping[str, _File]
    endpoint: str
    licence: str

    @property
    def whole(self) -> int:
        return sum(one.size for one in self.files.values())

    def left(self, cache: Path) -> int:
        """Bytes that are still to come."""
        blobs = _repository(cache, self.name) / "blobs"
        return self.whole - sum(_come(blobs, one) for one in self.files.values())


def needed(names: Sequence[str], index: Mapping[str, Any]) -> list[str]:
    """Of the files of a model those that it is drawn with. `index` is the content of its model_index.json.

    Raises:
        ToolError: a part of it has no weights as safetensors.
    """
    wanted = [name for name in (INDEX, *_TEXTS) if name in names]
    for part, value in sorted(index.items()):
        if not (isinstance(value, list) and len(value) == 2 and value[0]):
            continue
        own = [name for name in names if PurePosixPath(name).parent.as_posix() == part]
        weights = [name for name in own if name.endswith(_WEIGHTS) or f"{_WEIGHTS}.index" in name]
        half = [name for name in weights if ".fp16" in name]
        full = [name for name in weights if "." not in PurePosixPath(name).name.partition(_WEIGHTS)[0]]
        if not weights and any(name.endswith((".bin", ".ckpt", ".msgpack")) for name in own):
            raise ToolError(
                f"its {part} has no weights as safetensors; others may run code when they are loaded",
                hint="take a model that has them",
            )
        wanted += half or full or weights
        wanted += [name for name in own if name.endswith(_SETTINGS) and name not in weights]
    return wanted


def offer_of(name: str) -> Offer:
    """What the hub has of a model, and what of it is needed; asks it twice, for two small answers.

    Raises:
        ToolError: it has no such model, says nothing, or cannot be reached.
    """
    if not is_hub_name(name):
        raise ToolError(f"{name[:200]!r} is no name of the hub", hint="it is written as owner/name")
    if find_spec("huggingface_hub") is None:
        raise ToolError("huggingface_hub is not installed", hint="pip install 'thinkact[images]'")
    return _within(_BEGINNING, lambda: _offer(name))


def _offer(name: str) -> Offer:
    from huggingface_hub import HfApi

    hub = HfApi()
    with _told(str(hub.endpoint), name):
        info = hub.model_info(name, files_metadata=True, timeout=_silence())
    files = {one.rfilename: _file(one) for one in info.siblings or () if _stays_inside(one.rfilename)}
    if INDEX not in files:
        raise ToolError(
            f"{name} is no model of diffusers: it has no {INDEX}",
            hint="look for one that has, or have diffusers convert it to a folder",
        )
    with _told(str(hub.endpoint), name):
        index = json.loads(b"".join(_pieces(str(hub.endpoint), name, info.sha, INDEX, 0)))
    if not isinstance(index, dict):
        raise ToolError(f"the {INDEX} of {name} cannot be read")
    licence = getattr(info.card_data, "license", None) or ""
    return Offer(
        name=name,
        commit=_hashed(info.sha),
        files={one: files[one] for one in sorted(needed(list(files), index), key=lambda one: files[one].size)},
        endpoint=str(hub.endpoint),
        licence=str(licence),
    )


def _silence() -> float:
    """Seconds that a server may say nothing: 10, or what HF_HUB_DOWNLOAD_TIMEOUT says."""
    from huggingface_hub import constants

    return float(constants.HF_HUB_DOWNLOAD_TIMEOUT)


def _file(sibling: Any) -> _File:
    if sibling.lfs is not None:
        return _File(size=int(sibling.lfs.size), digest=_hashed(sibling.lfs.sha256))
    return _File(size=int(sibling.size or 0), digest=_hashed(sibling.blob_id))


def _hashed(told: object) -> str:
    """A hash as a server tells it, which becomes the name of a file.

    Raises:
        ToolError: it is none.
    """
    if not isinstance(told, str) or not _HASH.fullmatch(told):
        raise ToolError("the hub tells no hash of a file, so that it could not be held against it")
    return told


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def fetch(offer: Offer, cache: Path, progress: Callable[[int, int], None]) -> Path:
    """Fetch what is still to come, into the hub's cache; the folder of the model.

    Args:
        offer: Which, of `offer_of`.
        cache: The folder of huggingface_hub's cache.
        progress: Told how many bytes of how many are there.

    Raises:
        ToolError: it was broken off; what came is kept, and goes on the next time.
    """
    repository = _repository(cache, offer.name)
    blobs, snapshot = repository / "blobs", repository / "snapshots" / offer.commit
    with _on_disk(cache):
        blobs.mkdir(parents=True, exist_ok=True)
        left, free = offer.left(cache), shutil.disk_usage(blobs).free
        if left > free:
            raise ToolError(
                f"{left:,} bytes are to come, and {free:,} are free on the disk of {cache}",
                hint="make room, or name another folder in HF_HOME",
            )
        done = 0
        for name, file in offer.files.items():
            _fetch_file(offer, name, file, blobs, lambda come, before=done: progress(before + come, offer.whole))  # type: ignore[misc]
            done += file.size
            _link(snapshot / name, blobs / file.digest)
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / "main").write_text(offer.commit, "utf-8")
    return snapshot


def _repository(cache: Path, name: str) -> Path:
    return cache / f"models--{name.replace('/', '--')}"


def _half(blobs: Path, file: _File) -> Path:
    """Where a file is put until it is whole."""
    return blobs / f"{file.digest}.thinkact.incomplete"


def _come(blobs: Path, file: _File) -> int:
    """Bytes of a file that are here."""
    for one in (blobs / file.digest, _half(blobs, file)):
        if one.is_file():
            return min(file.size, one.stat().st_size)
    return 0


def _fetch_file(offer: Offer, name: str, file: _File, blobs: Path, come: Callable[[int], None]) -> None:
    whole, half = blobs / file.digest, _half(blobs, file)
    if whole.is_file() and whole.stat().st_size == file.size:
        come(file.size)
        return
    with half.open("ab") as written:
        if written.tell() > file.size:
            written.truncate(0)
        while written.tell() < file.size:
            before = written.tell()
            try:
                _go_on(offer, name, file, written, come)
            except ToolError:
                if written.tell() == before:  # else it said something before it fell silent, and is asked again
                    raise
    if _digest(half, len(file.digest)) != file.digest:
        half.unlink()
        raise ToolError(f"what came of {name} is not what the hub has, by its hash", hint="fetch it again")
    half.replace(whole)
    come(file.size)


def _go_on(offer: Offer, name: str, file: _File, written: IO[bytes], come: Callable[[int], None]) -> None:
    with _told(offer.endpoint, offer.name):
        for piece in _pieces(offer.endpoint, offer.name, offer.commit, name, written.tell()):
            written.write(piece)
            come(min(file.size, written.tell()))
            if written.tell() > file.size:
                written.truncate(0)
                raise ToolError(f"more came of {name} than the hub told", hint="fetch it again")
    written.flush()


def _pieces(endpoint: str, repository: str, commit: str | None, name: str, start: int) -> Iterator[bytes]:
    """The content of a file of the hub from a byte on."""
    from huggingface_hub import hf_hub_url, utils

    asking: Any = utils  # whose names mypy does not take for public, though they are documented
    url = hf_hub_url(repository, name, revision=commit, endpoint=endpoint)
    headers = {**asking.build_hf_headers(), "accept-encoding": "identity"}
    if start:
        headers["range"] = f"bytes={start}-"
    with asking.get_session().stream("GET", url, headers=headers, timeout=_silence()) as response:
        asking.hf_raise_for_status(response)
        skipped = 0 if response.status_code == 206 else start  # one that knows no ranges begins anew
        for piece in response.iter_bytes(_PIECE):
            if skipped < len(piece):
                yield piece[skipped:]
            skipped = max(0, skipped - len(piece))


def _digest(file: Path, digits: int) -> str:
    """The hash of a file's content by which the hub knows it."""
    if digits == 64:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    content = file.read_bytes()  # a small one: the large have the other
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _link(link: Path, blob: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    up = Path(*[".."] * (len(link.parent.parts) - len(blob.parent.parent.parts)))
    try:
        link.symlink_to(up / "blobs" / blob.name)
    except OSError:  # Windows, for those who may make none
        shutil.copyfile(blob, link)


def _within(seconds: float, work: Callable[[], Offer]) -> Offer:
    """What `work` gives, where it does so in time: a thread that is stuck in the system cannot be ended, only left."""
    came: queue.SimpleQueue[Offer | BaseException] = queue.SimpleQueue()

    def tried() -> None:
        try:
            came.put(work())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            came.put(error)

    threading.Thread(target=tried, daemon=True, name="hub").start()
    try:
        found = came.get(timeout=seconds)
    except queue.Empty:
        raise ToolError(
            f"the hub has not answered for {seconds:g} s", hint="look at the connection, and at HF_ENDPOINT"
        ) from None
    if isinstance(found, BaseException):
        raise found
    return found


@contextmanager
def _told(endpoint: str, name: str) -> Iterator[None]:
    """What a hub says no with, and whatever is in the way of asking it, as one line."""
    from huggingface_hub import errors

    broken: Any = errors  # it has the transport's error too, but does not list it
    try:
        yield
    except errors.GatedRepoError as error:
        raise ToolError(
            f"{name} is only for those who agreed to its terms",
            hint=f"agree at {endpoint}/{name}, and log in with `hf auth login`",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ToolError(f"the hub at {endpoint} has no model {name}, or shows it to its owner only") from error
    except errors.OfflineModeIsEnabled as error:
        raise ToolError(
            "HF_HUB_OFFLINE is set, so nothing is fetched", hint="take it out of the environment"
        ) from error
    except errors.HfHubHTTPError as error:
        raise ToolError(f"the hub at {endpoint} answered {error.response.status_code}", hint="try later") from error
    except broken.HTTPError as error:
        if "Timeout" in type(error).__name__:
            told = f"the hub at {endpoint} has said nothing for {_silence():g} s"
        else:
            reached = "cannot be reached" if "Connect" in type(error).__name__ else "broke off"
            told = f"the hub at {endpoint} {reached}: {' '.join(str(error).split())[:150]}"
        raise ToolError(told, hint="look at the connection, and at HF_ENDPOINT and HTTPS_PROXY") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolError(f"what {endpoint} answers is no hub's answer", hint="look at HF_ENDPOINT") from error


@contextmanager
def _on_disk(cache: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ToolError(
            f"{error.filename or cache} cannot be written: {error.strerror}", hint="look at the disk"
        ) from error
