"""Small sums that a person may write where a number changes over time, such as `1 + 0.02 * sin(t / 5)`.

They are read into a tree and worked out by the rules below, and by nothing else: no name but those, no call but those.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

__all__ = ["NotASum", "Sum"]

_LONGEST = 500  # characters
_DEEPEST = 40  # sums within sums
_TWO: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: math.pow,
}
_ONE: Mapping[type[ast.unaryop], Callable[[float], float]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_CALLS: Mapping[str, tuple[Callable[..., float], range]] = {
    "sin": (math.sin, range(1, 2)),
    "cos": (math.cos, range(1, 2)),
    "abs": (abs, range(1, 2)),
    "min": (min, range(2, 9)),
    "max": (max, range(2, 9)),
}
"""The functions, with how many numbers each takes."""
_CONSTANTS: Mapping[str, float] = {"pi": math.pi}
_MAY = "+ - * / // % **, brackets, t (the frame), pi, sin, cos, abs, min, max"


class NotASum(ValueError):
    """What is no sum, or has no value; the text says why, in a few words."""


class Sum:
    """A sum in which `t` may stand for the number of the frame.

    Args:
        text: As a person wrote it.

    Raises:
        NotASum: it is none.
    """

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise NotASum(f"it has more than {_LONGEST} characters")
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise NotASum(f"{text.strip()[:60]!r} is neither a number nor a sum of {_MAY}") from error
        self.moves = any(isinstance(one, ast.Name) and one.id == "t" for one in ast.walk(self._tree))
        """Does its value depend on the frame?"""
        _judge(self._tree, 0)

    def at(self, frame: int) -> float:
        """Its value at a frame.

        Raises:
            NotASum: it has none there, such as where it divides by 0.
        """
        try:
            value = _value(self._tree, float(frame))
        except ZeroDivisionError:
            raise NotASum(f"it divides by 0 at frame {frame}") from None
        except (OverflowError, ValueError):
            raise NotASum(f"it has no value at frame {frame}") from None
        if not math.isfinite(value):
            raise NotASum(f"it has no value at frame {frame}")
        return value


def _judge(node: ast.expr, depth: int) -> None:
    """Let nothing through but what `_value` knows."""
    if depth > _DEEPEST:
        raise NotASum("it has too many brackets within brackets")
    match node:
        case ast.Constant(value=bool()):
            raise NotASum(f"{node.value!r} is no number")
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name) if name == "t" or name in _CONSTANTS:
            return
        case ast.Name(id=name):
            raise NotASum(f"{name[:40]!r} is not known: there is {_MAY}")
        case ast.UnaryOp(op=sign, operand=inner) if type(sign) in _ONE:
            _judge(inner, depth + 1)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _TWO:
            _judge(left, depth + 1)
            _judge(right, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _CALLS:
            if len(given) not in _CALLS[name][1]:
                raise NotASum(f"{name} does not take {len(given)} numbers")
            for one in given:
                _judge(one, depth + 1)
        case _:
            raise NotASum(f"{ast.unparse(node)[:60]!r} is not known: there is {_MAY}")


def _value(node: ast.expr, frame: float) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return frame if name == "t" else _CONSTANTS[name]
        case ast.UnaryOp(op=one, operand=inner):
            return _ONE[type(one)](_value(inner, frame))
        case ast.BinOp(left=left, op=two, right=right):
            return _TWO[type(two)](_value(left, frame), _value(right, frame))
        case ast.Call(func=ast.Name(id=name), args=given):
            return float(_CALLS[name][0](*(_value(one, frame) for one in given)))
    raise NotASum("it is no sum")  # pragma: no cover - `_judge` let nothing else through
