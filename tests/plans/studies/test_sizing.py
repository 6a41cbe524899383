"""How many seats a plan needs, where the next is worth most, and who is missed least, told with names."""

from __future__ import annotations

import pytest

from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.studies import STUDIES
from patchbook.plans.studies.next_seat import NEXT_SEAT
from patchbook.plans.studies.sizing import HOW_MANY
from patchbook.plans.studies.study import Asked, BadChoice
from tests.plans.conftest import FIELD


def rows_of(found, name: str) -> list[dict[str, object]]:
    table = next(table for table in found.tables if table.name == name)
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


@pytest.fixture
def asked(a_plan):
    """Asks a study about the tiny market, carved once."""
    carved = {}

    def ask(study, layers: str = FIELD, **choices: str):
        if layers not in carved:
            carved[layers] = carve(load(a_plan(layers=layers)))
        result = carved[layers]
        return study.run(Asked(plan=result.plan, result=result, choices=choices))

    return ask


def test_the_next_seat_is_named_by_its_city_with_what_it_saves_and_what_a_peel_moves(asked):
    found = asked(NEXT_SEAT, solve="2")

    places, missed = rows_of(found, "places"), rows_of(found, "missed")
    solved = [row for row in places if row["saving_km_an_account"] is not None]
    assert len(solved) == 2
    assert found.says[0].startswith(f"Field: one more seat is worth most in {solved[0]['place']}, in what is")
    assert solved[0]["saving_km_an_account"] >= solved[1]["saving_km_an_account"]
    assert all(0 < row["peeled_units"] <= 24 and row["peeled_share"] <= row["moved_share"] + 0.1 for row in solved)
    assert found.charts[0].marks[0].kind == "best"
    assert [row["person"] for row in missed] != [None] * 3
    estimates = [row["estimate_km_an_account"] for row in missed]
    assert estimates == sorted(estimates)
    assert missed[0]["cost_km_an_account"] >= missed[0]["estimate_km_an_account"] - 1e-6
    assert any("is missed least" in said for said in found.says)


def test_every_measure_with_a_capacity_asks_for_seats_and_the_one_that_asks_for_most_decides(asked):
    found = asked(HOW_MANY, capacity="potential=700", fewer="1", more="1", ramp="50%")

    (need,) = rows_of(found, "needed")
    assert need["seats"] == 5  # 3,228 of potential
    assert need["more_seats"] == 4  # 1.6 full-time seats are missing, at half each
    assert found.says[0] == "Field needs 5 full-time seats: 3,228 of potential at 700 a seat."
    assert "4 more seats that begin at 50" in found.says[1]
    curve = rows_of(found, "curve")
    assert [row["seats"] for row in curve] == [2, 3, 4]
    assert [row["is_now"] for row in curve] == [False, True, False]
    assert curve[1]["potential_a_seat"] == pytest.approx(3228 / 3)
    assert curve[1]["fullness"] == pytest.approx(3228 / 2100)
    assert curve[2]["fullness"] == pytest.approx(3228 / 2450)
    assert [mark.kind for mark in found.charts[0].marks] == ["plain", "now", "plain"]


@pytest.mark.parametrize(
    ("costs", "worth", "said"),
    [
        ("700", "2", "a seat pays for itself from 350 of potential, 50"),
        ("700", "2", "1,128 are carried by nobody, so 2 more seats would pay"),
        ("7,000", "2", "which is more than the 700 one carries: no further seat pays"),
    ],
)
def test_a_seat_pays_up_to_where_what_is_left_is_worth_less_than_it_costs(asked, costs, worth, said):
    found = asked(HOW_MANY, capacity="potential=700", fewer="0", more="0", seat_costs=costs, worth=worth)

    assert said in found.says[-2]


def test_a_plan_sized_by_its_own_measures_needs_no_capacity_and_one_without_is_told_so(asked):
    sized = asked(
        HOW_MANY, FIELD.replace("compact", "seats: [{from: potential, capacity: 900}], compact"), fewer="0", more="0"
    )
    unsized = asked(HOW_MANY, fewer="0", more="0")

    assert sized.says[0] == "Field needs 4 full-time seats: 3,228 of potential at 900 a seat."
    assert "4 seats, 3 of them filled" in sized.says[1]
    assert "set capacity, as in visits=500" in unsized.says[0]
    assert [table.name for table in unsized.tables] == ["curve"]


@pytest.mark.parametrize(
    ("study", "choices", "said"),
    [
        (NEXT_SEAT, {"layer": "Fields"}, "No carve is called 'Fields'; there are Field"),
        (NEXT_SEAT, {"solve": "many"}, "solve is 'many'; it must be a whole number"),
        (NEXT_SEAT, {"ramp": "0"}, "ramp is '0'; it must be a number above 0"),
        (HOW_MANY, {"capacity": "visits=3"}, "capacity names 'visits', which is no measure; there are potential"),
        (HOW_MANY, {"capacity": "potential"}, "capacity gives potential no number"),
        (HOW_MANY, {"worth": "-1"}, "worth is '-1'; it must be"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_would_be_right(asked, study, choices, said):
    with pytest.raises(BadChoice) as refused:
        asked(study, **choices)

    assert said in str(refused.value)


def test_the_studies_are_listed_with_a_question_each():
    assert {"next-seat", "sizing", "matching"} <= {study.name for study in STUDIES}
    assert all(study.question.endswith("?") for study in STUDIES)
