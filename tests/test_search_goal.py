"""A goal that searches the web, as a process: the offline model, the real tool, a SearXNG server on loopback and pages
beside it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plugins import built_in_plugins
from tests.place import Place, no_traceback
from tests.plugins.engines import searxng

OPENER = '''
import re

from plugins import Context, Effect, ToolError, tool


@tool(effect=Effect.FETCH, repeatable=True)
def fetch_page(url: str, *, context: Context) -> str:
    """Fetch a page of the web as text.

    Args:
        url: Its address.
    """
    if context.http is None:
        raise ToolError("there is no web")
    page = context.http.get(url).content.decode()
    paragraphs = re.findall(r"<p>(.*?)</p>", page)
    return "\\n\\n".join([f"title: a page\\naddress: {url}", *paragraphs])
'''
"""Stands in for the tool that opens pages, where none comes with thinkact."""
PAGE = """<!doctype html><html><head><title>Pier {0}</title></head><body><article><h1>Pier {0}</h1>
<p>The oak piles of pier number {0} rot at the waterline, where air and water meet and are looked at each year.</p>
<p>Tar protects them for some ten years, and copper plates for longer, as the harbour office has written.</p>
</article></body></html>"""


@pytest.mark.parametrize(
    ("goal", "file", "title"),
    [
        ("Search the web for pier piles, open three pages and write a cited brief to b.md", "b.md", "B: pier piles"),
        ("上网搜索木桥的木桩，打开三个网页，写一份带引用的简报到 简报.md", "简报.md", "简报：木桥的木桩"),
    ],
)
def test_a_brief_of_pages_that_were_searched_for_is_written_with_their_addresses(
    tmp_path: Path, goal: str, file: str, title: str
) -> None:
    place = Place(tmp_path)
    place.workspace.mkdir()
    if "fetch_page" not in {tool.name for plugin in built_in_plugins() for tool in plugin.tools}:
        place.plugin("pages.py", OPENER)
    with searxng() as server:
        server.found(*({"title": f"Pier {one}", "url": f"{server.url}/{one}"} for one in range(1, 6)))
        server.pages = {f"/{one}": PAGE.format(one) for one in range(2, 6)}
        settings = {"THINKACT_SEARXNG_URL": server.url, "THINKACT_PRIVATE_HOSTS": urlsplit(server.url).netloc}
        ended = place.thinkact("run", goal, timeout=90, **{"THINKACT_MODEL": "offline"} | settings)
        assert len(server.asked) == 1
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    brief = place.read(file)
    assert brief.startswith(f"# {title}\n")
    for number in (2, 3, 4):
        assert f"The oak piles of pier number {number} rot at the waterline" in brief
        assert f"{server.url}/{number}" in brief
    assert f"{server.url}/1" not in brief
    assert "404" in ended.stdout
