"""`thinkact images models`: the models that are here, and one fetched from the hub because a person said so."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from agent.cli.images.files import wrong_usage
from agent.cli.saying import say
from agent.cli.tables import as_json, table
from agent.cli.terminals import is_terminal
from agent.errors import UsageError
from agent.screen import size
from agent.settings import Settings
from agent.terminal import plain
from plugins import ToolError
from plugins.images._fetching import Offer, fetch, offer_of
from plugins.images._hub import Library, Listed


def list_models(*, as_data: bool) -> int:
    """List them; the exit code."""
    settings = Settings.load(cwd=Path.cwd())
    library, named = library_of(settings), settings.image_model or ""
    listed = list(library.listed(named))
    used = _used(settings, listed)
    if as_data:
        as_json({"models": [_as_dict(one, one is used) for one in listed], "cache": str(settings.hub_cache)})
        return 0
    table([["MODEL", "FAMILY", "SIZE", "WHERE", "WHAT IT DOES"], *(_row(one) for one in listed)], most=60)
    for one in listed:
        for line in _besides(one):
            typer.echo(plain(line))
    if used is not None:
        typer.echo(plain(f"drawn with: {used.model.name}"))
    _tell_of_named(library, named)
    return 0


def _tell_of_named(library: Library, named: str) -> None:
    """Say where the model that the user set is not here."""
    try:
        if named:
            library.find(named)
    except ToolError as error:
        say(f"THINKACT_IMAGE_MODEL: {error.message}")
        say(error.hint or "")


def library_of(settings: Settings) -> Library:
    """Where the settings have models looked for."""
    return Library(models=settings.image_models, cache=settings.hub_cache)


def _used(settings: Settings, listed: list[Listed]) -> Listed | None:
    """The model that is drawn with where none is named, as far as models alone decide it."""
    if settings.images in ("auto", "diffusers") and settings.image_model:
        with_folder = [one for one in listed if one.place != "demo" and not one.lacking]
        wanted = {settings.image_model, str(Path(settings.image_model).expanduser())}
        found = [one for one in with_folder if wanted & {one.model.name, str(one.model.folder)}]
        if found:
            return found[0]
    return listed[0] if settings.images in ("auto", "demo") else None


def _row(one: Listed) -> list[str]:
    does = ", ".join(sorted(one.abilities)) if not one.lacking else "not whole"
    return [one.model.name, one.family or "?", size(one.size), _WHERE[one.place], does]


_WHERE = {"demo": "comes with thinkact", "folder": "your folder", "models": "your models", "cache": "hub cache"}


def _besides(one: Listed) -> Iterator[str]:
    """What lies beside a model, and what of it lacks."""
    if one.lacking:
        yield f"{one.model.name}: not there: {', '.join(one.lacking)}"
    if loras := one.model.loras():
        yield f"{one.model.name}: LoRAs: {', '.join(loras)}"
    if controls := one.model.controls():
        yield f"{one.model.name}: ControlNets: {', '.join(controls)}"


def _as_dict(one: Listed, used: bool) -> dict[str, Any]:
    return {
        "name": one.model.name,
        "folder": str(one.model.folder),
        "place": one.place,
        "family": one.family,
        "bytes": one.size,
        "abilities": sorted(one.abilities) if not one.lacking else [],
        "loras": list(one.model.loras()),
        "controls": list(one.model.controls()),
        "lacking": list(one.lacking),
        "in_use": used,
    }


def get_model(name: str, *, yes: bool) -> int:
    """Fetch a model from the hub, once a person has agreed to its size; the exit code.

    Raises:
        UsageError: it cannot be fetched, or nobody was there to agree.
    """
    cache = Settings.load(cwd=Path.cwd()).hub_cache
    with wrong_usage():
        offer = offer_of(name)
        left = offer.left(cache)
        say(_told(offer, left, cache))
        if left and not yes and not _agreed():
            say("nothing was fetched")
            return 1
        folder = fetch(offer, cache, _Meter(offer))
    typer.echo(plain(f"{name} is in {folder}"))
    say(f"THINKACT_IMAGE_MODEL={name} has it draw")
    return 0


def _told(offer: Offer, left: int, cache: Path) -> str:
    """What is to come, before anybody agrees to it."""
    licence = f", licence: {offer.licence}" if offer.licence else ", its card names no licence"
    much = f"{size(left)} of {size(offer.whole)} are still to come" if left < offer.whole else size(offer.whole)
    return f"{offer.name} from {offer.endpoint}: {len(offer.files)} files, {much}{licence}; to {cache}"


def _agreed() -> bool:
    if not is_terminal(sys.stdin):
        raise UsageError("nobody can be asked whether to fetch it: there is no terminal", hint="--yes agrees to it")
    return typer.confirm("fetch it?", default=False, err=True)


class _Meter:
    """How far it has come: a bar on a terminal, a line for each tenth elsewhere."""

    def __init__(self, offer: Offer) -> None:
        self._name, self._tenth = offer.name, 0
        self._terminal = is_terminal(sys.stderr)

    def __call__(self, done: int, whole: int) -> None:
        if self._terminal:
            full = int(30 * done / max(1, whole))
            end = "\n" if done >= whole else ""
            sys.stderr.write(f"\r{'█' * full}{'░' * (30 - full)} {size(done)} of {size(whole)}   {end}")
            sys.stderr.flush()
        elif (tenth := 10 * done // max(1, whole)) > self._tenth:
            self._tenth = tenth
            say(f"{self._name}: {tenth * 10} %, {size(done)} of {size(whole)}")
