"""Peeling and spreading books, without a database: fair by capacity, families whole, few moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.changes.peel import OVERSHOOT, Neighbour, peeled, target_of
from patchbook.changes.spread import Receiver, spread

weights_of_accounts = st.lists(st.integers(1, 50), min_size=1, max_size=40)


def a_neighbour(name: str, weights: dict[str, float], capacity: float = 1.0) -> Neighbour:
    accounts = tuple(account for account in weights if account.startswith(name))
    load = sum(weights[account] for account in accounts)
    return Neighbour(
        receiver=Receiver(territory_id=name, person_id=f"of {name}", capacity=capacity, load=load), accounts=accounts
    )


@given(st.lists(weights_of_accounts, min_size=1, max_size=4), st.floats(0.25, 2.0))
def test_nobody_gives_below_their_target_by_more_than_was_allowed_and_the_newcomer_is_never_overfull(books, capacity):
    weights = {f"{name}/{number}": float(weight) for name, book in zip("abcd", books, strict=False) for number, weight in enumerate(book)}  # fmt: skip # noqa: E501
    neighbours = [a_neighbour(name, weights) for name, _ in zip("abcd", books, strict=False)]
    wanted = target_of(neighbours, capacity)

    gives = peeled(neighbours, capacity=capacity, weights=weights)

    taken = [account for one in gives for account in one.account_ids]
    assert len(taken) == len(set(taken))
    for one in gives:
        assert one.weight == sum(weights[account] for account in one.account_ids)
        assert one.after >= one.target - OVERSHOOT * wanted - 1e-6
    assert sum(one.weight for one in gives) <= wanted * (1 + OVERSHOOT * len(gives)) + 1e-6


def test_whoever_has_most_too_much_gives_first():
    weights = {**{f"a/{number}": 1.0 for number in range(10)}, **{f"b/{number}": 1.0 for number in range(5)}}

    gives = peeled([a_neighbour("b", weights), a_neighbour("a", weights)], capacity=1.0, weights=weights)

    assert [(one.territory_id, len(one.account_ids)) for one in gives] == [("a", 5)]


def test_few_heavy_accounts_go_before_many_light_ones():
    weights = {"a/heavy": 10.0, **{f"a/{number}": 1.0 for number in range(10)}}

    (give,) = peeled([a_neighbour("a", weights)], capacity=1.0, weights=weights)

    assert give.account_ids == ("a/heavy",)


def test_a_family_goes_whole_or_stays():
    weights = {f"a/{number}": 1.0 for number in range(6)}
    families = dict.fromkeys([f"a/{number}" for number in range(5)], "acme")

    (give,) = peeled([a_neighbour("a", weights)], capacity=1.0, weights=weights, families=families)

    assert give.account_ids == ("a/5",)


@pytest.mark.parametrize(("capacities", "shares"), [((1.0, 1.0), (50, 50)), ((1.0, 0.25), (80, 20))])
def test_a_book_is_spread_by_capacity(capacities, shares):
    receivers = [
        Receiver(territory_id=name, person_id=name, capacity=capacity, load=0.0)
        for name, capacity in zip("ab", capacities, strict=True)
    ]

    taken = list(spread([f"account {number}" for number in range(100)], receivers).values())

    assert (taken.count("a"), taken.count("b")) == shares


@given(weights_of_accounts, st.integers(2, 5))
def test_a_spread_book_is_within_the_known_bound_of_a_fair_one(book, many):
    weights = {f"account {number}": float(weight) for number, weight in enumerate(book)}
    receivers = [Receiver(territory_id=str(one), person_id=str(one), capacity=1.0, load=0.0) for one in range(many)]

    taken = spread(list(weights), receivers, weights=weights)

    loads = [sum(weight for account, weight in weights.items() if taken[account] == str(one)) for one in range(many)]
    assert set(taken) == set(weights)
    assert max(loads) <= sum(book) / many + max(book)
