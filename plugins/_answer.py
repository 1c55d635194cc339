"""What an address answered, and what went wrong on the way, in words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import Message
from email.utils import parsedate_to_datetime

import httpcore2
import httpx2

from plugins._connecting import Clock
from plugins._given_web import Fetched
from plugins._judging import Refused, Unreachable
from plugins._outcome import ToolError

_WHAT_TO_DO = {
    401: "it asks who you are: read another page",
    402: "it wants to be paid: read another page",
    403: "it does not let you in: read another page",
    404: "there is no such page: look for another address",
    410: "the page is gone: look for another address",
    429: "it was asked too often: wait, or read another page",
    451: "it may not be shown, by law: read another page",
}
_LATER, _OTHER = "try again later, or read another page", "it does not give this page: read another one"


class Answered(ToolError):
    """A server's answer that is no success; `status` is its code."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


def fetched(url: httpx2.URL, answer: httpx2.Response, body: bytes, *, cut: bool, hops: Sequence[str]) -> Fetched:
    """The answer as a tool is given it. Raises `Answered` where it is no success."""
    if not 200 <= answer.status_code < 300:
        status, wait = answer.status_code, told_to_wait(answer)
        asked = f", and wants {wait:.0f} s to pass before it is asked again" if wait else ""
        hint = _WHAT_TO_DO.get(status, _OTHER if 400 <= status < 500 else _LATER)
        raise Answered(f"{url} answered {status}{asked}", status=status, hint=hint)
    kind = Message()
    kind["content-type"] = answer.headers.get("content-type", "")
    caching = answer.extensions.get("caching")
    return Fetched(
        url=str(url),
        status=answer.status_code,
        media_type=kind.get_content_type() if answer.headers.get("content-type") else "",
        charset=kind.get_content_charset(),
        content=body,
        cut=cut,
        cached=bool(caching and caching["from_cache"]),
        hops=tuple(hops),
        headers=dict(answer.headers),
    )


def told_to_wait(answer: httpx2.Response) -> float | None:
    """Seconds by Retry-After, which is a number of them or a date."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:6])
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


@contextmanager
def renamed(url: httpx2.URL, clock: Clock) -> Iterator[None]:
    """Tell what went wrong below in one line."""
    host = url.host
    try:
        yield
    except (httpcore2.ConnectTimeout, httpcore2.ReadTimeout, httpcore2.WriteTimeout, httpcore2.PoolTimeout) as error:
        clock.left()  # was it the limit for all of it?
        raise Unreachable(f"{host} does not answer", hint="try again later, or read another page") from error
    except httpcore2.ConnectError as error:
        if "CERTIFICATE" in str(error).upper():
            raise Refused(f"{host} cannot prove that it is {host}: {_short(error)}") from error
        raise Unreachable(f"{host} cannot be reached: {_short(error)}", hint="try again later") from error
    except httpcore2.RemoteProtocolError as error:
        what = "broke off" if "closed" in str(error) else "does not speak HTTP as it should"
        raise Unreachable(f"{host} {what}: {_short(error)}", hint=_LATER) from error
    except (httpcore2.ProtocolError, httpcore2.NetworkError, httpcore2.ProxyError) as error:
        raise Unreachable(f"{host} broke off: {_short(error)}", hint="try again later") from error
    except sqlite3.Error as error:
        raise ToolError(f"the cache of pages cannot be used: {error}", hint="remove its folder") from error


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
