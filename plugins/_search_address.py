"""Addresses of pages that search engines name: made whole, told apart, held against a site."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

from plugins._outcome import ToolError

# What an engine appends for itself, or a campaign counts by: it names no other page.
_COUNTING = re.compile(r"^(?:utm_\w+|gclid|fbclid|msclkid|yclid|mc_[ce]id|ref_src)$", re.IGNORECASE)
_LEADING = {"duckduckgo.com": "uddg", "www.google.com": "q"}
"""Hosts that lead on, and where in their addresses they say whereto."""
_ADVERT = re.compile(r"(?:^|\.)(?:duckduckgo\.com/y\.js|bing\.com/aclick|google\.com/aclk)$")
"""Where advertisements lead by way of."""
_SAFE = "%:/?#[]@!$&'()*+,;=~-._"


def address_of(given: str) -> str:
    """The address of a page, so that it can be opened: absolute, without what leads on to it, with what no address may
    hold percent-encoded, and else as it was written. "" where it is none."""
    text = given.strip()
    if text.startswith("//"):
        text = f"https:{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return ""
    inner = _LEADING.get(host.removeprefix("html.").removeprefix("lite."))
    if inner and parts.path in ("/l/", "/url"):
        target = parse_qs(parts.query).get(inner, [""])[0]
        return address_of(target) if target.startswith(("http://", "https://")) else ""
    if (
        parts.scheme not in ("http", "https")
        or not host
        or "@" in parts.netloc
        or _ADVERT.search(f"{host}{parts.path}")
    ):
        return ""
    # Other letters stay as they are: a reader can read them, and the client encodes them.
    return "".join(one if one.isprintable() and (one in _SAFE or one.isalnum()) else quote(one) for one in text)


def same_page(url: str) -> str:
    """A key by which two addresses of one page are equal: whichever scheme, a "www." or a slash more, and without what
    only counts visitors."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    kept = [one for one in parts.query.split("&") if one and not _COUNTING.match(one.partition("=")[0])]
    return f"{host}{port}{parts.path.rstrip('/')}?{'&'.join(kept)}"


def site_of(text: str) -> str:
    """A site as engines are told it: a host, and a path where one is named. Raises `ToolError` where it is none."""
    bare = text.strip().removeprefix("site:").strip()
    if not bare:
        return ""
    try:
        parts = urlsplit(bare if "//" in bare else f"//{bare}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("*.")
    except ValueError:
        host = ""
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", host) or any(one.isspace() for one in bare):
        raise ToolError(f"{bare[:100]!r} is no site", hint="name it as example.org, or example.org/docs")
    return f"{host}{parts.path.rstrip('/')}"


def is_of_site(url: str, site: str) -> bool:
    """Is a page of this site, or of one below it?"""
    if not site:
        return True
    wanted, _, path = site.partition("/")
    parts = urlsplit(url)
    host = (parts.hostname or "").casefold()
    if host != wanted.casefold() and not host.endswith(f".{wanted.casefold()}"):
        # A name may be written in its own letters, or as the name servers have it.
        try:
            return wanted != (puny := wanted.encode("idna").decode()) and is_of_site(url, f"{puny}/{path}".rstrip("/"))
        except UnicodeError:
            return False
    return not path or f"{parts.path}/".startswith(f"/{path}/")
