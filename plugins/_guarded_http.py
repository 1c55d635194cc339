"""The web behind a tool's gate: who declares no FETCH reads no address, and who declares no SEND sends nothing."""

from __future__ import annotations

from collections.abc import Mapping

from plugins import _handed as handed
from plugins._given_web import Fetched, Http
from plugins._outcome import Effect, ToolError
from plugins._revocation import Gate


class GuardedHttp:
    """A web whose arguments are checked, for a tool of this effect."""

    def __init__(self, http: Http, tool: str, effect: Effect, gate: Gate) -> None:
        self._http, self._tool, self._effect, self._gate = http, tool, effect, gate

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
        fresh: bool = False,
    ) -> Fetched:
        self._permit("read an address", Effect.FETCH, Effect.SEND)
        found = self._http.get(
            handed.text(url, "context.http.get: url"),
            headers=_headers(headers, "context.http.get: headers"),
            most_bytes=handed.at_least(1, most_bytes, "context.http.get: most_bytes"),
            timeout=handed.number(timeout, "context.http.get: timeout"),
            fresh=handed.flag(fresh, "context.http.get: fresh"),
        )
        self._gate.check()
        return found

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
    ) -> Fetched:
        self._permit("send anything", Effect.SEND)
        answer = self._http.send(
            handed.text(method, "context.http.send: method"),
            handed.text(url, "context.http.send: url"),
            content=handed.content(content, "context.http.send: content"),
            headers=_headers(headers, "context.http.send: headers"),
            most_bytes=handed.at_least(1, most_bytes, "context.http.send: most_bytes"),
            timeout=handed.number(timeout, "context.http.send: timeout"),
        )
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


def _headers(given: object, what: str) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} must be a mapping of names to values, and is {type(given).__name__}")
    return {handed.text(name, what): handed.text(value, what) for name, value in given.items()}
