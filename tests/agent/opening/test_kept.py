"""What of a run holds on its next resume: what was denied, and where its model is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.errors import UsageError
from agent.goal import Goal
from agent.goal.envelope import ModelChoice
from agent.model.choice import Choice
from agent.opening.flags import Flags
from agent.opening.kept import Kept, endpoint_of, narrowed, next_choice
from agent.settings import Settings

HERE, THERE = "http://127.0.0.1:9/v1", "https://one.example/v1"
OTHER = "https://other.example/v1"


def flags(**more: Any) -> Flags:
    return Flags(**more)


def settings(**more: Any) -> Settings:
    return Settings(home=Path("home"), config=Path("config.toml"), **more)


def next_of(
    kept: Kept, given: Flags | None = None, goal: str | None = None, **stated: Any
) -> tuple[str, str | None, str | None, bool]:
    wanted = Goal(goals=("x",), model=ModelChoice(name=goal))
    choice, pinned = next_choice(kept, given or flags(), wanted, settings(**stated))
    return choice.name, choice.base_url, choice.api_key, pinned


def test_a_pinned_run_stays_where_it_was_and_the_key_of_another_host_does_not_come_along() -> None:
    kept = Kept(model="private", endpoint=HERE, pinned=True)
    stated: dict[str, Any] = {"base_url": OTHER, "api_key": "theirs", "model": "big"}
    assert next_of(kept, goal="small", **stated) == ("private", HERE, None, True)
    assert next_of(kept, base_url="http://127.0.0.1:7/v1", api_key="k") == ("private", HERE, "k", True)


def test_an_endpoint_that_needs_no_key_of_the_settings_is_kept() -> None:
    assert next_of(Kept(model="m", endpoint=THERE), base_url=OTHER) == ("m", THERE, None, False)
    assert next_of(Kept(model="m", endpoint=THERE)) == ("m", THERE, None, False)


@pytest.mark.parametrize("base_url", [OTHER, None])
@pytest.mark.parametrize("pinned", [True, False])
def test_a_key_for_another_host_ends_it_in_one_line_that_names_both(base_url: str | None, pinned: bool) -> None:
    with pytest.raises(UsageError) as caught:
        next_of(Kept(model="m", endpoint=THERE, pinned=pinned), base_url=base_url, api_key="theirs")
    assert "one.example" in caught.value.message
    assert ("other.example" if base_url else "api.openai.com") in caught.value.message
    assert caught.value.hint is not None
    assert f"--base-url {THERE}" in caught.value.hint
    assert "--model" in caught.value.hint
    assert "theirs" not in caught.value.message + caught.value.hint


def test_a_server_of_the_same_host_that_moved_is_followed_unless_it_was_pinned() -> None:
    moved = "http://localhost:7/v1"
    assert next_of(Kept(model="m", endpoint=HERE), base_url=moved, api_key="k") == ("m", moved, "k", False)
    secret = "https://user:word@one.example/v1?key=1"
    assert next_of(Kept(model="m", endpoint=THERE, pinned=True), base_url=secret) == ("m", secret, None, True)


def test_a_flag_takes_the_run_elsewhere() -> None:
    kept = Kept(model="private", endpoint=HERE, pinned=True)
    there = next_of(kept, flags(base_url=OTHER, model="big"), api_key="k")
    assert there == ("big", OTHER, "k", True)
    assert next_of(kept, flags(base_url=OTHER), goal="offline", model="named") == ("named", OTHER, None, True)
    assert next_of(kept, flags(base_url=HERE), model="named") == ("private", HERE, None, True)
    assert next_of(kept, flags(model="big")) == ("big", HERE, None, True)
    assert next_of(kept, flags(model="offline")) == ("offline", None, None, False)


def test_an_offline_run_stays_offline_until_a_flag_says_otherwise() -> None:
    kept = Kept(model="offline")
    stated: dict[str, Any] = {"base_url": OTHER, "api_key": "k", "model": "big"}
    assert next_of(kept, goal="small", **stated) == ("offline", None, None, False)
    assert next_of(kept, flags(model="big"), **stated) == ("big", OTHER, "k", False)
    assert next_of(kept, flags(base_url=THERE, model="m")) == ("m", THERE, None, True)


def test_a_real_model_does_not_become_offline_by_goal_or_settings() -> None:
    assert next_of(Kept(model="m", endpoint=HERE), goal="offline", model="offline") == ("m", HERE, None, False)
    assert next_of(Kept(model="m"), goal="offline", base_url=OTHER) == ("m", OTHER, None, False)


def test_what_is_kept_of_an_endpoint_holds_no_secret() -> None:
    assert endpoint_of(Choice("m", "https://user:word@one.example:8/v1?key=1#x", "k")) == "https://one.example:8/v1"
    assert endpoint_of(Choice("m", None, "k")) == "https://api.openai.com/v1"
    assert endpoint_of(Choice("offline")) == ""


def test_what_was_denied_is_joined_by_what_is_denied_now() -> None:
    joined = narrowed(flags(deny=("b", "a")), Kept(deny=("a",), memory=False))
    assert joined.deny == ("a", "b")
    assert not joined.memory
    assert not narrowed(flags(memory=False), Kept()).memory
