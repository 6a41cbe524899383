"""Leads by the API: an owner and the reasons in the answer, and each sees and does what they may."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest
from fastapi.testclient import TestClient

from builders.leads import ANN, BOB, MIA, NOW, PAT, ROOT, a_company, a_lead
from patchbook import access
from patchbook.db import create_record, open_record
from patchbook.leads import actions, store
from patchbook.leads.desk import Desk
from patchbook.people.permission import Deed
from tests.web.conftest import Clock

LEAD = {"source": "form", "source_id": "1", "fields": {"company": "Acme", "email": "carl@acme.com", "country": "US"}}


@pytest.fixture(scope="module")
def _made_company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leads") / "data"
    record = create_record(folder)
    a_company(record)
    record.close()
    return folder


@pytest.fixture
def company(_made_company, tmp_path):
    record = open_record(shutil.copytree(_made_company, tmp_path / "data"))
    yield record
    record.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def asks(app, company):
    """`asks("ann")` asks as Ann, by a token of hers."""
    with ExitStack() as stack:

        def made(who: str | None = None) -> TestClient:
            headers = {}
            if who:
                by = {one.person_id: one for one in (ANN, BOB, MIA, PAT, ROOT)}[who]
                with company.writing() as tx:
                    secret = access.make_token(tx, "test", list(Deed), by=by, at=NOW).secret
                headers = {"Authorization": f"Bearer {secret}"}
            return stack.enter_context(TestClient(app, base_url="http://testserver/api/v1", headers=headers))

        yield made


def test_a_lead_is_answered_with_its_owner_and_the_reasons(asks):
    answer = asks("pat").post("/leads", json=LEAD)

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["lead"]["person_id"] == "ann"
    assert "Ann Archer" in told["decision"]["says"]
    assert told["decision"]["version"]["publication_id"]


def test_the_same_lead_again_gets_200_and_the_first_decision(asks):
    pat = asks("pat")
    first, again = pat.post("/leads", json=LEAD), pat.post("/leads", json=LEAD)
    other = pat.post("/leads", json={**LEAD, "fields": {"company": "Other"}})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json()["decision"] == first.json()["decision"]
    assert not again.json()["is_new"]
    assert "came before as lead-" in other.json()["detail"]


def test_many_at_once_are_each_taken_once(asks):
    pat = asks("pat")

    def send(number: int):
        return pat.post(
            "/leads", json={**LEAD, "source_id": f"{number % 20}", "fields": {"company": "F", "country": "DE"}}
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(60)))
    assert sorted(answer.status_code for answer in answers) == [200] * 40 + [201] * 20
    went = [one["person_id"] for one in pat.get("/leads?limit=100").json()["items"]]
    assert sorted(went.count(who) for who in ("cyd", "dan", "eve")) == [6, 7, 7]


def test_a_refused_lead_leaves_nothing_and_does_not_concern_others(asks):
    assert asks().post("/leads", json=LEAD).status_code == 401
    assert asks("ann").post("/leads", json=LEAD).status_code == 403
    assert asks("pat").post("/leads", json={**LEAD, "source": ""}).status_code == 422
    assert asks("pat").get("/leads").json()["items"] == []


def test_a_batch_keeps_the_good_and_lists_the_bad(asks):
    pat = asks("pat")
    batch = pat.post(
        "/leads/batch", json={"leads": [LEAD, {**LEAD, "fields": {"company": "Other"}}, {**LEAD, "source_id": "2"}]}
    )

    assert batch.status_code == 201, batch.text
    told = batch.json()
    assert (told["taken"], told["refused"]) == (2, 1)
    assert [row["is_taken"] for row in told["rows"]] == [True, False, True]


def test_a_file_keeps_the_good_rows_and_lists_the_bad(asks):
    rows = b"id,company,country,kind\n1,Acme,US,\n,Nobody,US,\n3,Firma,DE,case\n3,Again,DE,\n4,Odd,DE,parcel\n"
    told = asks("pat").post("/leads/file?source=fair", content=rows).json()

    assert (told["taken"], told["refused"]) == (2, 3)
    assert {row["row"]: row["is_taken"] for row in told["rows"]} == {2: True, 3: False, 4: True, 5: False, 6: False}
    assert "stands in line 4 already" in told["rows"][3]["says"]
    assert "none of lead, opportunity, case, meeting" in told["rows"][4]["says"]


def test_a_lead_is_worked_by_who_has_it_and_nobody_else(asks, clock):
    lead_id = asks("pat").post("/leads", json=LEAD).json()["lead"]["lead_id"]
    ann, bob, mia = asks("ann"), asks("bob"), asks("mia")

    assert bob.get(f"/leads/{lead_id}").status_code == 404
    assert bob.post(f"/leads/{lead_id}/acceptance").status_code == 404
    assert ann.post(f"/leads/{lead_id}/acceptance").json()["accepted_at"]
    assert ann.post(f"/leads/{lead_id}/touches", json={"how": "call"}).json()["touched_at"]
    assert ann.post(f"/leads/{lead_id}/reassignment", json={"person_id": "bob", "why": "x"}).status_code == 403
    moved = mia.post(f"/leads/{lead_id}/reassignment", json={"person_id": "bob", "why": "Ann is full"})
    assert moved.json()["lead"]["person_id"] == "bob"
    assert ann.get(f"/leads/{lead_id}").status_code == 404
    back = bob.post(f"/leads/{lead_id}/return", json={"why": "not mine"})
    assert back.json()["lead"]["person_id"] == "ann"
    assert ann.post(f"/leads/{lead_id}/closure", json={"why": "won"}).json()["status"] == "closed"
    causes = [one["cause"] for one in mia.get(f"/leads/{lead_id}/decisions").json()["items"]]
    assert causes == ["received", "by hand", "returned"]
    events = [one["what"] for one in mia.get(f"/leads/{lead_id}/events").json()["items"]]
    assert events == ["accepted", "touched", "returned", "closed"]


def test_the_queue_and_the_speed_are_told(asks):
    pat = asks("pat")
    pat.post("/leads", json=LEAD)
    pat.post("/leads", json={**LEAD, "source_id": "2", "fields": {"company": "Somewhere", "country": "FR"}})

    queue = pat.get("/queue").json()
    assert (queue["waiting"], queue["overdue"], queue["is_alarm"]) == (1, 0, False)
    assert queue["says"] == "1 lead waits for an owner, none longer than 60 minutes."
    assert "orphan queue" in queue["items"][0]["says"]
    assert pat.post("/queue/sweep").json() == {"looked_at": 1, "assigned": 0, "waiting": 1}
    assert asks("ann").get("/queue").json()["waiting"] == 0
    assert pat.get("/speed?since=2027-03-01&until=2027-04-01").json()["unassigned"] == 1


def test_the_routing_document_is_set_read_and_refused_with_its_line(asks):
    pat = asks("pat")
    assert asks("ann").get("/routing").status_code == 404
    assert pat.put("/routing", json={"document": "", "why": "begin"}).json()["version"] == 1
    assert pat.put("/routing", json={"document": "", "why": "again"}).json()["version"] == 1
    bad = pat.put("/routing", json={"document": "roots:\n  a: 1\n"})
    assert bad.status_code == 422
    assert "line 1" in bad.json()["detail"]
    assert pat.put("/routing", json={"document": "# none\n", "read": 7}).status_code in (409, 422)
    assert [one["version"] for one in pat.get("/routing/versions").json()["items"]] == [1]


def test_a_desk_that_is_closed_has_answered_everything(company):
    desk = Desk(company, lambda: NOW)
    answers = [
        desk.ask(lambda tx, at: PAT, lambda lane, by, at, n=n: actions.receive(lane, a_lead(n), by=by, at=at))
        for n in range(5)
    ]
    desk.close()

    assert [answer.result(timeout=0).lead.person_id for answer in answers] == ["ann"] * 5


def test_who_takes_back_what_they_asked_for_does_not_stop_the_desk(company):
    desk = Desk(company, lambda: NOW)
    held, release = Event(), Event()

    def slow(lane, by, at):
        held.set()
        release.wait(30)

    first = desk.ask(lambda tx, at: PAT, slow)
    held.wait(30)
    gone = desk.ask(lambda tx, at: PAT, lambda lane, by, at: actions.receive(lane, a_lead(1), by=by, at=at))
    assert gone.cancel()
    assert not first.cancel()
    release.set()
    after = desk.ask(lambda tx, at: PAT, lambda lane, by, at: actions.receive(lane, a_lead(2), by=by, at=at))

    assert after.result(timeout=30).lead.person_id == "ann"
    desk.close()
    with company.reading() as tx:
        assert store.by_source(tx, "form", "1") is None


def test_texts_no_database_could_keep_are_taken_without_what_is_wrong_with_them(asks):
    odd = {"company": "Acme\ud800", "n\ud800te": "a\ud800\x00", "country": "US"}
    sent = json.dumps({"source": "form", "source_id": "1", "fields": odd})
    answer = asks("pat").post("/leads", content=sent, headers={"Content-Type": "application/json"})

    assert answer.status_code in (201, 422), answer.text


def test_what_is_decided_again_by_hand_is_done_once_when_it_tells_what_it_read(asks):
    pat = asks("pat")
    lead_id = pat.post("/leads", json=LEAD).json()["lead"]["lead_id"]
    for number, (path, body) in enumerate(
        (("reassignment", {"person_id": "bob", "why": "full"}), ("return", {"why": "full"}), ("rerouting", None)), 1
    ):
        first = pat.post(f"/leads/{lead_id}/{path}?read={number}", json=body)
        again = pat.post(f"/leads/{lead_id}/{path}?read={number}", json=body)
        assert first.status_code == 201, first.text
        assert again.status_code == 409
        assert f"has {number + 1} decisions, and you read {number}" in again.json()["detail"]


def test_two_of_one_token_in_one_turn_are_both_answered(app, asks):
    pat = asks("pat")
    held, release = Event(), Event()
    app.state.desk.ask(lambda tx, at: PAT, lambda lane, by, at: (held.set(), release.wait(30)))
    held.wait(30)
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(pat.post, "/leads", json={**LEAD, "source_id": f"{n}"}) for n in range(2)]
        while app.state.desk._waiting.qsize() < 2:
            pass
        release.set()

    assert [one.result().status_code for one in sent] == [201, 201]
