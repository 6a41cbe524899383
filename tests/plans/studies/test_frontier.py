"""The study of the frontier: a table of carves, and what stands beside it in words."""

from __future__ import annotations

import polars as pl
import pytest

from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.studies import STUDIES, Asked, BadChoice
from patchbook.plans.studies.frontier import FRONTIER
from tests.plans.conftest import some_accounts, some_people, write_rows

CARVE = "  - carve: {name: Field, balance: [potential], compact: true}\n"


def a_market(folder, *, layers=CARVE, **columns):
    write_rows(folder / "accounts.csv", some_accounts(48, **columns))
    write_rows(folder / "people.csv", some_people())
    path = folder / "plan.yaml"
    path.write_text(
        "plan: Tiny\naccounts: accounts.csv\npeople: people.csv\nmeasures:\n"
        f"  potential: {{from: revenue_usd, tolerance: 20%}}\nlayers:\n{layers}"
    )
    return load(path)


def run(plan, **choices):
    return FRONTIER.run(Asked(plan=plan, choices=choices))


def rows(found):
    (table,) = found.tables
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


def test_the_study_is_in_the_list():
    assert FRONTIER in STUDIES


def test_the_best_carves_are_listed_first_and_none_of_them_beats_another(tmp_path):
    found = run(a_market(tmp_path), points="4")

    told = rows(found)
    best = [row for row in told if row["stands"] == "best"]
    assert len(best) >= 4
    assert told[: len(best)] == best
    figures = [(row["moved_share"], row["deviation_share"], row["travel_km"]) for row in best]
    for one in figures:
        assert not any(other != one and all(a <= b for a, b in zip(other, one, strict=True)) for other in figures)
    assert found.says[0].startswith(f"{len(best)} carves of which none is better")
    (chart,) = found.charts
    assert [mark.kind for mark in chart.marks].count("now") == 1
    assert len(chart.marks) == len(told)


FEWEST = CARVE.replace("compact: true", "compact: true, goal: rebalance, fewest: potential")


def test_what_moves_is_counted_by_the_measure_of_which_least_is_to_move(tmp_path):
    columns = {"revenue_usd": lambda i: 100 + 40 * (i % 11), "owner": lambda i: "ann" if i % 3 else "bob"}
    plan = a_market(tmp_path, layers=FEWEST, **columns)
    result = carve(plan)
    rows_of = result.assignments.join(result.accounts, on="account_id").filter(pl.col("previous_owner") != "")
    moved = rows_of.filter(pl.col("moved"))
    share = moved["measure_potential"].sum() / rows_of["measure_potential"].sum()
    found = run(plan, points="3")

    own = next(row for row in rows(found) if row["settings"].endswith("its own carve"))
    assert own["moved_share"] == pytest.approx(share)
    assert share != pytest.approx(moved.height / rows_of.height)
    assert any("of the potential with an owner changes hands" in one for one in found.says)
    assert found.charts[0].across == "Potential that changes owner"
    anew = run(a_market(tmp_path, layers=FEWEST.replace("goal: rebalance, ", "")), points="2")
    assert anew.says[-1].startswith("Field names potential as what moves least, but is drawn anew")


def test_without_owners_the_chart_is_of_travel_and_nothing_is_said_of_moves(tmp_path):
    found = run(a_market(tmp_path, owner=lambda _: ""), points="2")

    assert {row["moved_share"] for row in rows(found)} == {None}
    assert found.charts[0].across == "Mean travel, km"
    assert not any("changes hands" in line for line in found.says)


def test_a_carve_that_is_at_hand_is_not_made_again_and_the_same_is_told(tmp_path):
    plan = a_market(tmp_path)
    result = carve(plan)

    found = FRONTIER.run(Asked(plan=plan, result=result, choices={"points": "2"}))

    assert found == run(plan, points="2")


def test_a_plan_that_carves_nothing_has_nothing_to_trade(tmp_path):
    layers = "  - rule: {territory: West, where: state = 'CA'}\n  - house: rest\n"

    assert run(a_market(tmp_path, layers=layers)).tables == ()


@pytest.mark.parametrize("points", ["many", "0", "41"])
def test_how_many_points_is_a_whole_number_within_reason(tmp_path, points):
    with pytest.raises(BadChoice, match="a whole number from 1 to 40"):
        run(a_market(tmp_path), points=points)
