from __future__ import annotations

import time

import pytest

from agent.goal.yaml_scan import MAX_ALIASES, MAX_DEPTH, MAX_NODES, Items, Place, Scalar, Table, YamlFault, scan


def fault(text: str) -> YamlFault:
    with pytest.raises(YamlFault) as raised:
        scan(text)
    return raised.value


def test_every_scalar_is_the_text_that_was_written() -> None:
    root = scan("a: no\nb: 1e3\nc: 12:30\nd: .inf\ne: 2026-01-31\nf: 007\n")
    assert isinstance(root, Table)
    assert [value.text for _, value in root.entries if isinstance(value, Scalar)] == [
        "no",
        "1e3",
        "12:30",
        ".inf",
        "2026-01-31",
        "007",
    ]


def test_nodes_know_their_places() -> None:
    root = scan("# 说明\ngoal: 写\nlist:\n  - a\n  - 'b'\n")
    assert isinstance(root, Table)
    assert root.entries[0][0].place == Place(2, 1)
    items = root.get("list")
    assert isinstance(items, Items)
    assert [item.place for item in items.items] == [Place(4, 5), Place(5, 5)]
    assert root.get("none") is None


def test_only_an_unquoted_blank_states_nothing() -> None:
    root = scan("a:\nb: ~\nc: null\nd: ''\ne: 'null'\n")
    assert isinstance(root, Table)
    assert [value.nothing for _, value in root.entries if isinstance(value, Scalar)] == [True, True, True, False, False]


@pytest.mark.parametrize("text", ["", "# a comment\n", "\n\n"])
def test_a_file_of_nothing_is_nothing(text: str) -> None:
    assert scan(text) is None


def test_an_alias_stands_for_what_it_names() -> None:
    root = scan("a: &x [1, 2]\nb: *x\nc: &y text\nd: *y\n")
    assert isinstance(root, Table)
    assert root.get("b") == root.get("a")
    assert root.get("d") == root.get("c")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: 1\na: 2\n", Place(2, 1), "second time"),
        ("<<: {a: b}\n", Place(1, 1), "merge"),
        ("a: !!python/object:x.y {}\n", Place(1, 4), "tags"),
        ("a: !secret b\n", Place(1, 4), "tags"),
        ("a: 1\n---\nb: 2\n", Place(2, 1), "second document"),
        ("? [a]\n: b\n", Place(1, 3), "plain text"),
        ("? {a: b}\n: c\n", Place(1, 3), "plain text"),
        ("x: &a b\n*a : c\n", Place(2, 1), "plain text"),
        ("goal: {{ topic }}\n", Place(1, 8), "needs quotes"),
        ("a: &x [*x]\n", Place(1, 8), "hold itself"),
        ("a: *x\n", Place(1, 4), "stands for nothing"),
        ("goal: a: b\n", Place(1, 8), 'second ":"'),
        ("a:\n\tb: c\n", Place(2, 1), "tab"),
        ("a: @b\n", Place(1, 4), "@"),
        ("a: `b`\n", Place(1, 4), "`"),
        ("a: %b\n", Place(1, 4), "%"),
        ("a: 'b\n", Place(2, 1), "never closed"),
        ("a: [b\nc: d\n", Place(2, 2), "expected"),
        ("a: b\x07\n", Place(1, 5), "U+0007"),
        ('a: "\\0"\n', Place(1, 4), "no text can hold"),
        ('a: "\\uD800"\n', Place(1, 4), "no text can hold"),
    ],
)
def test_what_is_refused_is_refused_with_its_place(text: str, place: Place, message: str) -> None:
    found = fault(text)
    assert found.place == place
    assert message in found.message


def test_an_escape_that_names_no_character_is_refused() -> None:
    assert "escape" in fault('a: "\\UFFFFFFFF"\n').message


def test_depth_is_bounded_also_through_aliases() -> None:
    assert scan("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    assert "deeper" in fault("[" * (MAX_DEPTH + 1)).message
    half = MAX_DEPTH // 2
    inner = "[" * half + "]" * half
    assert scan(f"a: &x {inner}\nb: " + "[" * (half - 1) + "*x" + "]" * (half - 1)) is not None
    assert "deeper" in fault(f"a: &x {inner}\nb: " + "[" * half + "*x" + "]" * half).message


def test_hostile_nesting_costs_no_time() -> None:
    begun = time.monotonic()
    fault("[" * 200_000)
    fault("{a: " * 60_000)
    assert time.monotonic() - begun < 5


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert f"{MAX_NODES:,}" in fault("\n".join(lines)).message


def test_aliases_and_nodes_are_counted() -> None:
    named = "a: &x y\nb: ["
    assert scan(named + ", ".join(["*x"] * MAX_ALIASES) + "]") is not None
    assert "aliases" in fault(named + ", ".join(["*x"] * (MAX_ALIASES + 1)) + "]").message
    assert "values" in fault("[" + "a," * (MAX_NODES + 1) + "]").message


def test_a_byte_order_mark_and_windows_line_ends_are_harmless() -> None:
    root = scan("\ufeffgoal: a\r\nname: b\r\n")
    assert isinstance(root, Table)
    assert [key.text for key, _ in root.entries] == ["goal", "name"]
