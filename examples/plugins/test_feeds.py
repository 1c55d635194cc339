"""Tests of the feed reader, against a server on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from plugins.testing import Trial

PLUGIN = Path(__file__).with_name("feeds.py")

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Harbour news</title>
<item><title>The crane is back</title><link>/news/2</link><pubDate>Sat, 31 Jan 2026 09:00:00 +0100</pubDate>
<description>&lt;p&gt;It lifts &lt;b&gt;40 t&lt;/b&gt; &amp;amp; more.&lt;/p&gt;</description></item>
<item><title>Low water</title><link>https://harbour.example/news/1</link>
<pubDate>Mon, 05 Jan 2026 08:00:00 GMT</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>港口</title>
<entry><title>起重机回来了</title><link rel="enclosure" href="/a.mp3"/><link href="/新闻/2"/>
<updated>2026-01-31T08:00:00Z</updated><summary type="html">&lt;i&gt;四十吨&lt;/i&gt;</summary></entry></feed>"""
PAGE = """<html><head><link rel="alternate" type="application/rss+xml" title="News" href="rss"></head></html>"""
EVIL = """<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<rss><channel><title>&x;</title><item><title>&x;</title></item></channel></rss>"""
ODD = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/a/"><title>Odd</title>
<entry><title>One</title><link href="1"/><updated>2026-01-02T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Body</p><p>next</p></div></content></entry>
<entry><title>Two</title><id>https://base.example/2</id></entry><entry><title>Three</title><id>tag:3</id></entry></feed>"""
GUID = """<rss><channel><item><guid>https://harbour.example/1</guid></item>
<item><guid isPermaLink="false">https://harbour.example/2</guid></item></channel></rss>"""
GBK = '<?xml version="1.0" encoding="GBK"?><rss><channel><title>新闻</title></channel></rss>'


class Site(BaseHTTPRequestHandler):
    """A small site with feeds."""

    pages: ClassVar = {
        "/rss": RSS.encode(),
        "/atom": ATOM.encode(),
        "/page": PAGE.encode(),
        "/evil": EVIL.encode(),
        "/gbk": GBK.encode("gbk"),
        "/odd": ODD.encode(),
        "/guid": GUID.encode(),
        "/page-zh": PAGE.replace("News", "新闻").encode(),
        "/plain": b"nothing",
        "/broken": RSS.encode()[:-60],
    }

    def do_GET(self) -> None:
        """Answer with the page of this path."""
        content = self.pages.get(self.path)
        self.send_response(200 if content is not None else 404)
        self.send_header("Content-Type", "text/html" if "page" in self.path else "application/xml")
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@contextmanager
def site(folder: Path) -> Iterator[tuple[Trial, str]]:
    """The site, and the plugin in a place where the site alone can be opened."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    host = f"127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True).start()
    try:
        with Trial(folder, PLUGIN, hosts=[host]) as trial:
            yield trial, f"http://{host}"
    finally:
        server.shutdown()
        server.server_close()


def test_rss_is_read_newest_first_with_whole_links_and_bare_words(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        read = trial.call("read_feed", url=f"{url}/rss").value
    assert read["feed"] == "Harbour news"
    assert read["entries"][0] == {
        "title": "The crane is back",
        "url": f"{url}/news/2",
        "time": "2026-01-31T08:00:00+00:00",
        "summary": "It lifts 40 t & more.",
    }
    assert [one["title"] for one in read["entries"]] == ["The crane is back", "Low water"]


def test_atom_in_chinese_is_read_and_its_page_is_preferred_to_its_sound(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        read = trial.call("read_feed", url=f"{url}/atom").value
    (entry,) = read["entries"]
    assert (read["feed"], entry["title"], entry["summary"]) == ("港口", "起重机回来了", "四十吨")
    assert entry["url"] == f"{url}/新闻/2"


def test_links_follow_their_base_and_an_entry_without_any_is_found_by_its_identity(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        one, two, three = trial.call("read_feed", url=f"{url}/odd").value["entries"]
        guids = trial.call("read_feed", url=f"{url}/guid").value["entries"]
    assert (one["url"], one["summary"]) == ("https://base.example/a/1", "Body next")
    assert (two["url"], three["url"]) == ("https://base.example/2", "")
    assert [entry["url"] for entry in guids] == ["https://harbour.example/1", ""]


def test_only_what_is_new_enough_is_told_and_how_much_more_there_is(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        since = trial.call("read_feed", url=f"{url}/rss", since="2026-01-20").value
        first = trial.call("read_feed", url=f"{url}/rss", count=1).value
    assert [one["title"] for one in since["entries"]] == ["The crane is back"]
    assert (len(first["entries"]), first["more"]) == (1, 1)


def test_a_feed_in_gbk_is_read_and_a_cut_one_as_far_as_it_goes(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        assert trial.call("read_feed", url=f"{url}/gbk").value["feed"] == "新闻"
        assert trial.call("read_feed", url=f"{url}/broken").value["entries"]


def test_a_feed_cannot_quote_a_file_of_this_machine(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        read = trial.call("read_feed", url=f"{url}/evil").value
    assert (read["feed"], read["entries"][0]["title"]) == ("&x;", "&x;")


def test_a_page_tells_its_feeds_and_one_without_says_so(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        assert trial.call("find_feeds", url=f"{url}/page").value == [{"title": "News", "url": f"{url}/rss"}]
        assert trial.call("find_feeds", url=f"{url}/page-zh").value[0]["title"] == "新闻"
        assert "names no feed" in trial.call("find_feeds", url=f"{url}/rss").text


def test_mistakes_are_told_with_what_to_do(tmp_path: Path) -> None:
    with site(tmp_path) as (trial, url):
        assert "is no feed" in trial.call("read_feed", url=f"{url}/plain").text
        assert "find_feeds" in trial.call("read_feed", url=f"{url}/page").text
        assert "404" in trial.call("read_feed", url=f"{url}/none").text
        assert "since is no day" in trial.call("read_feed", url=f"{url}/rss", since="gestern").text
        assert "count must be" in trial.call("read_feed", url=f"{url}/rss", count=0).text
        assert "is not opened" in trial.call("read_feed", url="http://192.0.2.1/rss").text
