"""What the database refuses by itself, tried by raw SQL past all of our code, on every engine there is (T2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from builders.ledger import HIRED, a_company
from builders.postgres import a_server
from patchbook.audit.actions import record as note
from patchbook.audit.store import event
from patchbook.db import Record, create_record
from patchbook.ledger.lay import KEYS, lay
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.store import employment, person
from patchbook.period import FOREVER, microseconds
from patchbook.territories.store import place, seat, split, territory

FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
SERVERS = {path.parent.name: path for path in FOUND if path.parent.name > "14"}
"""PostgreSQL of the system, besides the newest one that comes as a wheel: the oldest supported is 15."""

JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE = (datetime(2027, month, 1, tzinfo=UTC) for month in range(1, 7))
WHY = {"cause": "test", "source": "", "reason": "test"}

BELIEVED: dict[str, dict[str, Any]] = {
    "assignment": {"account_id": "acme", "territory_id": "east", **WHY},
    "staffing": {"seat_id": "spare", "person_id": "ann", **WHY},
    "override": {
        "account_id": "acme",
        "role": "owner",
        "opportunity_id": "",
        "person_id": "bob",
        "kind": "exception",
        **WHY,
    },
    "cover": {"person_id": "ann", "cover_id": "bob", **WHY},
    "employment": {"person_id": "new", "reason": "test"},
    "place": {"territory_id": "bare", "parent_id": "company", "name": "Bare", "kind": "house", "reason": "test"},
    "split": {
        "territory_id": "east",
        "account_id": "",
        "role": "owner",
        "reason": "test",
        "shares": '[{"person_id":"ann","percent":100}]',
    },
}
"""One fact of each table, believed from March to May."""
TABLES = {table.name: table for table in (assignment, staffing, override, cover, employment, place, split)}


Statement = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Guarded:
    """A record with one believed fact (number 900) and one closed fact (901) in each table, past our own code."""

    record: Record

    def instant(self, at: datetime) -> Any:
        return at if self.record.is_postgresql else microseconds(at)

    def rows(self, table: str) -> list[Any]:
        with self.record.engine.connect() as tx:
            return list(tx.execute(text(f"SELECT * FROM {table} ORDER BY 1")))

    def accepts(self, table: str, statement: Statement) -> bool:
        """Whether a statement and its commit change the table, whether or not the database says that it refuses."""
        sql, values = statement
        before = self.rows(table)
        told = {name: self.instant(value) if isinstance(value, datetime) else value for name, value in values.items()}
        try:
            with self.record.engine.begin() as tx:
                tx.execute(text(sql), told)
        except DBAPIError:
            pass
        return self.rows(table) != before

    def insert(self, table: str, verb: str = "INSERT", tail: str = "", **changed: Any) -> Statement:
        """An insertion of a fact like the believed one, with some columns changed."""
        usual = {"valid_from": MARCH, "valid_to": MAY, "recorded_from": FEBRUARY, "recorded_to": FOREVER}
        fact = {**BELIEVED[table], **usual, **changed}
        kinds = {"shares": "CAST(:shares AS jsonb)" if self.record.is_postgresql else ":shares"}
        places = ", ".join(kinds.get(name, f":{name}") for name in fact)
        return f"{verb} INTO {table} ({', '.join(fact)}) VALUES ({places}) {tail}", fact


@contextmanager
def guarded(folder: Path, engine: str) -> Iterator[Guarded]:
    with a_server(SERVERS.get(engine)) if engine != "sqlite" else no_server() as server:
        record = create_record(folder / engine, url=server.new_database() if server else None)
        with record.writing() as tx:
            a_company(tx)
            tx.execute(insert(person), [{"person_id": name, "name": name} for name in ("new", "short")])
            stay = {"person_id": "short", "valid_from": MARCH, "valid_to": MAY, "reason": "a stay"}
            lay(tx, employment, [stay], at=HIRED)
            tx.execute(insert(territory).values(territory_id="bare", made_at=HIRED))
            for number, name in enumerate(("spare", "unfilled"), 1):
                spare = {"territory_id": "east", "role": "overlay", "number": number, "made_at": HIRED}
                tx.execute(insert(seat).values(seat_id=name, **spare))
            note(tx, "test", "acme", kind="account", by="ann", at=HIRED)
        made = Guarded(record)
        for table in BELIEVED:
            assert made.accepts(table, made.insert(table, fact_id=900))
            assert made.accepts(table, made.insert(table, fact_id=901, recorded_from=HIRED, recorded_to=FEBRUARY))
        yield made
        record.close()


@contextmanager
def no_server() -> Iterator[None]:
    yield None


@pytest.fixture(scope="module", params=["sqlite", "wheel", *SERVERS])
def guard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded(tmp_path_factory.mktemp("guarded"), request.param) as made:
        yield made


MOMENT = MARCH + timedelta(microseconds=1)
OVERLAPS = {
    "the same period": {},
    "the beginning": {"valid_from": FEBRUARY, "valid_to": MOMENT},
    "the end": {"valid_from": MAY - timedelta(microseconds=1), "valid_to": JUNE},
    "the middle": {"valid_from": APRIL, "valid_to": APRIL + timedelta(days=1)},
    "all around it": {"valid_from": JANUARY, "valid_to": FOREVER},
    "what was known before": {"recorded_from": HIRED, "recorded_to": FEBRUARY + timedelta(microseconds=1)},
    "what was known in between": {"recorded_from": JANUARY, "recorded_to": APRIL},
    "what is closed": {"recorded_from": HIRED, "recorded_to": HIRED + timedelta(microseconds=1)},
}
EMPTY = {
    "valid for no time": {"valid_from": JUNE, "valid_to": JUNE},
    "valid backwards": {"valid_from": JUNE + timedelta(days=9), "valid_to": JUNE},
    "known for no time": {"valid_from": JUNE, "valid_to": FOREVER, "recorded_from": JUNE, "recorded_to": JUNE},
    "known backwards": {"valid_from": JUNE, "valid_to": FOREVER, "recorded_from": JUNE, "recorded_to": MAY},
    "no beginning": {"valid_from": None, "valid_to": MARCH},
    "no end": {"valid_from": JUNE, "valid_to": None},
}
ENDLESS = {
    "postgresql": {
        "for ever": {"valid_from": JUNE, "valid_to": "infinity"},
        "since ever": {"valid_from": "-infinity", "valid_to": MARCH},
        "never closed": {"valid_from": JUNE, "valid_to": FOREVER, "recorded_to": "infinity"},
        "always known": {"valid_from": JUNE, "valid_to": FOREVER, "recorded_from": "-infinity"},
    },
    "sqlite": {
        "for ever": {"valid_from": JUNE, "valid_to": 2**63 - 1},
        "since ever": {"valid_from": -(2**63), "valid_to": MARCH},
        "by a word": {"valid_from": JUNE, "valid_to": "infinity"},
        "by a float": {"valid_from": JUNE, "valid_to": float("inf")},
        "never closed": {"valid_from": JUNE, "valid_to": FOREVER, "recorded_to": 2**63 - 1},
    },
}


@pytest.mark.parametrize("table", TABLES)
def test_overlapping_empty_and_endless_facts_are_refused(guard, table):
    engine = guard.record.engine.dialect.name
    attempts = {**OVERLAPS, **EMPTY, **ENDLESS[engine]}

    accepted = [name for name, changed in attempts.items() if guard.accepts(table, guard.insert(table, **changed))]

    assert accepted == []


@pytest.mark.parametrize("table", TABLES)
def test_history_is_never_changed_deleted_or_replaced(guard, table):
    values = [name for name in BELIEVED[table] if name.endswith("_id") and name not in KEYS[table]]
    attempts: dict[str, Statement] = {
        "its beginning": (f"UPDATE {table} SET valid_from = :at", {"at": FEBRUARY}),
        "its end": (f"UPDATE {table} SET valid_to = :at WHERE fact_id = 900", {"at": JUNE}),
        "its key": (f"UPDATE {table} SET {KEYS[table][0]} = 'west' WHERE fact_id = 900", {}),
        "its value": (f"UPDATE {table} SET {[*values, 'reason'][0]} = 'eve' WHERE fact_id = 900", {}),
        "its reason": (f"UPDATE {table} SET reason = 'another' WHERE fact_id = 900", {}),
        "its number": (f"UPDATE {table} SET fact_id = 902 WHERE fact_id = 900", {}),
        "when it was recorded": (f"UPDATE {table} SET recorded_from = :at WHERE fact_id = 900", {"at": JANUARY}),
        "closing it before it was": (f"UPDATE {table} SET recorded_to = :at WHERE fact_id = 900", {"at": JANUARY}),
        "closing it and changing it": (
            f"UPDATE {table} SET recorded_to = :at, reason = 'another' WHERE fact_id = 900",
            {"at": JUNE},
        ),
        "reopening it": (f"UPDATE {table} SET recorded_to = :at WHERE fact_id = 901", {"at": FOREVER}),
        "closing it again": (f"UPDATE {table} SET recorded_to = :at WHERE fact_id = 901", {"at": JANUARY}),
        "deleting one": (f"DELETE FROM {table} WHERE fact_id = 900", {}),
        "deleting what is closed": (f"DELETE FROM {table} WHERE fact_id = 901", {}),
        "deleting all": (f"DELETE FROM {table}", {}),
        **rewriting(guard, table),
    }

    accepted = [name for name, statement in attempts.items() if guard.accepts(table, statement)]

    assert accepted == []


def rewriting(guard: Guarded, table: str) -> dict[str, Statement]:
    """Ways of each engine to write a row over another one."""
    upsert = "ON CONFLICT (fact_id) DO UPDATE SET reason = 'another'"
    either = {"an upsert": guard.insert(table, fact_id=900, tail=upsert)}
    if guard.record.is_postgresql:
        return {
            **either,
            "truncating": (f"TRUNCATE {table} CASCADE", {}),
            "merging": (
                f"MERGE INTO {table} AS t USING (SELECT 900 AS number) AS n ON t.fact_id = n.number"
                " WHEN MATCHED THEN DELETE",
                {},
            ),
        }
    return {
        **either,
        **{
            f"{verb}, {name}": guard.insert(table, verb, fact_id=number, reason="another")
            for verb in ("REPLACE", "INSERT OR REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL")
            for name, number in {"what is believed": 900, "what is closed": 901, "as a new one": 903}.items()
        },
        "replacing by an update": (f"UPDATE OR REPLACE {table} SET fact_id = 901 WHERE fact_id = 900", {}),
    }


@pytest.mark.parametrize("table", TABLES)
def test_what_meets_a_fact_without_overlapping_is_accepted(guard, table):
    """A database that refuses everything would pass the tests above."""
    before = {"valid_from": FEBRUARY, "valid_to": MARCH, "recorded_from": MAY}
    after = {"valid_from": MAY, "valid_to": JUNE, "recorded_from": MAY}
    earlier = {"recorded_from": HIRED - timedelta(days=9), "recorded_to": HIRED}

    assert all(guard.accepts(table, guard.insert(table, **fact)) for fact in (before, after, earlier))


WORK = {"staffing": "person_id", "staffing's interim": "interim_id", "override": "person_id", "cover": "cover_id"}


@pytest.mark.parametrize("work", WORK)
def test_nobody_has_work_outside_their_employment(guard, work):
    table, column = work.partition("'")[0], WORK[work]
    kept = {"person_id": None} if column == "interim_id" else {}
    elsewhere = {"staffing": {"seat_id": "unfilled"}, "override": {"account_id": "b"}, "cover": {"person_id": "eve"}}
    usual = {**elsewhere[table], **kept, column: "short"}
    outside = {
        "before it": {"valid_from": FEBRUARY, "valid_to": MARCH},
        "into it": {"valid_from": FEBRUARY, "valid_to": APRIL},
        "out of it": {"valid_from": APRIL, "valid_to": FOREVER},
        "around it": {"valid_from": JANUARY, "valid_to": FOREVER},
        "of nobody known": {"valid_from": MARCH, "valid_to": APRIL, column: "nobody"},
    }

    accepted = [
        name for name, changed in outside.items() if guard.accepts(table, guard.insert(table, **{**usual, **changed}))
    ]

    assert accepted == []
    assert work == "staffing's interim" or guard.accepts(table, guard.insert(table, **usual)), "inside it they may"


def test_an_employment_with_work_in_it_is_not_closed(guard):
    closing = ("UPDATE employment SET recorded_to = :at WHERE person_id = 'cyd'", {"at": JUNE})

    assert not guard.accepts("employment", closing)


def test_events_are_only_ever_added_to(guard):
    columns = 'number, at, "by", deed, kind, subject, previous, digest'
    again = f"INTO event ({columns}) SELECT number, at, 'eve', deed, kind, subject, previous, digest FROM event"
    attempts: dict[str, Statement] = {
        "changing": ("UPDATE event SET deed = 'nothing'", {}),
        "renumbering": ("UPDATE event SET number = number + 1", {}),
        "deleting": ("DELETE FROM event WHERE number = 1", {}),
        "an upsert": (f"INSERT {again} WHERE true ON CONFLICT (number) DO UPDATE SET deed = 'nothing'", {}),
    }
    if guard.record.is_postgresql:
        attempts["truncating"] = ("TRUNCATE event", {})
    else:
        attempts["replacing"] = (f"REPLACE {again}", {})
        attempts["replacing by an update"] = ("UPDATE OR REPLACE event SET deed = 'nothing'", {})

    assert [name for name, statement in attempts.items() if guard.accepts(event.name, statement)] == []
