"""The call list: potential, how long untouched, open deals; each with its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from patchbook.engagement.call import MOST_STALE, Callable, call_list

NOW = datetime(2027, 3, 1, tzinfo=UTC)


def an_account(account_id: str, potential: float = 10.0, *, touched_days_ago: int | None = 0, deals: int = 0):
    return Callable(
        account_id=account_id,
        name=None,
        potential=potential,
        touched_at=None if touched_days_ago is None else NOW - timedelta(days=touched_days_ago),
        since=NOW - timedelta(days=15),
        open_deals=deals,
        open_usd=1000.0 * deals,
    )


def test_of_equal_potential_the_one_untouched_longest_comes_first():
    old, never = an_account("old", touched_days_ago=40), an_account("never", touched_days_ago=None)

    found = call_list([an_account("new"), old, never], at=NOW)

    assert [one.account_id for one in found] == ["old", "never", "new"]


def test_staleness_counts_three_times_at_most():
    year, decade = call_list([an_account("a", touched_days_ago=365), an_account("b", touched_days_ago=3650)], at=NOW)

    assert year.score == decade.score == 10.0 * MOST_STALE


def test_an_open_deal_counts_and_is_told():
    first, second = call_list([an_account("a"), an_account("b", deals=2)], at=NOW)

    assert first.account_id == "b"
    assert "2 open deals, $2,000" in first.says
    assert "deal" not in second.says


def test_the_list_ends_where_asked_and_equal_ones_come_in_order_of_id():
    found = call_list([an_account(name) for name in "cab"], at=NOW, most=2)

    assert [one.account_id for one in found] == ["a", "b"]
