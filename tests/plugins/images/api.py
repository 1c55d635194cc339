"""An images API on loopback for tests: what it answers, and what it was sent."""

from __future__ import annotations

import base64
import io
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image

from plugins.images import ImageEndpoint
from tests.server import ChatServer, Recorded

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
KEY = "sk-test-0123456789abcdef"


def endpoint_of(server: ChatServer, **changed: Any) -> ImageEndpoint:
    """The server as an endpoint that draws, reached without this machine's proxies and certificates."""
    import httpx2

    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    given: dict[str, Any] = {"api_key": KEY, "draws": True, "timeout": 20.0} | changed
    timeout = given["timeout"]
    return ImageEndpoint(
        base_url=server.url,
        host=f"127.0.0.1:{server.port}",
        connect=lambda: httpx2.Client(timeout=timeout, trust_env=False, verify=nobody),
        **given,
    )


def png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


def answer(image: Image.Image, **besides: Any) -> dict[str, Any]:
    """As the GPT image models answer."""
    entry = {"b64_json": base64.b64encode(png(image)).decode(), **besides}
    return {"created": 1, "data": [entry], "usage": {"total_tokens": 1056, "input_tokens": 32, "output_tokens": 1024}}


def sent_in(request: Recorded) -> Iterator[tuple[str, Mapping[str, str], bytes]]:
    """The fields of a multipart body: the name of each, what its head tells, and its content."""
    found = re.fullmatch(r"multipart/form-data; boundary=(\S+)", request.headers["content-type"])
    assert found, request.headers["content-type"]
    for part in request.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        told = dict(re.findall(r'(\w+)="([^"]*)"', head.decode()))
        told["type"] = next(iter(re.findall(r"Content-Type: (\S+)", head.decode(), re.IGNORECASE)), "")
        yield told.pop("name"), told, content.removesuffix(b"\r\n")


def fields_of(request: Recorded) -> dict[str, str]:
    """The plain fields of a multipart body."""
    return {name: content.decode() for name, told, content in sent_in(request) if "filename" not in told}


def files_of(request: Recorded) -> list[tuple[str, Image.Image]]:
    """The pictures of a multipart body, each with its field's name."""
    return [(name, opened(content)) for name, told, content in sent_in(request) if "filename" in told]


def error(message: str, **besides: Any) -> str:
    """The body of a refusal, as OpenAI writes it."""
    return json.dumps({"error": {"message": message, "type": "image_generation_user_error", "param": None, **besides}})
