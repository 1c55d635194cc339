"""Fixtures for all rooms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kits import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Runs in a folder of this test's own."""
    return House(tmp_path)
