"""What the record believes now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from builders.ledger import APRIL, MARCH, MAY, NOW, a_company, because
from patchbook.db.believed import believed_at, believed_during
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment
from patchbook.period import Period

IN_MARCH = {"account_id": "acme", "valid_from": MARCH, "valid_to": APRIL}


@pytest.fixture
def tx(record):
    with record.writing() as tx:
        a_company(tx)
        lay(tx, assignment, [{**IN_MARCH, "territory_id": "west", **because("a test")}], at=NOW)
        yield tx


def test_a_fact_is_believed_from_its_start_to_before_its_end(tx):
    moment = timedelta(microseconds=1)

    assert [is_at(tx, day) for day in (MARCH - moment, MARCH, APRIL - moment, APRIL)] == [False, True, True, False]
    assert [is_during(tx, *ends) for ends in ((NOW, MARCH), (MARCH, MAY), (APRIL, MAY))] == [False, True, False]


def test_what_was_lifted_is_believed_no_more(tx):
    lift(tx, assignment, [IN_MARCH], at=NOW)

    assert not is_at(tx, MARCH)
    assert not is_during(tx, MARCH, MAY)


def is_at(tx, on):
    return tx.execute(select(assignment).where(*believed_at(assignment, on))).first() is not None


def is_during(tx, start, end):
    return tx.execute(select(assignment).where(*believed_during(assignment, Period(start, end)))).first() is not None
