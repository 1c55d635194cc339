"""Silence in the midst of a reply."""

import socket
import ssl
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
        assert silent.ended
        assert not held.ended
        watch.remove(silent)
        watch.remove(held)
        watch.close()


def test_a_connection_that_is_gone_already_is_no_trouble() -> None:
    watch = Watch(idle=0.05)
    gone = watch.add(response(None))
    gone.seen(soon=True)
    deadline = time.monotonic() + 5
    while not gone.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert gone.ended
    watch.close()
    watch.close()


def test_a_reply_whose_time_is_over_is_ended_at_once_though_it_is_not_silent() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(10)
        watch = Watch(idle=100)  # which looks once a second, unless it knows of something sooner
        watch.add(response(None))
        began = time.monotonic()
        late = watch.add(response(here), until=began + 0.2)
        late.seen()
        assert here.recv(1) == b""
        assert 0.2 <= time.monotonic() - began < 0.7
        assert (late.late, late.silent) == (True, False)
        watch.close()


def test_a_reply_that_is_over_is_not_ended_afterwards() -> None:
    here, there = socket.socketpair()
    with here, there:
        watch = Watch(idle=0.05)
        done = watch.add(response(here), until=time.monotonic() + 0.1)
        done.seen()
        watch.remove(done)
        time.sleep(0.2)
        there.sendall(b"x")
        assert here.recv(1) == b"x"
        assert not done.ended
        watch.close()


def test_a_watch_that_was_closed_begins_again() -> None:
    watch = Watch(idle=0.05)
    watch.add(response(None))
    watch.close()
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(10)
        watch.add(response(here), until=time.monotonic())
        assert here.recv(1) == b""
    watch.close()


def test_bytes_that_come_over_tls_after_the_end_do_not_pass_as_the_reply() -> None:
    here, there = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with there, context.wrap_socket(here, do_handshake_on_connect=False) as secured:
        there.sendall(b"not a word of TLS")
        watch = Watch(idle=100)
        watched = watch.add(response(secured))
        watched.end()
        try:
            came = secured.recv(100)
        except ssl.SSLError:
            came = b""
        assert came == b""
        watch.close()
