"""The trial of the offline model."""

from __future__ import annotations

from agent.model.trial.rules import try_rules


def test_the_rules_make_the_call_that_is_asked_for_and_cost_nothing() -> None:
    report = try_rules()
    assert report.works
    assert {one.name: one.outcome for one in report.findings} == {"tool calls": "passed", "window": "passed"}
    assert report.window.tokens == 1_000_000
    assert report.usage is None
