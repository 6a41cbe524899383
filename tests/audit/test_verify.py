"""Verifying the trail: what was done is found whole, and what the anchors are for."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.trail import MONDAY, a_trail
from patchbook.audit import actions as audit
from patchbook.audit.actions import NotPlain, plain
from patchbook.audit.verify import verify
from patchbook.db import anchor, create_record
from patchbook.db.anchor import Anchor, NoKey
from patchbook.errors import BadInput, NotAllowed
from patchbook.people.principal import Grant, Principal, Role


def verified(record, **options):
    with record.reading() as tx:
        return verify(tx, record.folder, **options)


def told(record, **more):
    with record.writing() as tx:
        audit.record(tx, "move", "plan-1", kind="plan", by="ann", at=MONDAY, **more)


def test_an_empty_trail_is_whole(record):
    assert verified(record).is_whole


def test_what_deeds_wrote_is_whole_and_anchored(record):
    for number in range(20):
        told(record, after={"accounts": number})

    found = verified(record)

    assert found.is_whole
    assert (found.events, found.anchored) == (20, 20)


AWKWARD = [
    {"share": 12.5, "whole": 50.0, "huge": 1e20, "tiny": 1e-7, "minus": -0.0},
    {"b": 1, "aa": 2, "ä": {"z": None, "y": [True, False, "größer", "'\"\\\n\t\u2028"]}},
    {"at": datetime(2027, 1, 4, 9, tzinfo=timezone(timedelta(hours=1))), "on": date(2027, 2, 1)},
    {"role": Role.ADMIN, "who": ("a", "b"), "set": {"y", "x"}, 7: "a number for a name"},
    {"emoji": "🗺️", "zero-width": "a\u200bb", "right": "\u202eabc", "del": "\x7f\x01"},
    {},
]


@pytest.mark.parametrize("number", range(len(AWKWARD)))
def test_awkward_values_read_back_as_they_were_digested(record, number):
    told(record, before=AWKWARD[number], after=AWKWARD[number], why="straße \u2028 \\ \" '")

    assert verified(record).is_whole


def test_an_instant_in_another_zone_is_kept_as_the_same_instant(record):
    with record.writing() as tx:
        at = MONDAY.astimezone(timezone(timedelta(hours=-5, minutes=-30)))
        audit.record(tx, "move", "plan-1", kind="plan", by="ann", at=at)

    assert verified(record).is_whole


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('abcäß\u2028"\\'), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(values=st.lists(st.dictionaries(st.text("abc"), JSON, max_size=3), min_size=1, max_size=5))
def test_whatever_is_written_down_reads_back_alike(both, values):
    for record in both:
        with record.writing() as tx:
            for value in values:
                audit.record(tx, "move", "plan-1", kind="plan", by="ann", at=MONDAY, after=value)
        assert verified(record).is_whole


@pytest.fixture(scope="module")
def both(tmp_path_factory, postgresql_server):
    from patchbook.db import create_record

    folders = [tmp_path_factory.mktemp("plain") / name for name in ("lite", "server")]
    records = [create_record(folders[0]), create_record(folders[1], url=postgresql_server.new_database())]
    yield records
    for record in records:
        record.close()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes", "half \ud83d", "null \0"])
def test_what_no_database_keeps_is_refused(value):
    with pytest.raises(NotPlain, match=r"cannot be kept|has a character"):
        plain({"value": value})


def test_a_long_trail_is_verified_piece_by_piece_and_says_how_far_it_is(record):
    a_trail(record, 21_000)
    seen = []

    found = verified(record, progress=seen.append)

    assert found.is_whole
    assert found.events == 21_000
    assert seen == [10_000, 20_000]


def test_events_after_the_last_anchor_are_no_fault(record):
    a_trail(record, 30, anchored=20)

    found = verified(record)

    assert found.is_whole
    assert (found.events, found.anchored) == (30, 20)


def test_what_is_written_while_verifying_is_no_fault(record):
    a_trail(record, 10)
    with record.reading() as tx:
        assert verify(tx, record.folder).events == 10
        told(record)

        assert verify(tx, record.folder).is_whole


def test_only_an_admin_may_verify(record):
    with record.reading() as tx, pytest.raises(NotAllowed, match="Only admins may see the audit trail"):
        verify(tx, record.folder, by=Principal(person_id="mia", grants=(Grant(Role.MANAGER),)), at=MONDAY)


def test_without_the_key_the_message_says_where_it_was(record):
    a_trail(record, 3)
    (record.folder / "audit.key").unlink()

    with pytest.raises(NoKey, match=r"audit\.key, is not there; put it back"):
        verified(record)


def test_the_key_may_come_from_the_environment(record, monkeypatch):
    told(record)
    key = (record.folder / "audit.key").read_bytes()
    (record.folder / "audit.key").unlink()

    monkeypatch.setenv(anchor.KEY_SETTING, key.hex())

    assert verified(record).is_whole


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("no number", "is no hexadecimal number"),
        ("  ", "has only 0 bytes; a key has 16 or more"),
        ("abcd", "has only 2 bytes; a key has 16 or more"),
    ],
)
def test_a_key_in_the_environment_that_is_none_is_refused(sqlite_record, monkeypatch, told, says):
    monkeypatch.setenv(anchor.KEY_SETTING, told)

    with pytest.raises(BadInput, match=says):
        verified(sqlite_record)


def test_a_key_file_that_is_not_whole_is_refused(sqlite_record):
    (sqlite_record.folder / "audit.key").write_bytes(b"")
    with pytest.raises(NoKey, match="has only 0 bytes and is not whole"):
        verified(sqlite_record)

    (sqlite_record.folder / "audit.key").unlink()
    (sqlite_record.folder / "audit.key").mkdir()
    with pytest.raises(NoKey, match="cannot be read"):
        verified(sqlite_record)


def test_a_record_that_lost_its_key_is_given_no_other(sqlite_record):
    """`patchbook init` on a record that is there would otherwise go on with a trail nobody can verify."""
    a_trail(sqlite_record, 3)
    (sqlite_record.folder / "audit.key").unlink()

    with pytest.raises(NoKey, match=r"audit\.key, is not there; put it back"):
        create_record(sqlite_record.folder)
    assert not (sqlite_record.folder / "audit.key").exists()


def test_a_copy_of_the_anchors_shows_what_who_has_the_key_made_anew(record, tmp_path):
    """The thief has everything here, key too, and makes a shorter history with anchors that fit it."""
    a_trail(record, 30)
    copy = tmp_path / "elsewhere"
    copy.write_bytes(record.anchor.file.read_bytes())
    emptied(record)
    record.anchor.file.unlink()
    told(record, why="it was never said")

    assert verified(record).is_whole
    assert "its end was cut off" in verified(record, anchors=copy).what


def emptied(record):
    with record.writing() as tx:
        if record.is_postgresql:
            tx.exec_driver_sql("SET session_replication_role = replica")
            tx.exec_driver_sql("DELETE FROM event")
            tx.exec_driver_sql("SET session_replication_role = origin")
        else:
            tx.exec_driver_sql("DROP TRIGGER event_no_delete")
            tx.exec_driver_sql("DELETE FROM event")


def test_a_failed_deed_leaves_no_anchor(record):
    told(record)

    def fails():
        with record.writing() as tx:
            audit.record(tx, "move", "plan-1", kind="plan", by="ann", at=MONDAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    found = verified(record)
    assert (found.events, found.anchored, found.is_whole) == (1, 1, True)


def test_a_line_a_power_cut_left_unfinished_is_passed_over_and_the_next_is_whole(tmp_path):
    kept = Anchor(tmp_path)
    kept.make_key(b"k" * 32)
    kept.append(1, "a" * 64)
    kept.append(2, "b" * 64)
    whole = kept.file.read_bytes()

    for length in range(len(whole) // 2, len(whole)):
        kept.file.write_bytes(whole[:length])
        kept.append(3, "c" * 64)
        heads, forged = kept.heads()

        assert forged is None
        assert {1, 3} <= {head.number for head in heads}


def test_a_long_anchor_file_is_thinned_out_and_still_shows_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(anchor, "MOST_BYTES", 70_000)
    monkeypatch.setattr(anchor, "KEPT_WHOLE", 200)
    kept = Anchor(tmp_path)
    kept.make_key(b"k" * 32)

    for number in range(1, 801):
        kept.append(number, f"{number:064x}")

    numbers = [head.number for head in kept.heads()[0]]
    assert kept.heads()[1] is None
    assert numbers[-200:] == list(range(601, 801))
    assert numbers[0] == 1
    assert kept.file.stat().st_size < 70_000
