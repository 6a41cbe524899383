"""Each reason is true: what it says can be worked out again from the accounts and the result."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from tests.plans.conftest import some_accounts, some_people

LOOSE = "  potential: {from: revenue_usd, tolerance: 100%}\n"


def field(**settings: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    return f"  - carve: {{name: Field, balance: [potential], compact: true{more}}}\n"


def homes_km(result, row) -> dict[str, float]:
    """Kilometres from an account to the home of each person, as the crow flies."""
    homes = {"ann": (42.358, -71.06), "bob": (39.739, -104.985), "cy": (33.749, -84.388)}
    latitude, longitude = (math.radians(result.accounts[name][row]) for name in ("latitude", "longitude"))
    found = {}
    for who, (north, east) in homes.items():
        north, east = math.radians(north), math.radians(east)
        cosine = math.sin(latitude) * math.sin(north) + math.cos(latitude) * math.cos(north) * math.cos(
            east - longitude
        )
        found[who] = 6371.0088 * math.acos(min(1.0, cosine))
    return found


def test_the_nearest_is_the_nearest(carved):
    result = carved(accounts=some_accounts(owner=lambda i: ""), measures=LOOSE)

    nearest = 0
    for row, told in enumerate(result.assignments.iter_rows(named=True)):
        away = homes_km(result, row)
        if told["reason"].startswith("The nearest centre"):
            nearest += 1
            assert away[told["person"]] <= min(away.values()) + 20, told
    assert nearest >= 20


def test_where_balance_needs_an_account_another_is_nearer_and_has_no_room(carved):
    result = carved(
        accounts=some_accounts(owner=lambda i: ""), measures="  potential: {from: revenue_usd, tolerance: 5%}\n"
    )

    territories = {row["territory"]: row for row in result.territories.iter_rows(named=True)}
    kept = 0
    for row, told in enumerate(result.assignments.iter_rows(named=True)):
        found = re.match(r"(.+) would suit it better alone, but balance needs it here", told["reason"])
        if found is None:
            continue
        kept += 1
        other, own, size = territories[found[1]], territories[told["territory"]], result.accounts["revenue_usd"][row]
        away = homes_km(result, row)
        assert away[other["person"]] < away[told["person"]] + 20
        too_full = other["potential_actual"] + size > 1.05 * other["potential_target"] - 1e-6
        too_empty = own["potential_actual"] - size < 0.95 * own["potential_target"] + 1e-6
        assert too_full or too_empty
    assert kept


def test_who_must_be_apart_is_said_to_keep_an_account_away(carved):
    accounts = some_accounts(owner=lambda i: "")

    result = carved(accounts=accounts, measures=LOOSE, layers=field(apart="[[A1, A13]]"))  # both in Boston

    reasons = result.assignments["reason"].gather([0, 12]).to_list()
    assert sorted(reason.split(";")[0].split(", but ")[-1] for reason in reasons) == [
        "The nearest centre that suits it",
        "who it must be apart from is there",
    ]


def test_staying_and_moving_are_told_as_they_are(carved):
    result = carved()

    territory = dict(result.territories.select("person", "territory").iter_rows())
    for told in result.assignments.iter_rows(named=True):
        stays = told["previous_owner"] is not None and not told["moved"]
        assert told["reason"].lower().startswith("stays with today's owner") == stays, told
        if told["moved"]:
            assert f"moved from {territory[told['previous_owner']]}" in told["reason"]


def test_a_family_is_told_by_its_size(carved):
    accounts = some_accounts(parent_id=lambda i: "A1" if i in {4, 7} else "")

    result = carved(accounts=accounts)

    for row in (0, 4, 7):
        assert result.assignments["reason"][row].endswith(", with its family of 3 accounts")
    assert not result.assignments["reason"].str.contains("family").gather([1, 2, 3]).any()


@pytest.mark.parametrize(("rest", "times"), [(10, r" \(\d[\d.]* times\)"), (0, "")])
def test_a_giant_has_a_seat_to_itself_and_is_measured_by_the_rest_where_there_is_any(carved, rest, times):
    """Seen red: where the rest was nothing it was an absurd number of times as large."""
    result = carved(accounts=some_accounts(revenue_usd=lambda i: 100_000 if i == 3 else rest))

    told = result.assignments.row(3, named=True)
    assert re.match(rf"Alone larger than a fair share of the rest{times}, so it has a seat to itself$", told["reason"])
    assert (result.assignments["seat"] == told["seat"]).sum() == 1
    assert result.summary["feasible"]


def test_the_only_seat_that_may_take_it_has_no_runner_up(carved):
    accounts = some_accounts(language=lambda i: "fr" if i == 2 else "")

    result = carved(
        accounts=accounts,
        people=some_people(languages=["fr", "en", "en"]),
        layers=field(require="{language: languages}"),
    )

    told = result.assignments.row(2, named=True)
    assert told["person"] == "ann"
    assert told["reason"].startswith("The only seat that may take it")
    assert (told["runner_up"], told["runner_up_cost"]) == (None, None)


def test_a_runner_up_is_another_territory_and_costs_something_or_nothing_but_never_less(carved):
    told = carved().assignments.drop_nulls("runner_up")

    assert told.height > 20
    assert (told["runner_up"] != told["territory"]).all()
    assert np.all(told["runner_up_cost"].to_numpy() >= 0)
