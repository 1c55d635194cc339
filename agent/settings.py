"""Settings: the one reader of the environment, and of what stands in for it.

A value is taken from the first that states it: the environment, `.env` of the folder where thinkact is started,
`config.toml` in the user's configuration folder; else the default holds. An empty text states nothing.

A `.env` may come with a cloned repository, so what is in it is believed only as far as it can do no harm:

- `OPENAI_BASE_URL` counts where it is a loopback address or the key in use comes from the same file: else the user's
  key, or words meant for another model, would go to an address that a stranger chose.
- `THINKACT_HOME` (plugins are code), `THINKACT_ALLOW`, `THINKACT_PRIVATE_HOSTS`, `THINKACT_SANDBOX` and its image,
  the models that draw (`THINKACT_IMAGE_MODEL`, `THINKACT_IMAGE_MODELS`), proxies and `SSL_CERT_FILE`, and what all
  notes (`THINKACT_EMBEDDING_…`, `THINKACT_CHROMA`) or all searches (`THINKACT_SEARXNG_URL`,
  `THINKACT_SEARCH_ENGINES`) would be sent to do not count at all.
- Limits may only lower what the user stated or the default; `THINKACT_DENY` only adds to what the user denies.

What was passed over is told in `Settings.warnings`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from agent.errors import SettingsError
from agent.goal import Budget
from agent.setting_sources import Notice, Origin, combined, from_config, from_dotenv, from_environment, is_tighter
from agent.setting_table import BY_FIELD, SETTINGS, EmbedderName, ImagesName, PreviewName, SandboxName, Setting

__all__ = ["EffectiveBudget", "Notice", "Origin", "Settings", "Told", "effective_budget"]

DEFAULTS = Budget(steps=50, model_calls=100, tokens=1_000_000, usd=1.00, time=3600.0)
"""The limits that hold where nobody states others."""
BEGINNING = 600.0
"""Seconds until a reply begins, where nobody states how long a model may be silent."""

_FOR_PROGRAMS = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "USER", "LOGNAME"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "PATHEXT", "COMSPEC", "WINDIR", "USERPROFILE", "TEMP", "TMP"),
    *("APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "HOMEDRIVE", "HOMEPATH"),
    *("USERNAME", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS"),
)
"""What programs that a goal starts get to see of the environment: what finds programs and folders, no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A setting as it is shown to people: secrets are masked; `value` is None where it is not stated."""

    name: str
    value: str | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user has set, checked. `origins` tells by the setting's name (`THINKACT_MODEL`) where it came from.

    `home` is absolute and need not be there yet. `limits` are those stated here, None elsewhere. `private_hosts` are
    `host:port`, `sandbox` is what may confine programs, `sandbox_image` the image of containers for it. `ca_file` holds
    certificates that are trusted besides those of the system. `searxng_url` is a server that searches are sent to,
    before the `search_engines`. `embedder` is what notes are found by, the `embedding_` fields are its endpoint's, and
    `chroma` is the address of a chroma server. `images` is what draws pictures, `image_model` the model, its folder or
    its name, and `image_models` a folder of model folders. The other `image_…_model` are the folders of models that
    tell what pictures show, and where, that they are scored by, and that enlarge them and make depth maps of them;
    `image_api_model` and `vision_model` are those of the endpoint that draw and that see. `preview` is how pictures are
    shown in the terminal.
    `timeout` is how long a model may be silent amid a reply, in seconds. The proxies are told here; the SDK reads those
    of the environment itself. `variable` tells any variable of the environment, for the entry of an MCP server that
    names it. `import_path` are the folders of PYTHONPATH. `warnings` are one line each, for the screen.
    """

    home: Path
    config: Path
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)
    model: str | None = None
    no_color: bool = False
    https_proxy: str | None = field(default=None, repr=False)
    all_proxy: str | None = field(default=None, repr=False)
    no_proxy: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None
    searxng_url: str | None = field(default=None, repr=False)
    search_engines: tuple[str, ...] = ()
    limits: Budget = field(default_factory=Budget)
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    sandbox: SandboxName = "auto"
    sandbox_image: str | None = None
    images: ImagesName = "auto"
    image_model: str | None = None
    image_caption_model: Path | None = None
    image_detection_model: Path | None = None
    image_api_model: str | None = None
    vision_model: str | None = None
    image_models: Path | None = None
    preview: PreviewName = "auto"
    image_clip_model: Path | None = None
    image_upscale_model: Path | None = None
    image_depth_model: Path | None = None
    namespace: str | None = None
    embedder: EmbedderName = "auto"
    embedding_model: str | None = None
    embedding_base_url: str | None = field(default=None, repr=False)
    embedding_api_key: str | None = field(default=None, repr=False)
    chroma: str | None = None
    timeout: float = 120.0
    program_environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    variable: Callable[[str], str | None] = field(default=lambda _: None, repr=False, compare=False)
    import_path: tuple[Path, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def load(
        cls,
        *,
        cwd: Path,
        environ: Mapping[str, str] | None = None,
        config: Path | None = None,
        home: Path | None = None,
        take_keys: bool = False,
    ) -> Settings:
        """Read the settings. `environ` stands for the environment, `config` for the user's `config.toml` (it need
        not exist), `home` is a flag and beats all else. With `take_keys` the keys are taken out of this process's
        environment: no plugin finds one there, and no program that a plugin starts is handed one. What the system
        itself keeps of the environment that a process began with (`/proc/PID/environ`) stays: whatever runs unconfined
        with the user's rights can read it there, as it can read their files.

        Raises:
            SettingsError: a value that cannot be used, or a file that cannot be read; names setting and origin.
        """
        settings, notices = cls.examine(cwd=cwd, environ=environ, config=config, home=home)
        for one in notices:
            if one.grave:
                raise SettingsError(one.text, hint=one.hint)
        if not take_keys:
            return settings
        keys = {one.name: os.environ.pop(one.name) for one in SETTINGS if one.secret and one.name in os.environ}
        variable = settings.variable
        return replace(settings, variable=lambda name: keys.get(name) or variable(name))

    @classmethod
    def examine(
        cls,
        *,
        cwd: Path,
        environ: Mapping[str, str] | None = None,
        config: Path | None = None,
        home: Path | None = None,
    ) -> tuple[Settings, tuple[Notice, ...]]:
        """Read the settings as `load` does, without what cannot be used; and everything that there is to say of what
        is stated."""
        environ = os.environ if environ is None else environ
        notices: list[Notice] = []
        config = config or _user_folder("config") / "config.toml"
        environment = from_environment(environ, notices)
        stated = combined(environment, from_dotenv(cwd / ".env", notices), from_config(config, notices), notices)
        values = {name: one.value for name, one in stated.items()}
        origins: dict[str, Origin] = {BY_FIELD[name].name: one.origin for name, one in stated.items()}
        beside = config.parent if origins.get("THINKACT_HOME") == "config.toml" else cwd
        if home is not None:
            values["home"], origins["THINKACT_HOME"], beside = home, "flag", cwd
        values["home"] = _home(values.get("home"), beside, origins.get("THINKACT_HOME", "default"), notices)
        limits = {one.limit: values.pop(one.field) for one in SETTINGS if one.limit and one.field in values}
        values["program_environment"] = {name: environ[name] for name in _FOR_PROGRAMS if name in environ}
        values["variable"] = environ.get
        values["import_path"] = tuple(
            cwd / folder for folder in environ.get("PYTHONPATH", "").split(os.pathsep) if folder
        )
        warnings = tuple(one.text for one in notices if not one.grave)
        settings = cls(config=config, limits=Budget(**limits), origins=origins, warnings=warnings, **values)
        return settings, tuple(notices)

    @property
    def beginning(self) -> float:
        """How long a model may take until its reply begins, in seconds: as long as it may be silent amid one, where
        that is stated; else longer, since one on this machine may have to be loaded first."""
        return BEGINNING if self.origin("THINKACT_TIMEOUT") == "default" else self.timeout

    @property
    def runs_folder(self) -> Path:
        """Where runs are kept, one folder each."""
        return self.home / "runs"

    @property
    def memory_folder(self) -> Path:
        """Where notes are kept."""
        return self.home / "memory"

    @property
    def plugins_folder(self) -> Path:
        """Where the user drops plugins."""
        return self.home / "plugins"

    @property
    def tried_plugins(self) -> Path:
        """Which plugins were tried in a process of their own, and what they did to it."""
        return self.home / "plugins.json"

    @property
    def hub_cache(self) -> Path:
        """Where huggingface_hub keeps the models that it fetched, as it finds the place itself."""
        stated = self.variable("HF_HUB_CACHE") or self.variable("HUGGINGFACE_HUB_CACHE")
        if stated:
            return Path(os.path.expanduser(stated))  # noqa: PTH111 - where there is no home, it stays as it is
        home = self.variable("HF_HOME") or os.path.join(self.variable("XDG_CACHE_HOME") or "~/.cache", "huggingface")  # noqa: PTH118
        return Path(os.path.expanduser(home), "hub")  # noqa: PTH111

    def origin(self, name: str) -> Origin:
        """Where the value of a setting (`THINKACT_MODEL`) came from."""
        return self.origins.get(name, "default")

    def told(self) -> tuple[Told, ...]:
        """Every setting with its value and origin, secrets masked, for people."""
        return tuple(
            Told(name=one.name, value=one.shown(self._value(one)), origin=self.origin(one.name)) for one in SETTINGS
        )

    def _value(self, setting: Setting) -> Any:
        return getattr(self.limits, setting.limit) if setting.limit else getattr(self, setting.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveBudget:
    """The limits of a run, every one set, and where each came from: flag, environment, .env, config.toml, goal file
    or default. `usd` 0 means that money is not limited."""

    budget: Budget
    origins: Mapping[str, Origin]


def effective_budget(settings: Settings, *, goal: Budget, flags: Budget | None = None) -> EffectiveBudget:
    """The limits of a run. A goal's limit replaces the default, one stated in settings caps it, a flag beats both.

    Where the goal states none, what the settings state is the limit, also where it is above the default (a `.env`
    may only lower it).
    """
    flags = flags or Budget()
    limits: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for one in SETTINGS:
        if one.limit:
            origin = settings.origin(one.name)
            cap = getattr(settings.limits, one.limit)
            limits[one.limit], origins[one.limit] = _limit(one.limit, goal, flags, cap, origin)
    tool_calls = {**goal.tool_calls, **flags.tool_calls}
    for name in tool_calls:
        origins[f"tool_calls.{name}"] = "flag" if name in flags.tool_calls else "goal file"
    return EffectiveBudget(budget=Budget(**limits, tool_calls=tool_calls), origins=origins)


def _limit(name: str, goal: Budget, flags: Budget, cap: float | None, origin: Origin) -> tuple[float, Origin]:
    flag, stated, default = (getattr(one, name) for one in (flags, goal, DEFAULTS))
    if flag is not None:
        return flag, "flag"
    if stated is None and cap is not None and origin != ".env":
        return cap, origin
    limit = default if stated is None else stated
    if cap is not None and is_tighter(name, cap, limit):
        return cap, origin
    return limit, "default" if stated is None else "goal file"


def _home(stated: Path | None, beside: Path, origin: Origin, notices: list[Notice]) -> Path:
    home = Path(os.path.abspath(beside / (stated or _user_folder("data"))))  # noqa: PTH100 - links stay as they are
    text, hint = f"THINKACT_HOME: {home} is not a folder", "name a folder; it is made where missing"
    try:
        usable = home.is_dir() or not home.exists()
    except OSError as error:
        text, usable = f"THINKACT_HOME: {home} cannot be looked at: {error.strerror}", False
    if not usable:
        notices.append(Notice(text=text, hint=hint, origin=origin, grave=True, name="THINKACT_HOME"))
    return home


def _user_folder(kind: Literal["config", "data"]) -> Path:
    """The platform's own folder for this user and thinkact."""
    import platformdirs

    path = platformdirs.user_config_path if kind == "config" else platformdirs.user_data_path
    return path("thinkact", appauthor=False)
