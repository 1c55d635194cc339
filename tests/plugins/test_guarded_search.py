from __future__ import annotations

import threading
from typing import Any

import pytest

from plugins import Effect, Searched, ToolError
from plugins._guarded_search import GuardedSearch
from plugins._revocation import Gate


class Said:
    """A search that notes what reaches it."""

    def __init__(self) -> None:
        self.reached: list[Any] = []

    def find(self, query: str, *, count: int = 10, site: str = "", since: str = "") -> Searched:
        self.reached.append((query, count, site, since))
        return Searched(hits=(), asked=())


def guarded(search: Said, effect: Effect, gate: Gate | None = None) -> Any:
    return GuardedSearch(search, "own", effect, gate or Gate(threading.Event()))


@pytest.mark.parametrize("effect", [Effect.READ, Effect.WRITE, Effect.EXECUTE])
def test_who_declares_no_fetch_searches_nothing(effect: Effect) -> None:
    search = Said()
    with pytest.raises(ToolError, match="so it may not search the web") as caught:
        guarded(search, effect).find("pier")
    assert "Effect.FETCH" in str(caught.value.hint)
    assert search.reached == []


@pytest.mark.parametrize("effect", [Effect.FETCH, Effect.SEND])
def test_who_declares_it_searches(effect: Effect) -> None:
    search = Said()
    guarded(search, effect).find("栈桥", count=3, site="example.org", since="week")
    assert search.reached == [("栈桥", 3, "example.org", "week")]


@pytest.mark.parametrize(
    ("query", "options"),
    [(None, {}), ("a", {"count": "3"}), ("a", {"count": 0}), ("a", {"site": None}), ("a", {"since": 2026})],
)
def test_what_an_author_hands_over_is_checked(query: Any, options: dict[str, Any]) -> None:
    search = Said()
    with pytest.raises((TypeError, ValueError), match=r"context\.search\.find"):
        guarded(search, Effect.FETCH).find(query, **options)
    assert search.reached == []


def test_a_call_that_was_given_up_searches_no_more() -> None:
    gate, search = Gate(threading.Event()), Said()
    gate.close("it took too long", patience=0)
    with pytest.raises(ToolError):
        guarded(search, Effect.FETCH, gate).find("pier")
    assert search.reached == []
