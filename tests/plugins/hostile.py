"""Addresses by which strangers try to get at this machine and its network, and a witness who would see them come."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Witness", "hostile", "witness"]

_HOSTS = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7F000001 0x7f.1 0177.0.0.1 00000177.1 017700000001 127.255.255.254
0 00 0.0 0.0.0.0 0x0 127.0.0.1. 127.1. 2130706433. 0x7f.1. localhost. localhost LOCALHOST
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.255 169.254.169.254 169.254.169.254.
169.254.0.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 100.64.0.1 100.100.100.200 192.0.0.1 192.0.0.192 192.0.2.1
198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16 192.88.99.1
[::1] [::] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::ffff:127.0.0.1] [::ffff:7f00:1]
[::ffff:10.0.0.1] [::ffff:169.254.169.254] [0:0:0:0:0:ffff:127.0.0.1] [::ffff:0:127.0.0.1] [::ffff:0:7f00:1]
[::127.0.0.1] [::7f00:1] [::127.1] [64:ff9b::7f00:1] [64:ff9b::10.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1]
[2002:7f00:1::] [2002:7f00:0001::1] [2002:a00:1::1] [2002:a9fe:a9fe::] [2001:0:1::1] [2001:0:7f00:1::] [2001:db8::1]
[fe80::1] [fe80::1%25lo] [::1%25lo] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [ff0e::1] [100::1] [5f00::1]
[3fff::1] [2606:4700::5efe:7f00:1] [2606:4700::200:5efe:a00:1] [127.0.0.1] [v1.127.0.0.1]
１２７.０.０.１ １２７．０．０．１ 127。0。0。1 127.0.0.1。 ①②⑦.⓪.⓪.① ⓛocalhost localhoſt ℓocalhost
loc\u00adalhost loc\u200balhost
%6c%6f%63%61%6c%68%6f%73%74 %31%32%37.0.0.1 127.0.0.1%2f 127.0.0.1%00.example.org 127.0.0.1%E3%80%82 127.0.0.1／
example.org@127.0.0.1 user:word@127.0.0.1 user@localhost :@localhost example.org\\@127.0.0.1 example.org%40127.0.0.1
localhost.localdomain witness.localhost metadata.google.internal instance-data wiki.local 0x7f.1.internal
"""
_WHOLE = (
    "HTTP://127.0.0.1:{port}/",
    "hTTp://LocalHost:{port}/../x",
    "https://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@example.invalid/",
    "http://127.0.0.1:{port}\\@example.invalid/",
    "http://127.0.0.1:{port}#@example.invalid/",
    "http://127.0.0.1:{port}?@example.invalid/",
    "http://127.0.0.1:{port};.example.invalid/",
    "http://127.0.0.1: {port}/",
    "http://127.0.0.1:0{port}/",
    "http://127.0.0.1:+{port}/",
    "http://127.0.0.1:{port}:80/",
    "http://127.0.0.1 :{port}/",
    "http:127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/",
    "http+unix://%2fvar%2frun%2fdocker.sock/",
    "file:///etc/passwd",
)


def hostile(port: int) -> Sequence[str]:
    """All of them, at this port where they have any."""
    hosts = [f"http://{host}:{port}/" for host in _HOSTS.split()]
    return [*hosts, *(one.replace("{port}", str(port)) for one in _WHOLE)]


@dataclass
class Witness:
    """A server at all addresses of this machine, with what it was asked."""

    port: int
    seen: list[str] = field(default_factory=list)


class _Everywhere(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class _EverywhereBoth(_Everywhere):
    address_family = socket.AF_INET6


@contextmanager
def witness() -> Iterator[Witness]:
    """A witness, who answers everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.command} {self.headers.get('Host')}{self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"secret")

        do_POST = do_CONNECT = do_HEAD = do_GET  # noqa: N815 (names that http.server looks for)

        def log_message(self, *_: object) -> None:
            pass

    seen: list[str] = []
    try:
        server: _Everywhere = _EverywhereBoth(("::", 0), Handler)
    except OSError:  # there is no IPv6 here
        server = _Everywhere(("0.0.0.0", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield Witness(server.server_address[1], seen)
    finally:
        server.shutdown()
        server.server_close()
