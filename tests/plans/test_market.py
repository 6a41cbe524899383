"""A layer becomes a problem: families become units, people seats, and what cannot be meant is refused."""

from __future__ import annotations

import polars as pl
import pytest

from patchbook.plans.file import load
from patchbook.plans.layers import divide
from patchbook.plans.market import PREFER_KM, REBALANCE_KM, Market, NoPlaces, NoSuchSeat, TornFamily, market_of
from patchbook.plans.plan import BadPlan
from patchbook.plans.prepare import prepare
from patchbook.plans.seats import seats_of
from tests.plans.conftest import some_accounts, some_people, told


@pytest.fixture
def market(a_plan):
    """The first layer of the tiny market as a problem."""

    def build(**changes) -> Market:
        prepared = prepare(load(a_plan(**changes)))
        [part, *_], _ = divide(prepared.plan, prepared.accounts)
        seats = seats_of(prepared.plan, 0, prepared.people, set())
        return market_of(prepared.plan, 0, prepared.accounts[part.rows], seats)

    return build


def field(**settings: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    return f"  - carve: {{name: Field, balance: [potential], compact: true{more}}}\n"


def test_a_family_is_one_unit_that_weighs_what_its_accounts_weigh(market):
    found = market(accounts=some_accounts(parent_id=lambda i: "A1" if i in {4, 7} else ""))

    assert found.problem.units == 22
    assert found.unit_of_row[[0, 4, 7]].tolist() == [0, 0, 0]
    assert found.problem.weights[0].tolist() == [100 + 112 + 121]
    assert found.problem.weights.sum() == sum(100 + 3 * i for i in range(24))


def test_a_family_and_a_group_that_meet_are_one_unit(market):
    accounts = some_accounts(parent_id=lambda i: "A1" if i == 4 else "", buyer=lambda i: {4: "B", 9: "B"}.get(i, ""))

    found = market(accounts=accounts, layers=field(together="buyer"))

    assert len(set(found.unit_of_row[[0, 4, 9]])) == 1
    assert found.problem.units == 22


def test_todays_owner_of_a_family_is_who_has_most_of_it(market):
    accounts = some_accounts(
        parent_id=lambda i: "A1" if i in {1, 2} else "", owner=lambda i: "ann" if i == 0 else "Bob Best"
    )

    assert market(accounts=accounts).problem.incumbent.tolist() == [1] * 22


@pytest.mark.parametrize(
    ("settings", "stay_km"),
    [({}, PREFER_KM), ({"goal": "rebalance"}, REBALANCE_KM), ({"keep": "{owners: ignore}"}, 0.0)],
)
def test_leaving_an_owner_counts_as_many_kilometres_as_the_plan_means(market, settings, stay_km):
    assert set(market(layers=field(**settings)).problem.stay) == {stay_km}


def test_where_a_measure_is_to_move_least_leaving_counts_in_proportion_to_it(market):
    found = market(layers=field(goal="rebalance", fewest="potential"))

    stay, potential = found.problem.stay, found.problem.weights[:, 0]
    assert stay.mean() == pytest.approx(REBALANCE_KM)
    assert stay / stay.sum() == pytest.approx(potential / potential.sum())


def test_a_lock_to_a_seat_that_is_not_there_names_those_that_are(market):
    with pytest.raises(NoSuchSeat, match=r"lock of A1 \(line 9\) names 'Field 9', .* Ann Able, Bob Best, Cy Core\.$"):
        market(more="locks:\n  - {account: A1, seat: Field 9}\n")


def test_a_name_that_two_people_go_by_is_no_lock(market):
    """Seen red: the first of them got the account."""
    people = some_people(name=["Ann Able", "Ann Able", "Cy Core"])

    with pytest.raises(NoSuchSeat, match="may be any of Field 1, Field 2; name the seat or the person_id"):
        market(people=people, more="locks:\n  - {account: A1, seat: Ann Able}\n")


def test_two_locks_of_one_family_name_both_accounts_and_both_seats(market):
    locks = "locks:\n  - {account: A1, seat: ann}\n  - {account: A2, seat: bob}\n"

    with pytest.raises(TornFamily, match="A1 and A2 are one family but are locked to Field 1 and Field 2"):
        market(accounts=some_accounts(parent_id=lambda i: "A1" if i == 1 else ""), more=locks)


def test_a_family_cannot_be_apart(market):
    with pytest.raises(TornFamily, match="A1 and A2 must be apart but are kept together"):
        market(accounts=some_accounts(parent_id=lambda i: "A1" if i == 1 else ""), layers=field(apart="[[A1, A2]]"))


def test_a_lock_is_stronger_than_protection(market):
    found = market(layers=field(keep="{protect: 'revenue_usd > 0'}"), more="locks:\n  - {account: A1, seat: cy}\n")

    assert found.problem.fixed.tolist()[:4] == [2, 1, 2, -1]  # A4 has no owner to stay with
    assert found.bound_by[0] == "Locked to cy by the plan (line 9)"
    assert found.bound_by[1] == "Stays with today's owner, protected because revenue_usd > 0"


@pytest.mark.parametrize(("setting", "said"), [("together", "nofield"), ("mix", "nofield"), ("by", "nofield")])
def test_a_field_the_accounts_lack_is_named(market, setting, said):
    with pytest.raises(BadPlan, match=rf"{setting}.*the accounts have no field '{said}'"):
        market(layers=field(**{setting: said}))


def test_a_mix_is_a_count_of_each_value_that_allows_a_whole_account(market):
    found = market(accounts=some_accounts(tier=lambda i: "A" if i < 3 else "B"), layers=field(mix="tier"))

    assert found.problem.measure_names == ("potential", "tier = A", "tier = B")
    assert found.problem.weights.sum(axis=0).tolist()[1:] == [3, 21]
    assert found.problem.tolerances.tolist() == pytest.approx([0.3, 1.0, 0.2])


def test_accounts_without_a_place_are_counted(market):
    accounts = some_accounts(
        city=lambda i: "" if i == 3 else "Boston", state=lambda i: "" if i == 3 else "MA", country=lambda i: ""
    )

    found = market(accounts=accounts)

    assert [remark.message for remark in found.remarks] == [
        "1 account of Field without a place; distance counts for none."
    ]
    assert len(found.problem.places.sites) == 23


def test_contiguity_without_any_place_is_refused(market):
    """Seen red: it was forgotten without a word."""
    nowhere = some_accounts(city=lambda i: "", state=lambda i: "", country=lambda i: "")

    with pytest.raises(NoPlaces, match="No account of Field has a place, so its territories cannot be contiguous"):
        market(accounts=nowhere, layers=field(contiguous="neighbours"))


def test_without_places_only_balance_counts_and_that_is_told(carved):
    nowhere = some_accounts(city=lambda i: "", state=lambda i: "", country=lambda i: "")

    result = carved(accounts=nowhere)

    assert told(result, "no place") == ["No account of Field has a place; distance counts for nothing."]
    assert result.territories["travel_km"].null_count() == 3


def test_a_stranger_to_be_kept_apart_is_told(market):
    found = market(layers=field(apart="[[A1, A99]]"))

    assert [(remark.kind, remark.account_id) for remark in found.remarks] == [("not found", "A99")]
    assert found.problem.apart is None


def test_units_are_numbered_by_first_appearance(market):
    units = pl.Series(market(accounts=some_accounts(parent_id=lambda i: "A3" if i == 9 else "")).unit_of_row)

    first = units.unique(maintain_order=True).to_list()
    assert first == sorted(first)
