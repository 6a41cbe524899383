"""Few rules say what a book says, their fidelity is counted, and whatever they get wrong is listed."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.rules import RuleIndex, parse, schema_of
from patchbook.rules.learn import Learned, NothingToLearn, learn
from patchbook.rules.learn.coded import _roundest


def said(book: Learned, accounts: pl.DataFrame) -> list[str | None]:
    """Where the rules, parsed from their text, place every account."""
    first = RuleIndex([rule.where for rule in book.rules], schema_of(accounts)).match_frame(accounts)
    names = [*(rule.territory for rule in book.rules), book.default]
    return [names[number] for number in first]


def texts(book: Learned) -> list[tuple[str | None, str]]:
    return [(rule.territory, rule.where) for rule in book.rules]


def test_three_states_give_three_territories_two_rules_and_a_rest():
    accounts = pl.DataFrame({"state": ["GA"] * 5 + ["FL"] * 4 + ["TX"] * 3})
    book = learn(accounts, pl.Series(["East"] * 5 + ["South"] * 4 + ["West"] * 3), fidelity=1.0)

    assert texts(book) == [("East", "state = 'GA'"), ("South", "state = 'FL'")]
    assert (book.default, book.default_takes, book.default_right, book.fidelity) == ("West", 3, 3, 1.0)
    assert [(rule.takes, rule.right) for rule in book.rules] == [(5, 5), (4, 4)]
    assert book.exceptions.height == 0


def test_states_of_one_territory_stand_in_one_list():
    accounts = pl.DataFrame({"state": ["CA", "OR", "WA", "NY", "NJ"] * 4})
    book = learn(accounts, pl.Series(["West", "West", "West", "East", "East"] * 4), fidelity=1.0)

    assert texts(book) == [("West", "state IN ('CA', 'OR', 'WA')")]
    assert book.rules[0].says == "West: state is CA, OR or WA"


def test_a_size_is_found_exactly_and_written_round():
    accounts = pl.DataFrame({"employees": list(range(3, 5_000, 7))})
    territory = pl.Series(["Enterprise" if size > 497 else "Small" for size in accounts["employees"]])
    book = learn(accounts, territory, fidelity=1.0)

    assert texts(book) == [("Enterprise", "employees >= 500")]


@pytest.mark.parametrize(
    ("below", "above", "whole", "written"),
    [
        (98.0, 103.0, True, 100),
        (0.12, 0.34, False, 0.3),
        (0.0, 1.0, True, 1),
        (-7.0, -2.0, True, -5),
        (5.0, 6.0, True, 6),
    ],
)
def test_the_number_between_two_is_the_shortest_to_write(below, above, whole, written):
    assert _roundest(below, above, whole=whole) == written


def test_a_segment_and_a_state_make_a_rule_of_two_conditions():
    rows = [(state, size) for state in ("GA", "FL", "CA", "WA") for size in (10, 20, 5_000, 6_000)]
    accounts = pl.DataFrame(rows, schema=["state", "employees"], orient="row")
    wanted = ["Large " * (size > 100) + ("West" if state in ("CA", "WA") else "East") for state, size in rows]
    book = learn(accounts, pl.Series(wanted), fidelity=1.0)

    assert said(book, accounts) == wanted
    assert len(book.rules) == 3
    assert set(book.fields) == {"state", "employees"}


def test_accounts_without_a_value_get_a_rule_of_their_own():
    accounts = pl.DataFrame({"employees": [None] * 5 + list(range(1, 9))}, schema={"employees": pl.Int64})
    book = learn(accounts, pl.Series(["Unknown"] * 5 + ["Known"] * 8), fidelity=1.0)

    assert texts(book) in ([("Known", "employees IS NOT NULL")], [("Unknown", "employees IS NULL")])


def test_postal_codes_are_told_by_their_beginnings_and_neighbours_as_a_range():
    codes = [f"{number:05}" for number in range(30_000, 34_000, 37)]
    accounts = pl.DataFrame({"postal_code": codes})
    wanted = ["South" if code < "32500" else "Coast" for code in codes]
    book = learn(accounts, pl.Series(wanted), fidelity=1.0)

    assert said(book, accounts) == wanted
    assert len(book.rules) == 1
    assert "postal_code >= '3" in book.rules[0].where


def test_dates_and_flags_are_fields_like_others():
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(60)]
    accounts = pl.DataFrame({"signed_on": days, "is_partner": [number % 3 == 0 for number in range(60)]})
    wanted = ["Partners" if number % 3 == 0 else "Old" if number < 20 else "New" for number in range(60)]
    book = learn(accounts, pl.Series(wanted), fidelity=1.0)

    assert said(book, accounts) == wanted
    assert len(book.rules) == 2
    assert all("signed_on" in where or "is_partner" in where for _, where in texts(book))


def test_accounts_that_belong_nowhere_are_the_rest():
    accounts = pl.DataFrame({"state": ["GA", "FL", None, "TX", "TX"]})
    book = learn(accounts, pl.Series(["East", "East", None, None, None]), fidelity=1.0)

    assert texts(book) == [("East", "state IN ('FL', 'GA')")]
    assert book.default is None


def test_a_few_odd_accounts_are_exceptions_and_no_rules():
    state = ["GA", "TX"] * 100
    wanted = ["East", "West"] * 100
    wanted[4], wanted[7] = "West", "East"
    book = learn(pl.DataFrame({"state": state}), pl.Series(wanted), fidelity=0.98)

    assert len(book.rules) == 1
    assert book.fidelity == 0.99
    assert book.exceptions.rows() == [(4, "West", "East"), (7, "East", "West")]


def test_more_fidelity_takes_more_rules_and_a_bound_on_rules_is_kept():
    rng = np.random.default_rng(1)
    accounts = pl.DataFrame({"a": rng.integers(0, 12, 3_000), "b": rng.integers(0, 12, 3_000)})
    wanted = pl.Series([f"T{a // 4}{b // 6}" if (a * 7 + b) % 11 else "Odd" for a, b in accounts.iter_rows()])
    rough, fine = (learn(accounts, wanted, fidelity=share) for share in (0.8, 0.97))

    assert len(rough.rules) < len(fine.rules)
    assert rough.fidelity >= 0.8
    assert fine.fidelity >= 0.97
    few = learn(accounts, wanted, fidelity=1.0, most_rules=2)
    assert len(few.rules) <= 2
    assert not few.is_reached


def test_the_same_accounts_give_the_same_rules():
    rng = np.random.default_rng(2)
    accounts = pl.DataFrame({"a": rng.integers(0, 30, 2_000), "b": rng.choice(list("xyz"), 2_000)})
    wanted = pl.Series(rng.choice(["P", "Q", "R"], 2_000))

    first, second = (learn(accounts, wanted, fidelity=0.6) for _ in range(2))
    assert (texts(first), first.default) == (texts(second), second.default)


def test_ids_and_names_are_only_looked_at_when_asked_for():
    accounts = pl.DataFrame({"account_id": ["A1", "A2", "A3", "A4"], "name": list("wxyz")})
    wanted = pl.Series(["P", "P", "P", "Q"])

    assert learn(accounts, wanted, fidelity=1.0).rules == ()
    assert learn(accounts, wanted, fidelity=1.0, fields=["name"]).fields == ("name",)


def test_a_sample_finds_rules_that_are_counted_on_all_and_completed_from_all():
    rng = np.random.default_rng(3)
    towns = [f"Town {number:03}" for number in range(400)]
    at = rng.integers(0, 400, 20_000)
    accounts = pl.DataFrame({"city": np.array(towns)[at]})
    wanted = pl.Series([f"T{town % 4}" for town in at])
    book = learn(accounts, wanted, fidelity=0.99, sample=1_000)

    assert book.fidelity >= 0.99
    assert len(book.rules) == 3
    assert sum(rule.takes for rule in book.rules) + book.default_takes == 20_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"territory": pl.Series([None, None], dtype=pl.String)}, "None of the 2 accounts has a territory"),
        ({"fidelity": 0.0}, "The fidelity is 0; it is a share above 0 and at most 1"),
        ({"fidelity": 98.0}, "The fidelity is 98; it is a share"),
        ({"fields": ["stat"]}, "no field 'stat'; did you mean 'state'"),
        ({"fields": ["zzz"]}, "no field 'zzz'; they have state"),
        ({"most_rules": -1}, "At most -1 rules cannot be"),
    ],
)
def test_what_cannot_be_learned_is_told(change, message):
    asked = {"accounts": pl.DataFrame({"state": ["GA", "FL"]}), "territory": pl.Series(["East", "South"])} | change
    with pytest.raises(NothingToLearn, match=message):
        learn(asked.pop("accounts"), asked.pop("territory"), **asked)


def test_one_territory_needs_no_rule():
    book = learn(pl.DataFrame({"state": ["GA", None]}), pl.Series(["All", "All"]))

    assert (book.rules, book.default, book.fidelity) == ((), "All", 1.0)


values = st.sampled_from(["a", "b", "c", "d", None])
atoms = st.one_of(
    st.sampled_from(["kind IN ('a', 'b')", "kind = 'c'", "kind IS NULL", "place = 'b'", "place IN ('c', 'd')"]),
    st.integers(1, 9).map(lambda number: f"size >= {number}"),
    st.tuples(st.integers(1, 5), st.integers(5, 9)).map(lambda ends: f"size >= {ends[0]} AND size < {ends[1]}"),
)
rules = st.lists(
    st.tuples(st.lists(atoms, min_size=1, max_size=2).map(" AND ".join), st.sampled_from("PQR")), max_size=5
)


@given(
    rules,
    st.lists(st.tuples(values, values, st.one_of(st.none(), st.integers(0, 10))), min_size=1, max_size=60),
    st.sampled_from([0.7, 0.9, 1.0]),
)
def test_any_rule_list_is_learned_back_to_the_fidelity_asked_for(truth, rows, fidelity):
    schema = {"kind": pl.String, "place": pl.String, "size": pl.Int64}
    accounts = pl.DataFrame(rows, schema=schema, orient="row")
    first = RuleIndex([where for where, _ in truth], schema_of(accounts)).match_frame(accounts)
    wanted = [None if number < 0 else truth[number][1] for number in first]
    if all(name is None for name in wanted):
        return
    book = learn(accounts, pl.Series(wanted, dtype=pl.String), fidelity=fidelity)
    found = said(book, accounts)

    assert book.fidelity == pytest.approx(sum(a == b for a, b in zip(found, wanted, strict=True)) / len(rows))
    assert book.fidelity >= fidelity
    assert book.exceptions.rows() == [
        (row, a, b) for row, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b
    ]
    assert all(parse(rule.where, schema_of(accounts)) == rule.condition for rule in book.rules)
