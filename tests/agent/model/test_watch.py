"""Silence in the midst of a reply."""

import socket
import time
from typing import Any

import httpx2

from agent.model.watch import Watch


class Stream:
    """As the transport hands out a connection."""

    def __init__(self, connection: socket.socket | None) -> None:
        self.connection = connection

    def get_extra_info(self, name: str) -> Any:
        return self.connection if name == "socket" else None


def response(connection: socket.socket | None) -> httpx2.Response:
    return httpx2.Response(200, extensions={"network_stream": Stream(connection)})


def test_a_silent_connection_is_ended_and_one_that_waits_for_its_reader_is_not() -> None:
    here, there = socket.socketpair()
    other, far = socket.socketpair()
    with here, there, other, far:
        here.settimeout(10)
        watch = Watch(idle=0.1)
        silent, held = watch.add(response(here)), watch.add(response(other))
        silent.seen()
        held.seen()
        held.hold()
        assert here.recv(1) == b""
        assert silent.fired
        assert not held.fired
        watch.remove(silent)
        watch.remove(held)
        watch.close()


def test_a_connection_that_is_gone_already_is_no_trouble() -> None:
    watch = Watch(idle=0.05)
    gone = watch.add(response(None))
    gone.seen(soon=True)
    deadline = time.monotonic() + 5
    while not gone.fired and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gone.fired
    watch.close()
    watch.close()
