"""One value of a goal file, looked at before there is a file: for whoever asks for it, or takes it from a flag."""

from __future__ import annotations

from collections.abc import Mapping

from agent.goal.complaints import Reading
from agent.goal.inputs import fill_inputs
from agent.goal.schema import goal_shape
from agent.goal.sections import Forms, Section
from agent.goal.shapes import Listing, Shape
from agent.goal.templates import Filling, Templates, literal
from agent.goal.yaml_scan import Place, Scalar

_PLACE = Place(1, 1)
_PROGRAM = "checks.run.run"


def fault(path: str, text: str, *, inputs: Mapping[str, str | None] | None = None) -> str | None:
    """What is wrong with a text as the value at a key path (`budget.steps`, `checks.file.file`): the words that come
    after its name, such as `must be a whole number`; None where it can stand there.

    `inputs` are those that are declared, each with the text that its default puts in, None where it has none: of a
    value that holds such a one nothing is said, but whether a program can hold it. All else is taken as it stands.
    """
    given = inputs or {}
    known = {name: value if value is not None or path != _PROGRAM else "word" for name, value in given.items()}
    fillings = {name: Filling(text=value or "", known=value is not None) for name, value in known.items()}
    reading = Reading(expand=Templates(fillings))
    _shape(path).read(Scalar(_PLACE, literal(text, given), plain=False), path, reading)
    return reading.complaints[0].message if reading.complaints else None


def input_fault(name: str, stated: dict[str, object]) -> str | None:
    """What is wrong with an input of this name and of what is stated of it (`type`, `default`, `options`), likewise."""
    reading = Reading()
    fill_inputs({name: stated}, {}, reading, lenient=True)
    return reading.complaints[0].message if reading.complaints else None


def _shape(path: str) -> Shape:
    """The shape of what stands at a key path: of a list, that of an item; of one of several forms, by its name."""
    shape: Shape = goal_shape()
    for name in path.split("."):
        if isinstance(shape, Listing):
            shape = shape.item
        if isinstance(shape, Forms):
            shape = shape.forms[name]
        else:
            assert isinstance(shape, Section), path
            shape = shape.fields[name].shape
    return shape.item if isinstance(shape, Listing) else shape
