"""Where settings are stated: the environment, a `.env`, a `config.toml`; each read into checked values with origin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from agent.setting_table import SETTINGS, Setting, is_loopback
from agent.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from dotenv.parser import Binding

Origin: TypeAlias = Literal["flag", "environment", ".env", "config.toml", "default", "goal file"]
"""Where a value came from."""
MAX_BYTES = 256 * 1024
_OURS = "THINKACT_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about what is stated, as one line of `text`; `hint` says what to do about it, or is None.

    `grave`: the settings cannot be used with it. `origin` is the source that it is about. `line` and `column` count
    from 1 and are 0 where they are not known. `name` is the word that it is about, as it stands there ("": none), and
    `meant` the known one that it is like, or None.
    """

    text: str
    origin: Origin
    hint: str | None = None
    grave: bool = False
    line: int = 0
    column: int = 0
    name: str = ""
    meant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A value that somebody stated, in this line of a file; 0 where that is not known."""

    value: Any
    origin: Origin
    line: int = 0


Values: TypeAlias = dict[str, Stated]
"""What one source states, by the field of `Settings`."""


def from_environment(environ: Mapping[str, str], notices: list[Notice]) -> Values:
    """What the environment states; what cannot be used, and an unknown THINKACT_ name, is noticed."""
    values: Values = {}
    for setting in SETTINGS:
        folded = setting.name.lower() if setting.folded and not environ.get(setting.name) else setting.name
        place = _Place("environment", f"{setting.name} in the environment", folded)
        _take(values, setting, environ.get(folded), place, notices)
    notices.extend(_unknown(dict.fromkeys(environ, 0), "environment", "the environment"))
    return values


def from_dotenv(file: Path, notices: list[Notice]) -> Values:
    """What a `.env` states and may state; what cannot be used or may not stand here is noticed, and so are lines that
    are none."""
    if not (written := _text(file, ".env", notices)):
        return {}
    from io import StringIO

    from dotenv.parser import parse_stream

    texts: dict[str, str | None] = {}
    lines: dict[str, int] = {}
    for binding in parse_stream(StringIO(written)):
        line = _line_of(binding)
        if binding.error:
            passed = f"{file}:{line}: this line is not NAME=value, and was passed over"
            notices.append(Notice(text=passed, origin=".env", line=line, column=1))
        elif binding.key is not None:
            texts[binding.key], lines[binding.key] = binding.value, line
    values: Values = {}
    for setting in SETTINGS:
        text = texts.get(setting.name)
        place = _Place(".env", f"{setting.name} in {file}", setting.name, lines.get(setting.name, 0))
        if text and setting.dotenv == "never":
            passed = f"{place.told} was passed over: set it in the environment or in config.toml"
            notices.append(place.notice(passed))
        else:
            _take(values, setting, text, place, notices)
    notices.extend(_unknown(lines, ".env", str(file)))
    return values


def _line_of(binding: Binding) -> int:
    """The line where a binding stands: the blank ones before it belong to it for the parser."""
    string = binding.original.string
    return binding.original.line + string[: len(string) - len(string.lstrip())].count("\n")


def from_config(file: Path, notices: list[Notice]) -> Values:
    """What the user's `config.toml` states; where it is no TOML, a key is unknown, or a value cannot be used, that is
    noticed."""
    if not (written := _text(file, "config.toml", notices)):
        return {}
    import tomllib

    try:
        table = tomllib.loads(written)
    except (ValueError, RecursionError) as fault:
        reason = "it is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        found = re.search(r"at line (\d+), column (\d+)", reason)
        line, column = (int(found[1]), int(found[2])) if found else (len(written.splitlines()), 0)
        hint = 'write lines such as: model = "name"'
        spoilt = f"{file} is not TOML: {reason}"
        notices.append(Notice(text=spoilt, hint=hint, origin="config.toml", grave=True, line=line, column=column))
        return {}
    by_key = {setting.key: setting for setting in SETTINGS}
    values: Values = {}
    for key, value in table.items():
        setting, place = by_key.get(key), _Place("config.toml", f"{key} in {file}", key, _line_of_key(written, key))
        if setting is None:
            bare = key.lower().removeprefix("thinkact_").removeprefix("openai_")
            unknown = f"{file}: unknown key {key}{did_you_mean(bare, by_key)}"
            notices.append(place.notice(unknown, grave=True, meant=nearest(bare, by_key)))
            continue
        try:
            text = _as_text(setting, value)
        except ValueError as fault:
            notices.append(place.unfit(str(fault)))
        else:
            _take(values, setting, text, place, notices)
    return values


def _line_of_key(written: str, key: str) -> int:
    """The line of a key at the top of a TOML text; 0 where it is not written plainly."""
    found = re.search(rf"""^[ \t]*\[?[ \t]*["']?{re.escape(key)}["']?[ \t]*[=.\]]""", written, re.MULTILINE)
    return written.count("\n", 0, found.start()) + 1 if found else 0


def combined(environment: Values, dotenv: Values, config: Values, notices: list[Notice]) -> Values:
    """The value of every stated setting. The environment goes before `.env`, that before `config.toml`, but a `.env`
    is believed only as far as `Setting.dotenv` says."""
    chosen = config | environment
    for setting in SETTINGS:
        foreign, own = dotenv.get(setting.field), chosen.get(setting.field)
        if foreign is None:
            continue
        if setting.dotenv == "adds":
            added = (*own.value, *foreign.value) if own else foreign.value
            origin = own.origin if own else foreign.origin
            chosen[setting.field] = Stated(value=tuple(dict.fromkeys(added)), origin=origin)
        elif own is None or (own.origin != "environment" and not _raises(setting, foreign, own, notices)):
            chosen[setting.field] = foreign
    return _believed(chosen, environment | config, notices)


def _raises(setting: Setting, foreign: Stated, own: Stated, notices: list[Notice]) -> bool:
    """Would a `.env` lift a limit that the user stated?"""
    if setting.dotenv != "lowers" or is_tighter(setting.limit, foreign.value, own.value):
        return False
    if foreign.value != own.value:
        text = f"{setting.name} in .env was passed over: it may only lower what config.toml states"
        notices.append(Notice(text=text, origin=".env", line=foreign.line, column=1, name=setting.name))
    return True


def _believed(chosen: Values, own: Values, notices: list[Notice]) -> Values:
    """Without a base URL of `.env` to which a key from elsewhere would go."""
    base_url, key = chosen.get("base_url"), chosen.get("api_key")
    if base_url is None or base_url.origin != ".env" or is_loopback(base_url.value):
        return chosen
    if key is not None and key.origin == ".env":
        return chosen
    reason = "no key stands beside it"
    if key is not None:
        reason = f"the key in use is that of {'the environment' if key.origin == 'environment' else key.origin}"
    text = f"OPENAI_BASE_URL in .env was passed over: {reason}"
    notices.append(Notice(text=text, origin=".env", line=base_url.line, column=1, name="OPENAI_BASE_URL"))
    rest = {name: one for name, one in chosen.items() if name != "base_url"}
    return rest | ({"base_url": own["base_url"]} if "base_url" in own else {})


def is_tighter(limit: str, one: float, other: float) -> bool:
    """Does `one` allow less than `other`? 0 dollars means that money is not limited."""
    unlimited = float("inf")
    if limit == "usd":
        one, other = one or unlimited, other or unlimited
    return one < other


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is stated: in which source, how that is told, by which word, and in which line of it."""

    origin: Origin
    told: str
    name: str
    line: int = 0

    def notice(self, text: str, *, hint: str | None = None, grave: bool = False, meant: str | None = None) -> Notice:
        """A notice about this place."""
        return Notice(
            text=text,
            hint=hint,
            grave=grave,
            origin=self.origin,
            line=self.line,
            column=min(self.line, 1),
            name=self.name,
            meant=meant,
        )

    def unfit(self, wanted: str) -> Notice:
        """What stands here must be what is `wanted`."""
        return self.notice(f"{self.told}: must be {wanted}", hint="mend it, or take it out", grave=True)


def _take(values: Values, setting: Setting, text: str | None, place: _Place, notices: list[Notice]) -> None:
    """Read a text into `values`; an empty one states nothing, and what cannot be used is noticed."""
    if not text or not text.strip():
        return
    try:
        values[setting.field] = Stated(value=setting.read(text.strip()), origin=place.origin, line=place.line)
    except ValueError as fault:
        shown = "" if setting.secret or "@" in text else f', not "{text.strip()[:60]}"'
        notices.append(place.unfit(f"{fault}{shown}"))


def _as_text(setting: Setting, value: Any) -> str | None:
    """A TOML value as the text that would state it in the environment; None for what states nothing.

    Raises:
        ValueError: no setting has such a value; it completes "must be ...".
    """
    if setting.field == "no_color" and isinstance(value, bool):
        return "true" if value else None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    raise ValueError("a text, a number, or a list of texts")


def _unknown(lines: Mapping[str, int], origin: Origin, where: str) -> Iterator[Notice]:
    ours = [setting.name for setting in SETTINGS if setting.name.startswith(_OURS)]
    bare = [one.removeprefix(_OURS) for one in ours]  # with what all have in common, each is like any other
    for name, line in lines.items():
        if name.startswith(_OURS) and name not in ours:
            found = nearest(name.removeprefix(_OURS), bare)
            meant = f"{_OURS}{found}" if found is not None else None
            guess = f'; did you mean "{meant}"?' if meant is not None else f" (known: {', '.join(ours)})"
            text = f"{name} in {where} is no setting of thinkact{guess}"
            yield _Place(origin, where, name, line).notice(text, meant=meant)


def _text(file: Path, origin: Origin, notices: list[Notice]) -> str | None:
    """The text of a file of settings; None where there is none, or it cannot be read, which is noticed."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) <= MAX_BYTES:
            return content.decode("utf-8-sig")
        notice = Notice(text=f"{file} is larger than {MAX_BYTES // 1024} kB", origin=origin, grave=True)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        hint = "save it as UTF-8"
        notice = Notice(text=f"{file} is not UTF-8", hint=hint, origin=origin, grave=True, line=line)
    except OSError as fault:
        notice = Notice(text=f"{file} cannot be read: {fault.strerror}", origin=origin, grave=True)
    notices.append(notice)
    return None
