"""The whole company at once: as a stream of Arrow batches, and the owners of a set of accounts."""

from __future__ import annotations

import pyarrow as pa
import pytest
from sqlalchemy import insert

from builders.ledger import (
    ADMIN,
    ANN,
    APRIL,
    EAST_MANAGER,
    FEBRUARY,
    MARCH,
    MAY,
    NOW,
    a_company,
    assign,
    cover_for,
    overrule,
    staff,
)
from patchbook.ledger import actions
from patchbook.ledger.company import SCHEMA
from patchbook.ledger.lay import lay
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.store import employment, person
from patchbook.territories.store import pool


@pytest.fixture(scope="module")
def market(ledger):
    """Each way to own an account once."""
    with ledger.writing() as tx:
        a_company(tx)
    with ledger.writing() as tx:
        assign(tx, {"acme": "north-west", "apex": "north-west", "birch": "south-west", "cedar": "east", "d": "west"})
    with ledger.writing() as tx:
        overrule(tx, [{"account_id": "apex", "person_id": "cyd", "valid_from": MARCH}])
        overrule(tx, [{"account_id": "stray", "person_id": "bob"}])
        cover_for(tx, "ann", "eve", since=MARCH, until=APRIL)
        tx.execute(insert(pool).values(pool_id="queue", name="Inbound", members=[]))
        staff(tx, {"seat_id": "east-owner", "pool_id": "queue", "valid_from": APRIL})
        staff(tx, {"seat_id": "south-west-owner", "interim_id": "cyd", "valid_from": MARCH})
    return ledger


def whole(record, on, by=ADMIN, **named):
    with record.reading() as tx:
        batches = list(actions.company(tx, on=on, by=by, at=NOW, **named))
    return sorted(pa.Table.from_batches(batches, SCHEMA).to_pylist(), key=lambda row: row["account_id"])


def owners(rows):
    return {row["account_id"]: row["person_id"] or row["pool_id"] for row in rows}


def test_every_account_has_a_row_with_its_owner(market):
    rows = whole(market, MARCH)

    assert owners(rows) == {"acme": "ann", "apex": "cyd", "birch": "cyd", "cedar": "cyd", "d": None, "stray": "bob"}
    assert {row["account_id"]: row["acting_id"] for row in rows if row["acting_id"]} == {"acme": "eve"}
    assert [row["territory_id"] for row in rows] == ["north-west", "north-west", "south-west", "east", "west", None]
    assert {row["account_id"]: row["since"] for row in rows} == {
        **dict.fromkeys(("acme", "cedar", "d", "stray"), FEBRUARY),
        **dict.fromkeys(("apex", "birch"), MARCH),
    }


def test_another_date_and_another_state_of_knowledge_have_their_own_owners(market):
    assert owners(whole(market, APRIL))["cedar"] == "queue"
    with market.reading() as tx:
        first = actions.owner(tx, "acme", on=MARCH, by=ADMIN, at=NOW).chain[0].recorded_from

    assert owners(whole(market, APRIL, as_known_on=first)) == {
        "acme": "ann",
        "apex": "ann",
        "birch": "bob",
        "cedar": "cyd",
        "d": None,
    }


def test_an_export_holds_what_the_reader_may_see(market):
    assert owners(whole(market, MAY, by=EAST_MANAGER)) == {"cedar": "queue"}
    assert owners(whole(market, MARCH, by=EAST_MANAGER)) == {"acme": "ann", "cedar": "cyd"}, "she covers for Ann"
    assert set(owners(whole(market, MARCH, by=ANN))) == {"acme", "apex"}


@pytest.mark.parametrize("odd", ["o'hara", "50%", "%(x)s", ":x", "back\\slash", "'; DROP TABLE override; --", "你好"])
def test_no_id_of_a_reader_changes_the_question(market, odd):
    with market.writing() as tx:
        tx.execute(insert(person).values(person_id=odd, name="Odd"))
        lay(tx, employment, [{"person_id": odd, "valid_from": FEBRUARY, "reason": "hired"}], at=NOW)
        overrule(tx, [{"account_id": f"given to {odd}", "person_id": odd, "valid_from": MAY}])

    reader = Principal(person_id=odd, grants=(Grant(Role.REP),))

    assert owners(whole(market, MAY, by=reader)) == {f"given to {odd}": odd}


def test_what_each_answer_says_is_what_the_whole_says(market):
    with market.reading() as tx:
        for row in whole(market, MARCH):
            answer = actions.owner(tx, row["account_id"], on=MARCH, by=ADMIN, at=NOW)
            mine = (answer.territory_id, answer.person_id, answer.pool_id, answer.acting_id)
            assert mine == tuple(row[f"{name}_id"] for name in ("territory", "person", "pool", "acting"))


def test_nothing_recorded_is_an_empty_stream(record):
    assert whole(record, MARCH) == []


def test_owners_of_some_accounts_are_asked_in_one_query(market, statements):
    with statements(market) as seen, market.reading() as tx:
        found = actions.owners_of(tx, ["acme", "apex", "nothing", "acme"], on=MARCH)

    assert found == {"acme": "ann", "apex": "cyd"}
    assert len(seen) == 1
