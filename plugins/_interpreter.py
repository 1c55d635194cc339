"""A Python that keeps its variables: runs, confined, what it is asked to, and answers in lines of JSON.

Its text is handed to a confined Python; it imports nothing of thinkact. It reads questions from the descriptor
`sys.argv[1]` and writes answers to `sys.argv[2]`. To run code may take calls of tools: each is a line from here, and
the next line that comes is its result.
"""

import ast
import base64
import io
import json
import linecache
import os
import sys
import traceback
from contextlib import suppress
from typing import Any

_MOST_SHOWN = 200_000  # characters of a value
_MOST_PICTURE = 12_000_000  # bytes
_MOST_ROWS = 200_000
_FRAMES = 6
_WORKSPACE = os.getcwd()


class ToolFailed(Exception):
    """A tool that was called from code failed."""


class _Way:
    def __init__(self, asked: int, answered: int) -> None:
        self._asked = os.fdopen(asked, "rb")
        self._answered = os.fdopen(answered, "wb")
        for one in (asked, answered):
            os.set_inheritable(one, False)

    def read(self) -> dict[str, Any] | None:
        line = self._asked.readline()
        return json.loads(line) if line else None

    def write(self, told: dict[str, Any]) -> None:
        self._answered.write(json.dumps(told).encode() + b"\n")
        self._answered.flush()


class Tools:
    """The agent's tools that read: `tools.read_file(path="notes.txt")` gives what the tool gives, whole."""

    def __init__(self, way: _Way) -> None:
        self.__way = way

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(**arguments: Any) -> Any:
            self.__way.write({"call": name, "arguments": arguments})
            result = self.__way.read()
            if result is None:
                raise SystemExit
            if not result["ok"]:
                raise ToolFailed(f"{name}: {result['text']}")
            return result["text"] if result["value"] is None else result["value"]

        call.__name__ = name
        return call


class _Kept:
    """What is to be kept as files: pictures and tables."""

    def __init__(self) -> None:
        self.made: list[dict[str, str]] = []
        self.number = 0

    def show(self, thing: Any, name: str = "") -> None:
        """Keep a picture, a figure or a table as a file that the user gets; anything else is printed."""
        if not self.take(thing, name):
            print(thing)

    def take(self, thing: Any, name: str = "") -> bool:
        kind = type(thing)
        modules = {one.__module__.split(".")[0] for one in kind.__mro__}
        if "matplotlib" in modules and hasattr(thing, "savefig"):
            return self._keep(_bytes(lambda file: thing.savefig(file, format="png")), name or "figure", "png")
        if "PIL" in modules and hasattr(thing, "save") and hasattr(thing, "mode"):
            return self._keep(_bytes(lambda file: thing.save(file, format="PNG")), name or "picture", "png")
        if callable(getattr(kind, "to_csv", None)):
            return self._keep(_csv(thing), name or "table", "csv")
        for way, ending in (("_repr_png_", "png"), ("_repr_svg_", "svg")):
            if callable(getattr(kind, way, None)) and (made := getattr(thing, way)()) is not None:
                return self._keep(made if isinstance(made, bytes) else str(made).encode(), name or "picture", ending)
        return False

    def figures(self) -> None:
        """Keep the figures of pyplot that are open, and close them."""
        plt = sys.modules.get("matplotlib.pyplot")
        if plt is not None:
            for number in plt.get_fignums():
                self._take_new(plt.figure(number))
                plt.close(number)

    def _take_new(self, figure: Any) -> None:
        """Keep a figure, but not as it was already shown by name or as the last value."""
        content = _bytes(lambda file: figure.savefig(file, format="png"))
        if base64.b64encode(content).decode() not in [one["content"] for one in self.made]:
            self._keep(content, "figure", "png")

    def _keep(self, content: bytes, name: str, ending: str) -> bool:
        if len(content) > _MOST_PICTURE:
            print(f"({name} has {len(content)} bytes and is not kept: write it to a file of the workspace)")
            return True
        self.number += 1
        kinds = {"png": "image/png", "svg": "image/svg+xml", "csv": "text/csv"}
        file = f"{name}-{self.number}.{ending}"
        self.made.append({"name": file, "type": kinds[ending], "content": base64.b64encode(content).decode()})
        return True


def _bytes(write: Any) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _csv(table: Any) -> bytes:
    rows = table[:_MOST_ROWS] if hasattr(table, "__len__") and len(table) > _MOST_ROWS else table
    return str(rows.to_csv()).encode()


def _run(code: str, number: int, names: dict[str, Any]) -> tuple[bool, Any]:
    """Run code; whether it ends with an expression, and that one's value."""
    place = f"<code {number}>"
    linecache.cache[place] = (len(code), None, code.splitlines(keepends=True), place)
    tree = ast.parse(code, place)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, place, "exec"), names)
    if last is None:
        return False, None
    assert isinstance(last, ast.Expr)
    return True, eval(compile(ast.Expression(last.value), place, "eval"), names)


def _complaint(error: BaseException) -> str:
    """The traceback, of the code's own lines and those of the workspace's modules, short; without marks below them,
    which stand elsewhere where characters are wide."""
    made = traceback.TracebackException.from_exception(error)
    own = [one for one in made.stack if _is_own(one.filename)]
    plain = [traceback.FrameSummary(one.filename, one.lineno, one.name, line=one.line) for one in own[-_FRAMES:]]
    made.stack[:] = plain
    return "".join(made.format(chain=False)).rstrip() or type(error).__name__


def _is_own(file: str) -> bool:
    """Is it code that was asked for, or a module of the workspace?"""
    return file.startswith("<code") or (file.startswith(f"{_WORKSPACE}/") and not file.startswith(f"{sys.prefix}/"))


def _plain(value: Any) -> Any:
    """The value as JSON has it; None where it has none."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return None
    return value if len(text) <= _MOST_SHOWN else None


def _answer(code: str, number: int, names: dict[str, Any], kept: _Kept) -> dict[str, Any]:
    shown, value, complaint = None, None, None
    try:
        has, found = _run(code, number, names)
        if has and found is not None:
            names["_"] = found
            kept.take(found)
            shown, value = repr(found)[:_MOST_SHOWN], _plain(found)
        kept.figures()
    except SystemExit as error:
        complaint = f"SystemExit: {error.code}"
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the code's
        complaint = _complaint(error)
    made, kept.made = kept.made, []
    return {"done": True, "shown": shown, "value": value, "complaint": complaint, "kept": made}


def main() -> None:
    way, kept = _Way(int(sys.argv[1]), int(sys.argv[2])), _Kept()
    sys.argv = [""]
    sys.path.insert(0, os.getcwd())
    names: dict[str, Any] = {"__name__": "__main__", "tools": Tools(way), "show": kept.show, "ToolFailed": ToolFailed}
    number = 0
    while (question := way.read()) is not None:
        number += 1
        answer = _answer(question["run"], number, names, kept)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os.write(1, f"\n{question['mark']}\n".encode())
        way.write(answer)


if __name__ == "__main__":
    main()
