"""Trying again, and knowing when not to: how long to wait, and what a refusal of an endpoint means.

`judge` is the one place where a status and its text become one of our errors, or `Again`: this attempt failed, the
next may not. `Retry` bounds the attempts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from agent.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable

__all__ = ["Again", "Retry", "context_limit", "duration", "everything", "judge", "retry_after", "words"]

_PASSING = frozenset({408, 409, 425, 429})
_NO_CREDIT = ("insufficient_quota", "insufficient balance", "insufficient credits", "billing_hard_limit_reached")
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|string_above_max_length"
    r"|(?:maximum|max|exceed\w*|available|overflow\w*|too long|too large|only).{0,60}"
    r"\b(?:context|prompt) (?:length|size|window)"
    r"|\b(?:context|prompt) (?:length|size|window|the overflow).{0,80}\b(?:exceed|overflow|too long|too large|only)"
    r"|(?:prompt|input)\b.{0,12} is too long|prompt too long|input token count.{0,40}exceed"
    r"|tokens? \+ .{0,20}max_new_tokens|request too large|context overflow|too many tokens",
    re.IGNORECASE | re.DOTALL,
)
_LIMITS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"(?:maximum|max)\s+(?:context|prompt|sequence)\s+(?:length|size|window)\s*(?:is|of|:|=)?\s*(?:only\s+)?(\d[\d,_]*)",
        r"(?:context|prompt)\s+(?:length|size|window)\s*(?:is|of|:|=)?\s*(?:only\s+)?\(?\s*(\d[\d,_]*)",
        r"too long:\s*\d[\d,_]*\s*tokens?\s*>\s*(\d[\d,_]*)",
        r"maximum number of tokens allowed\s*\((\d[\d,_]*)",
        r"must be <=?\s*(\d[\d,_]*)",
        r"(\d[\d,_]*)\s*(?:tokens?\s+)?maximum context length",
        r"limit:?\s*(\d[\d,_]*),\s*requested",
    )
)
_NO_MODEL = re.compile(
    r"model.{0,120}(?:not found|not exist|unknown|pulling it)|not a valid model|invalid model"
    r"|model_not_found|unknown model|no such model",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 300  # characters of a server's words that are passed on


class Again(Exception):
    """This attempt failed in a way that the next may not.

    `reason` is one line for people. `wait` is what the server asked for, in seconds. `slow` tells an attempt that
    used up a whole timeout: fewer of these are made. `rest` is what had come of an object that never became whole.
    """

    def __init__(self, reason: str, *, wait: float | None = None, slow: bool = False, rest: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.slow = slow
        self.rest = rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and when: at most `tries` attempts, `slow_tries` of them may use up a whole timeout, and
    `billed_tries` of them may be billed without bringing anything that can be used.

    The wait doubles from `first` to `longest` seconds, less up to a quarter of it by chance, so that many clients
    do not come back at once. A wait that the server asks for is kept up to `patience` seconds.
    """

    tries: int = 8
    slow_tries: int = 3
    billed_tries: int = 3
    first: float = 0.25
    longest: float = 8.0
    patience: float = 60.0

    def delay(self, failures: int, *, chance: float) -> float:
        """Seconds to wait after so many failures (from 1), for a `chance` between 0 and 1."""
        doubled = min(self.longest, self.first * 2.0 ** min(failures - 1, 32))
        return doubled * (1.0 - 0.25 * chance)

    def after(
        self,
        again: Again,
        *,
        failures: int,
        slow: int,
        chance: float,
        billed: int = 0,
        calls: int | None = None,
    ) -> float:
        """Seconds to wait before the next attempt.

        Args:
            again: The failure that was just met.
            failures: How many there were, this one included.
            slow: How many of them used up a whole timeout.
            chance: Between 0 and 1.
            billed: How many of them were billed.
            calls: How many may be billed at most, where that is fewer than `billed_tries`.

        Raises:
            ModelUnavailable: it is no use, or it would take too long or cost too much.
        """
        if billed >= min(self.billed_tries, self.billed_tries if calls is None else max(1, calls)):
            replies = f"{billed} replies that were billed" if billed > 1 else "1 reply that was billed"
            raise ModelUnavailable(
                f"{again.reason}; given up after {replies} and could not be used",
                hint="look at the endpoint before `thinkact resume`, which pays for new tries",
            )
        if failures >= self.tries or slow >= self.slow_tries:
            tries = f"{failures} tries" if failures > 1 else "1 try"
            raise ModelUnavailable(
                f"{again.reason}; given up after {tries}",
                hint="`thinkact resume` goes on once the model can be reached",
            )
        if again.wait is None:
            return self.delay(failures, chance=chance)
        if again.wait > self.patience:
            raise ModelUnavailable(
                f"{again.reason}; the server asks to come back in {duration(again.wait)}",
                hint="`thinkact resume` goes on then",
            )
        # a server that says "0" would otherwise be asked eight times within a moment
        return max(again.wait, self.delay(1, chance=chance))


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Seconds that a server asks to wait (`retry-after-ms`, `Retry-After` as seconds or date), None where it does not.

    Args:
        headers: Of the response; looked up in lower case.
        now: Seconds since the epoch, for a date; default: the clock.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) / unit
        except ValueError:
            continue
        if seconds >= 0:  # also false for nan
            return seconds
    try:
        when = parsedate_to_datetime(headers.get("retry-after", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, when - (time.time() if now is None else now))


def words(body: object) -> str:
    """What an error's body says, in one line and not too long: its message where it has one."""
    found = " ".join(_message(body).split())
    return found if len(found) <= _LONGEST else found[: _LONGEST - 1] + "…"


def context_limit(body: object) -> tuple[bool, int | None]:
    """Does this error say that the prompt is too long, and for a window of how many tokens?"""
    text = everything(body)
    if not _TOO_LONG.search(text):
        return False, None
    stated = _field(body, "n_ctx")
    if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0:
        return True, stated
    for pattern in _LIMITS:
        if found := pattern.search(text):
            number = int(re.sub(r"\D", "", found.group(1))[:12])
            return True, number or None
    return True, None


def judge(
    status: int, body: object, headers: Mapping[str, str], *, model: str, host: str, keyed: bool = True
) -> Again | ModelError:
    """What an error means: the error to raise, or `Again`.

    Args:
        status: Of HTTP; 200 for an error that came inside a reply.
        body: What came with it, parsed where it is JSON, else its text.
        headers: Of the response, names in lower case.
        model: The model's name as sent.
        host: Whom we asked, for people.
        keyed: Was a key of the user sent?
    """
    said = words(body)
    tail = f": {said}" if said else ""
    if status not in (401, 403, 404):
        too_long, limit = context_limit(body)
        if too_long or status == 413:
            return ContextTooLong(f"the prompt is too long for {model} at {host}{tail}", limit=limit)
    said_at_all = everything(body).casefold()
    if status == 402 or any(mark in said_at_all for mark in _NO_CREDIT):
        return ModelRefused(
            f"{host} says that there is no credit left{tail}",
            hint="look at the account's plan and billing, or choose another model with --model",
        )
    if status in _PASSING or status >= 500 or status < 300:
        return Again(f"{_why(status, host)}{tail}", wait=retry_after(headers))
    if status in (401, 403):
        return _unauthorised(status, tail, host=host, keyed=keyed)
    if status == 404 or _NO_MODEL.search(said_at_all):
        return ModelRefused(
            f"no model {model} at {host}{tail}",
            hint="`thinkact models list` shows what it has; a base URL usually ends in /v1",
        )
    return ModelRefused(f"{host} refuses the request ({status}){tail}")


def _unauthorised(status: int, tail: str, *, host: str, keyed: bool) -> ModelRefused:
    if not keyed:
        return ModelRefused(f"{host} wants a key ({status}){tail}", hint="set OPENAI_API_KEY to a key of this server")
    return ModelRefused(
        f"{host} does not accept the key or denies what was asked ({status}){tail}",
        hint=f"check that OPENAI_API_KEY is a key of {host} and may use this model",
    )


def _why(status: int, host: str) -> str:
    if status < 300:
        return f"{host} sent an error in place of a reply"
    kind = {408: "timed out", 409: "conflict", 425: "too early", 429: "rate limit", 502: "bad gateway"}.get(status)
    return f"{host}: {kind or ('overloaded' if status in (503, 529) else 'server error')} ({status})"


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{min(seconds / 3600, 1e6):.0f} h"


def _message(body: object) -> str:
    """The text of an error in any of the shapes in use: {"error": {"message"}}, {"error": text}, {"detail"}, text."""
    if isinstance(body, str):
        return "a web page" if body.lstrip()[:1] == "<" else body
    if isinstance(body, Mapping):
        for name in ("error", "message", "detail", "msg"):
            if found := body.get(name):
                return _message(found)
        return str(body.get("code") or body.get("type") or "")
    if isinstance(body, list | tuple):
        return "; ".join(filter(None, (_message(one) for one in body[:3])))
    return ""


def _field(body: object, name: str) -> Any:
    if isinstance(body, Mapping):
        if name in body:
            return body[name]
        return _field(body.get("error"), name)
    return None


def everything(body: object) -> str:
    """All strings of an error, capped: codes, types, messages and parameters alike."""
    return " ".join(_strings(body, depth=0))[:8000]


def _strings(body: object, *, depth: int) -> Iterator[str]:
    if isinstance(body, str):
        yield body[:4000]
    elif isinstance(body, Mapping) and depth < 6:
        for name, one in body.items():
            if name != "input":  # FastAPI echoes the request there, whose words would be taken for the server's
                yield from _strings(one, depth=depth + 1)
    elif isinstance(body, list | tuple) and depth < 6:
        for one in body[:20]:
            yield from _strings(one, depth=depth + 1)
