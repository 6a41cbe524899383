"""The rooms of the house, and who may import whom: imports point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import patchbook

SOURCE = Path(patchbook.__file__).parent

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("period", "words"),
    ("geography",),
    ("accounts",),
    ("measures", "rules"),
    ("carving", "routing", "performance"),
    ("connectors",),
    (
        *("db", "access", "audit", "people", "territories", "plans", "ledger", "leads", "sync"),
        *("imports", "publishing", "changes", "holdovers"),
        *("proposals", "approvals", "challenges", "exceptions", "comments"),
        *("webhooks", "replay"),
    ),
    ("jobs", "demo"),
    ("web", "cli"),
)
"""A room imports from the floors below it, and from itself."""

RECORD = FLOORS[7]
"""The record is one house: its rooms may know each other. On no other floor do neighbours."""

EXCEPTIONS = {("cli/serve.py", "web"), ("cli/demo.py", "web")}
"""Somebody has to start the web from the command line; the edges otherwise never know each other."""


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_imports_only_from_the_floors_below(path):
    here = path.relative_to(SOURCE)
    if here.name == "__init__.py" and len(here.parts) == 1:
        return  # the front door shows every room
    room = here.parts[0].removesuffix(".py")

    for imported in rooms_imported(path):
        allowed = imported == room or floor(imported) < floor(room) or {imported, room} <= set(RECORD)
        assert allowed or (here.as_posix(), imported) in EXCEPTIONS, f"{here} may not import patchbook.{imported}"


def rooms_imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} line {node.lineno}: imports name their room in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from {name.split(".")[1] for name in names if name.startswith("patchbook.")} - {"__version__"}


def floor(room: str) -> int:
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)
