"""The inputs of a goal file: how they are declared, and what `--set` may put into them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from agent.events import JSON
from agent.goal.complaints import Rank, Reading
from agent.goal.envelope import mask, well_formed
from agent.goal.sections import Field, MapOf, Section
from agent.goal.shapes import Anything, Choice, Listing, Quantity, Text
from agent.goal.templates import Filling, Templates, is_name
from agent.quantities import read_number, read_truth
from agent.spelling import did_you_mean

BROKEN: Mapping[str, Any] = MappingProxyType({})
"""Stands for a declaration that could not be read at all."""
TYPES = ("string", "number", "boolean", "date", "path", "select", "list", "secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input with its value. `text` is what stands for it in texts; `known` False: it must still be given."""

    name: str
    type: str
    value: JSON
    text: str
    known: bool = True

    @property
    def filling(self) -> Filling:
        """What it puts into a text."""
        return Filling(text=self.text, secret=self.type == "secret", known=self.known)

    @property
    def kept(self) -> JSON:
        """The value as it may be kept and shown: a secret's is its mask."""
        return mask(self.name) if self.type == "secret" and self.text else self.value


def input_name(text: str) -> str:
    """Check an input's name."""
    if not is_name(text):
        raise ValueError("a name of letters, digits, _ and -, such as topic")
    return text


def inputs_shape() -> MapOf:
    """What may stand under `inputs`."""
    declared = Section(
        fields={
            "type": Field(shape=Choice(options=TYPES), about="What kind of value it is; string where not stated."),
            "required": Field(
                shape=Quantity(parse=read_truth, low=0, high=1, kind="boolean"),
                about="Must it be given where it has no default?",
            ),
            "default": Field(shape=Anything(), about="The value where none is given."),
            "options": Field(shape=Listing(item=Text(style="none"), least=1), about="The values that a select takes."),
            "description": Field(shape=Text(style="none"), about="One sentence for whoever fills it in."),
        }
    )
    return MapOf(value=declared, check=input_name)


def fill_inputs(
    declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, str], reading: Reading, *, lenient: bool = False
) -> dict[str, Input]:
    """Give every declared input its value; what is wrong goes to `reading`.

    `declared` is what `inputs_shape` read, `given` the values of `--set`. `lenient`: a required input that is not
    given is no complaint but an input that is not known. So is one whose declaration is `BROKEN` or value is wrong:
    texts that use it are then not complained about as well.
    """
    for name in given:
        if name not in declared:
            near = did_you_mean(name, declared) or ", it has none"
            message = f"--set {name}: the goal file declares no such input{near}"
            reading.complain("inputs" if "inputs" in reading.places else "", message, rank=Rank.SPELLING)
    filled, missing = {}, []
    for name, stated in declared.items():
        one = None if stated is BROKEN else _fill(name, stated, given.get(name), reading)
        if one is not None and not one.known:
            missing.append(name)
        filled[name] = one or Input(name=name, type="string", value=None, text="", known=False)
    if missing and not lenient:
        hint = " ".join(f"--set {name}=..." for name in missing)
        message = f"must be given: {', '.join(missing)}"
        reading.complain("inputs", message, rank=Rank.ABSENT, hint=f"add {hint}")
    return filled


def _fill(name: str, stated: Mapping[str, Any], given: str | None, reading: Reading) -> Input | None:
    """One input; None only where its declaration is wrong or its value no value of its type."""
    path, kind = f"inputs.{name}", stated.get("type", "string")
    options = [option for option in stated.get("options", ()) if option is not None]
    if not _fits_together(path, kind, stated, reading):
        return None
    default = None
    if "default" in stated:
        try:
            default = _made(name, kind, _untemplated(stated["default"]), options)
        except ValueError as fault:
            reading.complain(f"{path}.default", f"must be {fault}")
            return None
    if given is not None:
        try:
            return _made(name, kind, _split(given) if kind == "list" else well_formed(given), options)
        except ValueError as fault:
            reading.complain(path, f"--set {name}: must be {fault}")
            return None
    if default is not None:
        return default
    return Input(name=name, type=kind, value=None, text="", known=not stated.get("required", False))


def _fits_together(path: str, kind: str, stated: Mapping[str, Any], reading: Reading) -> bool:
    if (kind == "select") != ("options" in stated):
        needs = "a select needs its options" if kind == "select" else f"options are for a select, not for a {kind}"
        reading.complain(path, needs)
        return False
    if kind == "secret" and "default" in stated:
        reading.complain(f"{path}.default", "a secret does not stand in a file", hint="give it with --set")
        return False
    return True


def _untemplated(default: JSON) -> JSON:
    """A default is taken as it is, so `{{` in it is refused before somebody wonders why nothing was filled in."""
    if isinstance(default, list):
        return [_untemplated(one) for one in default]
    if not isinstance(default, str):
        return default
    try:
        return Templates({})(default, style="plain", secret=False)
    except ValueError:
        raise ValueError("a plain value: {{ }} is not filled in here") from None


def _made(name: str, kind: str, raw: JSON, options: Sequence[str]) -> Input:
    """An input of text or a list of texts. Raises ValueError completing "must be ..."."""
    if kind == "list":
        texts = raw if isinstance(raw, list) else [raw]
        if not all(isinstance(one, str) for one in texts):
            raise ValueError("a list of texts")
        return Input(name=name, type=kind, value=list(texts), text=", ".join(map(str, texts)))
    if not isinstance(raw, str):
        raise ValueError("a single value")
    value, text = _typed(kind, raw, options)
    return Input(name=name, type=kind, value=value, text=text)


def _typed(kind: str, raw: str, options: Sequence[str]) -> tuple[JSON, str]:
    """The value and the text that stands for it."""
    if kind == "number":
        return read_number(raw), raw.strip()
    if kind == "boolean":
        truth = read_truth(raw)
        return truth, "true" if truth else "false"
    if kind == "date":
        day = _day(raw)
        return day, day
    if kind == "select" and raw not in options:
        raise ValueError(f'one of {", ".join(options)}, not "{raw[:40]}"')
    if kind == "path":
        raw = raw.strip()
    if kind in ("path", "secret") and not raw:
        raise ValueError("given, it is empty")
    if kind == "path" and ("\0" in raw or len(raw.splitlines()) > 1):
        raise ValueError("a path on one line")
    return raw, raw


def _day(raw: str) -> str:
    try:
        return date.fromisoformat(raw.strip()).isoformat()
    except ValueError:
        raise ValueError("a date, such as 2026-01-31") from None


def _split(given: str) -> list[JSON]:
    """A list as it is given on the command line: a JSON array, or texts with commas between."""
    text = well_formed(given).strip()
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError('a list: texts with commas between, or a JSON array such as ["a, b", "c"]') from None
        return [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
    return [part.strip() for part in text.split(",") if part.strip()]
