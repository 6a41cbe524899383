"""Builders for account files."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def a_file(tmp_path):
    """Writes a file and gives its path: text as UTF-8, bytes as they are."""

    def write(content: str | bytes, name: str = "accounts.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
