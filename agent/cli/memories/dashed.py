"""A text that begins with a minus and a digit, as no option does: "-5 degrees" is one, whatever stands behind it."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand

_NUMBER = re.compile(r"-[\d.]")


class Dashed(TyperCommand):
    """A command that takes such texts as its arguments."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # of click or of typer's own copy, by its version
        """As for any command, with such texts put behind a `--`."""
        end = args.index("--") if "--" in args else len(args)
        texts = [one for one in args[:end] if _NUMBER.match(one)]
        rest = [one for one in args[:end] if not _NUMBER.match(one)]
        if not texts:
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, [*rest, "--", *texts, *args[end + 1 :]])
