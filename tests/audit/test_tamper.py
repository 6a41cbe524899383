"""Whatever somebody who can write the database does to the trail behind our back, verifying finds it (T13).

The vandal has the database and may drop its triggers, but has not the key. Events 1 to 60 are there, and the anchor
file knows of the 50th: up to there also a cut shows.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
from contextlib import closing

import psycopg
import pytest

from builders.trail import a_trail
from patchbook.audit.actions import FIRST, digest_of
from patchbook.audit.verify import verify
from patchbook.period import from_microseconds

TORTURE = bool(os.environ.get("PATCHBOOK_TORTURE"))
CASES = {"sqlite": 5_000 if TORTURE else 320, "postgresql": 1_000 if TORTURE else 60}
EVENTS, ANCHORED = 60, 50
COLUMNS = ("number", "at", "by", "deed", "kind", "subject", "before", "after", "why", "previous", "digest")


class Vandal:
    """Somebody at the tables, with the words of one engine."""

    def __init__(self, run, engine: str, rng: random.Random) -> None:
        self.run, self.engine, self.rng = run, engine, rng
        self.mark = "?" if engine == "sqlite" else "%s"

    def row(self, number: int) -> dict[str, object]:
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        found = self.run(f"SELECT {names} FROM event WHERE number = {self.mark}", [number])
        return dict(zip(COLUMNS, found[0], strict=True))

    def set(self, number: int, **values: object) -> None:
        columns = ", ".join(f'"{name}" = {self.mark}' for name in values)
        told = [self.kept(value) for value in values.values()]
        self.run(f"UPDATE event SET {columns} WHERE number = {self.mark}", [*told, number])

    def add(self, row: dict[str, object]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join([self.mark] * len(row))
        self.run(f"INSERT INTO event ({names}) VALUES ({marks})", [self.kept(value) for value in row.values()])

    def drop(self, first: int, last: int) -> None:
        self.run(f"DELETE FROM event WHERE number BETWEEN {self.mark} AND {self.mark}", [first, last])

    def shift(self, first: int, by: int) -> None:
        """Give every event from the first on another number, without two having one in between."""
        self.run(f"UPDATE event SET number = -number WHERE number >= {self.mark}", [first])
        self.run(f"UPDATE event SET number = -number + {self.mark} WHERE number < 0", [by])

    def kept(self, value: object) -> object:
        if isinstance(value, dict):
            return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        return value


def edit(vandal: Vandal) -> str:
    """One cell of one event says something else."""
    number, name = vandal.rng.randint(1, EVENTS), vandal.rng.choice(COLUMNS[1:])
    row = vandal.row(number)
    vandal.set(number, **{name: other(vandal, name, row[name])})
    return f"{name} of event {number}"


def other(vandal: Vandal, name: str, value: object) -> object:
    rng = vandal.rng
    if name == "at":
        moved = rng.choice([1, -1, 60_000_000, -86_400_000_000])
        if vandal.engine == "sqlite":
            return int(str(value)) + moved
        return vandal.run("SELECT %s::timestamptz + %s * interval '1 microsecond'", [value, moved])[0][0]
    if name in ("before", "after"):
        if value is None:
            return {"territory_id": "west"}
        told = dict(value) if isinstance(value, dict) else json.loads(str(value))
        key = rng.choice(sorted(told))
        choice = rng.randrange(4)
        if choice == 0:
            return None
        if choice == 1:
            told.pop(key)
        elif choice == 2:
            told[key] = [told[key]]
        else:
            told["more"] = rng.random()
        return told
    if value is None:
        return rng.choice(["", "null", "because"])
    text = str(value)
    if name == "why" and rng.random() < 0.3:
        return None
    place = rng.randrange(len(text))
    return rng.choice([text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :], text + " ", text[:-1], ""])


def edit_and_digest_without_the_key(vandal: Vandal) -> str:
    """The edited event gets a digest that fits it, made with another key or none."""
    number = vandal.rng.randint(1, EVENTS)
    vandal.set(number, by="person-of-straw")
    row = vandal.row(number)
    told = {name: row[name] for name in COLUMNS[:-1]}
    key = vandal.rng.choice([b"", b"another key", hashlib.sha256(b"").digest()])
    vandal.set(number, digest=digest_of(key, read(vandal, told)))
    return f"event {number}, digested anew"


def read(vandal: Vandal, told: dict[str, object]) -> dict[str, object]:
    if vandal.engine == "postgresql":
        return told
    documents = {name: None if told[name] is None else json.loads(str(told[name])) for name in ("before", "after")}
    return {**told, **documents, "at": from_microseconds(int(str(told["at"])))}


def delete(vandal: Vandal) -> str:
    """Some events are gone; the numbers show the hole."""
    first = vandal.rng.randint(1, ANCHORED)
    last = min(ANCHORED, first + vandal.rng.choice([0, 0, 1, 5]))
    vandal.drop(first, last)
    return f"events {first} to {last} gone"


def delete_and_close_the_hole(vandal: Vandal) -> str:
    """Some events are gone, and those after them take their numbers."""
    first = vandal.rng.randint(1, ANCHORED)
    last = min(EVENTS - 1, first + vandal.rng.choice([0, 1, 3]))
    vandal.drop(first, last)
    vandal.shift(last + 1, first - last - 1)
    return f"events {first} to {last} gone, the others moved up"


def truncate(vandal: Vandal) -> str:
    """The end is gone from before the last anchor on."""
    first = vandal.rng.randint(1, ANCHORED)
    vandal.drop(first, EVENTS)
    return f"cut off before event {first}"


def truncate_and_repeat(vandal: Vandal) -> str:
    """The end is gone, and as many copies of an old event stand in its place."""
    first = vandal.rng.randint(2, ANCHORED)
    vandal.drop(first, EVENTS)
    model = vandal.row(vandal.rng.randint(1, first - 1))
    for number in range(first, EVENTS + 1):
        vandal.add({**model, "number": number})
    return f"copies from event {first} on"


def swap(vandal: Vandal) -> str:
    """Two events change places, with all they say or all but digest and link."""
    one, two = vandal.rng.sample(range(1, EVENTS + 1), 2)
    names = COLUMNS[1:] if vandal.rng.random() < 0.5 else COLUMNS[1:9]
    first, second = vandal.row(one), vandal.row(two)
    vandal.set(one, **{name: second[name] for name in names})
    vandal.set(two, **{name: first[name] for name in names})
    return f"events {one} and {two} changed places"


def insert(vandal: Vandal) -> str:
    """An event that never was stands among the others."""
    number = vandal.rng.randint(1, EVENTS)
    vandal.shift(number, 1)
    vandal.add({**vandal.row(number + 1), "number": number, "subject": "plan-of-straw"})
    return f"a new event {number}"


def make_anew(vandal: Vandal) -> str:
    """The whole chain, with one event changed, made again with another key: in itself it fits."""
    wrong, key, previous = vandal.rng.randint(1, EVENTS), vandal.rng.randbytes(32), FIRST
    for number in range(1, EVENTS + 1):
        row = vandal.row(number)
        told = {name: row[name] for name in COLUMNS[:-1]}
        told["previous"] = previous
        if number == wrong:
            told["by"] = "person-of-straw"
        previous = digest_of(key, read(vandal, told))
        vandal.set(number, by=told["by"], previous=told["previous"], digest=previous)
    return f"all made anew around event {wrong}"


HARM = [
    *([edit] * 8),
    edit_and_digest_without_the_key,
    delete,
    delete_and_close_the_hole,
    truncate,
    truncate_and_repeat,
    swap,
    swap,
    insert,
    make_anew,
]


def test_everything_done_to_a_file_is_found(sqlite_record):
    a_trail(sqlite_record, EVENTS, anchored=ANCHORED)
    file = sqlite_record.folder / "patchbook.db"
    whole = shutil.copyfile(file, file.with_name("whole"))
    missed = []

    for number in range(CASES["sqlite"]):
        rng = random.Random(number)
        shutil.copyfile(whole, file)
        with closing(sqlite3.connect(file)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                if name.startswith("event_"):
                    connection.execute(f"DROP TRIGGER {name}")
            what = rng.choice(HARM)(Vandal(lambda *a, c=connection: c.execute(*a).fetchall(), "sqlite", rng))
            connection.commit()
        if is_whole(sqlite_record):
            missed.append((number, what))

    assert missed == []


def is_whole(record) -> bool:
    with record.reading() as tx:
        return verify(tx, record.folder).is_whole


def test_everything_a_superuser_does_to_a_server_is_found(postgresql_record, postgresql_server):
    a_trail(postgresql_record, EVENTS, anchored=ANCHORED)
    url = postgresql_server.url(str(postgresql_record.engine.url.database))
    missed = []

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("CREATE TABLE whole AS TABLE event")

        def run(statement, values):
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

        for number in range(CASES["postgresql"]):
            rng = random.Random(number)
            connection.execute("DELETE FROM event")
            connection.execute("INSERT INTO event SELECT * FROM whole")
            what = rng.choice(HARM)(Vandal(run, "postgresql", rng))
            if is_whole(postgresql_record):
                missed.append((number, what))

    assert missed == []


def test_untouched_it_is_whole(record):
    """The other tests would pass too if verifying always found something."""
    a_trail(record, EVENTS, anchored=ANCHORED)

    assert is_whole(record)


@pytest.mark.parametrize("number", range(1, ANCHORED))
def test_a_cut_before_the_last_anchor_says_what_is_missing(sqlite_record, number):
    a_trail(sqlite_record, EVENTS, anchored=ANCHORED)
    with closing(sqlite3.connect(sqlite_record.folder / "patchbook.db")) as connection:
        connection.execute("DROP TRIGGER event_no_delete")
        connection.execute("DELETE FROM event WHERE number > ?", [number])
        connection.commit()

    with sqlite_record.reading() as tx:
        found = verify(tx, sqlite_record.folder)

    assert found.what == (
        f"The trail ends after event {number}, but the anchor file knows of event 50: its end was cut off."
    )
    assert found.first_bad == number + 1


ANCHOR_HARM = {
    "another number": lambda line: line.replace("50 ", "40 ", 1),
    "another digest": lambda line: line.replace(line.split()[1], "0" * 64),
    "another signature": lambda line: line.replace(line.split()[2], "0" * 64),
    "nonsense": lambda line: "nonsense\n",
    "a line more": lambda line: line + "7 " + "0" * 64 + " " + "0" * 64 + "\n",
    "capitals": str.upper,
    "a space more": lambda line: " " + line,
}


@pytest.mark.parametrize("harm", ANCHOR_HARM)
def test_a_forged_anchor_is_found(sqlite_record, harm):
    a_trail(sqlite_record, EVENTS, anchored=ANCHORED)
    file = sqlite_record.anchor.file
    file.write_text(ANCHOR_HARM[harm](file.read_text()))

    with sqlite_record.reading() as tx:
        found = verify(tx, sqlite_record.folder)

    assert "is not signed with the key of this record" in found.what


def test_a_trail_and_anchors_made_with_a_new_key_do_not_fit_the_old_anchors(sqlite_record):
    """Somebody replaces the key too; one anchor line that is left gives it away."""
    a_trail(sqlite_record, EVENTS, anchored=ANCHORED)
    old = sqlite_record.anchor.file.read_bytes()
    key = sqlite_record.folder / "audit.key"
    key.chmod(0o600)
    key.write_bytes(b"n" * 32)
    with closing(sqlite3.connect(sqlite_record.folder / "patchbook.db")) as connection:
        for trigger in ("event_no_update", "event_no_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("DELETE FROM event")
        connection.commit()
    sqlite_record.anchor.file.unlink()
    a_trail(sqlite_record, EVENTS)
    assert is_whole(sqlite_record)

    sqlite_record.anchor.file.write_bytes(old + sqlite_record.anchor.file.read_bytes())

    assert not is_whole(sqlite_record)


def test_values_of_kinds_that_were_never_written_do_not_stop_it(sqlite_record):
    file = sqlite_record.folder / "patchbook.db"
    a_trail(sqlite_record, EVENTS, anchored=ANCHORED)
    whole = shutil.copyfile(file, file.with_name("whole"))

    for name in COLUMNS[1:]:
        for value in (b"\xff\x00", 1.5, 10**18, "", "\u2028", '{"a":NaN}', "[1"):
            shutil.copyfile(whole, file)
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("DROP TRIGGER event_no_update")
                connection.execute(f'UPDATE event SET "{name}" = ? WHERE number = 7', [value])
                connection.commit()

            with sqlite_record.reading() as tx:
                found = verify(tx, sqlite_record.folder)
            assert not found.is_whole, (name, value)
            assert found.events <= 6
