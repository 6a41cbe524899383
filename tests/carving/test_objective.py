"""The page of the objective gives a formula for every constraint there is, by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from patchbook.carving.constraints import CONSTRAINTS

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "objective.md"


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda constraint: constraint.name)
def test_every_constraint_has_its_formula(constraint):
    parts = dict(re.findall(r"^### `(.+?)`\n(.*?)(?=^##)", PAGE.read_text(encoding="utf-8"), re.M | re.S))

    assert parts[constraint.name].count("$$") == 2
