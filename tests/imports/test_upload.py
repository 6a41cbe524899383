"""Files that are sent, looked at, and taken in as they were shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders.files import CRM, workbook
from builders.plans import ADA, ANN, MONDAY, some_people
from patchbook.accounts.peek import Written
from patchbook.accounts.reading import CannotRead
from patchbook.db.backup import backup
from patchbook.errors import NotAllowed
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.imports.upload import actions as uploads
from patchbook.imports.upload import store
from patchbook.imports.upload.upload import MOST_WAITING, BadUpload, NoUpload, TooManyUploads


@pytest.fixture
def record(sqlite_record):
    return sqlite_record


@pytest.fixture
def sent(record, tmp_path):
    """Send a file as Ada does."""

    def made(content=CRM, name="crm.csv", kind=Kind.ACCOUNTS, by=ADA, at=MONDAY):
        file = tmp_path / "upload"
        file.write_bytes(content)
        with record.writing() as tx:
            return uploads.keep(tx, file, name=name, kind=kind, by=by, at=at)

    return made


def taken(record, upload, **more):
    return uploads.take_in(record, upload.upload_id, by=ADA, clock=lambda: MONDAY, **more)


def test_a_file_is_shown_as_it_is_understood_and_nothing_is_taken_in(record, sent):
    upload = sent()

    with record.reading() as tx:
        shown = uploads.preview(tx, upload.upload_id, by=ADA, at=MONDAY)
        assert imports.latest(tx, Kind.ACCOUNTS) is None
        assert uploads.waiting(tx, by=ADA, at=MONDAY) == (upload,)
    assert [(one.column, one.field, one.standard) for one in shown.columns[:3]] == [
        ("id", "account_id", True),
        ("name", "name", True),
        ("parent_id", "parent_id", True),
    ]
    assert shown.columns[1].cells == ("Acme Inc", "ACME Incorporated", "Acme West", "Bolt")
    assert (shown.lines, shown.rows, shown.is_whole, shown.missing) == ((2, 3, 4, 5), 4, True, None)


def test_what_was_shown_is_what_is_taken_in(record, sent):
    upload = sent(b"key,label,web\nA1,Acme,acme.com\nA2,Bolt,bolt.com\nA3,Core,core.com\n")
    with record.writing() as tx:
        shown = uploads.preview(tx, upload.upload_id, by=ADA, at=MONDAY)
        assert shown.missing == "Say which column is the account_id: without it nothing can be taken in."
        columns = {"key": "account_id", "label": "name", "web": ""}
        uploads.describe(
            tx, upload.upload_id, kind=Kind.ACCOUNTS, columns=columns, written=Written(), by=ADA, at=MONDAY
        )
        again = uploads.preview(tx, upload.upload_id, by=ADA, at=MONDAY)

    made = taken(record, upload)

    assert again.missing is None
    assert [(one["column"], one["field"]) for one in made.mapping] == [(one.column, one.field) for one in again.columns]
    assert [one.reason for one in again.columns] == ["you said so", "you said so", "a field of your own"]
    with record.reading() as tx:
        rows = imports.accounts_by_id(tx, ["A1"]).to_dicts()
        assert (rows[0]["name"], rows[0]["web"]) == ("Acme", "acme.com")
        assert "domain" not in rows[0]  # a web address was taken for nothing nobody said it is
        assert uploads.waiting(tx, by=ADA, at=MONDAY) == ()
        assert uploads.get(tx, upload.upload_id, by=ADA, at=MONDAY).import_id == made.import_id
        with pytest.raises(NoUpload):
            uploads.preview(tx, upload.upload_id, by=ADA, at=MONDAY)
    assert taken(record, upload) == made  # pressed twice, it is done once


def test_two_columns_are_not_one_field(record, sent):
    upload = sent()
    said = {"kind": Kind.ACCOUNTS, "written": Written(), "columns": {"id": "account_id", "name": "account_id"}}

    with record.writing() as tx, pytest.raises(BadUpload, match="'id' and 'name' are both said to be account_id"):
        uploads.describe(tx, upload.upload_id, **said, by=ADA, at=MONDAY)


def test_a_sheet_a_delimiter_and_an_encoding_can_be_said_for_every_kind(record, sent):
    people = sent(
        workbook(Notes=[["nothing"], ["x"]], Team=[["person_id", "name"], ["ann", "Ann Able"]]),
        "team.xlsx",
        Kind.PEOPLE,
    )
    with record.writing() as tx:
        shown = uploads.preview(tx, people.upload_id, by=ADA, at=MONDAY)
        assert (shown.sheets, shown.missing) == (
            ("Notes", "Team"),
            "Say which column is the person_id, the e-mail or the name.",
        )
        uploads.describe(
            tx, people.upload_id, kind=Kind.PEOPLE, columns={}, written=Written(sheet="Team"), by=ADA, at=MONDAY
        )
    assert taken(record, people).rows == 1
    taken(record, sent())
    deals = sent("id|account|stage\nO1|A1|Öffen\n".encode("windows-1252"), "deals.txt", Kind.OPPORTUNITIES)
    with record.writing() as tx:
        uploads.describe(
            tx,
            deals.upload_id,
            kind=Kind.OPPORTUNITIES,
            columns={},
            written=Written(encoding="windows-1252", delimiter="|"),
            by=ADA,
            at=MONDAY,
        )
    assert (taken(record, deals).rows, taken(record, deals).rejected) == (1, 0)


def test_a_stopped_import_takes_nothing_in_and_the_file_stays(record, sent):
    upload = sent()

    with pytest.raises(uploads.Stopped):
        taken(record, upload, is_stopped=lambda: True)

    with record.reading() as tx:
        assert imports.latest(tx, Kind.ACCOUNTS) is None
        assert uploads.waiting(tx, by=ADA, at=MONDAY) == (upload,)


def test_the_same_file_sent_again_is_the_same_upload_and_a_day_later_it_is_gone(record, sent):
    first = sent()
    again = sent(at=MONDAY + timedelta(hours=1))

    assert again == replace(first, at=MONDAY + timedelta(hours=1))
    other = sent(some_people(), "people.csv", Kind.PEOPLE, at=MONDAY + timedelta(days=1, hours=1))
    assert [one.upload_id for one in store.uploads(record.folder)] == [other.upload_id]


def test_only_so_many_files_wait(record, sent):
    for number in range(MOST_WAITING):
        sent(CRM + b"B%d,Bolt,,,,,,,\n" % number)

    with pytest.raises(TooManyUploads, match="20 uploads wait to be taken in already"):
        sent(CRM + b"C1,Core,,,,,,,\n")
    sent(CRM + b"B1,Bolt,,,,,,,\n")  # which waits already


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "C:\\temp\\deals.csv", "x" * 500 + ".csv", "a\x00\nb.csv"])
def test_a_name_is_only_ever_a_name(record, sent, name):
    upload = sent(name=name)

    file = store.file_of(record.folder, upload)
    assert file.parent.parent.parent == record.folder / ".uploads"
    assert file.name.endswith(".csv")


def test_nobody_else_sees_them_and_no_backup_holds_them(record, sent, tmp_path):
    upload = sent()
    with record.reading() as tx:
        for look in (uploads.get, uploads.preview, uploads.drop):
            with pytest.raises(NotAllowed):
                look(tx, upload.upload_id, by=ANN, at=MONDAY)
        for guessed in ("../imports", "upload-0000000000000000"):
            with pytest.raises(NoUpload):
                uploads.get(tx, guessed, by=ADA, at=MONDAY)
    with pytest.raises(NotAllowed):
        sent(by=ANN)

    assert backup(record, tmp_path / "all.patchbook", at=MONDAY).blobs == 0


def test_what_is_no_table_is_not_kept(record, sent):
    with pytest.raises(CannotRead, match=r"crm\.csv is a picture"):
        sent(b"\x89PNG\r\n")

    assert store.uploads(record.folder) == []
