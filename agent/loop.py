"""The loop: think, approve, act, observe, learn, as a generator of events.

Whoever pulls it writes each event down before asking for the next, so what it announces is known before it is done.
It is also how a stopped run goes on: the first thing in each round is what the last thought left open.
"""

from __future__ import annotations

from agent.acting import act
from agent.ending import begin, conclude, halt
from agent.kit import Kit
from agent.learning import learn
from agent.mail import Items
from agent.thinking import think


def loop(kit: Kit) -> Items:
    """Work on the kit's goal until its history has ended.

    Yields:
        Events in the order in which they happen, `BARRIER` where those before it must be on disk before going on,
        and `Nested` events of work inside tools. The history must have taken in an event before the next is pulled.

    Raises:
        ModelError: the model cannot be had. KeyboardInterrupt: as it comes.
    """
    yield from begin(kit)
    while not kit.ended:
        yield from act(kit, kit.history.open_calls())
        yield from kit.mail.drain()
        yield from conclude(kit)
        yield from learn(kit)
        yield from halt(kit)
        if not kit.ended:
            yield from think(kit)
