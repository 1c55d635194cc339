"""Work on many things at the same time, in a few threads of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from plugins._worker import Outcome

__all__ = ["side_by_side"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    function: Callable[[Item], Result], items: Sequence[Item], *, parallel: int
) -> Generator[tuple[int, Result], None, None]:
    """Call a function with every item, up to `parallel` at a time, begun in their order.

    The threads are daemons: one that hangs holds no exit. What a call raises is raised here; then, and where the
    iteration is given up, nothing more is begun.

    Yields:
        The place of an item and what came of it, as they come.
    """
    count = min(parallel, len(items))
    if count <= 1:
        yield from ((at, function(item)) for at, item in enumerate(items))
        return
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()
    given_up = threading.Event()
    for at in range(len(items)):
        todo.put(at)

    def work() -> None:
        while not given_up.is_set():
            try:
                at = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((at, Outcome(value=function(items[at]))))
            except BaseException as error:  # noqa: BLE001  it is raised again where the results are waited for
                done.put((at, Outcome(error=error)))

    for _ in range(count):
        threading.Thread(target=work, name="side by side", daemon=True).start()
    try:
        for _ in items:
            at, outcome = done.get()
            if outcome.error is not None:
                raise outcome.error
            yield at, outcome.value
    finally:
        given_up.set()
