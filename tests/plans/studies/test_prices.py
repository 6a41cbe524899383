"""What the demands of a plan cost: an estimate for each, and what carving without it truly came to beside it."""

from __future__ import annotations

import pytest

from patchbook.plans.carve import carve
from patchbook.plans.demands import demands_of_layer, split
from patchbook.plans.file import load
from patchbook.plans.studies import STUDIES, Asked, BadChoice, Table
from patchbook.plans.studies.prices import Prices
from tests.plans.conftest import some_accounts

LAYER = "  - carve: {name: Field, balance: [potential], compact: true, apart: [[A3, A9]], keep: {owners: ignore}}\n"
LOCKED = "locks:\n  - {account: A5, seat: Cy Core}\n"
"""Seattle is nearest to Bob in Denver; it is locked to Cy in Atlanta."""


@pytest.fixture
def locked(a_plan):
    accounts = some_accounts(parent_id=lambda i: "A1" if i == 6 else "")  # Boston with Atlanta
    plan = load(a_plan(accounts=accounts, layers=LAYER, more=LOCKED))
    return Asked(plan=plan, result=carve(plan))


def test_each_demand_is_priced_and_the_dearest_are_carved_without(locked):
    found = Prices().run(Asked(plan=locked.plan, result=locked.result, choices={"top": "2"}))

    assert any("another seed and nothing lifted" in sentence for sentence in found.says)
    demands, measured = (by_demand(table) for table in found.tables)
    lock = next(row for says, row in demands.items() if says.startswith("locking Company 5 (A5) to"))
    family = next(row for row in demands.values() if row["kind"] == "family")
    assert lock["measured"] > 0.02
    assert lock["estimated"] <= lock["at_most"]
    assert measured[lock["demand"]]["travel"] > 0.02
    assert family["demand"] == "keeping Company 1 (A1) and 1 account of its family together"
    assert family["estimated"] > 0.02
    assert sum(row["measured"] is not None and not row["all_of_a_kind"] for row in demands.values()) == 2
    assert demands["holding potential to ±30 %"]["measured"] is not None
    assert {row["kind"] for row in demands.values()} >= {"lock", "family", "tolerance", "pair"}


def by_demand(table: Table) -> dict:
    """Each row by the names of its columns, by its demand."""
    names = [column.name for column in table.columns]
    return {row[1]: dict(zip(names, row, strict=True)) for row in table.rows}


def test_the_answer_says_what_is_measured_what_is_estimated_and_what_is_chance(locked):
    found = Prices().run(Asked(plan=locked.plan, result=locked.result, choices={"top": "1", "groups": "no"}))

    dearest = found.says[0]
    assert dearest.startswith("Keeping Company 3 (A3) and Company 9 (A9) apart costs ")
    assert "if Company 3 (A3) and Company 9 (A9) might meet, travel would be " in dearest
    assert "The prices estimated " in dearest
    assert not any("another seed" in sentence for sentence in found.says)
    assert found.says[-1].startswith("An estimate is read off the prices")
    assert [mark.label for mark in found.charts[0].marks] == [dearest.split(" costs ")[0]]


def test_nothing_is_carved_again_when_nothing_is_to_be_measured(locked):
    found = Prices().run(Asked(plan=locked.plan, result=locked.result, choices={"top": "0", "groups": "no"}))

    assert all(row[6] is None for row in found.tables[0].rows)
    assert found.charts == ()


def test_a_split_family_leaves_the_others_whole_and_the_seats_alone(locked):
    carved = locked.result.carved_layers[0]
    units = carved.market.unit_of_row

    lifted = split(carved, locked.plan, [int(units[0])])

    assert lifted.problem.units == carved.solution.problem.units + 1
    assert lifted.problem.seat_names == carved.solution.problem.seat_names
    assert lifted.unit_of_row[0] != lifted.unit_of_row[6]


def test_every_demand_can_be_lifted(locked):
    for demand in demands_of_layer(locked.result.carved_layers[0], locked.plan):
        assert demand.lift().problem.seats == 3, demand.says


def test_a_plan_that_carves_nothing_has_no_prices(a_plan):
    plan = load(a_plan(layers="  - house: rest\n"))

    assert Prices().run(Asked(plan=plan)).says == ("The plan carves nothing, so nothing in it has a price.",)


@pytest.mark.parametrize("choice", [{"top": "-1"}, {"top": "many"}, {"groups": "perhaps"}])
def test_a_choice_that_cannot_be_meant_is_refused(locked, choice):
    with pytest.raises(BadChoice, match="must be"):
        Prices().run(Asked(plan=locked.plan, result=locked.result, choices=choice))


def test_it_is_among_the_studies():
    assert "prices" in {study.name for study in STUDIES}
