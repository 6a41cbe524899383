"""What is proved of small rule books is what trying every record says."""

from __future__ import annotations

import itertools
import os
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove.finding import Kind
from patchbook.rules.prove.proof import prove

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
SCHEMA = {"state": "text", "size": "count", "is_customer": "boolean", "since": "date"}
VALUES = {
    "state": [None, "", "A", "AA", "AB", "B", "BA", "C", "xBx"],
    "size": [None, *range(-1, 7)],
    "is_customer": [None, True, False],
    "since": [None, *(date(2027, 1, day) for day in range(1, 6))],
}
EVERY = [dict(zip(VALUES, values, strict=True)) for values in itertools.product(*VALUES.values())]
"""Every record that the atoms below can tell apart, and more."""

ATOMS = st.one_of(
    st.sampled_from(
        ["state = 'A'", "state IN ('A', 'B')", "state <> 'B'", "state LIKE 'A%'", "state LIKE '%B%'", "state IS NULL",
         "state >= 'B'", "state NOT IN ('A', 'AB')", "state LIKE 'B'", "is_customer", "is_customer = FALSE",
         "is_customer IS NULL", "is_customer IS NOT NULL"]
    ),
    st.builds("size {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]), st.integers(0, 5)),
    st.builds("size BETWEEN {} AND {}".format, st.integers(0, 5), st.integers(0, 5)),
    st.builds("since {} '2027-01-0{}'".format, st.sampled_from(["<", ">=", "="]), st.integers(2, 4)),
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda parts: st.one_of(
        st.builds("NOT ({})".format, parts),
        st.builds("({}) AND ({})".format, parts, parts),
        st.builds("({}) OR ({})".format, parts, parts),
    ),
    max_leaves=4,
)
BOOKS = st.lists(st.tuples(st.sampled_from(["East", "West", "North"]), CONDITIONS), min_size=1, max_size=5)


@settings(max_examples=5_000 if TORTURE else 40, deadline=None)
@given(book=BOOKS)
def test_every_finding_is_true_and_none_that_is_exact_is_missing(book):
    rules = OrderedRules.of(book, SCHEMA)
    winners = [rules.first(record) for record in EVERY]
    meets = [{row for row, record in enumerate(EVERY) if rules.holds(place, record)} for place in range(len(book))]

    proof = prove(rules)

    never_true = {place + 1 for place, rows in enumerate(meets) if not rows}
    never_wins = {place + 1 for place, rows in enumerate(meets) if rows and place not in {winners[row] for row in rows}}
    is_plain = not any("%B%" in condition for _, condition in book)
    told_never_true = {finding.rules[0] for finding in proof.of(Kind.CONTRADICTORY) if finding.severity == "error"}
    told_never_wins = {finding.rules[0] for finding in proof.of(Kind.SHADOWED)}
    assert told_never_true <= never_true
    assert told_never_wins <= never_wins
    if is_plain:
        assert told_never_true == never_true
        assert told_never_wins == never_wins
        assert proof.has_no_gap == (-1 not in winners)
        assert bool(proof.of(Kind.GAP)) == (-1 in winners)
    assert not (proof.has_no_gap and -1 in winners)
    assert not proof.of(Kind.NOT_PROVED)


@settings(max_examples=5_000 if TORTURE else 26, deadline=None)
@given(book=BOOKS)
def test_every_witness_shows_what_it_is_said_to_show(book):
    rules = OrderedRules.of(book, SCHEMA)

    for finding in prove(rules).findings:
        if finding.witness is None:
            assert finding.kind in (Kind.CONTRADICTORY, Kind.SHADOWED, Kind.PARTLY_SHADOWED, Kind.REDUNDANT)
            continue
        record = finding.witness.record
        first = rules.first(record)
        if finding.kind is Kind.GAP:
            assert first == -1
        elif finding.kind in (Kind.SHADOWED, Kind.PARTLY_SHADOWED):
            assert rules.holds(finding.rules[0] - 1, record)
            assert 0 <= first < finding.rules[0] - 1
        elif finding.kind is Kind.OVERLAP:
            assert all(rules.holds(number - 1, record) for number in finding.rules)


@settings(max_examples=5_000 if TORTURE else 26, deadline=None)
@given(book=BOOKS)
def test_a_corrected_rule_gives_every_record_the_same(book):
    rules = OrderedRules.of(book, SCHEMA)
    before = [rules.outcome(record) for record in EVERY]

    for finding in prove(rules).findings:
        if finding.kind in (Kind.REDUNDANT, Kind.PARTLY_SHADOWED) and finding.condition:
            changed = list(book)
            place = finding.rules[0] - 1
            changed[place] = (changed[place][0], finding.condition)
            after = OrderedRules.of(changed, SCHEMA)
            assert [after.outcome(record) for record in EVERY] == before, finding
        elif finding.kind is Kind.SHADOWED:
            after = OrderedRules.of([rule for place, rule in enumerate(book) if place != finding.rules[0] - 1], SCHEMA)
            assert [after.outcome(record) for record in EVERY] == before, finding


@settings(max_examples=5_000 if TORTURE else 20, deadline=None)
@given(book=BOOKS)
def test_a_gap_holds_no_record_that_a_rule_takes_and_all_accounts_without_one(book):
    rules = OrderedRules.of(book, SCHEMA)
    frame = pl.DataFrame(EVERY[::7]).with_row_index("account_id")

    gaps = prove(rules, frame).of(Kind.GAP)

    free = {row for row, record in enumerate(EVERY[::7]) if rules.first(record) < 0}
    found = set()
    for gap in gaps:
        told = OrderedRules.of({"gap": gap.condition or "TRUE"}, SCHEMA)
        held = {row for row, record in enumerate(EVERY[::7]) if told.holds(0, record)}
        assert held <= free
        found |= held
    assert found == free


@pytest.mark.parametrize("limit", [0, 1])
def test_what_takes_too_many_steps_is_told_as_not_proved(limit):
    from patchbook.rules.prove.case import Limits

    rules = OrderedRules.of({"Low": "size < 3", "High": "size >= 3", "Known": "size IS NOT NULL"}, SCHEMA)

    proof = prove(rules, limits=Limits(steps=limit))

    assert [finding.says for finding in proof.of(Kind.NOT_PROVED)] == [
        "Whether rule 3 (Known) ever wins was not proved: too many earlier rules cut into it."
    ]
    assert not proof.of(Kind.SHADOWED)
