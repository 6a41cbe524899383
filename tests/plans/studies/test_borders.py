"""Why the borders are where they are, told in sentences a planner understands."""

from __future__ import annotations

import pytest

from patchbook.plans.borders import frame_of, told_of
from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.studies import STUDIES, Asked, BadChoice
from patchbook.plans.studies.borders import Borders
from tests.plans.conftest import some_accounts

LAYER = "  - carve: {name: Field, balance: [potential], compact: true, keep: {owners: ignore}}\n"
LOCKED = "locks:\n  - {account: A5, seat: Cy Core}\n"


@pytest.fixture
def crowded(a_plan):
    """Boston holds half of everything, so that Ann, who lives there, is full."""
    accounts = some_accounts(revenue_usd=lambda i: 400 if i % 12 == 0 else 100)
    plan = load(a_plan(accounts=accounts, layers=LAYER, more=LOCKED))
    return Asked(plan=plan, result=carve(plan))


def test_the_largest_borders_are_told_with_what_holds_them_and_who_would_go_first(crowded):
    found = Borders().run(crowded)

    said = " ".join(found.says)
    assert " beside " in found.says[0]
    assert "is locked or protected in" in said
    assert "Giving way, " in said
    assert "its limit of potential" in said
    assert found.says[-1].startswith("Prices hold for small moves.")
    assert [table.name for table in found.tables] == ["borders", "moving", "reasons"]
    assert all(row[-1] for row in found.tables[2].rows)
    assert len({len(table.rows) for table in found.tables}) == 1


def test_every_sentence_of_balance_names_the_price_that_explains_it(crowded):
    for one in told_of(crowded.result.carved_layers[0]):
        if "is full of" in one.why:
            assert one.price_there > 0
            assert f"{one.neighbour} is full of potential: 1 % of its share more there costs " in one.why
        if "is short of" in one.why:
            assert one.price_here < 0


def test_one_territory_can_be_looked_at_alone(crowded):
    territory = crowded.result.carved_layers[0].names[0]

    rows = (
        Borders().run(Asked(plan=crowded.plan, result=crowded.result, choices={"territory": territory})).tables[0].rows
    )

    assert rows
    assert all(territory in row[:2] for row in rows)


def test_the_same_stands_in_a_table_of_the_result(crowded):
    frame = frame_of(told_of(crowded.result.carved_layers[0]))

    assert frame.height == len(Borders().run(crowded).tables[0].rows)
    assert frame["reason"].null_count() == 0


@pytest.mark.parametrize("choice", [{"most": "0"}, {"most": "all"}, {"territory": "Nowhere"}])
def test_a_choice_that_cannot_be_meant_is_refused(crowded, choice):
    with pytest.raises(BadChoice, match=r"must be|there are"):
        Borders().run(Asked(plan=crowded.plan, result=crowded.result, choices=choice))


def test_a_plan_that_carves_nothing_has_no_borders(a_plan):
    plan = load(a_plan(layers="  - house: rest\n"))

    assert Borders().run(Asked(plan=plan)).says[0].startswith("The plan carves nothing")


def test_it_is_among_the_studies():
    assert "borders" in {study.name for study in STUDIES}
