"""Where settings are stated: the environment, a `.env`, a `config.toml`; each read into checked values with origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from agent.errors import SettingsError
from agent.setting_table import SETTINGS, Setting, is_loopback
from agent.spelling import did_you_mean

Origin: TypeAlias = Literal["flag", "environment", ".env", "config.toml", "default", "goal file"]
"""Where a value came from."""
MAX_BYTES = 256 * 1024
_OURS = "THINKACT_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A value that somebody stated."""

    value: Any
    origin: Origin


Values: TypeAlias = dict[str, Stated]
"""What one source states, by the field of `Settings`."""


def from_environment(environ: Mapping[str, str], warnings: list[str]) -> Values:
    """What the environment states; an unknown THINKACT_ name is warned about."""
    values: Values = {}
    for setting in SETTINGS:
        text = environ.get(setting.name) or (environ.get(setting.name.lower()) if setting.folded else None)
        _take(values, setting, text, "environment", f"{setting.name} in the environment")
    warnings.extend(_unknown(environ, "the environment"))
    return values


def from_dotenv(file: Path, warnings: list[str]) -> Values:
    """What a `.env` states and may state; lines that are none, and what may not stand here, are warned about."""
    if not (written := _text(file)):
        return {}
    from io import StringIO

    from dotenv.parser import parse_stream

    texts: dict[str, str | None] = {}
    for binding in parse_stream(StringIO(written)):
        if binding.error:
            line = binding.original.line
            warnings.append(f"{file}:{line}: this line is not NAME=value, and was passed over")
        elif binding.key is not None:
            texts[binding.key] = binding.value
    values: Values = {}
    for setting in SETTINGS:
        text = texts.get(setting.name)
        if text and setting.dotenv == "never":
            warnings.append(f"{setting.name} in {file} was passed over: set it in the environment or in config.toml")
        else:
            _take(values, setting, text, ".env", f"{setting.name} in {file}")
    warnings.extend(_unknown(texts, str(file)))
    return values


def from_config(file: Path) -> Values:
    """What the user's `config.toml` states.

    Raises:
        SettingsError: it is no TOML, a key is unknown, or a value cannot be used.
    """
    if not (written := _text(file)):
        return {}
    import tomllib

    try:
        table = tomllib.loads(written)
    except (ValueError, RecursionError) as fault:
        reason = "it is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        raise SettingsError(f"{file} is not TOML: {reason}", hint='write lines such as: model = "name"') from None
    by_key = {setting.key: setting for setting in SETTINGS}
    values: Values = {}
    for key, value in table.items():
        setting = by_key.get(key)
        if setting is None:
            bare = key.lower().removeprefix("thinkact_").removeprefix("openai_")
            raise SettingsError(f"{file}: unknown key {key}{did_you_mean(bare, by_key)}")
        _take(values, setting, _as_text(setting, value, f"{key} in {file}"), "config.toml", f"{key} in {file}")
    return values


def combined(environment: Values, dotenv: Values, config: Values, warnings: list[str]) -> Values:
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
        elif own is None or (own.origin != "environment" and not _raises(setting, foreign, own, warnings)):
            chosen[setting.field] = foreign
    return _believed(chosen, environment | config, warnings)


def _raises(setting: Setting, foreign: Stated, own: Stated, warnings: list[str]) -> bool:
    """Would a `.env` lift a limit that the user stated?"""
    if setting.dotenv != "lowers" or is_tighter(setting.limit, foreign.value, own.value):
        return False
    if foreign.value != own.value:
        warnings.append(f"{setting.name} in .env was passed over: it may only lower what config.toml states")
    return True


def _believed(chosen: Values, own: Values, warnings: list[str]) -> Values:
    """Without a base URL of `.env` to which a key from elsewhere would go."""
    base_url, key = chosen.get("base_url"), chosen.get("api_key")
    if base_url is None or base_url.origin != ".env" or is_loopback(base_url.value):
        return chosen
    if key is not None and key.origin == ".env":
        return chosen
    reason = "no key stands beside it"
    if key is not None:
        reason = f"the key in use is that of {'the environment' if key.origin == 'environment' else key.origin}"
    warnings.append(f"OPENAI_BASE_URL in .env was passed over: {reason}")
    rest = {name: one for name, one in chosen.items() if name != "base_url"}
    return rest | ({"base_url": own["base_url"]} if "base_url" in own else {})


def is_tighter(limit: str, one: float, other: float) -> bool:
    """Does `one` allow less than `other`? 0 dollars means that money is not limited."""
    unlimited = float("inf")
    if limit == "usd":
        one, other = one or unlimited, other or unlimited
    return one < other


def _take(values: Values, setting: Setting, text: str | None, origin: Origin, where: str) -> None:
    """Read a text into `values`; an empty one states nothing."""
    if not text or not text.strip():
        return
    try:
        values[setting.field] = Stated(value=setting.read(text.strip()), origin=origin)
    except ValueError as fault:
        shown = "" if setting.secret or "@" in text else f', not "{text.strip()[:60]}"'
        raise SettingsError(f"{where}: must be {fault}{shown}", hint="mend it, or take it out") from None


def _as_text(setting: Setting, value: Any, where: str) -> str | None:
    """A TOML value as the text that would state it in the environment; None for what states nothing."""
    if setting.field == "no_color" and isinstance(value, bool):
        return "true" if value else None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    raise SettingsError(f"{where}: must be a text, a number, or a list of texts", hint="mend it, or take it out")


def _unknown(names: Mapping[str, Any], where: str) -> Iterator[str]:
    known = [setting.name for setting in SETTINGS]
    for name in names:
        if name.startswith(_OURS) and name not in known:
            ours = [one for one in known if one.startswith(_OURS)]
            yield f"{name} in {where} is no setting of thinkact{did_you_mean(name, ours)}"


def _text(file: Path) -> str | None:
    """The text of a file of settings; None where there is none."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise SettingsError(f"{file} is larger than {MAX_BYTES // 1024} kB")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8", hint="save it as UTF-8") from None
    except OSError as fault:
        raise SettingsError(f"{file} cannot be read: {fault.strerror}") from None
