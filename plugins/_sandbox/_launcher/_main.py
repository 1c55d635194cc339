"""The launcher from its orders to its report, whatever it confines by."""

from __future__ import annotations

import marshal
import os
import sys

assert sys.platform != "win32"

from ._words import read, tell_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    """Do as ordered; the exit status says nothing, the report does."""
    if sys.platform == "linux":  # while the orders are not there yet
        from . import _by_kernel  # noqa: F401
    source = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    size = int.from_bytes(read(source, 8), "little")
    orders = {**marshal.loads(read(source, size)), "source": source}
    for descriptor in {orders["report"], source}:
        os.set_inheritable(descriptor, False)
    if orders["way"] in ("bwrap", "landlock"):
        _by_the_kernel(orders)
    else:
        from ._by_program import confine

        confine(orders)


if sys.platform == "linux":

    def _by_the_kernel(orders: dict[str, Any]) -> None:
        from ._by_kernel import confine

        confine(orders)

else:

    def _by_the_kernel(orders: dict[str, Any]) -> None:
        tell_fault(orders["report"], f"{orders['way']} is Linux's")
