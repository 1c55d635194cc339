"""Stand-ins for search engines on loopback: one proxy that answers for every https host, with a certificate authority
of its own, and what the engines' pages look like as ddgs reads them."""

from __future__ import annotations

import datetime
import html
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = (
    *("html.duckduckgo.com", "duckduckgo.com", "search.brave.com", "www.mojeek.com", "www.startpage.com"),
    *("search.yahoo.com", "en.wikipedia.org", "zh.wikipedia.org", "de.wikipedia.org", "geo.elsewhere.example"),
)
Row = tuple[str, str, str]
"""A result: its title, its address, a few words."""


@dataclass(frozen=True)
class Asked:
    """A request as it came: `words` are its query or form, `headers` have lower-case names."""

    host: str
    method: str
    path: str
    words: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "text/html; charset=utf-8"


@dataclass
class Engines:
    """The proxy, what it answers by host, and what it was asked. A host that is not there is not known to it."""

    port: int = 0
    answers: dict[str, Callable[[Asked], Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def say(self, host: str, body: str, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[host] = lambda _: Reply(body, status, named)

    def hosts(self) -> list[str]:
        return [one.host for one in self.asked]

    def words(self, host: str) -> Mapping[str, str]:
        """What the host was asked last."""
        return next(one.words for one in reversed(self.asked) if one.host == host)


def duckduckgo(*rows: Row) -> str:
    return _page(
        "".join(
            f'<div class="result__body links_main"><h2><a href="{html.escape(url)}">{html.escape(title)}</a></h2>'
            f'<a href="{html.escape(url)}">{html.escape(text)}</a></div>'
            for title, url, text in rows
        )
    )


def brave(*rows: Row) -> str:
    return _page(
        "".join(
            f'<div data-type="web"><a href="{html.escape(url)}"><div class="title">{html.escape(title)}</div></a>'
            f'<div class="snippet"><div class="content">{html.escape(text)}</div></div></div>'
            for title, url, text in rows
        )
    )


def mojeek(*rows: Row) -> str:
    listed = "".join(
        f'<li><h2><a href="{html.escape(url)}">{html.escape(title)}</a></h2><p class="s">{html.escape(text)}</p></li>'
        for title, url, text in rows
    )
    return _page(f'<ul class="results-standard">{listed}</ul>')


def startpage(*rows: Row) -> Callable[[Asked], Reply]:
    results = "".join(
        f'<div class="result css-x1"><a href="{html.escape(url)}"><h2>{html.escape(title)}</h2></a>'
        f"<p>{html.escape(text)}</p></div>"
        for title, url, text in rows
    )
    front = _page('<form id="search"><input name="sc" value="a-code"></form>')
    return lambda asked: Reply(_page(results) if asked.path.startswith("/sp/search") else front)


def yahoo(*rows: Row) -> str:
    return _page(
        "".join(
            f'<div class="algo relsrch"><div class="compTitle"><a href="https://r.search.yahoo.com/_ylt=x/RV=2/RE=1/RO=10/'
            f'RU={quote(url, safe="")}/RK=2/RS=y-"><h3>{html.escape(title)}</h3></a></div>'
            f'<div class="compText">{html.escape(text)}</div></div>'
            for title, url, text in rows
        )
    )


def wikipedia(*rows: tuple[str, str]) -> str:
    found = [{"ns": 0, "title": title, "pageid": 1, "snippet": text} for title, text in rows]
    return json.dumps({"batchcomplete": True, "query": {"search": found}})


def _page(body: str) -> str:
    return f"<!doctype html><html><head><title>results</title></head><body>{body}</body></html>"


@contextmanager
def engines(certificates: Certificates) -> Iterator[Engines]:
    """The stand-ins, as long as they are wanted."""
    standing = Engines()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = False  # the end waits for them, so that no socket is left open
        allow_reuse_address = True

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_CONNECT(self) -> None:
            host = self.path.partition(":")[0]
            if standing.silent.is_set():
                with suppress(OSError):
                    self.rfile.read(1)  # nothing is said; the socket stays open until the other side goes
                return
            if host not in standing.answers:
                self.send_error(502, "unknown host")
                return
            self.send_response(200, "OK")
            self.end_headers()
            shaking = suppress(ssl.SSLError, OSError)
            with shaking, certificates.server.wrap_socket(self.connection, server_side=True) as secured:
                _Inner(secured, self.client_address, host, standing)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Proxy)
    standing.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield standing
    finally:
        server.shutdown()
        server.server_close()


class _Inner(BaseHTTPRequestHandler):
    """What is said inside the tunnel."""

    protocol_version = "HTTP/1.1"

    def __init__(self, connection: ssl.SSLSocket, address: object, host: str, standing: Engines) -> None:
        self.host, self.standing = host, standing
        super().__init__(connection, address, None)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        words = dict(parse_qsl(body or urlsplit(self.path).query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.host, self.command, self.path, words, headers)
        self.standing.asked.append(asked)
        reply = self.standing.answers[self.host](asked)
        content = reply.body.encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Searxng:
    """A SearXNG server on loopback: what it answers, and what it was asked; and pages beside it, by their paths."""

    url: str
    reply: Reply = field(default_factory=Reply)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)

    def found(self, *results: Mapping[str, object], unresponsive: Sequence[Sequence[str]] = ()) -> None:
        body = {"query": "", "results": list(results), "unresponsive_engines": list(unresponsive)}
        self.reply = Reply(json.dumps(body), media_type="application/json")


@contextmanager
def searxng() -> Iterator[Searxng]:
    standing = Searxng("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            reply = standing.reply
            if path == "/search":
                standing.asked.append(dict(parse_qsl(query)))
            else:
                reply = Reply(standing.pages.get(path, ""), 200 if path in standing.pages else 404)
            content = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    standing.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield standing
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Certificates:
    """An authority of our own, in a file, and a server's side that it vouches for."""

    authority: Path
    server: ssl.SSLContext


def certificates(folder: Path) -> Certificates:
    """Make an authority that vouches for all hosts of the stand-ins."""
    now = datetime.datetime.now(datetime.UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of the tests")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "engines of the tests")])

    def built(name: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        return builder.not_valid_after(now + datetime.timedelta(days=2))

    authority = (
        built(issuer, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        built(subject, key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(pem))
    (folder / "leaf.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "leaf.pem", folder / "leaf.key")
    server.set_alpn_protocols(["http/1.1"])
    return Certificates(folder / "authority.pem", server)
