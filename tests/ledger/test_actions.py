"""What the ledger answers: owner, book, history and credit, on both engines."""

from __future__ import annotations

from builders.ledger import ADMIN, MARCH, NOW, a_company, assign
from patchbook.ledger import actions


def test_the_owner_is_who_staffs_the_seat_of_the_territory(record):
    with record.writing() as tx:
        a_company(tx)
        assign(tx, {"acme": "north-west"})

    with record.reading() as tx:
        answer = actions.owner(tx, "acme", on=MARCH, by=ADMIN, at=NOW)

    assert (answer.person_id, answer.territory_id, answer.territory) == ("ann", "north-west", "North-West")
    assert [step.fact for step in answer.chain] == ["assignment", "staffing"]
