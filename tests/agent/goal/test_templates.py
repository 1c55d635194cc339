from __future__ import annotations

import os
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.goal.templates import Filling, Templates, is_name, literal, names_in


def fill(text: str, style: str = "plain", *, secret: bool = False, windows: bool = False, **inputs: str) -> str | None:
    fillings = {name: Filling(text=value) for name, value in inputs.items()}
    fillings["token"] = Filling(text="s3cret", secret=True)
    fillings["later"] = Filling(text="", known=False)
    return Templates(fillings, windows=windows)(text, style=style, secret=secret)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about {{ topic }}.", "about cats."),
        ("{{topic}}{{  topic  }}", "catscats"),
        ("{{ '{{' }} topic }}", "{{ topic }}"),
        ('{{ "}}" }}', "}}"),
        ("{single} } }}", "{single} } }}"),
        ("${{ topic }}", "$cats"),
    ],
)
def test_inputs_and_literals_are_filled_in(text: str, expected: str) -> None:
    assert fill(text, topic="cats") == expected


def test_what_was_put_in_is_not_read_again() -> None:
    assert fill("{{ a }}", a="{{ token }}") == "{{ token }}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ topc }}", 'did you mean "topic"'),
        ("{{ topic", "closed by no"),
        ("{{ topic | upper }}", "no input's name"),
        ("{{ }}", "no input's name"),
        ("{{ token }}", "secret"),
    ],
)
def test_what_cannot_be_filled_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fill(text, topic="cats")


def test_without_inputs_the_refusal_says_how_to_declare_one() -> None:
    with pytest.raises(ValueError, match="declare it under inputs"):
        Templates({})("{{ a }}", style="plain", secret=False)


def test_a_secret_stands_where_it_may_and_an_unknown_input_leaves_the_text_open() -> None:
    assert fill("Bearer {{ token }}", secret=True) == "Bearer s3cret"
    assert fill("{{ later }} {{ topic }}", topic="x") is None


def test_use_is_remembered() -> None:
    templates = Templates({"a": Filling(text="1"), "b": Filling(text="2")})
    templates("{{ a }}", style="plain", secret=False)
    assert templates.used == {"a"}


def test_an_input_in_an_expression_is_its_literal_characters() -> None:
    assert fill("^{{ topic }}$", "regex", topic="C++ [x]") == r"^C\+\+\ \[x\]$"


@pytest.mark.skipif(os.name != "posix", reason="asks a POSIX shell")
@pytest.mark.parametrize(
    "command",
    [
        "printf '<%s>' {{ out }}",
        "printf '<%s>' '{{ out }}'",
        "printf '<%s>' \"{{ out }}\"",
        'printf \'<%s>\' "a\\"{{ out }}"',
        "printf '<%s>' it\\'s'{{ out }}'",
    ],
)
@pytest.mark.parametrize("value", ["a b", "$(id)", "`id`", "a'b\"c", "; exit 3", "\\", "日本 語", "*"])
def test_an_input_is_one_word_of_a_command_whatever_is_in_it(command: str, value: str) -> None:
    filled = fill(command, "shell", out=value)
    assert filled is not None
    assert shlex.split(filled)[2].endswith(value)
    ended = subprocess.run(["sh", "-c", filled], capture_output=True, check=True)
    said = ended.stdout.decode()
    assert said.endswith(value + ">")
    assert said.count("<") == 1


def test_a_command_without_inputs_is_left_alone() -> None:
    assert fill("a | b $(c) `d` {{ '{{' }}\\", "shell") == "a | b $(c) `d` {{\\"


@pytest.mark.parametrize("command", ["echo `a {{ x }}`", 'echo "$(a {{ x }})"', "cat <<E\n{{ x }}\nE", "a\\{{ x }}"])
def test_an_input_where_no_quoting_holds_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match=r"beside a backtick|backslash"):
        fill(command, "shell", x="1")


@pytest.mark.parametrize(
    ("command", "value", "expected"),
    [
        ("py {{ x }}", "a b", 'py "a b"'),
        ("py {{ x }}", r"out\a.md", r"py out\a.md"),
        ('py "{{ x }}" {{ x }}', "a b", 'py "a b" "a b"'),
        (r"dir\{{ x }}", "a", r"dir\a"),
    ],
)
def test_a_command_for_windows_is_quoted_as_cmd_reads_it(command: str, value: str, expected: str) -> None:
    assert fill(command, "shell", windows=True, x=value) == expected


@pytest.mark.parametrize("value", ["a&b", "%PATH%", 'a"b', "a\nb"])
def test_what_cmd_cannot_quote_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be quoted"):
        fill("py {{ x }}", "shell", windows=True, x=value)


def test_names_are_words_of_any_script() -> None:
    assert all(map(is_name, ["topic", "out-file", "_a1", "主题"]))
    assert not any(map(is_name, ["", "1a", "a b", "a.b", "-a"]))


def test_the_names_in_a_text_are_those_that_an_input_could_have() -> None:
    assert names_in("{{ a }} {{b}} {{ 主题 }} {{ a }} {{ 'a' }} {{ 1 }} {{{ c }}} {{ d") == ("a", "b", "主题")


@given(st.text(alphabet="{}' \"ab,"))
def test_a_text_that_was_made_literal_is_filled_as_it_stood(text: str) -> None:
    assert fill(literal(text, ())) == text


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{ a }} and {{ b }}", "cats and {{ b }}"),
        ("{{a}}{{ {{ a }}", "cats{{ cats"),
        ("{{ '{{' }} a }}", "{{ '{{' }} a }}"),
    ],
)
def test_of_a_literal_text_only_the_tags_of_inputs_are_filled(text: str, filled: str) -> None:
    assert fill(literal(text, ["a"]), a="cats") == filled
