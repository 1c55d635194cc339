"""Events: encode and decode are exact inverses, and what is unknown is refused."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import events
from agent.events import KINDS, Event, Thought, UnknownEvent, coding, decode, encode, facts, values

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(0, 2**53),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    types.NoneType: st.none(),
}


def made_for(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type hint."""
    if hint in PLAIN:
        return PLAIN[hint]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return instances(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(made_for(arguments[0]), max_size=3).map(tuple)
    if origin in (Union, types.UnionType):
        if list in {get_origin(one) for one in arguments}:
            return JSON_VALUES
        return st.one_of([made_for(one) for one in arguments])
    assert origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)), hint
    return st.dictionaries(st.text(), made_for(arguments[1]), max_size=3)


def instances(cls: type[Any]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{one.name: made_for(hints[one.name]) for one in dataclasses.fields(cls)})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_was_encoded_is_decoded_to_the_same_event(kind: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(event=instances(KINDS[kind]))
    def holds(event: Event) -> None:
        body = encode(event)
        assert body["kind"] == kind
        stored = json.loads(json.dumps(body, ensure_ascii=False))
        assert decode(stored) == event
        assert encode(decode(stored)) == body

    holds()


def test_the_union_is_closed_over_every_event_class_of_the_room() -> None:
    classes = {one for one in vars(facts).values() if isinstance(one, type) and isinstance(vars(one).get("kind"), str)}
    assert classes == set(KINDS.values())
    assert all(kind == one.kind for kind, one in KINDS.items())
    assert len(KINDS) == len(get_args(Event))


def test_the_face_of_the_room_names_all_that_its_parts_have() -> None:
    mine = {
        name
        for part in (values, facts, coding)
        for name, one in vars(part).items()
        if isinstance(one, type) and one.__module__ == part.__name__
    }
    assert mine <= set(events.__all__)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownEvent, match=r"of kind 'thought\.reversed'.*newer thinkact"):
        decode({"kind": "thought.reversed"})


@pytest.mark.parametrize("body", [{}, {"kind": None}, {"kind": ["thought"]}, {"kind": "thought", "v": "2"}])
def test_a_body_without_a_kind_or_with_a_strange_version_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent):
        decode(body)


def test_a_newer_version_of_a_known_kind_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="version 2"):
        decode({"kind": "thought", "v": 2, "text": "later"})


def test_fields_that_are_not_those_of_the_kind_are_refused_in_one_line() -> None:
    with pytest.raises(UnknownEvent, match="of kind 'thought' is not what was written"):
        decode({"kind": "thought"})
    with pytest.raises(UnknownEvent, match="not what was written"):
        decode({"kind": "thought", "text": "x", "calls": [3]})


def test_a_field_of_a_later_version_that_kept_its_number_is_passed_over() -> None:
    assert decode({"kind": "thought", "text": "x", "mood": "fine"}) == Thought(text="x")


def test_what_a_call_of_the_model_cost_is_prompt_and_completion_together() -> None:
    assert events.Usage(prompt_tokens=5, cached_tokens=3, completion_tokens=2).tokens == 7
