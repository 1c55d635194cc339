"""The way through a line: which command it has come to, what was given to it, and what the next word would be.

typer has such a way of its own, but goes it by parsing everything, which takes longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Way:
    """Where a line has come to. `command` is None behind a word that is no command; `waiting` is the option whose value
    comes next; `given` are the values so far, by the parameters' names; `ended`: options may come no more."""

    command: Any
    given: dict[str, Any] = field(default_factory=dict)
    arguments: int = 0
    waiting: Any = None
    ended: bool = False

    def go(self, word: str) -> None:
        """Take one whole word."""
        if self.command is None:
            return
        if self.waiting is not None:
            self._give(self.waiting, word)
            self.waiting = None
        elif not self.ended and word == "--":
            self.ended = True
        elif not self.ended and word.startswith("-") and word != "-":
            self._option(word)
        elif is_group(self.command):
            self.command, self.given, self.arguments = self.command.get_command(None, word), {}, 0
        elif (argument := self.argument()) is not None:
            self._give(argument, word)
            self.arguments += 1

    def option(self, name: str) -> Any:
        """The option of this name; None where the command has none."""
        return next((one for one in self._parameters("option") if name in (*one.opts, *one.secondary_opts)), None)

    def options(self) -> Iterable[Any]:
        """The options that may still come."""
        return (one for one in self._parameters("option") if one.multiple or one.name not in self.given)

    def argument(self) -> Any:
        """The argument that a plain word would be; None where no more can come."""
        arguments = self._parameters("argument")
        if self.arguments < len(arguments):
            return arguments[self.arguments]
        return arguments[-1] if arguments and arguments[-1].nargs == -1 else None

    def _parameters(self, kind: str) -> list[Any]:
        hidden = [one for one in self.command.params if getattr(one, "hidden", False)]
        return [one for one in self.command.params if one.param_type_name == kind and one not in hidden]

    def _option(self, word: str) -> None:
        name, joined, value = word.partition("=")
        option = self.option(name)
        if option is None:
            return
        if takes_value(option) and not joined:
            self.waiting = option
        else:
            self._give(option, value)

    def _give(self, parameter: Any, value: str) -> None:
        if parameter.multiple if hasattr(parameter, "multiple") else parameter.nargs == -1:
            self.given.setdefault(parameter.name, []).append(value)
        else:
            self.given[parameter.name] = value


def is_group(command: Any) -> bool:
    """Does a command have commands of its own?"""
    return hasattr(command, "list_commands")


def takes_value(option: Any) -> bool:
    """Does a value come behind an option?"""
    return not (option.is_flag or option.count)


def walked(root: Any, words: Sequence[str]) -> Way:
    """The way that these words go, from the command `root`."""
    way = Way(root)
    for word in words:
        way.go(word)
    return way
