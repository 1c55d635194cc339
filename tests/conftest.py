"""Fixtures for all rooms."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.kits import House

# A busy machine is no fault of a test, and one that fails by chance is no test: the same examples each time.
settings.register_profile("thinkact", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("thinkact")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Runs in a folder of this test's own."""
    return House(tmp_path)
