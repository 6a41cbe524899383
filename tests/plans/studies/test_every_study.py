"""What holds for every study: asked about a small plan, it answers in what a page and a file can show."""

from __future__ import annotations

import json
import re

import pytest

from patchbook.plans.file import load
from patchbook.plans.studies import STUDIES, Asked, settled
from patchbook.plans.studies.cells import csv_of, shown
from patchbook.plans.studies.drawing import svg_of
from patchbook.plans.studies.study import Found

PLAN = """\
plan: Grid
accounts: accounts.csv
people: people.csv
measures:
  potential: {from: potential, tolerance: 40%}
layers:
  - carve: {name: Field, seats: from people, balance: [potential], compact: true, keep: {owners: prefer}}
seconds: 5
"""
PEOPLE = """\
person_id,name,email,role,latitude,longitude
ANN,Ann Archer,ann@example.com,rep,43,-95
BOB,Bob Baker,bob@example.com,rep,42,-94
CYD,Cyd Cole,cyd@example.com,rep,41,-93
"""
WORD = r"[a-z0-9]+(_[a-z0-9]+)*"


@pytest.fixture
def plan(tmp_path):
    rows = [
        f"A{n},Company {n},{43 - (n - 1) // 3},{-95 + (n - 1) % 3},{1 + n % 2},{('ANN', 'BOB', 'CYD')[n % 3]}"
        for n in range(1, 10)
    ]
    (tmp_path / "accounts.csv").write_text("\n".join(["account_id,name,latitude,longitude,potential,owner", *rows, ""]))
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return load(tmp_path / "plan.yaml")


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_a_study_answers_in_what_a_page_and_a_file_can_show(study, plan):
    found = study.run(Asked(plan=plan, choices=settled(study, {})))

    assert found.says
    assert [sentence for sentence in found.says if not sentence.endswith((".", "!", "?"))] == []
    names = [one.name for one in (*found.tables, *found.charts)]
    assert [name for name in names if not re.fullmatch(WORD, name)] == []
    assert len({table.name for table in found.tables}) == len(found.tables)
    assert len({chart.name for chart in found.charts}) == len(found.charts)
    for table in found.tables:
        assert [column.name for column in table.columns if not re.fullmatch(WORD, column.name)] == []
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        for row in table.rows:
            assert all(shown(cell, column.unit) for cell, column in zip(row, table.columns, strict=True))
        assert len(csv_of(table).splitlines()) >= 1 + len(table.rows)
    for chart in found.charts:
        assert "Nothing to draw" not in svg_of(chart)
    kept = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert Found.from_dict(kept).to_dict() == kept
