"""E-mails as files: who, when, what, and what was attached."""

from __future__ import annotations

from contextlib import suppress
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime

from plugins._convert._document import Document, Source, flowing
from plugins._convert._html import page
from plugins._convert._markdown import Full, Writer
from plugins._decoding import decode, to_newlines
from plugins._kinds import size
from plugins._page_text import page_text
from plugins._text import mend

__all__ = ["read_mail"]

_HEADERS = ("From", "To", "Cc", "Date", "Subject")


def read_mail(source: Source) -> Document:
    """A message: its headers, its text (the HTML of it where it has no other), a list of what is attached, and the
    messages that are attached, to some depth."""
    message = BytesParser(EmailMessage, policy=default).parsebytes(source.content)
    writer = Writer(source.quota)
    subject = _header(message, "Subject")
    with suppress(Full):
        _message(message, writer, source.limits.depth)
    return source.document("eml", flowing(writer.text()), title=subject)


def _message(message: EmailMessage, writer: Writer, depth: int) -> None:
    headers = [(name, _header(message, name)) for name in _HEADERS]
    writer.block("\n".join(f"{name}: {text}" for name, text in headers if text))
    body = message.get_body(("plain",))
    if body is None or not _content(body).strip():
        body = message.get_body(("html", "plain")) or body
    if body is not None:
        _body(body, writer)
    inside: list[EmailMessage] = []
    for part in _attached(message, body):
        writer.item(f"attached: {_described(part)}")
        inner = part.get_payload(0) if part.get_content_type() == "message/rfc822" and part.is_multipart() else None
        if isinstance(inner, EmailMessage):
            inside.append(inner)
    for one in inside if depth > 0 else ():
        writer.heading(2, f"attached message: {_header(one, 'Subject') or '(no subject)'}")
        _message(one, writer, depth - 1)


def _body(body: Message, writer: Writer) -> None:
    if body.get_content_type() == "text/html":
        page(page_text(_bytes(body), body.get_content_charset()), writer, whole=True)
    else:
        writer.block(_content(body).strip("\n"))


def _attached(message: EmailMessage, body: Message | None) -> list[EmailMessage]:
    """The leaves of a message that are not its text in one form or another."""
    found: list[EmailMessage] = []
    waiting: list[tuple[Message, bool]] = [(message, False)]
    while waiting:
        part, alternative = waiting.pop(0)
        if part is body or not isinstance(part, EmailMessage):
            continue
        if part.get_content_maintype() == "multipart":
            within = part.get_content_subtype() == "alternative"
            waiting[:0] = [(one, within) for one in part.get_payload() if isinstance(one, Message)]
        elif not (alternative and part.get_content_maintype() == "text") and part is not message:
            found.append(part)
    return found


def _described(part: EmailMessage) -> str:
    if part.get_content_type() == "message/rfc822":
        return "a message"
    name = " ".join(_safely(part.get_filename).split()) or "(without a name)"
    return f"{name} ({part.get_content_type()}, {size(len(_bytes(part)))})"


def _safely(ask: object) -> str:
    """What the library reads from a header, however broken that is: it raises much that it does not tell of."""
    try:
        return mend(str(ask() or "")) if callable(ask) else ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _content(part: Message) -> str:
    content = _bytes(part)
    try:
        text = content.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeError, ValueError):
        text = decode(content)[0]
    return to_newlines(text)


def _header(message: Message, name: str) -> str:
    """A header for people: encoded words decoded, raw bytes too, a date as ISO."""
    text = _safely(lambda: message.get(name))
    if not text:
        return ""
    raw = next((value for key, value in message.raw_items() if key.casefold() == name.casefold()), "")
    try:
        content = str(raw).encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        content = b""
    if not content.isascii():  # unencoded, as some programs write them
        text = _safely(lambda: make_header(decode_header(decode(content)[0])))
    if name == "Date":
        text = _safely(lambda: parsedate_to_datetime(text).isoformat(" ")) or text
    return " ".join(text.split())
