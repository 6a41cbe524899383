"""What a layer lacks is said in one sentence, before anything is carved."""

from __future__ import annotations

import pytest

from patchbook.plans.enough import NobodyMay, NoCapacity, TooFewAccounts
from patchbook.plans.plan import BadPlan
from patchbook.plans.prepare import BadMeasure
from tests.plans.conftest import some_accounts, some_people, told


def field(**settings: str) -> str:
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    return f"  - carve: {{name: Field, balance: [potential]{more}}}\n"


def test_fewer_accounts_than_seats(carved):
    with pytest.raises(TooFewAccounts, match=r"^Field has 1 account for 3 seats in plan\.yaml line 7 .*most 1 seat,"):
        carved(accounts=some_accounts(1))


def test_fewer_families_than_seats(carved):
    accounts = some_accounts(4, parent_id=lambda i: "A1" if i in {1, 2} else "")

    with pytest.raises(TooFewAccounts, match=r"^Field has 2 families for 3 seats .*set keep\.families to false\.$"):
        carved(accounts=accounts)


def test_a_layer_that_takes_nothing(carved):
    with pytest.raises(TooFewAccounts, match=r"^Field takes no account in plan\.yaml line 7 .*correct the condition"):
        carved(layers=field(where="\"industry = 'None'\""))


def test_nobody_can_carry_anything(carved):
    with pytest.raises(NoCapacity, match=r"line 7 .*nobody in Field can carry anything, .* capacity and a ramp"):
        carved(people=some_people(capacity=[0, 0, 1], ramp=[1, 1, 0]))


def test_somebody_who_carries_nothing_gets_nothing_and_the_others_share(carved):
    result = carved(people=some_people(capacity=[0, 1, 1]))

    assert result.summary["feasible"]
    assert result.territories["accounts"].to_list()[0] == 0


def test_nobody_has_what_any_account_needs(carved):
    accounts = some_accounts(language=lambda i: "de")

    with pytest.raises(NobodyMay, match="nobody in Field may take any of its 24 accounts, since nobody has"):
        carved(
            accounts=accounts, people=some_people(languages=["en"] * 3), layers=field(require="{language: languages}")
        )


def test_a_measure_of_nothing_in_the_layer(carved):
    accounts = some_accounts(revenue_usd=lambda i: 0 if i % 2 else 100)

    with pytest.raises(BadMeasure, match=r"line 7 .*potential is 0 for every account of Field"):
        carved(accounts=accounts, layers=field(where="\"industry = 'Health'\""))


def test_a_measure_of_nothing_beside_one_of_something_is_left_out_and_told(carved):
    accounts = some_accounts(revenue_usd=lambda i: 0 if i % 2 else 100)
    measures = "  potential: {from: revenue_usd}\n  count: {from: '1', tolerance: 30%}\n"
    layers = "  - carve: {name: Field, where: \"industry = 'Health'\"}\n"

    result = carved(accounts=accounts, measures=measures, layers=layers)

    assert result.summary["feasible"]
    assert told(result, "nothing to balance") == ["potential is 0 for every account of Field, so it is left out."]
    assert result.territories["count_deviation"].abs().max() <= 0.3


def test_a_lock_of_an_account_that_is_not_there(carved):
    with pytest.raises(BadPlan, match=r"a lock \(line 9\) names account 'A99', which the accounts do not have"):
        carved(more="locks:\n  - {account: A99, seat: ann}\n")
