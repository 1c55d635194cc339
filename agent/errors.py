"""The errors that `agent` promises, drawn as a tree.

ThinkactError                what the user can do something about; always carries a hint or none
├── UsageError               wrong words on the command line, or a run that cannot be had       exit 2
├── SettingsError            a setting that cannot be used (its name and origin are in the text)  exit 2
├── GoalError                a goal file or goal that cannot be used (file, line, column)        exit 2
├── RunError                 a run that cannot be opened: unknown, busy, damaged, of a newer kind exit 2
└── ModelError               the model cannot be had                                             exit 6
    ├── ModelUnavailable     after bounded retries: no connection, 429, 5xx, a reply that is none
    ├── ModelRefused         the endpoint says no for good: key, name, rights, a bad request
    ├── ContextTooLong       the prompt does not fit; `limit` tells the window in tokens if the endpoint said so
    └── OutOfTime            the call took all the time that it was given
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.events import Usage


class ThinkactError(Exception):
    """Base of all errors that end in one clear line.

    Args:
        message: What is wrong and where, one line, foreign text included as it is (the screen neutralises it).
        hint: What to do about it, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ThinkactError):
    """What was asked for makes no sense as asked."""


class SettingsError(ThinkactError):
    """A setting has a value that cannot be used."""


class GoalError(ThinkactError):
    """A goal, or a goal file, that cannot be used."""


class RunError(ThinkactError):
    """A run that cannot be opened."""


class ModelError(ThinkactError):
    """The model cannot be had.

    Attributes:
        usage: What was billed before it was given up, priced; None where nothing was. Whoever ends the call sets it.
    """

    usage: Usage | None = None

    @property
    def calls(self) -> int:
        """How many calls were billed and gave nothing that could be used."""
        return self.usage.calls if self.usage is not None else 0


class ModelUnavailable(ModelError):
    """Not now: the network, an overloaded or broken server. Trying later may help."""


class ModelRefused(ModelError):
    """Not so: the key, the model's name, or the request is refused for good."""


class ContextTooLong(ModelError):
    """The prompt is longer than the model's window.

    Args:
        limit: The window in tokens, where the endpoint said it.
    """

    def __init__(self, message: str, *, limit: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit


class OutOfTime(ModelError):
    """The call took all the time that `Request.within` gave it, or the next try would begin only after that."""
