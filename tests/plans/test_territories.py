"""The tables of a result add up to the accounts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from patchbook.plans.plan import Plan, PlanMeasure
from patchbook.plans.territories import Holding, areas_frame, before_frame, coordinates, territories_frame

PLAN = Plan(name="P", accounts=Path("accounts.csv"), measures=(PlanMeasure(name="potential", source="x"),))
ACCOUNTS = pl.DataFrame(
    {
        "account_id": ["A1", "A2", "A3", "A4"],
        "measure_potential": [10.0, 20.0, 30.0, 40.0],
        "latitude": [42.36, 42.36, 25.8, None],
        "longitude": [-71.06, -71.06, -80.2, None],
        "county_fips": ["25025", "25025", "12086", None],
    }
)


def holding(name: str, target: float | None, **changes) -> Holding:
    return Holding(
        territory=name, layer="Field", seat=name, person=None, vacant=True, targets=(target,), **changes
    )  # fmt: skip


def test_each_territory_has_the_sum_of_its_accounts_and_its_deviation_from_its_target():
    frame = territories_frame(
        PLAN, ACCOUNTS, np.array([0, 0, 1, -1]), [holding("East", 25.0), holding("South", None), holding("West", 40.0)]
    )

    assert frame["accounts"].to_list() == [2, 1, 0]
    assert frame["potential_actual"].to_list() == [30.0, 30.0, 0.0]
    assert frame["potential_deviation"].to_list() == [pytest.approx(0.2), None, -1.0]
    assert frame["travel_km"].to_list()[0] == pytest.approx(0.0, abs=1e-3)
    assert frame["latitude"].to_list()[2] is None


def test_before_is_by_todays_owner_and_leaves_out_who_has_none():
    frame = before_frame(PLAN, ACCOUNTS, ["bob", "ann", "bob", None])

    assert frame["previous_owner"].to_list() == ["ann", "bob"]
    assert frame["potential_actual"].to_list() == [20.0, 40.0]
    assert frame["potential_deviation"].to_list() == [pytest.approx(-1 / 3), pytest.approx(1 / 3)]


def test_without_owners_before_is_empty():
    assert before_frame(PLAN, ACCOUNTS, [None] * 4).height == 0


def test_a_county_is_of_the_territory_with_most_of_its_accounts():
    frame = areas_frame(ACCOUNTS, ["East", "South", "South", "South"])

    told = {row["county_fips"]: row for row in frame.iter_rows(named=True)}
    assert (told["25025"]["territory"], told["25025"]["accounts"], told["25025"]["share"]) == ("East", 1, 0.5)
    assert told["12086"]["territory"] == "South"
    assert told["25017"]["territory"] == "East"  # next door, without accounts
    assert told["25017"]["accounts"] == 0


def test_outside_the_counties_there_are_no_areas():
    assert areas_frame(ACCOUNTS.drop("county_fips"), ["East"] * 4).height == 0
    assert areas_frame(ACCOUNTS.with_columns(county_fips=pl.lit(None, pl.String)), ["East"] * 4).height == 0


def test_an_account_without_a_place_has_coordinates_that_are_no_numbers():
    latitude, longitude = coordinates(ACCOUNTS)

    assert np.isnan(latitude).tolist() == np.isnan(longitude).tolist() == [False, False, False, True]
    assert np.isnan(coordinates(ACCOUNTS.drop("latitude"))[0]).all()
