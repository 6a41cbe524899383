"""What the database refuses about employment: work outside it, whichever of the two is written first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import staffing
from patchbook.people.store import employment, person
from patchbook.territories.store import seat, territory


def month(number: int) -> datetime:
    return datetime(2027, number, 1, tzinfo=UTC)


def staffed(person_id: str, since: datetime) -> list[dict[str, object]]:
    why = {"cause": "test", "source": "", "reason": "test"}
    return [{"seat_id": "seat", "person_id": person_id, "valid_from": since, **why}]


@pytest.fixture
def ann_in_a_seat(record):
    with record.writing() as tx:
        tx.execute(insert(person), [{"person_id": name, "name": name} for name in ("ann", "bob")])
        tx.execute(insert(territory).values(territory_id="here", made_at=month(1)))
        tx.execute(insert(seat).values(seat_id="seat", territory_id="here", role="owner", made_at=month(1)))
        work = [{"person_id": name, "valid_from": month(1), "reason": "test"} for name in ("ann", "bob")]
        lay(tx, employment, work, at=month(1))
        lay(tx, staffing, staffed("ann", month(1)), at=month(1))
    return record


@pytest.mark.parametrize("employment_first", [True, False])
def test_an_employment_is_shortened_in_the_deed_that_ends_its_work(ann_in_a_seat, employment_first):
    deeds = [
        lambda tx: lift(tx, employment, [{"person_id": "ann", "valid_from": month(6)}], at=month(2)),
        lambda tx: lay(tx, staffing, staffed("bob", month(6)), at=month(2)),
    ]
    with ann_in_a_seat.writing() as tx:
        for deed in deeds if employment_first else reversed(deeds):
            deed(tx)

    with ann_in_a_seat.reading() as tx:
        assert tx.execute(select(func.count()).select_from(staffing)).scalar() == 3
        assert tx.execute(select(func.count()).select_from(employment)).scalar() == 3


def test_an_employment_is_extended_over_the_work_in_it(ann_in_a_seat):
    whole = {"person_id": "ann", "valid_from": datetime(2026, 1, 1, tzinfo=UTC), "reason": "older than we knew"}
    with ann_in_a_seat.writing() as tx:
        laid = lay(tx, employment, [whole], at=month(2))

    assert (laid.closed, laid.written) == (1, 1)


@pytest.mark.parametrize("also", [None, 7])
def test_an_employment_that_leaves_work_outside_it_is_refused(ann_in_a_seat, also):
    def deed():
        with ann_in_a_seat.writing() as tx:
            lift(tx, employment, [{"person_id": "ann", "valid_from": month(6)}], at=month(2))
            if also:
                lay(tx, staffing, staffed("bob", month(also)), at=month(2))

    with pytest.raises(SQLAlchemyError):
        deed()

    with ann_in_a_seat.reading() as tx:
        assert tx.execute(select(func.count()).select_from(employment)).scalar() == 2
