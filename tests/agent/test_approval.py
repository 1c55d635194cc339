"""Approval: effect x mode x names."""

from __future__ import annotations

import pytest

from agent.approval import Allow, Approval, Policy
from plugins import Effect
from tests.kits import Person

EFFECTS = list(Effect)


def decisions(policy: Policy, tool: str = "work", *, person: bool = False) -> dict[str, str]:
    approval = Approval(policy, Person() if person else None)
    return {effect.value: approval.rule(tool, effect, 1).decision for effect in EFFECTS}


def test_at_a_terminal_everything_but_reading_is_asked() -> None:
    assert decisions(Policy(attended=True), person=True) == {
        "read": "allow",
        "write": "ask",
        "execute": "ask",
        "fetch": "ask",
        "send": "ask",
    }


def test_with_nobody_there_what_would_need_asking_is_denied() -> None:
    assert decisions(Policy()) == {
        "read": "allow",
        "write": "allow",
        "execute": "deny",
        "fetch": "allow",
        "send": "deny",
    }


def test_yes_answers_for_programs_but_never_for_sending() -> None:
    assert decisions(Policy(yes=True)) == {
        "read": "allow",
        "write": "allow",
        "execute": "allow",
        "fetch": "allow",
        "send": "deny",
    }


@pytest.mark.parametrize("yes", [True, False])
def test_a_tool_that_the_user_allows_by_name_may_do_all_unattended(yes: bool) -> None:
    assert set(decisions(Policy(own=("wo*",), yes=yes)).values()) == {"allow"}


def test_a_goal_file_lets_nothing_leave_unattended_without_y() -> None:
    assert decisions(Policy(allow=("wo*",)))["send"] == "deny"
    assert decisions(Policy(allow=("wo*",)))["execute"] == "allow"
    assert decisions(Policy(allow=("wo*",), yes=True))["send"] == "allow"


def test_a_tool_allowed_by_name_is_not_asked_at_a_terminal() -> None:
    assert set(decisions(Policy(allow=("work",), attended=True), person=True).values()) == {"allow"}


@pytest.mark.parametrize(
    "policy", [Policy(deny=("w?rk",), allow=("work",), yes=True), Policy(deny=("*",), attended=True)]
)
def test_a_denied_tool_is_denied_whatever_else_holds(policy: Policy) -> None:
    assert set(decisions(policy, person=True).values()) == {"deny"}
    assert Approval(policy).denied("work")
    assert "rules" in Approval(policy).rule("work", Effect.READ, 1).reason


def test_a_tool_to_be_asked_is_asked_even_where_it_only_reads() -> None:
    assert decisions(Policy(ask=("work",), allow=("work",), attended=True), person=True)["read"] == "ask"


def test_a_tool_to_be_asked_is_denied_where_nobody_is_unless_yes_answers() -> None:
    assert set(decisions(Policy(ask=("work",))).values()) == {"deny"}
    assert decisions(Policy(ask=("work",), yes=True))["write"] == "allow"
    assert decisions(Policy(ask=("work",), yes=True))["send"] == "deny"


def test_attended_without_anybody_to_ask_counts_as_unattended() -> None:
    assert decisions(Policy(attended=True))["send"] == "deny"


def test_names_are_matched_with_their_case() -> None:
    assert decisions(Policy(allow=("Work",)))["send"] == "deny"


def test_steps_run_unasked_up_to_the_number_given() -> None:
    approval = Approval(Policy(attended=True, unasked=3), Person())
    assert [approval.rule("work", Effect.SEND, step).decision for step in (1, 3, 4)] == ["allow", "allow", "ask"]


def test_what_the_person_granted_holds_on() -> None:
    approval = Approval(Policy(attended=True), Person())
    approval.grant("work", Allow(), 5)
    assert approval.rule("work", Effect.WRITE, 5).decision == "ask"
    approval.grant("work", Allow(steps=2), 5)
    assert [approval.rule("other", Effect.WRITE, step).decision for step in (5, 6, 7)] == ["allow", "allow", "ask"]
    approval.grant("work", Allow(steps=1), 5)
    assert approval.rule("other", Effect.WRITE, 6).decision == "allow"
    approval.grant("work", Allow(always=True), 9)
    assert approval.rule("work", Effect.SEND, 99).decision == "allow"
    assert approval.rule("other", Effect.SEND, 99).decision == "ask"


def test_always_answers_also_for_a_tool_that_the_rules_say_to_ask() -> None:
    approval = Approval(Policy(attended=True, ask=("work",)), Person())
    approval.grant("work", Allow(always=True), 1)
    assert approval.rule("work", Effect.WRITE, 2).decision == "allow"


def test_the_reason_tells_what_decided() -> None:
    assert Approval(Policy()).rule("work", Effect.SEND, 1).reason == (
        "work needs approval (its effect is send), and nobody can be asked"
    )
    assert (
        "unasked until step 2" in Approval(Policy(attended=True, unasked=2), Person()).rule("w", Effect.SEND, 1).reason
    )
