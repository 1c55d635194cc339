"""What an endpoint's refusal of a picture means: one clear line, whatever the SDK and the server made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING

from plugins._outcome import ToolError

if TYPE_CHECKING:
    import openai

    from plugins.images._endpoint import ImageEndpoint

__all__ = ["meaning", "one_line", "passing", "said_in"]

_LONGEST = 300  # characters of a server's words that are passed on
_CONTENT = re.compile(r"moderation_blocked|content.?policy|content.?filter|safety.?(?:system|violation)", re.IGNORECASE)
_NO_CREDIT = re.compile(
    r"insufficient_(?:quota|credits)|billing_(?:hard_)?limit|insufficient (?:balance|credits)", re.I
)
_NO_MODEL = re.compile(
    r"model_not_found|(?:unknown|invalid|no such) model|model.{0,80}(?:not (?:found|exist)|retired|shut down)",
    re.IGNORECASE,
)
_USUAL_WAIT = 1.0  # seconds, where a busy server does not say how long


def meaning(error: Exception, endpoint: ImageEndpoint, *, model: str, setting: str) -> ToolError:
    """What an error of the SDK, or of the transport below it, means. `setting` is what names the `model`."""
    import openai

    host = endpoint.host
    if isinstance(error, openai.APIStatusError):
        return _of_status(error.status_code, error.body or error.message, _wait(error), endpoint, model, setting)
    if isinstance(error, openai.APITimeoutError | TimeoutError) or type(error).__name__.endswith("Timeout"):
        return ToolError(
            f"no answer from {host} within {endpoint.timeout:g} s",
            hint="ask again, or for a smaller picture; THINKACT_TIMEOUT sets how long is waited",
        )
    why = _hidden(_root(error), endpoint)
    if "CERTIFICATE_VERIFY_FAILED" in why:
        hint = "behind a company's proxy, name its certificate in SSL_CERT_FILE"
        return ToolError(f"the certificate of {host} is not trusted: {why}", hint=hint)
    if isinstance(error, openai.APIConnectionError):
        return ToolError(f"{host} cannot be reached: {why}", hint="look at the network, OPENAI_BASE_URL and the proxy")
    return ToolError(f"the answer of {host} broke off: {why}", hint="ask again, which may be billed again")


def said_in(body: object, endpoint: ImageEndpoint, *, model: str, setting: str) -> ToolError | None:
    """What an error means that came in place of an answer, with a status of success; None where there is none."""
    if not isinstance(body, Mapping) or not body.get("error"):
        return None
    return _of_status(200, body["error"], None, endpoint, model, setting)


def passing(error: openai.APIStatusError) -> float | None:
    """Seconds after which it may be asked again, where it was merely busy and did no work; else None."""
    if error.status_code not in (429, 503) or _NO_CREDIT.search(_everything(error.body)):
        return None
    wait = _wait(error)
    return _USUAL_WAIT if wait is None else wait


def one_line(text: str) -> str:
    """A server's words in one line, and not too many of them."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _of_status(
    status: int, body: object, wait: float | None, endpoint: ImageEndpoint, model: str, setting: str
) -> ToolError:
    host, everything = endpoint.host, _everything(body)
    said = _hidden(one_line(_message(body)), endpoint)
    again = f"; it asks to come back in {wait:.0f} s" if wait else ""
    if _CONTENT.search(everything):
        told, hint = "refuses this by its rules for content", "ask for it in other words, or for something else"
    elif status == 402 or _NO_CREDIT.search(everything):
        told, hint = "says that there is no credit left", "look at the account's plan and billing"
    elif status == 429:
        told, hint = f"was asked too often (429){again}", "ask again later, or for fewer pictures"
    elif status in (401, 403):
        told = f"does not accept the key, or denies {model} to it ({status})"
        hint = f"check that OPENAI_API_KEY is a key of {host} that may use this model"
    elif _NO_MODEL.search(everything):
        told, hint = f"has no model {model}", f"name one that it has in {setting}"
    elif status == 404:
        told = f"knows no model {model}, or cannot be asked for this (404)"
        hint = f"name a model that it has in {setting}; its address usually ends in /v1"
    elif status >= 500:
        told, hint = f"has failed ({status}){again}", "ask again later"
    else:
        told, hint = f"refuses the request{f' ({status})' if status >= 400 else ''}", ""
    return ToolError(f"{host} {told}{f': {said}' if said else ''}", hint=hint or None)


def _hidden(text: str, endpoint: ImageEndpoint) -> str:
    """The text, without the key where a server echoes it."""
    key = endpoint.api_key or ""
    return text.replace(key, "…") if len(key) >= 4 else text


def _wait(error: openai.APIStatusError) -> float | None:
    """Seconds that the server asks to wait; None where it does not."""
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if 0 <= seconds < 1e9:
            return seconds
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time())
    except (ValueError, TypeError, OverflowError):
        return None


def _message(body: object) -> str:
    """The words of an error, in any of the shapes in use."""
    if isinstance(body, str):
        return "a web page" if body.lstrip()[:1] == "<" else body
    if isinstance(body, Mapping):
        found = next((body[name] for name in ("error", "message", "detail", "msg") if body.get(name)), None)
        return str(body.get("code") or "") if found is None else _message(found)
    if isinstance(body, list):
        return "; ".join(filter(None, map(_message, body[:3])))
    return ""


def _everything(body: object, depth: int = 0) -> str:
    """All the strings of an error: codes and types beside its words."""
    if isinstance(body, str):
        return body[:4000]
    if isinstance(body, Mapping | list) and depth < 5:
        parts = list(body.values()) if isinstance(body, Mapping) else body
        return " ".join(_everything(one, depth + 1) for one in parts[:20])
    return ""


def _root(error: BaseException) -> str:
    """The words of the innermost cause, which is where a connection's trouble is told."""
    found, seen = str(error), set[int]()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        found = str(cause) or found
        cause = cause.__cause__ or cause.__context__
    return one_line(found or type(error).__name__)
