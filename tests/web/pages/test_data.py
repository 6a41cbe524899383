"""Uploading, looking, importing and the receipt, without a browser: as data, and through the forms."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest

from builders.counting import statements
from builders.files import CRM, HOSTILE, LONG, bomb, hostile
from builders.web_company import NOW, principal_of
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.imports.review import actions as review
from patchbook.web import edge
from patchbook.web.pages import data, data_uploads

PIA = {"by": principal_of("pia"), "at": NOW}


def send(client, content, name="crm.csv", kind="accounts"):
    """As <file-drop> sends it."""
    headers = {"Accept": "application/problem+json", "Patchbook-Form": "1", "Content-Type": "application/octet-stream"}
    return client.post(f"/data/uploads?{urlencode({'kind': kind, 'name': name})}", content=content, headers=headers)


def imported(client, address):
    """Press Import, wait till it is done, and give the address of the receipt."""
    answer = client.post(address, data={"kind": "accounts", "then": "import"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    for _ in range(500):
        told = client.get(f"{address}/progress").json()
        if told["status"] not in ("waiting", "running"):
            break
        time.sleep(0.01)
    assert told["status"] == "done", told
    return told["location"]


def test_a_dropped_file_is_kept_shown_and_imported_and_ends_in_a_receipt(visitor, app):
    client = visitor("pia")
    address = send(client, CRM).json()["location"]

    shown = client.get(address)
    assert shown.status_code == 200
    assert "ACME Incorporated" in shown.text
    assert "Found: semicolon" in shown.text
    assert "crm.csv" in client.get("/data").text  # a reload or the back button loses nothing
    receipt = imported(client, address)

    assert client.get(address).headers["location"] == receipt
    with app.state.record.reading() as tx:
        page = data.receipt(tx, receipt.rpartition("/")[2], **PIA)
        listed = data.load(tx, **PIA)
    assert (page.made.rows, page.made.rejected, page.differs.added) == (4, 1, 4)
    assert page.rejected == (
        {"line": 4, "column": "employees", "found": "20x", "expected": "a whole number such as 420"},
    )
    assert (listed.newest.name, listed.pairs, listed.families, listed.uploads) == ("crm.csv", 1, 1, ())
    for link in (f"/api/v1{receipt.removeprefix('/data')}/rejected.csv", f"{receipt}/changed.csv"):
        assert link in client.get(receipt).text
        assert client.get(link).headers["content-type"].startswith("text/csv")


def test_without_script_the_form_sends_the_file_too(visitor):
    client = visitor("pia")

    answer = client.post("/data/uploads", files={"file": ("crm.csv", CRM)}, data={"kind": "accounts"})

    assert answer.status_code == 303
    assert "Acme West" in client.get(answer.headers["location"]).text
    for nothing in ({"files": {"other": ("", b"")}}, {"files": {"file": ("", b"")}}):
        refused = client.post("/data/uploads", **nothing)
        assert (refused.status_code, "No file was chosen" in refused.text) == (422, True)
    cut = client.post(
        "/data/uploads", content=b"--x\r\nrubbish", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert (cut.status_code, "The form is cut off or cannot be read" in cut.text) == (422, True)


def test_what_a_column_is_can_be_said_and_is_shown_anew(visitor):
    client = visitor("pia")
    address = send(client, b"key,label\nA1,Acme\nA2,Bolt\n").json()["location"]
    assert "Say which column is the account_id" in client.get(address).text
    refused = client.post(address, data={"kind": "accounts", "then": "import"})
    assert refused.status_code == 422

    said = {"kind": "accounts", "column": ["key", "label"], "field": ["account_id", "name"]}
    client.post(address, data=said)
    part = client.get(address, headers={"HX-Request": "true"}).text

    assert "<main" not in part
    assert "you said so" in part
    assert "Say which column is the account_id" not in part


def test_an_import_that_is_refused_says_why_and_loses_nothing(visitor):
    client = visitor("pia")
    address = send(client, b"id,account,stage\nO1,A1,Won\n", "deals.csv", "opportunities").json()["location"]
    client.post(address, data={"kind": "opportunities", "then": "import"})
    for _ in range(500):
        if client.get(f"{address}/progress").json()["status"] not in ("waiting", "running"):
            break
        time.sleep(0.01)

    shown = client.get(address).text

    assert "No accounts have been imported yet" in shown
    assert "deals.csv" in shown


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"\x89PNG\r\n\x1a\n", "photo.csv", "photo.csv is a picture, not a table; choose a file with columns."),
        (b"", "none.csv", "none.csv is empty; it needs a header line and at least one row."),
        (b"id,name\n", "head.csv", "head.csv has a header but no rows; it needs at least one row below the header."),
        (bytes(1000), "zeros.csv", "zeros.csv holds nothing but binary zeros; export it again."),
        (b"rubbish", "book.xlsx", "book.xlsx is not a workbook that can be opened"),
        (b"rubbish", "table.parquet", "table.parquet is not a Parquet file that can be read"),
        (bomb(), "bomb.xlsx", "bomb.xlsx would be more than 100 times as large unpacked; save it as CSV instead."),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence_and_not_kept(visitor, app, content, name, says):
    answer = send(visitor("pia"), content, name)

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(says)
    assert list(app.state.record.folder.glob(".uploads/*")) == []


def test_two_gigabytes_are_refused_by_their_length_before_a_byte_is_read(visitor):
    def never():
        raise AssertionError("the body was read")
        yield b""

    headers = {"Content-Length": str(2 << 30), "Accept": "text/html"}
    answer = visitor("pia").post("/data/uploads?name=a.csv&kind=accounts", content=never(), headers=headers)

    assert answer.status_code == 413
    assert "larger than the 1,073,741,824 bytes taken here" in answer.text


def test_an_upload_that_does_not_say_its_length_is_cut_at_the_limit(visitor, app, monkeypatch):
    monkeypatch.setattr(edge, "UPLOAD_LIMIT_BYTES", 100_000)
    sent = 0

    def endless():
        nonlocal sent
        while sent < 10_000_000:
            sent += 10_000
            yield b"x" * 10_000

    answer = send(visitor("pia"), endless())

    assert answer.status_code == 413
    assert "larger than the 100,000 bytes taken here" in answer.json()["detail"]
    assert list(app.state.record.folder.glob(".uploads/*")) == []


def test_hostile_names_are_shown_as_text_and_exported_harmlessly(visitor, app):
    client = visitor("pia")
    address = send(client, hostile()).json()["location"]
    before = client.get(address).text
    receipt = imported(client, address)

    pages = [
        before,
        *(client.get(path).text for path in (receipt, "/data/quality", "/data/quality/without?field=city")),
    ]

    for page in pages:
        assert "<img src=x" not in page
        assert LONG not in page or page is pages[-1]
    assert "&lt;img src=x onerror=alert(1)&gt;" in before
    assert HOSTILE["H3"] in before
    exported = client.get("/data/quality/without.csv?field=city").text
    assert "\"'=cmd()" in exported or "'=cmd()" in exported
    assert "\n=cmd" not in exported
    assert ",=cmd" not in exported


def test_who_may_not_import_is_refused_before_the_file_is_taken(visitor, app):
    answer = send(visitor("ron"), CRM)

    assert answer.status_code == 403
    assert list(app.state.record.folder.glob(".uploads/*")) == []


def test_decisions_can_be_done_at_once(visitor, app):
    client = visitor("pia")
    imported(client, send(client, CRM).json()["location"])
    with app.state.record.writing() as tx:
        review.merge(tx, "A1", "A2", **PIA)
    assert "1 decision waits for the next import" in client.get("/data").text

    client.post("/data/again")
    for _ in range(500):
        if client.get("/data/progress").json()["status"] == "done":
            break
        time.sleep(0.01)

    with app.state.record.reading() as tx:
        newest = imports.latest(tx, Kind.ACCOUNTS)
        assert (newest.rows, data.load(tx, **PIA).not_honoured) == (3, 0)
    assert "Merged" in client.get(f"/data/imports/{newest.import_id}").text


def test_a_file_can_be_dropped_and_a_page_of_one_that_is_gone_says_so(visitor):
    client = visitor("pia")
    address = send(client, CRM).json()["location"]

    assert client.post(f"{address}/drop").headers["location"] == "/data"
    gone = client.get(address)

    assert gone.status_code == 404
    assert "This upload is not here any more" in gone.text


def test_the_list_takes_the_same_few_queries_however_long_it_is(app):
    record = app.state.record
    with record.writing() as tx:
        for number in range(12):
            imports.accounts(tx, CRM + b"B%d;Bolt;;;;;;;\n" % number, name=f"{number}.csv", **PIA)
    with record.reading() as tx, statements(tx) as counted:
        page = data.load(tx, **PIA)

    assert len(page.imports) == 12
    assert counted.number == 10


def test_an_empty_file_with_every_column_can_be_had(visitor):
    client = visitor("pia")

    assert client.get("/data/template.csv?kind=opportunities").text.startswith("opportunity_id,account_id,name,stage")
    assert data_uploads.DELIMITERS[0] == (",", "comma")
