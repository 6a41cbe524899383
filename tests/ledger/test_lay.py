"""Laying facts over what is believed, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from builders.ledger import APRIL, FEBRUARY, MARCH, MAY, NOW, a_company, because
from patchbook.ledger.lay import Laid, OverlappingFacts, lay, lift
from patchbook.ledger.tables import assignment, tick
from patchbook.period import FOREVER, BadPeriod


@pytest.fixture
def founded(record):
    with record.writing() as tx:
        a_company(tx)
    return record


def fact(account, to=None, since=FEBRUARY, until=FOREVER, **changed):
    told = {"account_id": account, "territory_id": to, "valid_from": since, "valid_to": until}
    return {**told, **because("test"), **changed}


def do(record, deed, *facts, at=NOW):
    with record.writing() as tx:
        return deed(tx, assignment, facts, at=at)


def believed(record, account="acme"):
    """Territory and period of what is believed of an account, by date."""
    columns = assignment.c.territory_id, assignment.c.valid_from, assignment.c.valid_to
    query = select(*columns).where(assignment.c.account_id == account, assignment.c.recorded_to == FOREVER)
    with record.reading() as tx:
        return [tuple(row) for row in tx.execute(query.order_by(assignment.c.valid_from))]


def rows(record):
    with record.reading() as tx:
        return tx.execute(select(func.count()).select_from(assignment)).scalar()


def test_a_new_fact_takes_its_period_from_the_one_before(founded):
    do(founded, lay, fact("acme", "east"))

    laid = do(founded, lay, fact("acme", "west", MARCH, APRIL))

    assert laid == Laid(closed=1, written=3)
    assert believed(founded) == [("east", FEBRUARY, MARCH), ("west", MARCH, APRIL), ("east", APRIL, FOREVER)]


def test_what_was_believed_stays_and_is_closed(founded):
    do(founded, lay, fact("acme", "east"))
    do(founded, lay, fact("acme", "west", MARCH))

    with founded.reading() as tx:
        closed = tx.execute(select(assignment).where(assignment.c.recorded_to < FOREVER)).one()

    assert (closed.territory_id, closed.valid_from, closed.valid_to) == ("east", FEBRUARY, FOREVER)
    assert closed.recorded_to == NOW + timedelta(microseconds=1)


def test_several_facts_are_cut_out_of_one_at_once(founded):
    do(founded, lay, fact("acme", "east"))

    do(founded, lay, fact("acme", "west", MARCH, APRIL), fact("acme", "company", MAY, MAY + timedelta(days=1)))

    assert [place for place, _, _ in believed(founded)] == ["east", "west", "east", "company", "east"]


def test_one_fact_takes_the_place_of_several(founded):
    do(founded, lay, fact("acme", "east", FEBRUARY, MARCH), fact("acme", "west", MARCH, APRIL), fact("b", "east"))

    laid = do(founded, lay, fact("acme", "company", FEBRUARY + timedelta(days=1)))

    assert laid == Laid(closed=2, written=2)
    assert believed(founded)[0] == ("east", FEBRUARY, FEBRUARY + timedelta(days=1))
    assert believed(founded, "b") == [("east", FEBRUARY, FOREVER)]


def test_what_is_believed_already_is_not_written(founded):
    do(founded, lay, fact("acme", "east"))

    laid = do(founded, lay, fact("acme", "east", MARCH, reason="told again"), fact("b", "east"))

    assert laid == Laid(closed=0, written=1)


def test_what_several_facts_say_together_is_not_written_again(founded):
    do(founded, lay, fact("acme", "east", FEBRUARY, MARCH), fact("acme", "east", MARCH, APRIL))

    assert do(founded, lay, fact("acme", "east", FEBRUARY, APRIL)) == Laid(closed=0, written=0)
    assert do(founded, lay, fact("acme", "east", FEBRUARY, MAY)) == Laid(closed=2, written=1)


def test_lifting_leaves_nothing_in_the_period(founded):
    do(founded, lay, fact("acme", "east"))

    laid = do(founded, lift, {"account_id": "acme", "valid_from": MARCH, "valid_to": APRIL})

    assert laid == Laid(closed=1, written=2)
    assert believed(founded) == [("east", FEBRUARY, MARCH), ("east", APRIL, FOREVER)]


def test_lifting_what_is_not_there_changes_nothing(founded):
    assert do(founded, lift, {"account_id": "acme", "valid_from": MARCH}) == Laid(closed=0, written=0)


def test_a_deed_may_correct_what_it_wrote_itself(founded):
    with founded.writing() as tx:
        for to in ("east", "west", "company"):
            lay(tx, assignment, [fact("acme", to)], at=NOW)
        lift(tx, assignment, [{"account_id": "acme", "valid_from": APRIL, "valid_to": MAY}], at=NOW)
        lay(tx, assignment, [fact("acme", "east", APRIL, MAY)], at=NOW)

    assert [place for place, _, _ in believed(founded)] == ["company", "east", "company"]


def test_a_clock_that_was_set_back_writes_no_history(founded):
    do(founded, lay, fact("acme", "east"), at=NOW)
    do(founded, lay, fact("acme", "west"), at=NOW - timedelta(days=30))

    with founded.reading() as tx:
        assert tx.execute(select(tick.c.last)).scalar() == NOW + timedelta(microseconds=1)


def test_a_savepoint_taken_back_leaves_the_clock_and_the_tables_usable(founded):
    with founded.writing() as tx:
        savepoint = tx.begin_nested()
        lay(tx, assignment, [fact("acme", "east")], at=NOW)
        savepoint.rollback()
        lay(tx, assignment, [fact("b", "west")], at=NOW)

    assert (believed(founded), believed(founded, "b")) == ([], [("west", FEBRUARY, FOREVER)])
    with founded.reading() as tx:
        assert tx.execute(select(tick.c.last)).scalar() == NOW


def test_overlapping_facts_are_refused_by_name(founded):
    sentence = (
        r"Two facts of assignment for account_id 'acme' overlap: \[2027-02-01, open\) and \[2027-03-01, 2027-04-01\);"
        r" one must end before the other begins\."
    )

    with pytest.raises(OverlappingFacts, match=sentence):
        do(founded, lay, fact("b", "east"), fact("acme", "east"), fact("acme", "west", MARCH, APRIL))

    assert rows(founded) == 0


def test_a_fact_that_holds_at_no_instant_is_refused(founded):
    with pytest.raises(BadPeriod, match="is empty"):
        do(founded, lay, fact("b", "east"), fact("acme", "east", MARCH, MARCH))

    assert rows(founded) == 0


def test_a_column_the_table_does_not_have_is_a_mistake_in_the_code(founded):
    with pytest.raises(TypeError, match="a fact has teritory_id; there are account_id, "):
        do(founded, lay, {"account_id": "acme", "teritory_id": "east", "valid_from": MARCH})


def test_what_the_database_refuses_leaves_nothing(founded):
    with pytest.raises(IntegrityError):
        do(founded, lay, fact("b", "east"), fact("acme", "atlantis"))

    assert rows(founded) == 0


def test_many_facts_are_laid_with_as_many_statements_as_one(founded, statements):
    counts = []
    for number in (1, 3_000):
        with statements(founded) as seen:
            do(founded, lay, *(fact(f"account-{n}", "east") for n in range(number)))
        counts.append(len([text for text in seen if "ANALYZE" not in text]))

    assert counts[0] == counts[1]
