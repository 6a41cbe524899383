"""The demo workspace at a fixed instant: a whole company for the tests of pages, made once a session and copied."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from patchbook.demo.workspace import Workspace, build, found

DEMO_NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""A Monday; in the workspace the field plan of the year holds since the first of February."""


def a_workspace(folder: Path) -> Workspace:
    """Make it in an empty folder. Carves end by themselves well before a second, so none is cut short by the clock."""
    return build(folder, seed=1, at=DEMO_NOW)


def copied(workspace: Workspace, folder: Path) -> Workspace:
    """A copy to change, its data beside it."""
    shutil.copytree(workspace.record.parent, folder)
    copy = found(folder)
    assert copy is not None
    return copy
