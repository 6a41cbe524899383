"""Lists over HTTP: page by page, as CSV that runs no formula, and uploads that are bounded."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest

from builders.web_company import PEOPLE, TREE, accounts_of
from patchbook.people.permission import Deed
from patchbook.web import edge
from patchbook.web.as_csv import safe_csv

TEXT = {"Accept": "text/csv"}


def walked(client, path):
    """Every item of a list, following the Link header."""
    items, address = [], path
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        link = answer.headers.get("link")
        assert bool(link) == bool(answer.json()["next"])
        address = link.split(">")[0].removeprefix("</api/v1") if link else None
    return items


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_come_to_the_whole_list(client, limit):
    ada = client("ada")

    people = walked(ada, f"/people?limit={limit}")
    territories = walked(ada, f"/territories?limit={limit}")
    book = walked(ada, f"/people/ron/book?limit={limit}")

    assert sorted(one["person_id"] for one in people) == sorted(PEOPLE)
    assert sorted(one["territory"]["territory_id"] for one in territories) == sorted(TREE)
    assert [one["account_id"] for one in book] == accounts_of("north-1")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=many", "after=nonsense", "after=%00"])
def test_a_page_that_cannot_be_is_refused(client, query):
    assert client("ada").get(f"/people?{query}").status_code == 422


def test_a_list_is_csv_for_who_asks_for_it(client):
    answer = client("ada").get("/people/ron/book?limit=2", headers=TEXT)

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert [row["account_id"] for row in rows] == accounts_of("north-1")[:2]
    assert 'rel="next"' in answer.headers["link"]


def test_what_is_no_list_stays_json(client):
    assert client("ada").get("/me", headers=TEXT).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "risky", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
)
def test_no_cell_of_csv_runs_as_a_formula(risky):
    (row,) = list(csv.reader(io.StringIO(safe_csv([[risky, 5, -5, None]], None).decode(), newline="")))

    assert row == [f"'{risky}", "5", "-5", ""]


def test_the_whole_company_is_a_stream(client):
    arrow = client("ada").get("/company")
    text = client("ada").get("/company", headers=TEXT)

    frame = pl.read_ipc_stream(io.BytesIO(arrow.content))
    rows = list(csv.DictReader(io.StringIO(text.text)))
    everything = sorted(account for name in TREE for account in accounts_of(name))
    assert sorted(frame["account_id"]) == everything
    assert sorted(row["account_id"] for row in rows) == everything


def test_the_stream_holds_only_what_one_sees(client):
    frame = pl.read_ipc_stream(io.BytesIO(client("nora").get("/company").content))

    assert sorted(frame["account_id"]) == sorted(
        account for name in ("north", "north-1", "north-2") for account in accounts_of(name)
    )


def test_an_upload_is_taken_in_and_listed(client):
    pia = client("pia")

    made = pia.post("/imports?kind=accounts&name=a.csv", content=b"account_id,name\na,Ann\n,Nobody\n")
    listed = pia.get("/imports").json()["items"]
    rejected = pia.get(f"/imports/{made.json()['import_id']}/rejected.csv")

    assert made.status_code == 201, made.text
    assert (made.json()["rows"], made.json()["rejected"]) == (1, 1)
    assert [one["import_id"] for one in listed] == [made.json()["import_id"]]
    assert "account_id" in rejected.text


def test_an_upload_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr(edge, "UPLOAD_LIMIT_BYTES", 1000)

    answer = client("pia").post("/imports?kind=accounts", content=b"account_id\n" + b"a\n" * 1000)

    assert answer.status_code == 413


def test_columns_that_are_no_plain_object_are_refused(client):
    for columns in ("[" * 9_000, "nothing", '{"name": 1}'):
        answer = client("pia").post("/imports", params={"kind": "accounts", "columns": columns}, content=b"id\na\n")

        assert answer.status_code == 422, answer.text
        assert "columns is no JSON object of texts" in answer.json()["detail"]


def test_who_may_not_import_sends_nothing(client):
    sent = []

    def chunks():
        for _ in range(100):
            sent.append(1)
            yield b"account_id\n" * 1000

    assert client("ron").post("/imports?kind=accounts", content=chunks()).status_code == 403
    assert client().post("/imports?kind=accounts", content=b"x").status_code == 401


def test_an_upload_sent_twice_is_taken_in_once(client):
    pia = client("pia")
    sent = {"url": "/imports?kind=accounts&name=a.csv", "headers": {"Idempotency-Key": "once"}}

    first = pia.post(content=b"account_id\na\n", **sent)
    second = pia.post(content=b"account_id\na\n", **sent)
    other = pia.post(content=b"account_id\nb\n", **sent)

    assert first.json() == second.json()
    assert other.status_code == 422
    assert len(pia.get("/imports").json()["items"]) == 1


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(client):
    answer = client("pia").post("/imports?kind=accounts&name=a.xlsx", content=b"PK\x03\x04 not a workbook")

    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")


def test_a_token_for_seeing_does_not_import(client):
    assert client("pia", scopes=[Deed.SEE]).post("/imports?kind=accounts", content=b"x").status_code == 403


def test_settings_are_changed_by_admins(client):
    changed = client("ada").put("/settings/challenge_days", json={"value": 7})

    assert changed.json()["value"] == 7
    assert client("pia").put("/settings/challenge_days", json={"value": 9}).status_code == 403
    assert client("ada").put("/settings/nonsense", json={"value": 9}).status_code == 422
    values = {one["name"]: one["value"] for one in client("ron").get("/settings").json()["items"]}
    assert values["challenge_days"] == 7


def test_a_carve_of_nothing_is_refused_before_a_job_is_made(client):
    assert client("pia").post("/plans/nothing/carves", json={}).status_code == 404


def test_a_date_is_read_as_people_write_it(client):
    ada = client("ada")
    path = "/accounts/north-1-account-1/owner"

    assert ada.get(path, params={"on": "2027-01-01"}).json()["on"] == "2027-01-01T00:00:00Z"
    assert ada.get(path, params={"on": "2027-01-01T01:00:00+01:00"}).json()["on"] == "2027-01-01T00:00:00Z"
    wrong = ada.get(path, params={"on": "next week"})
    assert wrong.status_code == 422
    assert "'next week' is no date" in wrong.json()["detail"]


def test_a_date_before_the_record_began_is_said_to_be(client):
    answer = client("ada").get("/accounts/north-1-account-1/owner", params={"on": "2020-01-01"})

    assert answer.status_code == 422
    assert "2026-01-01" in answer.json()["detail"]
