"""A server on loopback, and a desk whose tools read its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins import Cache
from tests.plugins.test_http import Site, serve
from tests.plugins.web_desk import WebDesk, readers_of_pages


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture(scope="module")
def page_readers() -> Iterator[Cache]:
    yield from readers_of_pages()


@pytest.fixture
def web_desk(tmp_path: Path, site: Site, page_readers: Cache) -> Iterator[WebDesk]:
    made = WebDesk(tmp_path / "desk", site, cache=page_readers)
    yield made
    made.close()
