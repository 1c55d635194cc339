"""Every setting that there is: its names, how its text is read, and how far a `.env` is believed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from agent.goal.texts import namespace, tool_pattern
from agent.quantities import read_amount, read_duration, read_money, read_whole, write_duration

Trust: TypeAlias = Literal["counts", "with key", "lowers", "adds", "never"]
"""What a `.env` may do to a setting: state it, state it only with a key, lower it, add to it, nothing."""


EmbedderName: TypeAlias = Literal["auto", "none", "hashing", "minilm", "endpoint"]
"""What notes may be found by, in the words of `memory.embedders.EmbedderName`."""


SandboxName: TypeAlias = Literal["auto", "bwrap", "landlock", "sandbox-exec", "docker", "podman", "off"]
"""By what programs may be confined, in the words of `plugins`."""


ImagesName: TypeAlias = Literal["auto", "openai", "diffusers", "demo", "draw"]
"""What draws pictures, in the words of `plugins.images`."""


PreviewName: TypeAlias = Literal["auto", "off", "kitty", "iterm", "blocks"]
"""How pictures are shown in a terminal: by its own protocol, in coloured half blocks, or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `name` is that of the environment, `key` that of `config.toml`, `field` that in `Settings`.

    `read` turns text into the value or raises ValueError, completing "must be ..."; a list of `config.toml` comes as
    texts with commas between. `limit` is the field of the budget that it caps, "" for none. `folded`: the lower-case
    name counts too, as is the custom with proxies. `show` writes the value for people, without what is secret.
    """

    name: str
    field: str
    read: Callable[[str], Any]
    key: str
    dotenv: Trust = "counts"
    limit: str = ""
    secret: bool = False
    folded: bool = False
    show: Callable[[Any], str] = str

    def shown(self, value: Any) -> str | None:
        """The value for people; None where there is none."""
        if value is None or value == ():
            return None
        if self.secret:
            return "set"
        return ", ".join(value) if isinstance(value, tuple) else self.show(value)


def is_loopback(url: str) -> bool:
    """Does an address lead to this very machine, whatever any name server says?"""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("a key: one word of plain characters")
    return text


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or re.search(r"[\s\\]", text):
        raise ValueError("an address, such as https://api.example.org/v1")
    return text


def _word(text: str) -> str:
    if not text.isprintable():
        raise ValueError("one line of printable text")
    return text


def _embedder(text: str) -> str:
    folded = text.lower()
    if folded not in get_args(EmbedderName):
        raise ValueError(f"one of {', '.join(get_args(EmbedderName))}")
    return folded


def _sandbox(text: str) -> str:
    folded = text.lower()
    if folded not in get_args(SandboxName):
        raise ValueError(f"one of {', '.join(get_args(SandboxName))}")
    return folded


def _images(text: str) -> str:
    folded = text.lower()
    if folded not in get_args(ImagesName):
        raise ValueError(f"one of {', '.join(get_args(ImagesName))}")
    return folded


def _preview(text: str) -> str:
    folded = text.lower()
    if folded not in get_args(PreviewName):
        raise ValueError(f"one of {', '.join(get_args(PreviewName))}")
    return folded


def _image(text: str) -> str:
    if not re.fullmatch(r"[\w.:/@-]{1,255}", text, re.ASCII) or text.startswith("-"):
        raise ValueError("the name of an image that docker or podman has, such as python:3.13")
    return text


def _server(text: str) -> str:
    url, example = _url(text), "an address, such as http://localhost:8000 or https://chroma.example/path"
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(example)
    return url


def _folder(text: str) -> Path:
    try:
        return Path(_word(text)).expanduser()
    except RuntimeError:
        raise ValueError("a folder; there is no home folder to put in place of ~") from None


def _several(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    def read_all(text: str) -> tuple[str, ...]:
        parts = (part.strip() for part in text.split(","))
        return tuple(dict.fromkeys(read(part) for part in parts if part))

    return read_all


def _engine(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,30}", text.lower()):
        raise ValueError("names of search engines with commas between, such as duckduckgo, brave")
    return text.lower()


def _host_and_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or (":" in bare) != (bare != host) or not re.fullmatch(r"[^\s/@\[\]]+", bare):
        raise ValueError("host:port with commas between, such as wiki.example:8080")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65_536:
        raise ValueError("host:port, with a port from 1 to 65535")
    return text.lower()


def _above(read: Callable[[str], float], low: float) -> Callable[[str], float]:
    def read_bounded(text: str) -> float:
        value = read(text)
        if value < low:
            raise ValueError(f"at least {low:g}")
        return value

    return read_bounded


def _stated(text: str) -> bool:  # noqa: ARG001 - by the custom of NO_COLOR every text means yes
    return True


def _without_password(url: str) -> str:
    """The address without what may be a secret: user and password, and the values of its query."""
    url = re.sub(r"([?&][^=&#]*=)[^&#]*", r"\1***", url)
    return re.sub(r"//[^/@]*@", "//***@", url) if "//" in url else re.sub(r"^[^/@]*@", "***@", url)


def _limit(name: str, limit: str, read: Callable[[str], float], low: float, show: Callable[[Any], str]) -> Setting:
    key = name.removeprefix("THINKACT_").lower()
    return Setting(name=name, field=key, key=key, read=_above(read, low), dotenv="lowers", limit=limit, show=show)


SETTINGS: tuple[Setting, ...] = (
    Setting(name="OPENAI_API_KEY", field="api_key", key="api_key", read=_key, secret=True),
    Setting(
        name="OPENAI_BASE_URL",
        field="base_url",
        key="base_url",
        read=_url,
        dotenv="with key",
        show=_without_password,
    ),
    Setting(name="THINKACT_MODEL", field="model", key="model", read=_word),
    Setting(name="THINKACT_HOME", field="home", key="home", read=_folder, dotenv="never"),
    _limit("THINKACT_MAX_STEPS", "steps", read_whole, 1, str),
    _limit("THINKACT_MAX_MODEL_CALLS", "model_calls", read_whole, 1, str),
    _limit("THINKACT_MAX_TOKENS", "tokens", read_amount, 1, "{:,}".format),
    _limit("THINKACT_MAX_USD", "usd", read_money, 0, "{:.2f}".format),
    _limit("THINKACT_MAX_TIME", "time", read_duration, 1, write_duration),
    Setting(name="THINKACT_ALLOW", field="allow", key="allow", read=_several(tool_pattern), dotenv="never"),
    Setting(name="THINKACT_DENY", field="deny", key="deny", read=_several(tool_pattern), dotenv="adds"),
    Setting(
        name="THINKACT_PRIVATE_HOSTS",
        field="private_hosts",
        key="private_hosts",
        read=_several(_host_and_port),
        dotenv="never",
    ),
    # All searches go to whom these name.
    Setting(name="THINKACT_SEARXNG_URL", field="searxng_url", key="searxng_url", read=_server, dotenv="never"),
    Setting(
        name="THINKACT_SEARCH_ENGINES",
        field="search_engines",
        key="search_engines",
        read=_several(_engine),
        dotenv="never",
    ),
    # What confines the programs of a stranger is not for the stranger to say.
    Setting(name="THINKACT_SANDBOX", field="sandbox", key="sandbox", read=_sandbox, dotenv="never"),
    Setting(name="THINKACT_SANDBOX_IMAGE", field="sandbox_image", key="sandbox_image", read=_image, dotenv="never"),
    Setting(name="THINKACT_IMAGE_MODEL", field="image_model", key="image_model", read=_word, dotenv="never"),
    Setting(name="THINKACT_IMAGE_MODELS", field="image_models", key="image_models", read=_folder, dotenv="never"),
    Setting(
        name="THINKACT_IMAGE_CAPTION_MODEL",
        field="image_caption_model",
        key="image_caption_model",
        read=_folder,
        dotenv="never",
    ),
    Setting(
        name="THINKACT_IMAGE_DETECTION_MODEL",
        field="image_detection_model",
        key="image_detection_model",
        read=_folder,
        dotenv="never",
    ),
    Setting(
        name="THINKACT_IMAGE_CLIP_MODEL",
        field="image_clip_model",
        key="image_clip_model",
        read=_folder,
        dotenv="never",
    ),
    Setting(
        name="THINKACT_IMAGE_UPSCALE_MODEL",
        field="image_upscale_model",
        key="image_upscale_model",
        read=_folder,
        dotenv="never",
    ),
    Setting(
        name="THINKACT_IMAGE_DEPTH_MODEL",
        field="image_depth_model",
        key="image_depth_model",
        read=_folder,
        dotenv="never",
    ),
    Setting(name="THINKACT_IMAGES", field="images", key="images", read=_images),
    # As with the model that is talked to: they are asked where that is asked, and a .env may name them.
    Setting(name="THINKACT_IMAGE_API_MODEL", field="image_api_model", key="image_api_model", read=_word),
    Setting(name="THINKACT_VISION_MODEL", field="vision_model", key="vision_model", read=_word),
    Setting(name="THINKACT_PREVIEW", field="preview", key="preview", read=_preview),
    # A stranger's .env would have this user's notes and documents of another project sent to an address of its own.
    Setting(name="THINKACT_NAMESPACE", field="namespace", key="namespace", read=namespace, dotenv="never"),
    Setting(name="THINKACT_EMBEDDER", field="embedder", key="embedder", read=_embedder),
    # All notes go to whom these name: that is for the user alone to say.
    Setting(
        name="THINKACT_EMBEDDING_MODEL", field="embedding_model", key="embedding_model", read=_word, dotenv="never"
    ),
    Setting(
        name="THINKACT_EMBEDDING_BASE_URL",
        field="embedding_base_url",
        key="embedding_base_url",
        read=_url,
        dotenv="never",
        show=_without_password,
    ),
    Setting(
        name="THINKACT_EMBEDDING_API_KEY",
        field="embedding_api_key",
        key="embedding_api_key",
        read=_key,
        dotenv="never",
        secret=True,
    ),
    Setting(name="THINKACT_CHROMA", field="chroma", key="chroma", read=_server, dotenv="never"),
    Setting(
        name="THINKACT_TIMEOUT", field="timeout", key="timeout", read=_above(read_duration, 1), show=write_duration
    ),
    Setting(name="NO_COLOR", field="no_color", key="no_color", read=_stated, show=lambda on: "yes" if on else "no"),
    Setting(
        name="HTTPS_PROXY",
        field="https_proxy",
        key="https_proxy",
        read=_word,
        dotenv="never",
        folded=True,
        show=_without_password,
    ),
    Setting(
        name="ALL_PROXY",
        field="all_proxy",
        key="all_proxy",
        read=_word,
        dotenv="never",
        folded=True,
        show=_without_password,
    ),
    Setting(name="SSL_CERT_FILE", field="ca_file", key="ssl_cert_file", read=_folder, dotenv="never"),
    Setting(name="NO_PROXY", field="no_proxy", key="no_proxy", read=_several(_word), dotenv="never", folded=True),
)
"""Every setting, in the order in which they are told."""

BY_FIELD: Mapping[str, Setting] = MappingProxyType({one.field: one for one in SETTINGS})
"""Every setting by its field in `Settings`."""
