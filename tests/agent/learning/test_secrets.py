"""Secrets: an input of a goal that is one is in no note, whatever the run made of it."""

from __future__ import annotations

from typing import Any

import pytest

from agent.approval import Comment, Policy
from agent.goal import Goal, ModelChoice, mask
from agent.model import Request
from plugins import Effect, ToolError, tool
from tests.kits import House, called, finish
from tests.recollection import Recollection
from tests.scripted import ScriptedModel

WRITE = called("write_file", path="out.md", content="text\n")
LONG_SECRET = "".join(f"{number:04d}-" for number in range(82))
"""Longer than what is told of an answer."""


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    return f"{name}: " + "many words of it " * 60


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("swordfish-alpha\nswordfish-beta", "swordfish-alpha\nswordfish-beta"),
        ("sword  fish and chips", "sword  fish and chips"),
        (LONG_SECRET, LONG_SECRET),
        (LONG_SECRET, f"{LONG_SECRET[:200]} …"),
        ("No. 7 quay! Enter", "No. 7 quay! Enter"),
    ],
)
def test_a_secret_input_is_in_no_note_of_a_run_however_it_is_folded_and_cut(
    house: House, memory: Recollection, secret: str, said: str
) -> None:
    @tool(effect=Effect.EXECUTE)
    def turn(handle: str, key: str = "") -> str:
        """Turn a handle.

        Args:
            handle: Which.
            key: With what.
        """
        if handle == "left":
            raise ToolError(f"no {key} turns left")
        return "open"

    house.seat(Comment(f"Always begin with {said}"))
    house.tools, house.policy = (turn,), Policy(attended=True, allow=("turn",))
    goal = Goal(goals=(f"Open by {said}",), inputs={"key": mask("key")}, secrets=(secret,))
    turned = [called("turn", handle=way, key=said) for way in ("left", "right")]
    words = f"{'I turned the handle. ' * (len(secret) < 400)}I used the key {said} to open it."
    house.run(goal, ScriptedModel([*turned, WRITE, finish(words)]))
    house.run(goal, ScriptedModel([turned[0], finish(words, reached=False)]))
    texts = [text for space in ("here", "global") for text in memory.texts(space)]
    episodes = memory.texts(kind="episode")
    assert len(episodes) == 2
    assert all("Answer: " in text and "I used the key <secret key>" in text for text in episodes)
    parts = [part for part in secret.split() if len(part) > 3] if len(secret) < 400 else [secret[:12]]
    assert not [text for text in texts for part in parts if part in text]


def test_a_finding_with_a_secret_over_two_lines_is_not_kept_in_halves(house: House, memory: Recollection) -> None:
    house.tools, house.policy = (look,), Policy(allow=("remember",))
    asked: list[Request] = []

    def reply(request: Request) -> Any:
        if request.purpose == "fold":
            asked.append(request)
            return "Findings.\n\nFor later runs:\n- The key is swordfish-alpha\nswordfish-beta\n"
        made = sum(message.role == "assistant" for message in request.messages)
        return finish() if len(asked) > 1 else called("look", name=f"thing {made} {len(asked)}")

    secret = "swordfish-alpha\nswordfish-beta"
    goal = Goal(
        goals=("Look.",), model=ModelChoice(window=6000, reply=500), inputs={"key": mask("key")}, secrets=(secret,)
    )
    house.run(goal, ScriptedModel(reply))
    assert memory.texts(kind="fact") == ["The key is <secret key>"]
