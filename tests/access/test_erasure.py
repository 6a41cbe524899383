"""Erasing somebody: not one byte of their name or address is left, and history and its trail hold together (T19)."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import psycopg
import pytest
from sqlalchemy import insert, select, update

from builders.roles import MONDAY, a_company, somebody
from patchbook import access
from patchbook.access import store
from patchbook.access.erasure import ERASED, StillHere, erase, scrub
from patchbook.access.grants import NoSuchPerson
from patchbook.audit.verify import verify
from patchbook.comments.store import comment
from patchbook.db import kept
from patchbook.db.metadata import Json
from patchbook.db.schema import all_tables
from patchbook.errors import NotAllowed
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, staffing
from patchbook.people.principal import Role, system
from patchbook.people.store import employment, person
from patchbook.plans.store import plan, plan_file, plan_people

NAME, EMAIL = "Zebulon Quackenbush", "zq.canary-7731@example.com"
CANARIES = (b"quackenbush", b"zq.canary-7731", b"canary-hobby", b"canary-group")
LATER = MONDAY.replace(month=6)


@pytest.fixture
def canary(record):
    """Rob, under a name nobody else has, all over the record; he left on Monday."""
    with record.writing() as tx:
        a_company(tx)
        tx.execute(
            update(person)
            .where(person.c.person_id == "rob")
            .values(name=NAME, email=EMAIL, latitude=51.123456, other={"hobby": "canary-hobby", "boss": "Mia"})
        )
        tx.execute(update(person).where(person.c.person_id == "mia").values(other={"deputy": NAME}))
        access.set_password(tx, "rob", "four words do not", by=system(), at=MONDAY)
        access.grant(tx, "rob", Role.VIEWER, by=system(), at=MONDAY)
        access.make_token(tx, f"{NAME}'s export", ["see"], by=somebody(tx, "rob"), at=MONDAY)
        store.add_identity(tx, "https://issuer.example.com", "canary-group|7", "rob", MONDAY)
        words = {"comment_id": "c1", "kind": "territory", "subject_id": "east", "plan_id": None}
        names = {column.name for column in comment.columns}
        said = {**{name: value for name, value in words.items() if name in names}, "at": MONDAY}
        tx.execute(insert(comment), [{**said, "by": "rob", "text": f"I am {NAME}"}])
        tx.execute(insert(comment), [{**said, "comment_id": "c2", "by": "mia", "text": f"Ask {EMAIL.upper()}!"}])
        a_plan(tx)
        answer = kept.KeptAnswer(fingerprint="f", status=200, headers={}, body=f'{{"name":"{NAME}"}}')
        kept.keep(tx, "mia", "key-1", answer, at=MONDAY)
    access.sign_in(record, EMAIL, "four words do not", at=MONDAY)
    with pytest.raises(NotAllowed):
        access.sign_in(record, EMAIL, "wrong", at=MONDAY)
    with record.writing() as tx:
        vacant = {"valid_from": MONDAY, "cause": "departure", "source": "rob", "reason": "rob left"}
        lay(tx, staffing, [{"seat_id": "seat-east", "interim_id": "mia", **vacant}], at=MONDAY)
        lift(tx, employment, [{"person_id": "rob", "valid_from": MONDAY}], at=MONDAY)
    return record


def a_plan(tx):
    values = {"status": "draft", "revision": 1, "seed": 1, "seconds": 1.0, "confidential": False, "made_at": MONDAY}
    told = {"plan_id": "p1", "owner_id": "paul", "made_by": "paul", "name": f"For {NAME}"}
    tx.execute(insert(plan).values(**values, **told, document=f"# with {NAME}\n"))
    tx.execute(insert(plan_file).values(plan_id="p1", name="named.csv", content=f"account_id,owner\na1,{EMAIL}\n"))
    tx.execute(
        insert(plan_people).values(people_id="d1", people=[{"person_id": "rob", "home": NAME}, {"person_id": "mia"}])
    )


def erased(record):
    with record.writing() as tx:
        return erase(tx, "rob", by=somebody(tx, "ada"), at=LATER)


def bytes_of(record, server) -> dict[str, bytes]:
    """Everything that is kept: the data folder, and on PostgreSQL the files of the database."""
    folders = [record.folder]
    if record.is_postgresql:
        with psycopg.connect(server.url(str(record.engine.url.database)), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            found = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        folders.append(server.data / "base" / str(found[0]))
    return {
        str(file): file.read_bytes().lower() for folder in folders for file in Path(folder).rglob("*") if file.is_file()
    }


def hits(record, server, words=CANARIES) -> list[tuple[str, bytes]]:
    return [(name, word) for name, content in bytes_of(record, server).items() for word in words if word in content]


@pytest.fixture
def server(request, record):
    return request.getfixturevalue("postgresql_server") if record.is_postgresql else None


def test_not_a_byte_is_left_and_the_trail_holds_together(canary, server):
    hashed = (store.password_hash, "rob")
    with canary.reading() as tx:
        secret = hashed[0](tx, "rob").encode().lower()
    assert {word for _, word in hits(canary, server, (*CANARIES, secret))} == {*CANARIES, secret}

    done = erased(canary)
    scrub(canary)

    assert done.is_complete
    assert done.rows > 8
    assert hits(canary, server, (*CANARIES, secret)) == []
    with canary.reading() as tx:
        assert verify(tx, canary.folder).is_whole


def test_what_others_are_and_what_they_own_is_as_it_was(canary):
    with canary.reading() as tx:
        before = tx.execute(select(person).where(person.c.person_id != "rob", person.c.person_id != "mia")).all()
        owners = tx.execute(select(assignment)).all()

    erased(canary)

    with canary.reading() as tx:
        assert tx.execute(select(person).where(person.c.person_id.not_in(["rob", "mia"]))).all() == before
        assert tx.execute(select(assignment)).all() == owners
        assert tx.execute(select(person.c.other).where(person.c.person_id == "mia")).scalar() == {"deputy": "[erased]"}
        rob = tx.execute(select(person).where(person.c.person_id == "rob")).one()
        assert (rob.name, rob.email, rob.latitude, rob.other, rob.manager_id) == (ERASED, None, None, {}, "mia")
        assert tx.execute(select(comment.c.text).where(comment.c.comment_id == "c2")).scalar() == "Ask [erased]!"


def test_somebody_of_the_same_name_keeps_it(canary):
    with canary.writing() as tx:
        tx.execute(update(person).where(person.c.person_id == "emil").values(name=NAME))

    erased(canary)

    with canary.reading() as tx:
        assert tx.execute(select(person.c.name).where(person.c.person_id == "emil")).scalar() == NAME


def test_nobody_comes_in_any_more(canary):
    erased(canary)

    with canary.reading() as tx:
        for table in (store.password, store.session, store.token, store.identity, store.role_held):
            assert tx.execute(select(table).where(table.c.person_id == "rob")).first() is None
        assert tx.execute(select(store.attempt)).first() is None


def test_who_works_here_is_not_erased(canary):
    with canary.writing() as tx, pytest.raises(StillHere, match=r"'mia' is employed; only who has left can be erased"):
        erase(tx, "mia", by=somebody(tx, "ada"), at=LATER)


def test_who_will_work_here_again_is_not_erased(canary):
    with canary.writing() as tx:
        again = {"valid_from": LATER.replace(year=2030), "valid_to": LATER.replace(year=2031), "reason": "again"}
        lay(tx, employment, [{"person_id": "rob", **again}], at=MONDAY)
        with pytest.raises(StillHere, match="'rob' is employed until 2031-06-04"):
            erase(tx, "rob", by=somebody(tx, "ada"), at=LATER)


def test_only_an_admin_erases(canary):
    with canary.writing() as tx, pytest.raises(NotAllowed, match="Only admins may administer"):
        erase(tx, "rob", by=somebody(tx, "paul"), at=LATER)


def test_an_unknown_person_is_not_found(canary):
    with canary.writing() as tx, pytest.raises(NoSuchPerson, match="There is no person 'nobody'"):
        erase(tx, "nobody", by=somebody(tx, "ada"), at=LATER)


def test_erasing_twice_changes_nothing_more(canary):
    erased(canary)

    again = erased(canary)

    assert again.is_complete
    assert again.rows <= 2  # a new revision of a person of whom nothing is known, also in the people of a carve


def test_where_nobody_may_change_it_is_said(canary):
    """A reason in history, and a snapshot that plans are pinned to, stay; whoever erases is told."""
    with canary.writing() as tx:
        said = {"valid_from": MONDAY, "cause": "move", "source": "x", "reason": f"{NAME} asked for it"}
        lay(tx, assignment, [{"account_id": "a9", "territory_id": "east", **said}], at=MONDAY)
    snapshots = canary.folder / "snapshots"
    snapshots.mkdir()
    pl.DataFrame({"account_id": ["a1"], "owner": [EMAIL], "n": [1]}).write_parquet(snapshots / "s1.parquet")
    pl.DataFrame({"account_id": ["a1"], "owner": [None], "n": [1]}).write_parquet(snapshots / "s2.parquet")
    (snapshots / "notes.md").write_text(f"# {NAME}\n")

    done = erased(canary)

    assert not done.is_complete
    assert done.in_history == ("assignment.reason",)
    assert [file.name for file in done.in_files] == ["notes.md", "s1.parquet"]


def test_every_table_with_words_in_it_is_looked_through(canary):
    """A table somebody adds is swept too: the sweep asks the metadata, and not a list."""
    with_words = {t.name for t in all_tables().sorted_tables if any(isinstance(c.type, Json) for c in t.columns)}

    assert {"person", "event", "plan_people", "plan_edit", "kept_answer"} <= with_words


def test_a_copy_made_before_still_has_it(canary, tmp_path, server):
    """What no erasure can reach: the test that shows the search would find it."""
    copy = shutil.copytree(canary.folder, tmp_path / "copy")
    erased(canary)
    scrub(canary)

    if not canary.is_postgresql:
        assert any(CANARIES[0] in file.read_bytes().lower() for file in copy.rglob("*") if file.is_file())
    assert hits(canary, server) == []
