"""Promise P3: who owned X on D, as known on K, is the same as replaying every edit by hand (T3)."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from builders.ledger import ADMIN
from patchbook.ledger import actions
from patchbook.ledger.answers import BeforeItWasKnown, BeforeTheRecord, UnknownAccount
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.store import employment, person
from patchbook.period import BEGINNING, FOREVER
from patchbook.territories.store import pool, seat, territory

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
PAIRS = 100_000 if TORTURE else 3_000
EDITS = 2_000 if TORTURE else 150

ACCOUNTS = [f"account-{number}" for number in range(10)]
TERRITORIES = [f"territory-{number}" for number in range(5)]
PEOPLE = [f"person-{number}" for number in range(6)]
TABLES = {table.name: table for table in (assignment, staffing, override, cover)}
PARTS = ("home", "person", "pool", "acting")
START = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Edit:
    """One thing somebody told the record: a value for a key and a period, or that there is none."""

    recorded: datetime
    table: str
    key: str
    start: datetime
    end: datetime
    value: Any


@dataclass(frozen=True)
class Naive:
    """The record as nobody would build it: every edit in a list, read from the end for each question."""

    edits: list[Edit]

    def value(self, table: str, key: str, on: datetime, known: datetime) -> Any:
        """What was told last about an instant, up to what was known."""
        for edit in reversed(self.edits):
            if (edit.table, edit.key) == (table, key) and edit.recorded <= known and edit.start <= on < edit.end:
                return edit.value
        return None

    def owner(self, account: str, on: datetime, known: datetime) -> tuple[Any, ...]:
        """Territory, person, pool, and who acts."""
        home = self.value("assignment", account, on, known)
        given = self.value("override", account, on, known)
        filled = self.value("staffing", home, on, known) if home else None
        someone, queue = (given, None) if given else filled or (None, None)
        acting = self.value("cover", someone, on, known) if someone else None
        return home, someone, queue, acting


def test_every_answer_is_what_a_replay_of_all_edits_gives(record):
    random = Random(3)
    naive = Naive([])
    with record.writing() as tx:
        a_market(tx)
    now = START
    for _ in range(EDITS):
        now += timedelta(hours=random.randint(-3, 30))  # clocks are sometimes set back
        with record.writing() as tx:
            for _ in range(random.randint(1, 3)):
                naive.edits.extend(an_edit(tx, random, now))

    seen = Counter[str]()
    with record.reading() as tx:
        for account, on, known in questions(random, naive.edits, PAIRS):
            expected = naive.owner(account, on, known)
            assert asked(tx, account, on, known) == expected, (account, on, known)
            seen.update(
                kind for kind, value in zip(("home", "person", "pool", "acting"), expected, strict=True) if value
            )

    assert min(seen[kind] for kind in ("home", "person", "pool", "acting")) > PAIRS / 100, "too little was asked about"


def asked(tx, account, on, known):
    try:
        answer = actions.owner(tx, account, on=on, as_known_on=known, by=ADMIN, at=START)
    except (BeforeTheRecord, BeforeItWasKnown, UnknownAccount):
        return (None, None, None, None)
    return (answer.territory_id, answer.person_id, answer.pool_id, answer.acting_id)


def questions(random, edits, count):
    """Instants at which something changes, and those just before and after."""
    dates = sorted({at for edit in edits for at in (edit.start, edit.end) if at < FOREVER})
    knowledge = sorted({edit.recorded for edit in edits})
    step = timedelta(microseconds=1)
    for _ in range(count):
        on = random.choice(dates) + random.choice((-step, timedelta(), step, timedelta(hours=7)))
        known = random.choice(knowledge) + random.choice((-step, timedelta(), step))
        yield random.choice(ACCOUNTS), max(on, BEGINNING), known


def an_edit(tx, random, now):
    """Write one edit, and tell what the naive record has to remember of it."""
    kind = random.choices(list(TABLES), weights=(6, 4, 2, 2))[0]
    start = START + timedelta(days=random.randint(-60, 400))
    end = FOREVER if random.random() < 0.4 else start + timedelta(days=random.randint(1, 200))
    period = {"valid_from": start, "valid_to": end}
    why = {"cause": "test", "source": "", "reason": f"edit {random.random()}"}
    is_lifted = random.random() < 0.2
    keys, facts = some_facts(random, kind)
    if is_lifted:
        lift(tx, TABLES[kind], [{**fact, **period} for fact in facts], at=now)
    else:
        lay(tx, TABLES[kind], [{**fact, **period, **why} for fact in facts], at=now)
    recorded = tx.info["recording at"]
    return [Edit(recorded, kind, key, start, end, None if is_lifted else value) for key, value in keys.items()]


def some_facts(random, kind):
    if kind == "assignment":
        chosen = {account: random.choice(TERRITORIES) for account in random.sample(ACCOUNTS, random.randint(1, 6))}
        return chosen, [{"account_id": account, "territory_id": home} for account, home in chosen.items()]
    if kind == "staffing":
        home = random.choice(TERRITORIES)
        who, how = random.choice(PEOPLE), random.choice(("person_id", "person_id", "interim_id", "pool", "nobody"))
        filled = {"pool": (None, "queue"), "nobody": (None, None)}.get(how, (who, None))
        filler = {"pool": {"pool_id": "queue"}, "nobody": {}}.get(how, {how: who})
        return {home: filled}, [{"seat_id": f"{home}-owner", **filler}]
    if kind == "override":
        account, who = random.choice(ACCOUNTS), random.choice(PEOPLE)
        return {account: who}, [{"account_id": account, "role": "owner", "person_id": who, "kind": "exception"}]
    away, stand_in = random.sample(PEOPLE, 2)
    return {away: stand_in}, [{"person_id": away, "cover_id": stand_in}]


def a_market(tx):
    """People employed for ever, territories with an owner's seat each, and a queue."""
    tx.execute(insert(person), [{"person_id": name, "name": name} for name in PEOPLE])
    work = [{"person_id": name, "valid_from": BEGINNING, "reason": "always"} for name in PEOPLE]
    lay(tx, employment, work, at=START - timedelta(days=1))
    tx.execute(insert(territory), [{"territory_id": name, "made_at": START} for name in TERRITORIES])
    seats = [{"seat_id": f"{name}-owner", "territory_id": name, "role": "owner"} for name in TERRITORIES]
    tx.execute(insert(seat), [{**each, "made_at": START} for each in seats])
    tx.execute(insert(pool).values(pool_id="queue", name="Inbound queue", members=[]))
