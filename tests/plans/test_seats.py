"""Who takes part in a layer, what each seat is called, and what it carries."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.people.person import Person
from patchbook.plans.plan import BadPlan, CarveLayer, Plan, Sizing
from patchbook.plans.seats import Need, Seat, needs_of, people_frame, seats_of, sized

ANN = Person(person_id="ann", name="Ann Able", email="ann@example.com", segment="Field", capacity=0.8, ramp=0.5)
BOB = Person(person_id="bob", name="Bob Best", segment="Field", manager_id="eve", skills=frozenset({"b", "a"}))
CY = Person(person_id="cy", name="Cy Core", segment="Key", manager_id="eve", other={"team": "Red"})
EVE = Person(person_id="eve", name="Eve Ender", segment="Field")
VIC = Person(person_id="vic", name="Vic Vale", segment="Field", role="Regional Vice President")
EVERYONE = (ANN, BOB, CY, EVE, VIC)


def seats(layer: CarveLayer, people=EVERYONE, *, used=(), total=None) -> list[Seat]:
    plan = Plan(name="P", accounts=Path("accounts.csv"), layers=(layer,))
    needs = [Need(sizing=sizing, total=total) for sizing in layer.sizings]
    return seats_of(plan, 0, people, set(used), needs)


def ids(found: list[Seat]) -> list[str | None]:
    return [None if seat.person is None else seat.person.person_id for seat in found]


def test_a_layer_is_carved_for_those_of_its_segment_who_lead_nobody():
    assert ids(seats(CarveLayer(name="field"))) == ["ann", "bob"]
    assert ids(seats(CarveLayer(name="Key"))) == ["cy"]


def test_where_nobody_is_of_the_segment_everyone_with_a_book_takes_part():
    assert ids(seats(CarveLayer(name="Other"))) == ["ann", "bob", "cy"]


def test_a_condition_is_asked_over_the_people_and_counts_for_leaders_too():
    assert ids(seats(CarveLayer(name="Field", people="team = 'Red' OR person_id = 'eve'"))) == ["cy", "eve"]


def test_who_holds_a_seat_already_takes_no_second():
    assert ids(seats(CarveLayer(name="Field"), used={"ann"})) == ["bob"]


@pytest.mark.parametrize(
    ("layer", "used", "said"),
    [
        (CarveLayer(name="Field"), {"ann", "bob"}, "all who could hold a seat of an earlier layer"),
        (CarveLayer(name="Field", people="team = 'Blue'"), set(), "nobody who is free meets \"team = 'Blue'\""),
    ],
)
def test_a_layer_that_nobody_takes_part_in_says_why(layer, used, said):
    with pytest.raises(BadPlan, match="no person takes part in 'Field': ") as refused:
        seats(layer, used=used)

    assert said in str(refused.value)


def test_where_everyone_leads_somebody_that_is_said():
    loop = [Person(person_id=a, name=a, manager_id=b) for a, b in (("x", "y"), ("y", "x"))]

    with pytest.raises(BadPlan, match="everyone in the people file leads others"):
        seats(CarveLayer(name="Field"), loop)


def test_a_condition_over_an_unknown_field_names_its_place():
    with pytest.raises(BadPlan, match=r"\(layers\[0\]\.people\).*no field is called 'taem'; did you mean 'team'"):
        seats(CarveLayer(name="Field", people="taem = 'Red'"))


def test_a_number_of_seats_is_filled_from_the_front_and_the_rest_is_vacant():
    found = seats(CarveLayer(name="Field", seats=3))

    assert ids(found) == ["ann", "bob", None]
    assert [seat.share for seat in found] == [0.4, 1.0, 1.0]


def test_vacant_seats_come_on_top_and_numbers_are_as_wide_as_the_last():
    found = seats(CarveLayer(name="Field", seats=9, vacant=1))

    assert [found[0].name, found[-1].name] == ["Field 01", "Field 10"]
    assert ids(found)[2:] == [None] * 8


@pytest.mark.parametrize(("total", "number"), [(0.0, 1), (1.0, 1), (1000.0, 1), (1000.1, 2), (3000.0, 3)])
def test_a_market_needs_its_load_over_what_a_seat_carries_rounded_up(total, number):
    layer = CarveLayer(name="Field", seats=Sizing(measure="m", capacity=1000))

    assert len(seats(layer, [BOB, CY], total=total)) == number


def test_who_carries_less_than_a_full_seat_leaves_the_rest_to_another():
    """Seen red: two people at 0.4 and 1.0 were taken for two full seats."""
    found = seats(CarveLayer(name="Field", seats=Sizing(measure="m", capacity=1000)), total=2000)

    assert [seat.share for seat in found] == [0.4, 1.0, 1.0]
    assert ids(found) == ["ann", "bob", None]


@given(st.floats(0, 20), st.lists(st.floats(0, 2), max_size=8))
def test_the_seats_of_a_sizing_carry_what_is_needed_and_one_fewer_would_not(needed, shares):
    people = [Person(person_id=f"p{n}", name=f"P{n}", capacity=share) for n, share in enumerate(shares)]
    found = seats(CarveLayer(name="Field", seats=Sizing(measure="m", capacity=10)), people, total=10 * needed)

    carried = [seat.share for seat in found]
    assert sum(carried) >= needed - 1e-6
    assert len(found) == 1 or sum(carried[:-1]) < needed


def test_of_several_measures_the_one_that_asks_for_most_decides_and_is_named():
    accounts = pl.DataFrame({"measure_workload": [900.0, 900.0], "measure_visits": [40.0, 60.0]})
    sizings = (Sizing(measure="workload", capacity=1000), Sizing(measure="visits", capacity=30))
    layer = CarveLayer(name="Field", seats=sizings, vacant=1)

    needs = needs_of(layer, accounts)
    found = seats_of(Plan(name="P", accounts=Path("accounts.csv"), layers=(layer,)), 0, EVERYONE, set(), needs)

    assert [need.sizing.measure for need in needs] == ["visits", "workload"]
    assert len(found) == 5
    assert sized(layer, found, needs) == (
        "Field needs 4 seats: 100 of visits at 30 a seat; 1,800 of workload at 1,000 a seat is 2, so visits decides; "
        "who fills them carries as much as 3.4 full-time seats."
    )


def test_vacant_seats_stay_vacant_even_where_more_people_take_part():
    """Seen red: people beyond the number of seats filled the vacant ones."""
    assert ids(seats(CarveLayer(name="Field", seats=1, vacant=1))) == ["ann", None]


@pytest.mark.parametrize("name", ["field 1", "ANN", "ann able", " Ann@Example.com "])
def test_a_seat_is_called_by_its_name_or_its_persons_id_name_or_email(name):
    assert Seat(name="Field 1", person=ANN, share=1.0).is_called(name)
    assert not Seat(name="Field 2", person=BOB, share=1.0).is_called(name)


def test_a_vacant_seat_is_called_by_its_name_only():
    assert Seat(name="Field 3", person=None, share=1.0).is_called("Field 3")
    assert not Seat(name="Field 3", person=None, share=1.0).is_called("")


def test_people_are_a_table_with_lists_in_order_and_columns_of_their_own():
    table = people_frame(EVERYONE)

    assert table["skills"].to_list() == ["", "a;b", "", "", ""]
    assert table["team"].to_list() == [None, None, "Red", None, None]
