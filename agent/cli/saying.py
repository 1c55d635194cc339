"""A line to the person, beside the screen."""

from __future__ import annotations

import sys

from agent.terminal import plain


def say(text: str) -> None:
    """One line on stderr, with what could steer a terminal shown as its escape."""
    print(f"thinkact: {plain(text)}", file=sys.stderr)  # noqa: T201
