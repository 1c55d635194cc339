"""Models by name: a folder, one of the user's folder of models, or one that lies in the cache of the Hugging Face hub.

All of it by files alone: nothing is imported for it, no server is asked, and what was fetched by halves is told so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins._outcome import ToolError
from plugins.images._families import INDEX, able, class_of
from plugins.images._models import Model, demo_model

__all__ = ["Library", "Listed", "index_of", "is_hub_name", "lacking", "size_of", "variant_of"]

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_CONFIGS: Mapping[str, str] = {
    "Scheduler": "scheduler_config.json",
    "Tokenizer": "tokenizer_config.json",
    "TokenizerFast": "tokenizer_config.json",
    "Processor": "preprocessor_config.json",
    "ProcessorFast": "preprocessor_config.json",
    "ProcessorPil": "preprocessor_config.json",  # as transformers 5 calls it where torchvision is not there
    "FeatureExtractor": "preprocessor_config.json",
}
"""What a part without weights has, by how its class's name ends."""


def is_hub_name(name: str) -> bool:
    """Is it a name as models of the hub have them, "owner/name"?"""
    return _HUB_NAME.fullmatch(name) is not None and ".." not in name and "--" not in name


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A model that is here.

    Attributes:
        model: The model.
        place: "demo", "folder" (named by its path), "models" (the user's folder of models) or "cache".
        family: Its class in diffusers without "Pipeline"; "" where its index is not there.
        size: Bytes of its files.
        abilities: What it does; see `State.abilities`.
        lacking: What of it is not there; it can be used where that is empty.
    """

    model: Model
    place: str
    family: str
    size: int
    abilities: frozenset[str]
    lacking: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Where models are looked for.

    Attributes:
        models: The user's folder of model folders; None where there is none.
        cache: The folder of huggingface_hub's cache; None: it is not looked into.
    """

    models: Path | None = None
    cache: Path | None = None

    def find(self, name: str, *, extras: Path | None = None) -> Model:
        """The model of a name: a folder, one of the folder of models, or a hub's "owner/name" that was fetched.

        Args:
            name: As a person or a model wrote it.
            extras: What `Model.extras` is to be; None: the model's own folder, or one of its name in the folder of
                models.

        Raises:
            ToolError: it is not here, or not whole; what lacks is named.
        """
        folder, called = self._folder(name)
        if gaps := lacking(folder):
            more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
            if gaps[0] == INDEX:
                raise ToolError(f"its model is not there: {folder} has no {INDEX}", hint=_A_MODEL, kind="not-here")
            raise ToolError(
                f"the model {called} is not whole: {gaps[0]}{more} is not there", hint=_again(called), kind="not-here"
            )
        return Model(folder=folder, extras=extras or self._extras(folder, called), name=called)

    def listed(self, named: str = "") -> Iterator[Listed]:
        """All that are here: the demo, the one that the user named, the folder of models, and the hub's cache."""
        yield _listed(demo_model(), "demo")
        seen = set()
        for name, place in [(named, "folder"), *((one, "models") for one in self._named()), *self._fetched()]:
            try:
                folder, called = self._folder(name)
            except ToolError:
                continue
            if folder not in seen:
                seen.add(folder)
                where = place if place != "folder" or not self._is_cached(folder) else "cache"
                yield _listed(Model(folder=folder, extras=self._extras(folder, called), name=called), where)

    def _folder(self, name: str) -> tuple[Path, str]:
        """The folder of a name, and what people call the model."""
        given = _as_path(name)
        if given is not None and given.is_dir():
            return given, given.absolute().name
        if self.models is not None and _is_inside(name) and (self.models / name).is_dir():
            return self.models / name, name
        if given is not None and given.is_absolute():
            raise ToolError(f"its model is not there: {given} has no {INDEX}", hint=_A_MODEL, kind="not-here")
        if self.cache is not None and is_hub_name(name):
            repository = self.cache / f"models--{name.replace('/', '--')}"
            if repository.is_dir():
                return _snapshot(repository, name), name
        raise ToolError(f"there is no model {name[:200]!r} here", hint=self._hint(name), kind="not-here")

    def _hint(self, name: str) -> str:
        if is_hub_name(name):
            return f"`thinkact images models --get {name}` fetches it; `thinkact images models` lists what is here"
        return "`thinkact images models` lists what is here"

    def _extras(self, folder: Path, called: str) -> Path:
        """A cached model has nothing of the user's in its folder."""
        if self.models is not None and self._is_cached(folder):
            beside = self.models / called.rpartition("/")[2]
            return beside if beside.is_dir() else folder
        return folder

    def _is_cached(self, folder: Path) -> bool:
        return self.cache is not None and self.cache in folder.parents

    def _named(self) -> Iterator[str]:
        """The names of the folder of models."""
        for folder in _folders(self.models):
            if (folder / INDEX).is_file():
                yield folder.name

    def _fetched(self) -> Iterator[tuple[str, str]]:
        """The names of the models of diffusers in the cache, whole or not."""
        for folder in _folders(self.cache):
            kind, _, name = folder.name.partition("--")
            if kind == "models" and name.count("--") == 1:
                snapshots = _folders(folder / "snapshots")
                if any((one / INDEX).is_file() for one in snapshots):
                    yield name.replace("--", "/"), "cache"


_A_MODEL = f"name a folder as save_pretrained of diffusers writes it, with its {INDEX}"


def _again(name: str) -> str:
    if is_hub_name(name):
        return f"`thinkact images models --get {name}` goes on fetching it"
    return "get its files again"


def _listed(model: Model, place: str) -> Listed:
    return Listed(
        model=model,
        place=place,
        family=class_of(model.folder),
        size=size_of(model.folder),
        abilities=able(model.folder, controls=bool(model.controls())),
        lacking=lacking(model.folder),
    )


def _as_path(name: str) -> Path | None:
    """A name as a path; None where it can be none."""
    try:
        path = Path(name).expanduser()
        path.is_dir()
    except (ValueError, RuntimeError, OSError):
        return None
    return path if name.strip() else None


def _is_inside(name: str) -> bool:
    """Does a name lead to nowhere but into the folder that it is put behind?"""
    return bool(name) and not Path(name).is_absolute() and ".." not in Path(name).parts and "\0" not in name


def _folders(folder: Path | None) -> Sequence[Path]:
    try:
        return () if folder is None else sorted(one for one in folder.iterdir() if one.is_dir())
    except OSError:
        return ()


def _snapshot(repository: Path, name: str) -> Path:
    """The folder of a fetched model's files: those that its branch main names, else the newest."""
    try:
        commit = (repository / "refs" / "main").read_text("utf-8").strip()
    except (OSError, ValueError):
        commit = ""
    snapshots = _folders(repository / "snapshots")
    found = next((one for one in snapshots if one.name == commit), None)
    if found is None and snapshots:
        found = max(snapshots, key=lambda one: one.stat().st_mtime)
    if found is None or not (found / INDEX).is_file():
        begun = any((repository / "blobs").glob("*.incomplete"))
        told = "only begun to be fetched" if begun or found is None else f"no model of diffusers: it has no {INDEX}"
        raise ToolError(f"the model {name} is {told}", hint=_again(name), kind="not-here")
    return found


def index_of(folder: Path) -> Mapping[str, Any]:
    """What the index of a model says; nothing where it cannot be read."""
    try:
        read = json.loads((folder / INDEX).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def lacking(folder: Path) -> list[str]:
    """The files of a model that its index asks for and that are not there, relative to its folder."""
    if not (folder / INDEX).is_file():
        return [INDEX]
    found: list[str] = []
    for part, value in sorted(index_of(folder).items()):
        if isinstance(value, list) and len(value) == 2 and value[0]:
            found += _lacking_of_part(folder, part, str(value[0]), str(value[1]))
    return found


def _lacking_of_part(folder: Path, part: str, package: str, kind: str) -> list[str]:
    here = folder / part
    config = next((file for ending, file in _CONFIGS.items() if kind.endswith(ending)), None)
    if config is not None:
        return [] if any(here.glob("*.json")) else [f"{part}/{config}"]
    if not (here / "config.json").is_file():
        return [f"{part}/config.json"]
    if indices := sorted(here.glob("*.safetensors.index*.json")):
        return min((_lacking_of_index(part, index) for index in indices), key=len)
    stem = "diffusion_pytorch_model" if package == "diffusers" else "model"
    return [] if any(one.is_file() for one in here.glob("*.safetensors")) else [f"{part}/{stem}.safetensors"]


def _lacking_of_index(part: str, index: Path) -> list[str]:
    """The files that the index of weights in several files names and that are not there."""
    try:
        named = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return [f"{part}/{index.name}"]
    return [f"{part}/{name}" for name in sorted(map(str, named)) if not (index.parent / name).is_file()]


def variant_of(folder: Path) -> str | None:
    """ "fp16" where some part of a model has its weights in half precision alone, in files that say so; else None."""
    for part, value in index_of(folder).items():
        if isinstance(value, list) and value and value[0]:
            names = [one.name for one in (folder / part).glob("*.safetensors")]
            if names and all(".fp16" in name for name in names):
                return "fp16"
    return None


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder, links followed."""
    total = 0
    for one in folder.rglob("*"):
        try:
            total += one.stat().st_size if one.is_file() else 0
        except OSError:
            continue
    return total
