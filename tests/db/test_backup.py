"""T21: a backup taken while others write, restored elsewhere, gives the same answers and the same audit trail."""

from __future__ import annotations

import json
import threading
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text

from builders.publishing import FEBRUARY, MARCH, NOW, PAT, a_plan, people
from patchbook.audit import actions as audit
from patchbook.audit.verify import verify
from patchbook.db import create_record, open_record
from patchbook.db.anchor import Anchor
from patchbook.db.backup import BadBackup, KeyMissing, NotEmpty, backup, restore
from patchbook.db.schema import all_tables
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment
from patchbook.people.store import person
from patchbook.publishing import actions as publishing
from patchbook.publishing import store


def a_history(record):
    """Two published plans, and a person who reports to somebody listed after them."""
    with record.writing() as tx:
        people(tx, "zoe")
        people(tx, "ann", "bob", manager="zoe")
        tx.execute(insert(person).values(person_id="aaa", name='=Aaa, "A"', manager_id="zoe", other={"b": 1, "a": "ü"}))
        one = a_plan(tx, "One", {"West": "ann", "East": "bob"}, {f"A{n}": ("West", "East")[n % 2] for n in range(30)})
        publishing.publish(tx, one.plan_id, on=FEBRUARY, by=PAT, at=NOW)
    with record.writing() as tx:
        two = a_plan(tx, "Two", {"West": "bob", "North": None}, {f"A{n}": ("West", "North")[n % 2] for n in range(25)})
        publishing.publish(tx, two.plan_id, on=MARCH, by=PAT, at=NOW + timedelta(days=1))


def answers(record):
    """Who has every account on two dates, what every table holds, and the head of the trail."""
    with record.reading() as tx:
        books = [store.book(tx, on).sort("account_id").rows() for on in (FEBRUARY, MARCH)]
        event = all_tables().tables["event"]
        head = tx.execute(select(func.max(event.c.number), func.max(event.c.digest))).one()
        rows = {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns))]
            for table in all_tables().sorted_tables
        }
        return books, tuple(head), rows


@pytest.fixture
def elsewhere(request, tmp_path, postgresql_server):
    """Makes an empty place of the named engine and gives what `restore` needs."""

    def place(engine):
        url = postgresql_server.new_database() if engine == "postgresql" else None
        if url:
            request.addfinalizer(lambda: postgresql_server.drop(url))
        return {"folder": tmp_path / "elsewhere", "url": url}

    return place


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_backup_restores_to_the_same_answers_on_either_engine(record, tmp_path, elsewhere, engine):
    a_history(record)
    made = backup(record, tmp_path / "record.zip", with_key=True, at=NOW)

    restored = restore(made.file, **elsewhere(engine))

    assert answers(restored) == answers(record)
    with restored.reading() as tx:
        found = verify(tx, restored.folder)
        assert (found.what, found.events, found.anchored) == (None, made.events, made.events)
        plan_id = store.standing(tx)[0].plan_id
        publishing.dry_run(tx, plan_id, on=MARCH, by=PAT, at=NOW)  # needs the files of the carve
    with restored.writing() as tx:
        audit.record(tx, "look", "record", kind="record", by="pat", at=NOW)
        west = tx.execute(select(assignment.c.territory_id).limit(1)).scalar()
        fact = {"account_id": "A99", "territory_id": west, "valid_from": MARCH, "cause": "move", "source": ""}
        assert lay(tx, assignment, [{**fact, "reason": "numbers go on"}], at=NOW + timedelta(days=9)).written >= 1
    restored.close()


def test_what_is_written_meanwhile_is_in_whole_or_not_at_all(record, tmp_path, elsewhere):
    a_history(record)
    stop, wrote = threading.Event(), []

    def write():
        while not stop.is_set():
            with record.writing() as tx:
                number = len(wrote)
                tx.execute(insert(person).values(person_id=f"p{number}", name="P"))
                audit.record(tx, "add", f"p{number}", kind="person", by="pat", at=NOW)
            wrote.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(wrote) < 5:
            stop.wait(0.001)
        backups = [backup(record, tmp_path / f"{number}.zip", with_key=True, at=NOW) for number in range(3)]
    finally:
        stop.set()
        writer.join()

    restored = restore(backups[1].file, **elsewhere("sqlite"))
    with restored.reading() as tx:
        assert verify(tx, restored.folder).what is None
        added = tx.execute(text("SELECT count(*) FROM person WHERE person_id LIKE 'p%'")).scalar()
        told = tx.execute(text("SELECT count(*) FROM event WHERE deed = 'add'")).scalar()
    assert 5 <= added == told <= len(wrote)
    restored.close()


def test_the_key_is_in_the_backup_only_where_asked_for(sqlite_record, tmp_path):
    a_history(sqlite_record)
    key = sqlite_record.anchor.key
    made = backup(sqlite_record, tmp_path / "record.zip", at=NOW)

    assert not made.holds_key
    with zipfile.ZipFile(made.file) as archive:
        assert "audit.key" not in archive.namelist()
        assert not [name for name in archive.namelist() if key in archive.read(name)]
    with pytest.raises(KeyMissing, match="does not hold the key of the audit trail"):
        restore(made.file, tmp_path / "elsewhere")
    with pytest.raises(KeyMissing, match="is not the one this record's audit trail was made with"):
        restore(made.file, tmp_path / "elsewhere", key=b"x" * 32)
    assert not (tmp_path / "elsewhere").exists()
    restored = restore(made.file, tmp_path / "elsewhere", key=key)
    assert answers(restored) == answers(sqlite_record)
    restored.close()


def test_a_record_that_is_there_is_never_overwritten(record, tmp_path):
    a_history(record)
    made = backup(record, tmp_path / "record.zip", with_key=True, at=NOW)
    before = answers(record)
    url = record.engine.url.render_as_string(hide_password=False) if record.is_postgresql else None

    with pytest.raises(NotEmpty, match="There is a record in"):
        restore(made.file, record.folder, url=url)
    other = create_record(tmp_path / "other")
    with pytest.raises(NotEmpty, match="holds the key of another record"):
        restore(made.file, tmp_path / "other")

    other.close()
    assert answers(record) == before


def test_sessions_are_not_in_a_backup(sqlite_record, tmp_path):
    made = backup(sqlite_record, tmp_path / "record.zip", at=NOW)

    assert not {"session", "attempt"} & set(made.tables)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda content: b"no archive", "is no backup, or was cut off"),
        (lambda content: content[: len(content) // 2], "is no backup, or was cut off"),
        (lambda content: content.replace(b"PAR1", b"RAP1", 1), "is damaged; take another"),
    ],
)
def test_a_file_that_is_no_whole_backup_is_refused(sqlite_record, tmp_path, spoil, says):
    a_history(sqlite_record)
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)
    made.file.write_bytes(spoil(made.file.read_bytes()))

    with pytest.raises(BadBackup, match=says):
        restore(made.file, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": "9999"}, "another version of Patchbook"),
        ({"head": "f" * 64}, "does not hold together"),
        ({"tables": {"person": 77}}, "holds 4 rows of person, not 77"),
    ],
)
def test_a_backup_that_contradicts_itself_is_refused_and_the_place_stays_empty(sqlite_record, tmp_path, change, says):
    a_history(sqlite_record)
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)
    altered(made.file, tmp_path / "altered.zip", "manifest.json", lambda content: {**json.loads(content), **change})

    with pytest.raises(BadBackup, match=says):
        restore(tmp_path / "altered.zip", tmp_path / "elsewhere")
    restored = restore(made.file, tmp_path / "elsewhere")  # nothing of the first attempt is in the way
    assert answers(restored) == answers(sqlite_record)
    restored.close()


def test_a_file_is_never_put_outside_the_data_folder(sqlite_record, tmp_path):
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)
    with zipfile.ZipFile(made.file, "a") as archive:
        archive.writestr("files/../../escaped.txt", "x")

    with pytest.raises(BadBackup, match="outside the data folder"):
        restore(made.file, tmp_path / "a" / "elsewhere")
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_backup_beside_the_data_does_not_hold_itself(sqlite_record):
    file = sqlite_record.folder / "backup.zip"

    backup(sqlite_record, file, at=NOW)

    with zipfile.ZipFile(file) as archive:
        assert [name for name in archive.namelist() if "backup" in name or "patchbook.db" in name] == []


def test_an_earlier_backup_in_the_data_folder_and_its_key_are_not_in_a_later_one(sqlite_record, tmp_path):
    backup(sqlite_record, sqlite_record.folder / "backups" / "monday.zip", with_key=True, at=NOW)
    (sqlite_record.folder / "lists").mkdir()
    (sqlite_record.folder / "lists" / "named.csv").write_text("a")

    made = backup(sqlite_record, tmp_path / "tuesday.zip", at=NOW)

    with zipfile.ZipFile(made.file) as archive:
        assert [name for name in archive.namelist() if name.startswith("files/")] == ["files/lists/named.csv"]


@pytest.mark.parametrize("name", ["patchbook.db", "patchbook.db-wal", "audit.key", "audit.anchor", ".hidden", "x/"])
def test_a_file_of_a_backup_never_takes_the_place_of_the_records_own(sqlite_record, tmp_path, name):
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)
    with zipfile.ZipFile(made.file, "a") as archive:
        archive.writestr(f"files/{name}", b"junk")

    with pytest.raises(BadBackup, match="which is no file beside a record"):
        restore(made.file, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("part", ["tables/person.parquet", "audit.anchor", "audit.key"])
def test_a_backup_without_one_of_its_parts_is_refused(sqlite_record, tmp_path, part):
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)
    copied(made.file, tmp_path / "altered.zip", lambda name, content: None if name == part else content)

    with pytest.raises(BadBackup, match=rf"lacks its {part}; take another backup"):
        restore(tmp_path / "altered.zip", tmp_path / "elsewhere")


@pytest.mark.parametrize("gone", ["version", "tables", "events", "head", "key_fingerprint", "holds_key", "all"])
def test_a_backup_whose_manifest_is_not_whole_is_refused(sqlite_record, tmp_path, gone):
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)

    def without(content):
        return [] if gone == "all" else {name: told for name, told in json.loads(content).items() if name != gone}

    altered(made.file, tmp_path / "altered.zip", "manifest.json", without)

    with pytest.raises(BadBackup, match=r"another backup|another version|is no object"):
        restore(tmp_path / "altered.zip", tmp_path / "elsewhere")


@pytest.mark.parametrize("table", [b"junk", b""])
def test_a_table_that_cannot_be_read_is_refused_and_the_place_stays_empty(record, tmp_path, table):
    a_history(record)
    made = backup(record, tmp_path / "record.zip", with_key=True, at=NOW)
    spoiled = tmp_path / "altered.zip"
    copied(made.file, spoiled, lambda name, content: table if name == "tables/person.parquet" else content)

    with pytest.raises(BadBackup, match="table person cannot be read"):
        restore(spoiled, tmp_path / "elsewhere")
    restored = restore(made.file, tmp_path / "elsewhere")
    assert answers(restored) == answers(record)
    restored.close()


def test_a_restored_record_opens_as_any_other(sqlite_record, tmp_path):
    a_history(sqlite_record)
    made = backup(sqlite_record, tmp_path / "record.zip", with_key=True, at=NOW)
    restore(made.file, tmp_path / "elsewhere").close()

    again = open_record(tmp_path / "elsewhere")

    assert answers(again) == answers(sqlite_record)
    assert Anchor(tmp_path / "elsewhere").key == sqlite_record.anchor.key
    again.close()


def copied(source, to, change):
    """A copy of an archive in which each part is what `change` makes of it, or left out."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(to, "w") as out:
        for name in archive.namelist():
            content = change(name, archive.read(name))
            if content is not None:
                out.writestr(name, content)


def altered(source, to, which, change):
    """A copy of an archive in which one document is another."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(to, "w") as out:
        for name in archive.namelist():
            content = archive.read(name)
            out.writestr(name, json.dumps(change(content)) if name == which else content)
