"""The company that leads come to."""

from __future__ import annotations

import pytest

from patchbook.db import Record


@pytest.fixture
def company(sellers: Record) -> Record:
    """People, a published plan and a pool that leads come to, on each engine."""
    return sellers
