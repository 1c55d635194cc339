"""The web behind a tool's gate: who declares no FETCH reads no address, and who declares no SEND sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from plugins import _handed as handed
from plugins._given_web import Fetched, Http
from plugins._outcome import Effect, ToolError
from plugins._revocation import Gate


class GuardedHttp:
    """A web whose arguments are checked, for a tool of this effect. The methods take what those of `Http` do."""

    def __init__(self, http: Http, tool: str, effect: Effect, gate: Gate) -> None:
        self._http, self._tool, self._effect, self._gate = http, tool, effect, gate

    def get(self, url: str, **options: Any) -> Fetched:
        self._permit("read an address", Effect.FETCH, Effect.SEND)
        what = "context.http.get"
        found = self._http.get(handed.text(url, f"{what}: url"), **_checked(options, _READING, what))
        self._gate.check()
        return found

    def send(self, method: str, url: str, **options: Any) -> Fetched:
        self._permit("send anything", Effect.SEND)
        what = "context.http.send"
        how = handed.text(method, f"{what}: method")
        answer = self._http.send(how, handed.text(url, f"{what}: url"), **_checked(options, _SENDING, what))
        self._gate.check()
        return answer

    def _permit(self, what: str, *effects: Effect) -> None:
        self._gate.check()
        if self._effect not in effects:
            wanted = " or ".join(f"effect=Effect.{one.name}" for one in effects)
            raise ToolError(
                f"{self._tool} declares the effect {self._effect.name}, so it may not {what}",
                hint=f"a tool that does declares {wanted}",
            )


def _checked(
    options: Mapping[str, object], known: Mapping[str, Callable[[object, str], Any]], what: str
) -> dict[str, Any]:
    """The options by their checks. One that is not known is none of the author's: the client has others, too."""
    if unknown := sorted(options.keys() - known.keys()):
        raise TypeError(f"{what} takes no {unknown[0]}: it takes {', '.join(known)}")
    return {name: known[name](value, f"{what}: {name}") for name, value in options.items()}


def _headers(given: object, what: str) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} must be a mapping of names to values, and is {type(given).__name__}")
    return {handed.text(name, what): handed.text(value, what) for name, value in given.items()}


_BOTH: Mapping[str, Callable[[object, str], Any]] = {
    "headers": _headers,
    "most_bytes": partial(handed.at_least, 1),
    "timeout": handed.number,
}
_READING = {**_BOTH, "fresh": handed.flag}
_SENDING = {**_BOTH, "content": handed.content}
