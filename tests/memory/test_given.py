"""What a caller may hand in by mistake: each is told in a line, and nothing is stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from memory import Recall
from memory.recall import Draft, RecallError


def nested(depth: int) -> Any:
    whole: Any = {}
    for _ in range(depth):
        whole = {"a": whole}
    return whole


@pytest.fixture
def recall(tmp_path: Path) -> Iterator[Recall]:
    with Recall(tmp_path / "notes.db", embedder="hashing") as one:
        one.add("Herons nest at pier 7.", {"source": "survey"})
        yield one


Call = Callable[[Any, str], object]  # untyped on purpose: these are mistakes that no type checker saw
MISTAKES: list[tuple[str, Call, str]] = [
    ("search(None)", lambda r, _: r.search(None), "the query is to be a text, not None"),
    ("search(5)", lambda r, _: r.search(5), "the query is to be a text, not 5"),
    ("search(10**9999)", lambda r, _: r.search(10**9999), "the query is to be a text, not so large a number"),
    ("search(b'x')", lambda r, _: r.search(b"x"), "the query is to be a text, not bytes"),
    ("search('x', '3')", lambda r, _: r.search("x", "3"), "k, the most notes of a search, is to be a whole number"),
    ("search('x', 2.5)", lambda r, _: r.search("x", 2.5), "a whole number, not 2.5"),
    ("search('x', 0)", lambda r, _: r.search("x", 0), "at least 1, not 0"),
    ("search('x', -1)", lambda r, _: r.search("x", -1), "at least 1, not -1"),
    ("search('x', True)", lambda r, _: r.search("x", True), "at least 1, not True"),
    ("search('x', None)", lambda r, _: r.search("x", None), "a whole number, not None"),
    ("where='who'", lambda r, _: r.search("x", where="who"), "(where) is to be a mapping, not str"),
    ("where=''", lambda r, _: r.search("x", where=""), "(where) is to be a mapping, not str"),
    ("where=['who']", lambda r, _: r.search("x", where=["who"]), "(where) is to be a mapping, not list"),
    ("where={1: 2}", lambda r, _: r.search("x", where={1: 2}), "is to be a text, not 1"),
    ("where={'a': b''}", lambda r, _: r.search("x", where={"a": b""}), "a text or a number, not bytes"),
    ("where={'a': {}}", lambda r, _: r.search("x", where={"a": {}}), "to be a list or an object"),
    ("where={'a': nan}", lambda r, _: r.search("x", where={"a": float("nan")}), "is no number of JSON"),
    (
        "where={'a': D}",
        lambda r, _: r.search("x", where={"a": Decimal(1)}),
        "the value of 'a' is to be a text or a num",
    ),
    ("where=201", lambda r, _: r.search("x", where={f"k{n}": 1 for n in range(201)}), "by 200 keys at most"),
    ("supersedes=half", lambda r, _: r.add("x", supersedes="\ud800"), "there is no note ? to replace"),
    ("size=10**30", lambda r, _: source(r, "a", size=10**30), "a document's size is too large"),
    ("modified=nan", lambda r, _: source(r, "a", modified=float("nan")), "a document was modified is no number"),
    ("modified=10**400", lambda r, _: source(r, "a", modified=10**400), "a document was modified is no number"),
    ("floor='x'", lambda r, _: r.search("x", floor="x"), "floor is to be a number, not str"),
    ("add(None)", lambda r, _: r.add(None), "a note is to be a text, not None"),
    ("add(5)", lambda r, _: r.add(5), "a note is to be a text, not 5"),
    ("add(['x'])", lambda r, _: r.add(["x"]), "a note is to be a text, not list"),
    ("expires='x'", lambda r, _: r.add("x", expires="x"), "expires is to be a number, not str"),
    ("expires=nan", lambda r, _: r.add("x", expires=float("nan")), "is no number"),
    ("expires=10**400", lambda r, _: r.add("x", expires=10**400), "is no number"),
    ("label=5", lambda r, _: r.add("x", label=5), "a note's label is to be a text, not 5"),
    ("run=5", lambda r, _: r.add("x", run=5), "a note's run is to be a text, not 5"),
    ("step='x'", lambda r, _: r.add("x", step="x"), "a note's step is to be a whole number, not str"),
    ("context=5", lambda r, _: r.add("x", context=5), "a note's context is to be a text, not 5"),
    ("supersedes=5", lambda r, _: r.add("x", supersedes=5), "a note's supersedes is to be a text, not 5"),
    ("supersedes='nothere'", lambda r, _: r.add("x", supersedes="nothere"), "there is no note nothere to replace"),
    ("kind='x'", lambda r, _: r.add("x", kind="x"), "is not a note's kind"),
    ("kind=[]", lambda r, _: r.add("x", kind=[]), "is not a note's kind"),
    ("origin=None", lambda r, _: r.add("x", origin=None), "is not a note's origin"),
    ("metadata='x'", lambda r, _: r.add("x", "x"), "metadata is to be a mapping, not str"),
    ("metadata=[1]", lambda r, _: r.add("x", [1]), "metadata is to be a mapping, not list"),
    ("metadata={'a': object}", lambda r, _: r.add("x", {"a": object()}), "cannot be written as JSON"),
    ("metadata={'a': {1}}", lambda r, _: r.add("x", {"a": {1}}), "cannot be written as JSON"),
    ("metadata of tuples", lambda r, _: r.add("x", {("a",): 1}), "cannot be written as JSON"),
    ("metadata, nested", lambda r, _: r.add("x", nested(100_000)), "it is nested too deep"),
    ("add_many(None)", lambda r, _: r.add_many(None), "the notes to add are to be a list or the like, not None"),
    ("add_many('text')", lambda r, _: r.add_many("text"), "the notes to add are to be a list or the like, not str"),
    ("add_many({})", lambda r, _: r.add_many({"text": "x"}), "the notes to add are to be a list or the like, not dict"),
    ("add_many([None])", lambda r, _: r.add_many([None]), "a note is to be a text, not None"),
    ("add_many([5])", lambda r, _: r.add_many([5]), "5 is no note"),
    ("add_many([{}])", lambda r, _: r.add_many([{}]), "is no note"),
    ("add_many of a bad one", lambda r, _: r.add_many(["good", {"txt": "x"}]), "is no note"),
    ("edit(bogus)", lambda r, note: r.edit(note, bogus=1), "a note has no field 'bogus' to edit"),
    ("edit(text=None)", lambda r, note: r.edit(note, text=None), "a note is to be a text, not None"),
    ("edit(text='')", lambda r, note: r.edit(note, text=" "), "the note is empty"),
    ("edit(expires)", lambda r, note: r.edit(note, expires="90d"), "expires is to be a number, not str"),
    ("edit(metadata)", lambda r, note: r.edit(note, metadata=None), "metadata is to be a mapping, not None"),
    ("edit(None)", lambda r, _: r.edit(None, text="x"), "a note's id is to be a text, not None"),
    ("forget(None)", lambda r, _: r.forget(None), "a note's id is to be a text, not None"),
    ("forget(a note)", lambda r, note: r.forget(r.get(note)), "a note's id is to be a text, not Note"),
    ("forget(a list)", lambda r, note: r.forget([note]), "a note's id is to be a text, not list"),
    ("get(5)", lambda r, _: r.get(5), "a note's id is to be a text, not 5"),
    ("history(None)", lambda r, _: r.history(None), "a note's id is to be a text, not None"),
    ("beginning_with(None)", lambda r, _: r.beginning_with(None), "a note's id is to be a text, not None"),
    ("mark_used(an id)", lambda r, note: r.mark_used(note), "the ids of notes are to be a list"),
    ("mark_used([None])", lambda r, _: r.mark_used([None]), "a note's id is to be a text, not None"),
    ("list('5')", lambda r, _: r.list("5"), "limit, the most notes of a list, is to be a whole number"),
    ("list(-1)", lambda r, _: r.list(-1), "at least 0, not -1"),
    ("list(5, -1)", lambda r, _: r.list(5, -1), "offset, the notes to pass over, is to be a whole number"),
    ("list(kind='x')", lambda r, _: r.list(kind="x"), "'x' is no kind of note"),
    ("similar(None)", lambda r, _: r.similar(None), "the text is to be a text, not None"),
    ("similar('x', '3')", lambda r, _: r.similar("x", "3"), "k is to be a whole number"),
    ("import_notes(None)", lambda r, _: r.import_notes(None), "the notes to import are to be a list"),
    ("import_notes('x')", lambda r, _: r.import_notes("x"), "the notes to import are to be a list"),
    ("import_notes([5])", lambda r, _: r.import_notes([5]), "note 1 of what is to be imported"),
    ("replace_source(None)", lambda r, _: source(r, None), "a document's name is to be a text, not None"),
    ("replace_source('', ...)", lambda r, _: source(r, " "), "a document needs a name"),
    ("replace_source(a text)", lambda r, _: source(r, "a.md", "text"), "a document's passages are to be a list"),
    (
        "replace_source of None",
        lambda r, _: source(r, "a.md", ["a", {"text": None}]),
        "a note is to be a text, not None",
    ),
    ("replace_source([5])", lambda r, _: source(r, "a.md", [5]), "5 is no note"),
    ("forget_sources('a.md')", lambda r, _: r.forget_sources("a.md"), "the names of documents are to be a list"),
    ("sync('x')", lambda r, _: r.sync(wait="x"), "wait, in seconds, is to be a number, not str"),
]


def source(recall: Any, name: object, drafts: object = (), *, size: object = 1, modified: object = 1.0) -> object:
    return recall.replace_source(name, drafts, digest="1", size=size, modified=modified)


@pytest.mark.parametrize(("call", "said"), [one[1:] for one in MISTAKES], ids=[one[0] for one in MISTAKES])
def test_a_mistake_is_told_in_a_line_and_nothing_is_changed(recall: Recall, call: Call, said: str) -> None:
    before = list(recall.export())
    with pytest.raises(RecallError) as told:
        call(recall, str(before[0]["id"]))
    assert said in told.value.message
    assert "\n" not in told.value.message
    assert len(told.value.message) < 300
    assert told.value.hint
    assert list(recall.export()) == before


OPENED: list[tuple[str, dict[str, Any], str]] = [
    ("path=None", {"path": None}, "the path of a memory is to be a path, not None"),
    ("path=5", {"path": 5}, "the path of a memory is to be a path, not 5"),
    ("namespace=None", {"namespace": None}, "a namespace is to be a text, not None"),
    ("namespace=' '", {"namespace": " "}, "a namespace needs a name"),
    ("embedder='bogus'", {"embedder": "bogus"}, "there is no embedder 'bogus'"),
    ("embedder=5", {"embedder": 5}, "a int is no embedder"),
    ("embedder='endpoint'", {"embedder": "endpoint"}, "no endpoint for vectors is set up"),
    ("chroma=5", {"chroma": 5}, "the address of the chroma server is to be a text, not 5"),
    ("chroma='x'", {"chroma": "x"}, "no URL of a server"),
    ("tell='x'", {"tell": "x"}, "tell is to be a function, not str"),
    ("rules='x'", {"rules": "x"}, "rules is to be a Rules, not str"),
    ("exact_up_to='x'", {"exact_up_to": "x"}, "exact_up_to is to be a whole number, not str"),
    ("busy_seconds='x'", {"busy_seconds": "x"}, "busy_seconds is to be a number, not str"),
    ("busy_seconds=-1", {"busy_seconds": -1}, "busy_seconds is to be 0 or more"),
]


@pytest.mark.parametrize(("fields", "said"), [one[1:] for one in OPENED], ids=[one[0] for one in OPENED])
def test_a_memory_that_cannot_be_meant_is_not_opened(tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(RecallError, match=r".") as told:
        Recall(**{"path": tmp_path / "notes.db"} | fields)
    assert said in told.value.message
    assert told.value.hint
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_mistake_is_taken_as_it_is_meant(recall: Recall, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    assert len(recall.search("herons", numpy.int64(3), floor=0)) == 1
    assert recall.search("") == []
    assert recall.list(0) == []
    assert recall.edit(recall.list()[0].id) is True
    assert recall.history(recall.list()[0].id) == [], "nothing was changed"
    end = time.time() + 60
    note = recall.get(recall.add("Storks nest at the mill.", expires=int(end)))
    assert note is not None
    assert note.expires == int(end)
    several: list[Draft | str | dict[str, Any]] = [Draft(text="one"), "two", {"text": "three"}]
    assert len(recall.add_many(iter(several))) == 3
    assert Recall(str(tmp_path / "notes.db")).count() == 5


def test_a_search_may_be_limited_by_as_many_values_as_one_likes_and_by_any_text(recall: Recall) -> None:
    identifier = recall.list()[0].id
    others = [f"{number}" for number in range(1_500)]
    fulfilled: list[dict[str, Any]] = [
        {"id": [*others, identifier]},
        {"source": [*others, "survey"]},
        {"id": identifier, "label": None, "step": [3, None], "kind": "note"},
        {"kind": ["\ud800", "note"]},
    ]
    missed: list[dict[str, Any]] = [
        {"id": others},
        {"source": []},
        {"source": None},
        {"label": "x"},
        {"\ud800": "\ud800"},
    ]
    assert [len(recall.search("herons", where=one)) for one in fulfilled] == [1] * 4
    assert [len(recall.search("herons", where=one)) for one in missed] == [0] * 5
    recall.add("Herons fish at pier 8.", {"half": "a\ud800", "none": None, "yes": True, "much": 0.1})
    described: list[dict[str, Any]] = [{"half": "a\ud800"}, {"none": [None]}, {"yes": True}, {"much": [0.1, "x"]}]
    for one in described:
        assert [hit.text for hit in recall.search("herons", where=one)] == ["Herons fish at pier 8."]
