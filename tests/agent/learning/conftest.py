"""A house whose runs remember."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kits import House
from tests.recollection import Recollection, remembering


@pytest.fixture
def memory(house: House) -> Iterator[Recollection]:
    with remembering(house) as kept:
        yield kept
