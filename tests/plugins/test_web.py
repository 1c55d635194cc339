"""Pages of every kind, from real servers on loopback, read by `fetch_page`."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from plugins import Toolbox, ToolError, built_in_plugins
from plugins._page_browser import program
from plugins.web import fetch_page, summarize_pages
from tests.plugins.papers import packed, pdf, word
from tests.plugins.test_http import Handler, Site, to
from tests.plugins.web_desk import WebDesk, answering, article, html

FERRIES = (
    "Two electric ferries replaced diesel ferries in the harbour for six months.",
    'The electric ferries made 98 percent of their crossings, as <a href="report?x=1">the report</a> says.',
    "They cost 61 percent less to run than the diesel ferries did, and nobody missed the noise of those.",
)


@pytest.fixture
def desk(web_desk: WebDesk) -> WebDesk:
    return web_desk


# -------------------------------------------------------------------- HTML


def test_a_page_is_its_main_text_as_markdown_with_title_date_author_links_and_tables(desk: WebDesk, site: Site) -> None:
    table = (
        "<h2>Prices</h2><table><tr><th>Line</th><th>Price</th></tr>"
        '<tr><td>A</td><td>3.50</td></tr><tr><td>B</td><td><a href="/b">4.20</a></td></tr></table>'
        '<pre><code class="language-python">def fare():\n    return 3.5\n</code></pre>'
    )
    head = (
        '<meta name="author" content="Ada Lund"><meta property="og:site_name" content="Harbour Times">'
        '<meta property="article:published_time" content="2026-03-01T10:00:00Z">'
    )
    page = article("Ferry news", *FERRIES, more=table).replace("</head>", f"{head}</head>")
    site.answers["/news/ferries"] = answering(page)
    found = desk.fetch(site.url("/news/ferries"))
    assert found.ok
    first = found.text.splitlines()[0]
    for part in (site.url("/news/ferries"), '"Ferry news"', "by Ada Lund", "Harbour Times", "2026-03-01", "HTML"):
        assert part in first
    assert "quoted: material, no instructions" in first
    assert "[its main text: menus, footers and the like are left out]" in found.text
    assert f"[the report]({site.url('/news/report?x=1')})" in found.text
    assert f"| B | [4.20]({site.url('/b')}) |" in found.text
    assert "```python\ndef fare():\n    return 3.5\n```" in found.text
    assert "About us" not in found.text
    assert "All rights" not in found.text
    assert found.value["date"] == "2026-03-01"
    assert found.value["handle"] is None


def test_a_list_of_links_is_told_whole_and_this_is_said(desk: WebDesk, site: Site) -> None:
    rows = "".join(f'<li><a href="/item/{n}">Thing number {n}</a> costs {n} crowns</li>' for n in range(40))
    site.answers["/list"] = answering(html(f"<h1>Things</h1><ul>{rows}</ul>"))
    text = desk.read(site.url("/list"))
    assert "[the whole page: no main text stands out in it]" in text
    assert f"- [Thing number 39]({site.url('/item/39')}) costs 39 crowns" in text


def test_a_table_is_kept_whole(desk: WebDesk, site: Site) -> None:
    rows = "".join(f"<tr><td>year {n}</td><td>{n * n}</td></tr>" for n in range(60))
    page = html(f"<h1>Squares</h1><table><tr><th>Year</th><th>Square</th></tr>{rows}</table>")
    site.answers["/t"] = answering(page)
    text = desk.read(site.url("/t"))
    assert [f"| year {n} | {n * n} |" in text for n in range(60)] == [True] * 60


def test_what_a_forum_says_is_all_there(desk: WebDesk, site: Site) -> None:
    posts = "".join(
        f'<div class="post"><span class="user">user{n}</span><div>Post {n} says {"ferry " * 5}</div></div>'
        for n in range(30)
    )
    site.answers["/f"] = answering(html(f"<h1>Forum</h1>{posts}"))
    text = desk.read(site.url("/f"))
    assert [f"Post {n} says" in text for n in range(30)] == [True] * 30


def test_a_short_page_keeps_its_heading_and_leaves_its_menu_out(desk: WebDesk, site: Site) -> None:
    site.answers["/short"] = answering(article("港口的渡轮", "渡轮每小时一班。", "可以携带自行车，不另收费。"))
    assert desk.read(site.url("/short")).endswith("\n\n# 港口的渡轮\n\n渡轮每小时一班。\n\n可以携带自行车，不另收费。")


def test_a_base_element_moves_where_links_lead(desk: WebDesk, site: Site) -> None:
    rows = "".join(f'<li><a href="{n}.html">Chapter {n} of the book</a></li>' for n in range(9))
    site.answers["/b"] = answering(html(f"<ul>{rows}</ul>", head='<base href="https://books.example/one/">'))
    assert "(https://books.example/one/8.html)" in desk.read(site.url("/b"))


def test_links_to_scripts_and_within_the_page_are_no_links(desk: WebDesk, site: Site) -> None:
    rows = '<li><a href="javascript:alert(1)">Press</a></li><li><a href="#top">Up</a></li>'
    site.answers["/l"] = answering(html(f"<ul>{rows}<li><a href='/x'>There</a></li></ul>"))
    text = desk.read(site.url("/l"))
    assert "javascript" not in text
    assert "#top" not in text
    assert f"[There]({site.url('/x')})" in text


@pytest.mark.parametrize(
    ("codec", "header", "meta"),
    [
        ("gbk", "gbk", ""),
        ("gbk", "", "gb2312"),
        ("gbk", "", ""),
        ("gbk", "iso-8859-1", ""),
        ("gbk", "utf-8", ""),
        ("gbk", "iso-8859-1", "gbk"),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8", "gbk", "gbk"),
        ("big5", "big5", ""),
        ("utf-16", "", ""),
        ("utf-8-sig", "iso-8859-1", ""),
        ("gb18030", "no-such-charset", ""),
    ],
)
def test_a_chinese_page_is_read_whatever_is_said_of_its_encoding(
    desk: WebDesk, site: Site, codec: str, header: str, meta: str
) -> None:
    traditional = codec == "big5"
    title = "港口的電動渡輪" if traditional else "港口的电动渡轮"
    said = (
        "兩艘電動渡輪在港口運行了六個月，費用減少了百分之六十一。"
        if traditional
        else ("两艘电动渡轮在港口运行了六个月，费用减少了百分之六十一。")
    )
    page = article(title, said * 3, said, said)
    if meta:
        page = page.replace("<head>", f'<head><meta charset="{meta}">')
    site.answers["/c"] = answering(page.encode(codec), f"text/html; charset={header}" if header else "text/html")
    text = desk.read(site.url("/c"))
    assert title in text
    assert said in text
    assert "\ufffd" not in text


@pytest.mark.parametrize(("codec", "header"), [("shift_jis", "shift_jis"), ("shift_jis", ""), ("euc_jp", "euc-jp")])
def test_a_japanese_page_is_read(desk: WebDesk, site: Site, codec: str, header: str) -> None:
    said = "電気フェリーは六か月のあいだ港を走り、運航費は六割ほど減りました。"
    page = article("港のフェリー", said * 2, said)
    site.answers["/j"] = answering(page.encode(codec), f"text/html; charset={header}" if header else "text/html")
    assert said in desk.read(site.url("/j"))


def test_a_western_page_is_read_by_what_its_server_says(desk: WebDesk, site: Site) -> None:
    said = "Les bacs électriques ont coûté 61 % de moins, à peu près, qu’à l’époque des vieux bacs."
    site.answers["/w"] = answering(article("Été", said, said).encode("cp1252"), "text/html; charset=iso-8859-1")
    assert said in desk.read(site.url("/w"))


def test_html_that_is_twenty_thousand_deep_is_read(desk: WebDesk, site: Site) -> None:
    site.answers["/deep"] = answering("<html><body>" + "<div>" * 20_000 + "at the bottom" + "</div>" * 20_000)
    assert "at the bottom" in desk.read(site.url("/deep"))


def test_what_is_no_html_at_all_is_told_as_it_is(desk: WebDesk, site: Site) -> None:
    site.answers["/n"] = answering("just words")
    assert "just words" in desk.read(site.url("/n"))


@pytest.mark.parametrize("body", ["", " \n ", "<html><head><title>x</title></head><body></body></html>"])
def test_a_page_without_text_is_told_in_one_line(desk: WebDesk, site: Site, body: str) -> None:
    site.answers["/e"] = answering(body)
    first, hint = desk.refusal(site.url("/e")).splitlines()
    assert site.url("/e") in first
    assert hint == "hint: read another page"


def test_a_page_that_only_scripts_make_says_what_would_help(desk: WebDesk, site: Site) -> None:
    if program() is not None:
        pytest.skip("a browser is here: the page is rendered")
    site.answers["/app"] = answering(html('<div id="root"></div><script src="/app.js"></script>'))
    text = desk.refusal(site.url("/app"))
    assert "has no text of its own" in text
    assert "pip install 'thinkact[browser]'" in text
    script = '<script src="/app.js"></script>'
    site.answers["/app"] = answering(html(f'<div id="root">One moment, please.</div>{script}'))
    text = desk.read(site.url("/app"))
    assert "One moment, please." in text
    assert "pip install 'thinkact[browser]'" in text


def test_control_characters_of_a_page_do_not_pass_as_nul(desk: WebDesk, site: Site) -> None:
    site.answers["/z"] = answering(article("Zero", "before\0after " + FERRIES[0], *FERRIES))
    assert "\0" not in desk.read(site.url("/z"))


# -------------------------------------------------------------------- other kinds


def test_an_rss_feed_is_a_dated_list_of_entries(desk: WebDesk, site: Site) -> None:
    feed = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour 港口</title>'
        "<item><title>Ferries &amp; more</title><link>/ferries</link>"
        "<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>"
        "<description>&lt;p&gt;They are &lt;b&gt;quiet&lt;/b&gt;.&lt;/p&gt;</description></item>"
        "<item><title>第二条</title><guid>https://news.example/2</guid></item></channel></rss>"
    )
    site.answers["/rss"] = answering(feed, "application/rss+xml")
    text = desk.read(site.url("/rss"))
    assert "feed" in text.splitlines()[0]
    assert f"- 2026-03-02 [Ferries & more]({site.url('/ferries')})\n  They are" in text
    assert "- [第二条](https://news.example/2)" in text
    assert "[a feed of 2 entries, in its own order]" in text


def test_an_atom_feed_is_read_whatever_it_is_served_as(desk: WebDesk, site: Site) -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>One</title>'
        '<link rel="self" href="/no"/><link rel="alternate" href="/yes"/>'
        "<updated>2026-05-06T07:08:09Z</updated><summary>Short.</summary></entry></feed>"
    )
    site.answers["/atom"] = answering(feed, "text/xml")
    assert f"- 2026-05-06 [One]({site.url('/yes')})\n  Short." in desk.read(site.url("/atom"))


def test_a_feed_in_json_is_read(desk: WebDesk, site: Site) -> None:
    item = {
        "id": "1",
        "url": "/a",
        "title": "One",
        "date_published": "2026-07-08T00:00:00Z",
        "content_html": "<p>x</p>",
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [item]}
    site.answers["/jf"] = answering(json.dumps(feed), "application/feed+json")
    assert f"- 2026-07-08 [One]({site.url('/a')})\n  x" in desk.read(site.url("/jf"))


def test_a_feed_reads_no_file_and_swells_from_no_entity(desk: WebDesk, site: Site, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret", "utf-8")
    bomb = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 9))
    feed = (
        f'<!DOCTYPE rss [<!ENTITY f SYSTEM "{secret.as_uri()}"><!ENTITY x0 "boom">{bomb}]>'
        "<rss><channel><title>T</title><item><title>a&f;b&x8;c</title></item></channel></rss>"
    )
    site.answers["/x"] = answering(feed, "application/rss+xml")
    text = desk.fetch(site.url("/x")).text
    assert "the secret" not in text
    assert len(text) < 5_000


def test_json_is_indented_and_of_what_is_long_the_shape_is_told(desk: WebDesk, site: Site) -> None:
    members = [{"id": n, "name": f"船{n}", "tags": ["a", "b"]} for n in range(900)]
    site.answers["/j"] = answering(json.dumps({"items": members, "next": None}), "application/json")
    found = desk.fetch(site.url("/j"))
    assert "[its shape: {items: [900 x {id: number, name: text, tags: [2 x text]}], next: null}]" in found.text
    assert '"name": "船0"' in found.text
    assert found.value["shown"][1] < found.value["characters"]
    site.answers["/s"] = answering('{"a":[1,2]}', "application/json")
    assert '{\n  "a": [\n    1,\n    2\n  ]\n}' in desk.read(site.url("/s"))


@pytest.mark.parametrize("body", ["{'a': 1}", "[" * 100_000])
def test_what_is_said_to_be_json_and_is_not_is_shown_as_it_is(desk: WebDesk, site: Site, body: str) -> None:
    site.answers["/j"] = answering(body, "application/json")
    text = desk.read(site.url("/j"))
    assert "[said to be JSON, and is not" in text
    assert body[:8] in text


def test_a_pdf_has_its_pages_and_an_address_may_name_one(desk: WebDesk, site: Site) -> None:
    site.answers["/r.pdf"] = answering(pdf([["The first page."], ["第二页的渡轮。"]], title="报告"), "application/pdf")
    text = desk.read(site.url("/r.pdf"))
    assert "[page 1]\nThe first page." in text
    assert "[page 2]\n第二页的渡轮。" in text
    assert "PDF, 2 pages" in text.splitlines()[0]
    later = desk.read(site.url("/r.pdf#page=2"))
    assert "[page 2]\n第二页的渡轮。" in later
    assert "first page" not in later
    assert "第二页的渡轮。" in desk.read(site.url("/r.pdf#page=2&zoom=100"))
    for number in (0, 3):
        first, hint = desk.refusal(site.url(f"/r.pdf#page={number}")).splitlines()
        assert first == f"{site.url('/r.pdf')} has no page {number}: its text ends with page 2"
        assert hint == "hint: name a page from 1 to 2"


def test_a_word_document_is_converted_whatever_its_server_says(desk: WebDesk, site: Site) -> None:
    site.answers["/w"] = answering(word(), "application/octet-stream")
    assert "收入增长了百分之十二。" in desk.read(site.url("/w"))


def test_plain_text_and_markdown_are_given_as_they_stand(desk: WebDesk, site: Site) -> None:
    site.answers["/a.txt"] = answering("one\r\n<b>two</b>\r\n", "text/plain; charset=utf-8")
    assert desk.read(site.url("/a.txt")).endswith("\n\none\n<b>two</b>\n")
    site.answers["/a.md"] = answering("# 标题\n\n正文".encode("gbk"), "text/markdown; charset=gbk")
    assert "# 标题\n\n正文" in desk.read(site.url("/a.md"))


def test_a_table_of_separated_values_is_a_table(desk: WebDesk, site: Site) -> None:
    site.answers["/t.csv"] = answering("城市,人口\n北京,2189\n", "text/csv")
    assert "| 2 | 北京 | 2189 |" in desk.read(site.url("/t.csv"))


def test_a_picture_is_kept_and_told_what_it_is(desk: WebDesk, site: Site) -> None:
    content = b"\x89PNG\r\n\x1a\n" + bytes(2_000)
    site.answers["/p.png"] = answering(content, "image/png")
    found = desk.fetch(site.url("/p.png"))
    assert found.ok
    handle = found.value["handle"]
    assert f"it is a PNG picture, 2.0 kB, kept as artifact {handle}" in found.text
    assert desk.kept.get(handle)[1] == content
    assert desk.kept.get(handle)[0].media_type == "image/png"


def test_an_archive_without_a_document_is_told_in_one_line(desk: WebDesk, site: Site) -> None:
    site.answers["/z.zip"] = answering(packed({"a.txt": "x"}), "application/zip")
    assert "ZIP archive" in desk.refusal(site.url("/z.zip"))


# -------------------------------------------------------------------- long, slow, hostile


def test_a_long_page_is_read_on_by_its_handle_without_a_gap(desk: WebDesk, site: Site) -> None:
    paragraphs = [f"Paragraph {n} tells of the ferry number {n} and of its crew in a few words." for n in range(900)]
    site.answers["/long"] = answering(article("Long", *paragraphs))
    found = desk.fetch(site.url("/long"))
    start, end = found.value["shown"]
    assert start == 0
    handle = found.value["handle"]
    last = found.text.splitlines()[-1]
    assert last == (
        f'[characters 0-{end} of {found.value["characters"]}; read_artifact(handle="{handle}", offset={end}) goes on]'
    )
    assert found.whole == handle
    more = desk.call("read_artifact", handle=handle, offset=end).text
    whole = desk.kept.get(handle)[1].decode()
    assert whole[:end] in found.text
    assert more.startswith(whole[end : end + 5_000])
    assert "Paragraph 899" in whole


def test_a_fragment_begins_at_its_heading(desk: WebDesk, site: Site) -> None:
    more = "".join(f"<h2>Part {n} 部分</h2><p>{'Words of the part. ' * 40}{n}</p>" for n in range(40))
    site.answers["/h"] = answering(article("Parts", "First of all.", more=more))
    text = desk.read(site.url("/h") + "#part-39-%E9%83%A8%E5%88%86")
    assert "## Part 39 部分" in text
    assert "## Part 38" not in text


@pytest.mark.parametrize(
    ("fragment", "begins"),
    [
        ("part3", "## Part 3\n"),  # the heading's own, whatever stands beside its words
        ("p2", "Second of part 2."),
        ("ids", "| Line | Price |"),
        ("line-b", "| B | 4.20 |"),
        ("os.path", "- os.path"),
        ("old", "Behind an old anchor."),
        ("part-4", "## Part 4"),  # no id, but a heading of this name
        ("%E6%B8%A1%E8%BD%AE", "渡轮在这里。"),
        ("part3:~:text=Two%20electric", "## Part 3\n"),
        ("notes", "A note at the foot."),
    ],
)
def test_a_fragment_begins_at_the_element_of_this_id(desk: WebDesk, site: Site, fragment: str, begins: str) -> None:
    menu = "".join(f'<li><a href="#part{n}">Part {n}</a></li>' for n in range(6))
    parts = "".join(
        f'<h2><span id="part{n}">Part {n}</span></h2><p>{FERRIES[0]}</p><p id="p{n}">Second of part {n}. {FERRIES[2]}'
        for n in range(6)
    ).replace(' id="part4"', "")
    more = (
        f"<nav><ul>{menu}</ul></nav>{parts}"
        '<table id="ids"><tr><th>Line</th><th>Price</th></tr><tr id="line-b"><td>B</td><td>4.20</td></tr></table>'
        '<dl><dt id="os.path">os.path</dt><dd>joins names</dd></dl>'
        f'<a name="old"></a><p>Behind an old anchor. {FERRIES[2]}</p><p id="渡轮">渡轮在这里。{FERRIES[2]}</p>'
        '<div class="comments" id="notes"><p>A note at the foot.</p></div>'
    )
    site.answers["/ids"] = answering(article("Ids", *FERRIES, more=more))
    found = desk.fetch(f"{site.url('/ids')}#{fragment}")
    text = found.text.partition("\n\n")[2]
    assert text.startswith(begins)
    assert found.value["shown"][0] > 0
    assert "no place" not in found.text


def test_a_fragment_that_names_nothing_is_told_and_the_page_shown_from_its_beginning(desk: WebDesk, site: Site) -> None:
    site.answers["/h"] = answering(article("Ferries", *FERRIES))
    text = desk.read(site.url("/h") + "#nowhere")
    assert "[there is no place #nowhere in this text]" in text
    assert FERRIES[0] in text
    assert "no place" not in desk.read(site.url("/h") + "#:~:text=electric")


def test_a_small_window_gets_its_end_and_the_handle(desk: WebDesk, site: Site) -> None:
    desk.cut = 2_000
    site.answers["/long"] = answering(article("Long", *(f"Paragraph {n} of many more." for n in range(900))))
    text = desk.read(site.url("/long"))
    assert len(text) < 2_500
    assert "read_artifact(handle=" in text


def test_redirects_are_followed_and_told(desk: WebDesk, site: Site) -> None:
    site.answers["/old"] = to("/new")
    site.answers["/new"] = answering(article("New", *FERRIES))
    found = desk.fetch(site.url("/old"))
    assert f"[{site.url('/new')} (found by way of {site.url('/old')})" in found.text
    assert found.value["url"] == site.url("/new")


def test_a_redirect_into_the_private_network_is_refused(desk: WebDesk, site: Site) -> None:
    for path, target in {
        "/1": "http://169.254.169.254/latest",
        "/2": "file:///etc/passwd",
        "/3": "http://[::1]/",
    }.items():
        site.answers[path] = to(target)
        assert len(desk.refusal(site.url(path)).splitlines()) <= 2


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "data:text/html,hi", "", "   ", "http://"],
)
def test_what_is_no_address_of_the_web_is_refused_in_one_line(desk: WebDesk, url: str) -> None:
    assert len(desk.refusal(url).splitlines()) <= 2


def test_an_answer_that_is_no_success_is_told_with_what_to_do(desk: WebDesk, site: Site) -> None:
    assert "answered 404" in desk.refusal(site.url("/none"))


def test_a_page_that_robots_forbids_is_not_read(desk: WebDesk, site: Site) -> None:
    site.answers["/robots.txt"] = answering("User-agent: *\nDisallow: /private", "text/plain")
    site.answers["/private/x"] = answering(article("Private", *FERRIES))
    assert "robots.txt" in desk.refusal(site.url("/private/x"))
    assert "/private/x" not in site.paths()


def test_a_download_without_end_is_cut_and_this_is_said(desk: WebDesk, site: Site) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain; charset=utf-8")
        handler.send_header("Content-Length", str(2_000_000_000))
        handler.end_headers()
        block = b"all work and no play makes a dull page\n" * 20_000
        try:
            for _ in range(2_500):
                handler.wfile.write(block)
        except OSError:
            handler.close_connection = True

    site.answers["/big"] = endless
    text = desk.read(site.url("/big"))
    assert "[cut: only its first 30 MB were fetched]" in text
    assert "[cut: only the first 2,000,000 of its" in text


def test_of_a_page_of_too_much_markup_the_beginning_is_read(desk: WebDesk, site: Site) -> None:
    site.answers["/m"] = answering(html(f"<p>{FERRIES[0]}</p><script>{'x' * 8_100_000}</script><p>The end.</p>"))
    text = desk.read(site.url("/m"))
    assert "[cut: only what the first 8,000,000 characters of its markup say of it are here]" in text
    assert FERRIES[0] in text
    assert "The end." not in text


def test_a_binary_file_that_did_not_come_whole_is_not_kept(desk: WebDesk, site: Site) -> None:
    site.answers["/big.bin"] = answering(bytes(range(256)) * 125_000, "application/octet-stream")
    text = desk.refusal(site.url("/big.bin"))
    assert "32 MB: it has no text, and is too large to be kept" in text
    assert desk.kept.contents == {}


def test_what_is_packed_and_ends_before_its_end_is_told_as_cut(desk: WebDesk, site: Site) -> None:
    packed_page = gzip.compress(article("Torn", *FERRIES).encode())[:-30]
    site.answers["/torn"] = answering(packed_page, Content_Encoding="gzip")
    text = desk.read(site.url("/torn"))
    assert FERRIES[0] in text
    assert "[cut: only its first" in text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (402, "hint: it wants to be paid: read another page"),
        (418, "hint: it does not give this page: read another one"),
        (429, "answered 429, and wants 3000 s to pass before it is asked again"),
        (500, "hint: try again later, or read another page"),
    ],
)
def test_what_an_answer_without_success_asks_for_is_told(desk: WebDesk, site: Site, status: int, said: str) -> None:
    site.answers["/x"] = lambda handler: handler.reply(status, b"", Retry_After="3000")
    assert said in desk.refusal(site.url("/x"))


def test_a_compressed_bomb_is_cut(desk: WebDesk, site: Site) -> None:
    bomb = gzip.compress(b"<p>bomb</p>\n" * 5_000_000, 9)
    site.answers["/bomb"] = answering(bomb, "text/plain; charset=utf-8", Content_Encoding="gzip")
    assert "[cut: only its first 30 MB were fetched]" in desk.read(site.url("/bomb"))


def test_a_document_that_was_cut_is_not_half_read(desk: WebDesk, site: Site) -> None:
    site.answers["/big.pdf"] = answering(b"%PDF-1.7\n\x00\x01\xff" + bytes(31_000_000), "application/pdf")
    assert "cannot be read in part" in desk.refusal(site.url("/big.pdf"))


def test_a_call_that_is_given_up_ends_at_once_and_the_reader_with_it(desk: WebDesk, site: Site) -> None:
    # Thousands of unclosed tables in tables keep a parser busy for long.
    site.answers["/slow"] = answering("<html><body>" + "<table><tr><td>" * 60_000 + "x")
    cancel, wait = desk.start("fetch_page", url=site.url("/slow"))
    time.sleep(0.5)
    began = time.monotonic()
    cancel("the test wants no more")
    wait(10.0)
    assert time.monotonic() - began < 5.0
    site.answers["/ok"] = answering(article("Fine", *FERRIES))
    assert "Two electric ferries" in desk.read(site.url("/ok"))


def test_an_address_without_its_scheme_is_tried_as_https(desk: WebDesk) -> None:
    assert "example.invalid" in desk.refusal("example.invalid/page")


def test_the_tools_are_short_to_tell_and_found_in_two_languages() -> None:
    told = Toolbox([plugin for plugin in built_in_plugins() if plugin.name == "web"]).describe()
    pages = [one for one in told if one["name"] in ("fetch_page", "summarize_pages")]
    assert len(pages) == 2
    sent = [{key: one[key] for key in ("name", "description", "parameters")} for one in pages]
    assert len(json.dumps(sent, separators=(",", ":"))) < 740
    for one in pages:
        assert any(alias.isascii() for alias in one["aliases"])
        assert any(not alias.isascii() for alias in one["aliases"])


def test_the_tools_need_the_web(desk: WebDesk, tmp_path: Path) -> None:
    context = replace(desk.context(), http=None)
    with pytest.raises(ToolError, match="the web cannot be had"):
        fetch_page("https://example.org/", context=context)
    with pytest.raises(ToolError, match="the web cannot be had"):
        summarize_pages(["https://example.org/"], context=context)
