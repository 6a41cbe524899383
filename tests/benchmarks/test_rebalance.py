"""The benchmark of rebalancing compares like with like."""

from __future__ import annotations

from benchmarks.rebalance import a_book, measured


def test_moves_are_never_below_the_bound_and_the_seats_own_accounts_count_for_everyone():
    market, book = a_book(240, 4, 0.1, 1)

    bound, ours, by_hand = measured(market, book, "gone", "accounts", 1, 0.0)

    assert bound["method"] == "lower bound"
    assert bound["moved"] >= (book == 2).sum()
    assert ours["outside"] == 0
    assert ours["moved"] >= bound["moved"]
    assert by_hand["moved"] >= (book == 2).sum()
