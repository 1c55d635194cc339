"""What a run would begin with and what it may cost, as one object: what `--dry-run` tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from agent import checks
from agent.cli.rehearsing import Rehearsal
from agent.events import JSON, Usage
from agent.goal import AbsentCheck, Budget, Check, FileCheck, RegexCheck, RunCheck, SchemaCheck, UnchangedCheck
from agent.history import CALL, FIND, FINISH
from agent.opening.kept import OFFLINE, endpoint_of
from agent.opening.work import Wanted


def forecast(found: Rehearsal) -> dict[str, JSON]:
    """The object of `--output json`."""
    kit, goal = found.kit, found.wanted.goal
    price = _price(found)
    sizes = kit.prompt.sizes(kit.history, kit.model.window)  # after the price: its list knows windows too
    return {
        "goal": {"name": goal.name, "source": goal.source},
        "model": _model(found.wanted),
        "workspace": {"path": str(found.workspace), "there": found.there},
        "memory": _memory(found),
        "attended": found.attended,
        "limits": _limits(found),
        "window": {"tokens": sizes.window, "origin": _window_origin(found), "reply": sizes.reply},
        "tokens": _tokens(found),
        "price": price,
        "tools": _tools(found),
        "checks": _checks(found),
        "messages": [json.loads(message.wire) for message in found.request.messages],
        "stops": {"state": found.stopped.state, "reason": found.stopped.reason} if found.stopped else None,
    }


# -- which model, and why


def _model(wanted: Wanted) -> dict[str, JSON]:
    choice, goal = wanted.choice, wanted.goal
    offline = choice.name == OFFLINE
    fallback: list[JSON] = [name for name in goal.model.fallback if name != choice.name]
    return {
        "name": choice.name,
        "why": _named_by(wanted) or choice.why,
        "endpoint": None if offline else endpoint_of(choice),
        "endpoint_why": None if offline else _endpoint_why(wanted),
        "key": None if offline or choice.api_key is None else _origin("OPENAI_API_KEY", wanted),
        "fallback": [] if offline else fallback,
    }


def _named_by(wanted: Wanted) -> str | None:
    if wanted.flags.model is not None:
        return "named by --model"
    if wanted.goal.model.name is not None:
        return "named by the goal file"
    return None if wanted.settings.model is None else f"named by {_origin('THINKACT_MODEL', wanted)}"


def _endpoint_why(wanted: Wanted) -> str:
    if wanted.flags.base_url is not None:
        return "--base-url"
    if wanted.settings.base_url is not None:
        return _origin("OPENAI_BASE_URL", wanted)
    return "OpenAI's own, where none is named" if wanted.choice.base_url is None else wanted.choice.why


def _origin(name: str, wanted: Wanted) -> str:
    return f"{name} ({wanted.settings.origin(name)})"


# -- what holds


def _memory(found: Rehearsal) -> dict[str, JSON]:
    kit, started = found.kit, found.kit.history.started
    notes: list[JSON] = [
        {"id": one.id, "score": one.score, "origin": one.origin, "date": one.date, "text": one.text}
        for one in kit.history.notes
    ]
    return {
        "namespace": started.namespace if started and kit.goal.recall else None,
        "notes": notes,
    }


def _limits(found: Rehearsal) -> dict[str, JSON]:
    budget, origins = found.budget.budget, found.budget.origins
    named = {one.name: getattr(budget, one.name) for one in fields(Budget) if one.name != "tool_calls"}
    named |= {f"tool_calls.{tool}": most for tool, most in budget.tool_calls.items()}
    return {name: {"value": value, "origin": origins.get(name, "default")} for name, value in named.items()}


def _window_origin(found: Rehearsal) -> str:
    if found.wanted.goal.model.window is not None:
        return "stated"
    return "assumed" if found.kit.model.window is None else "known"


def _tokens(found: Rehearsal) -> dict[str, JSON]:
    """About how many tokens the first prompt has, and how many of them each part."""
    kit = found.kit
    whole = kit.prompt.tokens(kit.history, kit.limits.allowance, kit.today())
    tools, messages = kit.prompt.weigh(found.request)
    notes = _notes_tokens(found)
    parts: dict[str, JSON] = {
        "tools": tools,
        "system": messages[0],
        "goal": messages[1],
        "context": sum(messages[2:-1]),
        "state": messages[-1] - notes,
        "notes": notes,
        "frame": whole - tools - sum(messages),
    }
    return {"prompt": whole, "parts": parts}


def _notes_tokens(found: Rehearsal) -> int:
    """What the recalled notes take of the prompt: so much less it would be without them."""
    kit, history = found.kit, found.kit.history
    recalled = history.notes

    def now() -> int:
        return kit.prompt.tokens(history, kit.limits.allowance, kit.today())

    whole, history.notes = now(), ()
    bare, history.notes = now(), recalled
    return whole - bare


def _price(found: Rehearsal) -> dict[str, JSON]:
    """US dollars of the first call, with no reply and with the longest, and the most that the limits let a run spend;
    None where the price is not known."""
    kit = found.kit
    prompt = kit.prompt.tokens(kit.history, kit.limits.allowance, kit.today())
    first = kit.model.price(Usage(prompt_tokens=prompt))
    most = kit.model.price(Usage(prompt_tokens=prompt, completion_tokens=found.request.reply))
    return {"first_call": first, "first_call_most": most, "run_most": _dearest(found)}


def _dearest(found: Rehearsal) -> float | None:
    """The limit on money, or what all tokens cost where each is of the dearer kind, whichever is less."""
    budget, price = found.budget.budget, found.kit.model.price
    tokens = budget.tokens or 0
    kinds = [price(Usage(prompt_tokens=tokens)), price(Usage(completion_tokens=tokens))]
    known = [usd for usd in kinds if usd is not None]
    if len(known) < len(kinds):
        return None
    return min(max(known), budget.usd or max(known))


# -- tools and checks


def _tools(found: Rehearsal) -> list[JSON]:
    """Every tool, with how a call in the first step would be ruled. What is denied by name is neither offered nor
    found."""
    offer = found.kit.offer
    offered = {tool.name: tool for tool in offer.told}
    told: list[JSON] = []
    for name, tool in found.toolbox.tools.items():
        ruling = found.kit.approval.rule(name, tool.effect, 1)
        told.append(_tool(name, tool.effect.value, ruling.decision, ruling.reason, offered, found=name in offer.others))
    own = [name for name in (FIND, CALL, FINISH) if name in offered]
    return [*told, *(_tool(name, "read", "allow", "the loop's own", offered, found=False) for name in own)]


def _tool(
    name: str, effect: str, ruling: str, reason: str, offered: Mapping[str, Any], *, found: bool
) -> dict[str, JSON]:
    definition: JSON = json.loads(offered[name].wire) if name in offered else None
    return {
        "name": name,
        "effect": effect,
        "ruling": ruling,
        "reason": reason,
        "offered": name in offered,
        "found": found,
        "definition": definition,
    }


def _checks(found: Rehearsal) -> list[JSON]:
    goal = found.wanted.goal
    results = checks.make(goal, found.kit.scene(), attempt=1)
    told: list[JSON] = []
    for check, result in zip(goal.checks, results, strict=False):
        passed, detail = _standing(check, result.passed, result.detail, found)
        told.append({"name": result.name, "passed": passed, "detail": detail, "required": result.required})
    return told


def _standing(check: Check, passed: bool, detail: str, found: Rehearsal) -> tuple[bool | None, str]:
    """Does it pass as things are? None where only the end of a run can tell."""
    match check:
        case FileCheck() | RegexCheck() | SchemaCheck() | AbsentCheck() | UnchangedCheck():
            return passed, detail
        case RunCheck():
            ruling = found.kit.approval.rule_program(check.run)
            return None, f"its program is not run here; in the run: {ruling.decision}, {ruling.reason}"
        case _:
            return None, "decided when the run ends"
