"""How fair a carve is, before and after."""

from __future__ import annotations

import pytest

from patchbook.plans.file import load
from patchbook.plans.studies.balance import BALANCE
from patchbook.plans.studies.study import Asked, BadChoice

PLAN = """\
plan: Grid
accounts: accounts.csv
measures:
  potential: {from: potential, tolerance: 30%}
  visits: {from: visits, tolerance: 50%}
layers:
  - carve: {name: Field, seats: 3, compact: true}
"""
GRID = "\n".join(
    [
        "account_id,name,latitude,longitude,potential,visits,owner",
        *(
            f"A{n},Company {n},{43 - (n - 1) // 3},{-95 + (n - 1) % 3},1,{1 + n // 9},{'ann' if n < 7 else 'bob'}"
            for n in range(1, 10)
        ),
        "",
    ]
)


@pytest.fixture
def asked(tmp_path):
    (tmp_path / "accounts.csv").write_text(GRID)
    (tmp_path / "plan.yaml").write_text(PLAN)
    return lambda **choices: Asked(plan=load(tmp_path / "plan.yaml"), choices=choices)


def test_each_measure_is_told_for_today_and_for_the_carve(asked):
    found = BALANCE.run(asked())

    rows = found.table("fairness").rows
    assert [row[1:3] for row in rows] == [
        ("potential", "today"), ("potential", "this carve"), ("visits", "today"), ("visits", "this carve"),
    ]  # fmt: skip
    today, carve = rows[0], rows[1]
    assert today[3:7] == pytest.approx((1 / 3, 1 / 3, 1 / 6, 2.0))  # six accounts and three, where 4.5 would be fair
    assert carve[3:7] == pytest.approx((0.0, 0.0, 0.0, 1.0))
    assert carve[7] == 0.3


def test_the_sentences_tell_the_worst_and_how_good_the_carve_is_at_least(asked):
    says = BALANCE.run(asked()).says

    assert says[0] == (
        "Field, potential: the territory furthest from its share is off by 0.0\u00a0%, within the 30\u00a0% allowed; in"
        " today's books it is 33\u00a0%."
    )
    assert any("that is proved" in sentence for sentence in says)


def test_the_measure_asked_for_is_drawn_and_every_territory_is_in_one_step(asked):
    (chart,) = BALANCE.run(asked(measure="visits")).charts

    assert "visits" in chart.title
    assert sum(mark.y for mark in chart.marks) == 3


def test_the_territory_furthest_off_comes_first(asked):
    rows = BALANCE.run(asked()).table("loads").rows

    assert [abs(row[5]) for row in rows] == sorted((abs(row[5]) for row in rows), reverse=True)
    assert len(rows) == 6


def test_a_measure_the_plan_does_not_balance_is_refused(asked):
    with pytest.raises(BadChoice, match="balances no measure 'sales'; it balances potential, visits"):
        BALANCE.run(asked(measure="sales"))
