"""A year of territory management over HTTP: from an empty record to who owned what, when and why."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
import pytest
from fastapi.testclient import TestClient

from builders.plans import DOCUMENT, STRATEGIC, some_accounts, some_people
from patchbook import access
from patchbook.db import Record
from patchbook.web.app import create_app

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
HERE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "six green parrots sing"


class Year:
    """The API of a record that begins empty, and the day it is."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.at = TODAY
        self.app = create_app(record, clock=lambda: self.at)

    def client(self, headers: dict[str, str]) -> TestClient:
        return TestClient(self.app, base_url="http://testserver/api/v1", headers=headers)

    def done(self, answer, status: int = 201):
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def year(record: Record) -> Iterator[Year]:
    made = Year(record)
    yield made
    made.app.state.jobs.close()


def admin(year: Year) -> TestClient:
    """The first admin, signed in with a password."""
    with year.record.writing() as tx:
        who = access.first_admin(tx, "Root", "root@example.com", at=BEGAN)
        root = access.principal(tx, who, at=TODAY)
        access.set_password(tx, who, PASSWORD, by=root, at=TODAY)
    client = year.client(HERE)
    signed_in(year, client)
    return client


def signed_in(year: Year, client: TestClient) -> None:
    year.done(client.post("/session", json={"email": "root@example.com", "password": PASSWORD}))


def somebody(year: Year, root: TestClient, who: str, role: str) -> TestClient:
    """A person with a role, by a token an admin made for them."""
    year.done(root.post(f"/people/{who}/grants", json={"role": role}))
    deeds = root.get("/me").json()["deeds"]
    made = year.done(root.post("/tokens", json={"name": "test", "scopes": deeds, "person_id": who}))
    return year.client({"Authorization": f"Bearer {made['secret']}"})


def carved(client: TestClient, plan_id: str) -> dict:
    """The plan, once its carve is done."""
    job = client.post(f"/plans/{plan_id}/carves", json={})
    assert job.status_code == 202, job.text
    path = job.headers["location"].removeprefix("/api/v1")
    until = time.monotonic() + 120
    while (now := client.get(path).json())["status"] in ("waiting", "running"):
        assert time.monotonic() < until, now
    assert now["status"] == "done", now
    return client.get(f"/plans/{plan_id}").json()


def test_from_an_empty_record_to_who_owned_what(year: Year):
    root = admin(year)
    done = year.done

    people = done(root.post("/imports?kind=people&name=people.csv&employed_from=2026-01-01", content=some_people()))
    ada, mia, ann = (
        somebody(year, root, who, role) for who, role in (("ada", "planner"), ("mia", "manager"), ("ann", "rep"))
    )
    pia = somebody(year, root, "pia", "planner")
    accounts = done(ada.post("/imports?kind=accounts&name=accounts.csv", content=some_accounts()))
    assert (people["rows"], accounts["rows"], accounts["rejected"]) == (6, 24, 0)

    document = {"document": DOCUMENT, "files": {"strategic.csv": STRATEGIC}}
    plan = done(ada.post("/plans", json=document, headers={"Idempotency-Key": "start"}))
    again = done(ada.post("/plans", json=document, headers={"Idempotency-Key": "start"}))
    assert again == plan, "the same key starts one plan"
    assert mia.get(f"/plans/{plan['plan_id']}").status_code == 404, "a draft is there for those invited"
    plan_id = plan["plan_id"]
    plan = carved(ada, plan_id)
    done(ada.post(f"/plans/{plan_id}/invitations", json={"person_ids": ["mia"]}))

    scenario = done(ada.post(f"/plans/{plan_id}/scenarios", json={"name": "Other"}))
    places = ada.get(f"/plans/{plan_id}/assignments").json()["items"]
    territories = {row["territory"]: row for row in ada.get(f"/plans/{plan_id}/territories").json()["items"]}
    first = next(row for row in places if row["account_id"] not in ("A1", "A2"))
    goal = next(name for name, row in territories.items() if row["layer"] == "Field" and name != first["territory"])
    moved = done(
        ada.post(
            f"/plans/{scenario['plan_id']}/edits",
            json={
                "kind": "move",
                "parts": {"accounts": [first["account_id"]], "to": goal},
                "why": "to see",
                "revision": scenario["revision"],
                "overrule": "only to see",
            },
        )
    )
    stale = ada.post(f"/plans/{scenario['plan_id']}/undo", json={"revision": scenario["revision"]})
    assert stale.status_code == 409
    compared = ada.get("/comparison", params={"plan_id": [plan_id, moved["plan_id"]]})
    assert [one["plan_id"] for one in done(compared, 200)["scenarios"]] == [plan_id, scenario["plan_id"]]
    difference = ada.get(f"/plans/{plan_id}/difference", params={"other": scenario["plan_id"]})
    assert done(difference, 200)["accounts_moved"] == 1

    moves = {first["account_id"]: goal}
    effect = done(mia.post(f"/plans/{plan_id}/effects", json={"moves": moves}), 200)
    assert effect["effect"]["accounts"] == 1
    proposal = done(mia.post(f"/plans/{plan_id}/proposals", json={"moves": moves, "why": "She knows them"}))
    assert ada.get("/inbox").json()["total"] >= 1
    decided = ada.post(
        f"/proposals/{proposal['proposal_id']}/decision", json={"decision": "accept", "overrule": "She does"}
    )
    assert done(decided)["status"] == "accepted"

    plan = ada.get(f"/plans/{plan_id}").json()
    submitted = done(ada.post(f"/plans/{plan_id}/submission", json={"revision": plan["revision"]}))
    assert submitted["status"] == "in review"
    early = ada.post(f"/plans/{plan_id}/publication", json={"on": "2027-02-01"})
    assert early.status_code == 409
    done(mia.post(f"/plans/{plan_id}/approvals", json={"comment": "fine"}))
    review = done(pia.post(f"/plans/{plan_id}/approvals", json={}))
    assert review["is_approved"]

    tried = done(ada.post(f"/plans/{plan_id}/dry-run?limit=5", json={"on": "2027-02-01"}), 200)
    assert len(tried["items"]) == 5
    assert tried["next"]
    published = done(
        ada.post(f"/plans/{plan_id}/publication", json={"on": "2027-02-01"}, headers={"Idempotency-Key": "publish"})
    )
    assert published["is_new"]
    twice = done(ada.post(f"/plans/{plan_id}/publication", json={"on": "2027-02-01"}))
    assert not twice["is_new"]

    year.at = datetime(2027, 2, 2, tzinfo=UTC)
    mine = next(row["account_id"] for row in ada.get("/people/ann/book").json()["items"])
    owner = done(ada.get(f"/accounts/{mine}/owner", params={"on": "2027-02-02"}), 200)
    assert owner["person_id"] == "ann"
    assert done(ann.get(f"/accounts/{mine}/owner"), 200)["person_id"] == "ann"
    reasons = done(ada.get(f"/accounts/{mine}/reasons"), 200)["chain"]
    assert {step["fact"] for step in reasons} == {"assignment", "staffing"}
    other = next(row["account_id"] for row in ada.get("/people/bob/book").json()["items"])
    assert ann.get(f"/accounts/{other}/owner").status_code == 404

    leaving = {"person_id": "ann", "on": "2027-03-01", "default": {"how": "replace", "person_id": "bob"}}
    looked = done(mia.post("/departures?preview=true", json=leaving), 200)
    assert (looked["is_preview"], looked["uncovered"]) == (True, 0)
    left = done(mia.post("/departures", json=leaving))
    assert left["uncovered"] == 0
    year.at = datetime(2027, 3, 2, tzinfo=UTC)
    assert ada.get(f"/accounts/{mine}/owner").json()["person_id"] == "bob"
    before = {"on": "2027-02-15", "as_known_on": "2027-02-15"}
    assert ada.get(f"/accounts/{mine}/owner", params=before).json()["person_id"] == "ann"
    assert ann.get("/me").status_code == 401, "who has left is nobody"
    history = ada.get(f"/accounts/{mine}/history").json()["items"]
    assert [stretch["person_id"] for stretch in history][-2:] == ["ann", "bob"]

    company = ada.get("/company", params={"on": "2027-02-15"})
    assert company.headers["content-type"].startswith("application/vnd.apache.arrow.stream")
    assert pl.read_ipc_stream(io.BytesIO(company.content)).height == 24

    back = done(ada.post(f"/publications/{published['publication_id']}/rollback"))
    assert back["changed_since"], "the departure stays, and is told"
    assert ada.get("/publications").json()["items"][0]["took_back"] == published["publication_id"]

    signed_in(year, root)
    verified = done(root.get("/audit/verification"), 200)
    assert verified["is_whole"], verified
