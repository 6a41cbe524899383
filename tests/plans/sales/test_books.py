"""Who has which account, as a plan says it and as it is today."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from patchbook.measures.sales import ASSUMPTIONS
from patchbook.people.person import Person
from patchbook.plans.sales import Books, books_today, planned_books

ACCOUNTS = pl.DataFrame(
    {"account_id": ["A1", "A2", "A3", "A4"], "latitude": [40.0, 40.0, 41.0, None], "longitude": [-100.0] * 3 + [None]}
)
STAFF = (
    Person(
        person_id="ann",
        name="Ann Able",
        capacity=0.5,
        latitude=40.0,
        longitude=-100.0,
        other={"cost_usd": "$80,000"},
    ),
    Person(person_id="bob", name="Bob Best", ramp=0.8),
)


def some_books(persons, owners, *, vacant=("South",), staff=STAFF) -> Books:
    """North is Ann's, East is Bob's, South is vacant, and House is nobody's."""
    territory = {"ann": "North", "bob": "East", "": "South", None: "House"}
    assignments = pl.DataFrame(
        {
            "account_id": ["A1", "A2", "A3", "A4"],
            "territory": [territory[person] for person in persons],
            "person": [person or None for person in persons],
            "previous_owner": owners,
        },
        schema_overrides={"person": pl.String, "previous_owner": pl.String},
    )
    territories = pl.DataFrame(
        {"territory": ["North", "East", "South", "House"], "person": ["ann", "bob", None, None],
         "vacant": [name in vacant for name in ("North", "East", "South", "House")]}
    )  # fmt: skip
    return planned_books("Plan", assignments, territories, ACCOUNTS, staff, road_factor=1.2)


def test_a_person_brings_capacity_and_ramp_and_a_vacant_seat_is_a_full_one():
    books = some_books(["ann", "bob", "", None], ["ann"] * 4)

    assert [(one.territory, one.person, one.seats) for one in books.holders] == [
        ("North", "Ann Able", 0.5), ("East", "Bob Best", 0.8), ("South", None, 1.0),
    ]  # fmt: skip
    assert books.configuration.holder.tolist() == [0, 1, 2, -1]
    assert books.configuration.is_vacant.tolist() == [False, False, True]


def test_an_account_that_leaves_somebody_who_works_here_is_new_and_one_whose_owner_left_is_not():
    books = some_books(["ann", "bob", "", "bob"], ["ann", "ann", "bob", "gone"])

    assert books.configuration.is_new.tolist() == [False, True, True, False]


def test_todays_books_are_of_those_who_work_here():
    books = some_books(["ann", "bob", "", "bob"], ["ann", "gone", "bob", None])
    assignments = pl.DataFrame({"account_id": ["A1", "A2", "A3", "A4"], "previous_owner": ["ann", "gone", "bob", None]})
    today = books_today(assignments, ACCOUNTS, STAFF, road_factor=1.2)

    assert today.configuration.holder.tolist() == [0, -1, 1, -1]
    assert not today.configuration.is_new.any()
    assert [one.person for one in today.holders] == ["Ann Able", "Bob Best"]
    assert books.name == "Plan"


def test_travel_begins_at_home_or_in_the_middle_of_the_accounts():
    books = some_books(["ann", "bob", "ann", "ann"], ["ann"] * 4)
    km = books.configuration.distance_km

    # Ann lives at A1; A3 is a degree north of her; A4 has no place; Bob has one account and no home.
    assert km[0] == km[3] == 0.0
    assert km[1] == pytest.approx(0.0, abs=1e-6)
    assert km[2] == pytest.approx(111.2 * 1.2, rel=1e-3)


def test_seats_cost_what_the_people_file_says_or_the_mean_and_a_vacant_one_its_cover():
    books = some_books(["ann", "bob", "", None], ["ann"] * 4)

    assert books.cost(np.array([0.0, 0.5])).tolist() == [160_000.0, 200_000.0]
    assert some_books(["ann", "bob", "", None], ["ann"] * 4, staff=STAFF[1:]).cost(np.ones(1)) is None


def test_hours_there_are_follow_the_seats():
    assert some_books(["ann", "bob", "", None], ["ann"] * 4).hours_there_are(ASSUMPTIONS) == pytest.approx(
        1200 * (0.5 + 0.8 + 0.25)
    )


def test_without_a_people_file_every_owner_counts_as_working_here():
    books = some_books(["ann", "bob", "", "bob"], ["ann", "ann", "bob", "gone"], staff=())

    assert books.configuration.is_new.tolist() == [False, True, True, True]
    assert [one.seats for one in books.holders] == [1.0, 1.0, 1.0]
