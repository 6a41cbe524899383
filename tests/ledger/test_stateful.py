"""Promises P1 and P2: whatever people do, one owner at every instant and no gap (T1), held to a model of intervals."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import insert, text

from builders.ledger import ADMIN
from patchbook.db import Record, open_record
from patchbook.ledger import actions
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.store import employment, person
from patchbook.period import FOREVER
from patchbook.territories.store import pool, seat, territory

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
EPOCH = datetime(2027, 1, 1, tzinfo=UTC)
HORIZON = 400
"""Days that things happen in."""
END = 10_000
"""The day that stands for ever."""

PEOPLE = [f"person-{number}" for number in range(8)]
TERRITORIES = [f"territory-{number}" for number in range(6)]
ACCOUNTS = [f"account-{number:03d}" for number in range(500 if TORTURE else 30)]

done = 0
"""Facts written or lifted by rules, over all examples."""


def on(day: int) -> datetime:
    return FOREVER if day >= END else EPOCH + timedelta(days=day)


@dataclass
class Intervals:
    """For each key, what holds from day to day: a list of (start, end, value) that never overlap."""

    held: dict[str, list[tuple[int, int, Any]]] = field(default_factory=dict)

    def put(self, key: str, start: int, end: int, value: Any) -> None:
        kept = []
        for first, last, known in self.held.get(key, []):
            kept += [(a, b, known) for a, b in ((first, min(last, start)), (max(first, end), last)) if a < b]
        self.held[key] = kept + ([(start, end, value)] if value is not None else [])

    def at(self, key: str, day: int) -> Any:
        return next((value for start, end, value in self.held.get(key, []) if start <= day < end), None)


class Company(RuleBasedStateMachine):
    """A company in which plans are published, and people come, go on leave, move and go."""

    record: Record
    days = st.integers(0, HORIZON)
    who = st.sampled_from(PEOPLE)
    where = st.sampled_from(TERRITORIES)
    some = st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=len(ACCOUNTS), unique=True)

    def __init__(self) -> None:
        super().__init__()
        self.homes, self.seats, self.given, self.covers = Intervals(), Intervals(), Intervals(), Intervals()
        self.now = EPOCH

    @initialize()
    def found(self) -> None:
        """Everybody has a seat, and every account a territory."""
        owners = {home: PEOPLE[number] for number, home in enumerate(TERRITORIES)}
        self.staff({home: ("person_id", who) for home, who in owners.items()}, 0, END)
        self.assign({account: TERRITORIES[number % 6] for number, account in enumerate(ACCOUNTS)}, 0, END)

    @rule(start=days, homes=st.lists(where, min_size=1, max_size=6))
    def publish(self, start: int, homes: list[str]) -> None:
        """A plan for every account, from a date that may be past or future."""
        self.assign({account: homes[number % len(homes)] for number, account in enumerate(ACCOUNTS)}, start, END)

    @rule(start=days, length=st.integers(1, HORIZON), some=some, home=where)
    def move(self, start: int, length: int, some: list[str], home: str) -> None:
        """Some accounts go elsewhere for a while."""
        self.assign(dict.fromkeys(some, home), start, start + length)

    @rule(start=days, home=where, who=who)
    def hire(self, start: int, home: str, who: str) -> None:
        """Somebody fills a seat."""
        self.staff({home: ("person_id", who)}, start, END)

    @rule(start=days, homes=st.tuples(where, where), who=who, after=who)
    def transfer(self, start: int, homes: tuple[str, str], who: str, after: str) -> None:
        """Somebody goes from one seat to another, and is replaced."""
        self.staff({homes[0]: ("person_id", after), homes[1]: ("person_id", who)}, start, END)

    @rule(start=days, who=who, after=who, is_vacant=st.booleans(), is_pool=st.booleans())
    def depart(self, start: int, who: str, after: str, is_vacant: bool, is_pool: bool) -> None:
        """Everything somebody would have from a day on goes to others: seats, exceptions and covers."""
        filler = ("interim_id" if is_vacant else "person_id", after)
        if is_pool or after == who:
            filler = ("pool_id", "queue")
        seats = self.of_person(self.seats, who, start, lambda value: value[1] == who)
        self.change(staffing, self.seats, [(home, a, b, filler) for home, a, b in seats])
        given = self.of_person(self.given, who, start, lambda value: value == who)
        self.change(override, self.given, [(account, a, b, None) for account, a, b in given])
        covers = self.of_person(self.covers, who, start, lambda value: value == who)
        self.change(cover, self.covers, [(away, a, b, None) for away, a, b in covers])

    @rule(start=days, length=st.integers(1, 60), pair=st.lists(who, min_size=2, max_size=2, unique=True))
    def leave(self, start: int, length: int, pair: list[str]) -> None:
        """Somebody is away, and somebody else acts."""
        self.change(cover, self.covers, [(pair[0], start, start + length, pair[1])])

    @rule(start=days, length=st.integers(1, HORIZON), some=some, who=who)
    def overrule(self, start: int, length: int, some: list[str], who: str) -> None:
        """An exception: somebody has these accounts wherever they are."""
        self.change(override, self.given, [(account, start, start + length, who) for account in some])

    @rule(start=days, some=some)
    def end_exceptions(self, start: int, some: list[str]) -> None:
        """The territory decides again."""
        self.change(override, self.given, [(account, start, END, None) for account in some])

    @invariant()
    def nothing_overlaps(self) -> None:
        """P1: what is believed never overlaps, so no instant has two owners; the model agrees on who it is."""
        with self.record.reading() as tx:
            assert tx.execute(text(OVERLAPPING)).all() == []
            for day in self.days_to_look_at():
                found = actions.owners_of(tx, ACCOUNTS, on=on(day))
                assert found == {account: self.owner(account, day) for account in ACCOUNTS if self.homes.held}

    @invariant()
    def nothing_is_unowned(self) -> None:
        """P2: from the first day on, every stretch of every history has a person or a pool, and none is missing."""
        if not self.homes.held:
            return
        with self.record.reading() as tx:
            for account in ACCOUNTS[:: max(1, len(ACCOUNTS) // 3)]:
                rows = actions.history(tx, account, limit=1000, by=ADMIN, at=self.now).rows
                assert rows[0].period.start == on(0)
                assert rows[-1].period.end == FOREVER
                for row, following in pairwise(rows):
                    assert row.period.end == following.period.start
                for row in rows:
                    assert row.person_id or row.pool_id
                    day = (row.period.start - EPOCH).days
                    assert row.person_id == self.owner(account, day)
                    assert row.acting_id == (row.person_id and self.covers.at(row.person_id, day))

    def owner(self, account: str, day: int) -> str | None:
        """The owner by the model."""
        kind, someone = self.seats.at(self.homes.at(account, day), day)
        return self.given.at(account, day) or (None if kind == "pool_id" else someone)

    def days_to_look_at(self) -> Iterable[int]:
        """The days on which something changes, a few of them, and the far future."""
        held = [*self.homes.held.values(), *self.seats.held.values(), *self.given.held.values()]
        days = sorted({day for facts in held for start, end, _ in facts for day in (start, end - 1)})
        return [*days[:: max(1, len(days) // 4)], END - 1]

    def of_person(self, held: Intervals, who: str, start: int, is_theirs: Any) -> list[tuple[str, int, int]]:
        """Keys and periods from a day on in which somebody has something."""
        facts = ((key, max(a, start), b, value) for key, each in held.held.items() for a, b, value in each)
        return [(key, a, b) for key, a, b, value in facts if a < b and is_theirs(value)]

    def assign(self, homes: dict[str, str], start: int, end: int) -> None:
        self.change(assignment, self.homes, [(account, start, end, home) for account, home in homes.items()])

    def staff(self, fillers: dict[str, tuple[str, str]], start: int, end: int) -> None:
        self.change(staffing, self.seats, [(home, start, end, filler) for home, filler in fillers.items()])

    def change(self, table: Any, model: Intervals, edits: list[tuple[str, int, int, Any]]) -> None:
        """Do the same to the record and to the model."""
        global done
        done += len(edits)
        self.now += timedelta(minutes=1)
        why = {"cause": "test", "source": "", "reason": "test"}
        facts = [
            {"valid_from": on(start), "valid_to": on(end), **columns(table.name, key, value)}
            for key, start, end, value in edits
        ]
        with self.record.writing() as tx:
            if edits and edits[0][3] is None:
                lift(tx, table, facts, at=self.now)
            else:
                lay(tx, table, [{**fact, **why} for fact in facts], at=self.now)
        for key, start, end, value in edits:
            model.put(key, start, end, value)


OVERLAPPING = " UNION ALL ".join(
    f"SELECT '{table}', a.fact_id, b.fact_id FROM {table} a JOIN {table} b ON a.{key} = b.{key}"
    " AND a.fact_id < b.fact_id AND a.recorded_to = b.recorded_to AND a.recorded_from < b.recorded_to"
    " AND b.recorded_from < a.recorded_to AND a.valid_from < b.valid_to AND b.valid_from < a.valid_to"
    for table, key in {"assignment": "account_id", "staffing": "seat_id", "override": "account_id"}.items()
)


def columns(table: str, key: str, value: Any) -> dict[str, Any]:
    if table == "assignment":
        return {"account_id": key, "territory_id": value}
    if table == "staffing":
        return {"seat_id": f"{key}-owner", value[0]: value[1]}
    if table == "override":
        return {"account_id": key, "role": "owner", "kind": "exception", "person_id": value}
    return {"person_id": key, "cover_id": value}


def people_and_places(record: Record) -> None:
    with record.writing() as tx:
        tx.execute(insert(person), [{"person_id": name, "name": name} for name in PEOPLE])
        work = [{"person_id": name, "valid_from": EPOCH, "reason": "always"} for name in PEOPLE]
        lay(tx, employment, work, at=EPOCH)
        tx.execute(insert(territory), [{"territory_id": name, "made_at": EPOCH} for name in TERRITORIES])
        seats = [{"seat_id": f"{name}-owner", "territory_id": name, "role": "owner"} for name in TERRITORIES]
        tx.execute(insert(seat), [{**each, "made_at": EPOCH} for each in seats])
        tx.execute(insert(pool).values(pool_id="queue", name="Inbound queue", members=[]))


def run(machine: type[Company], examples: int, steps: int) -> None:
    slow = list(HealthCheck)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            suppress_health_check=slow,
            derandomize=not TORTURE,
        ),
    )


def test_one_owner_at_every_instant_whatever_happens(sqlite_record):
    people_and_places(sqlite_record)
    made = sqlite_record.folder
    sqlite_record.close()

    class InSqlite(Company):
        def __init__(self) -> None:
            super().__init__()
            self.folder = Path(tempfile.mkdtemp(dir=made.parent))
            self.record = open_record(shutil.copytree(made, self.folder / "data"))

        def teardown(self) -> None:
            self.record.close()
            shutil.rmtree(self.folder)

    before = done
    while True:
        run(InSqlite, examples=100 if TORTURE else 12, steps=50 if TORTURE else 20)
        if not TORTURE or done - before >= 1_000_000:
            break

    print(f"\n{done - before:,} facts written or lifted")


def test_one_owner_at_every_instant_in_postgresql(postgresql_record, postgresql_server):
    people_and_places(postgresql_record)
    folder, template = postgresql_record.folder, postgresql_record.engine.url.database
    postgresql_record.close()

    class InPostgresql(Company):
        def __init__(self) -> None:
            super().__init__()
            self.url = postgresql_server.new_database(like=template)
            self.record = open_record(folder, url=self.url)

        def teardown(self) -> None:
            self.record.close()
            postgresql_server.drop(self.url)

    run(InPostgresql, examples=40 if TORTURE else 3, steps=50 if TORTURE else 15)
