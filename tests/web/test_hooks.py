"""Leads in signed messages: taken in without other credentials, refused without a signature, told to others."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from hubspot.utils.signature import Signature
from standardwebhooks.webhooks import Webhook

from builders.leads import NOW, PAT, a_company
from builders.receiver import receiver
from patchbook.db import create_record, open_record
from patchbook.leads import routing, store
from patchbook.leads.knowledge import document_in
from patchbook.webhooks import actions as webhooks
from tests.web.conftest import Clock

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LEAD = {"company": "Acme", "email": "carl@acme.com", "country": "US"}
DOCUMENT = """\
webhooks:
  in:
    site: {id: data.no}
    hub: {signed: hubspot, id: vid, url: "https://patchbook.example.com/api/v1/hooks/hub"}
"""


@pytest.fixture(scope="module")
def _made_company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hooks") / "data"
    record = create_record(folder)
    a_company(record)
    with record.writing() as tx:
        routing.set_routing(tx, DOCUMENT, by=PAT, at=NOW)
    record.close()
    return folder


@pytest.fixture
def company(_made_company, tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBOOK_WEBHOOK_SECRET_SITE", SECRET)
    monkeypatch.setenv("PATCHBOOK_WEBHOOK_SECRET_HUB", "app-secret")
    record = open_record(shutil.copytree(_made_company, tmp_path / "data"))
    yield record
    record.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def client(app):
    with TestClient(app, base_url="http://testserver/api/v1") as made:
        yield made


def signed(body, *, name="msg_1", at=NOW):
    text = json.dumps(body)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(name, at, text),
    }
    return {"content": text, "headers": headers}


def test_a_signed_message_brings_a_lead_and_sent_twice_it_is_one(client):
    first = client.post("/hooks/site", **signed({"data": {"no": 7, **LEAD}}))
    again = client.post("/hooks/site", **signed({"data": {"no": 7, **LEAD}}, name="msg_2"))

    assert first.status_code == 200
    assert first.json()["taken"] == 1
    assert first.json()["rows"][0]["person_id"] == "ann"
    assert again.json()["rows"][0]["lead_id"] == first.json()["rows"][0]["lead_id"]


def test_hubspot_is_heard_by_its_own_signature(client):
    body = json.dumps({"vid": 77, "properties": {"company": {"value": "Acme"}, "website": {"value": "acme.com"}}})
    stamp = str(int(NOW.timestamp() * 1000))
    url = "https://patchbook.example.com/api/v1/hooks/hub"
    signature = Signature.get_signature("app-secret", body, "v3", url, "POST", stamp)
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}
    answer = client.post("/hooks/hub", content=body, headers=headers)

    assert [(row["source_id"], row["person_id"]) for row in answer.json()["rows"]] == [("77", "ann")]


@pytest.mark.parametrize(
    ("name", "sent", "status", "says"),
    [
        ("site", {"content": "{}"}, 403, "no header webhook-id"),
        ("site", signed(LEAD, at=NOW - timedelta(minutes=6)), 403, "5 minutes"),
        ("site", signed(LEAD) | {"content": "{}"}, 403, "not signed with the secret"),
        ("site", signed([]), 400, "holds no object"),
        ("other", signed(LEAD), 404, "no webhook 'other'"),
    ],
)
def test_what_is_not_signed_or_not_a_lead_is_refused_with_a_sentence(client, company, name, sent, status, says):
    answer = client.post(f"/hooks/{name}", **sent)

    assert answer.status_code in (status, 422)
    assert says in answer.text
    with company.reading() as tx:
        assert list(store.every_decision(tx)) == []


def test_a_good_lead_of_a_message_is_kept_beside_one_that_is_refused(client):
    client.post("/hooks/site", **signed({"data": {"no": 1, **LEAD}}))
    both = [{"data": {"no": 1, "company": "Another"}}, {"data": {"no": 2, **LEAD}}]
    answer = client.post("/hooks/site", **signed(both, name="msg_2")).json()

    assert (answer["taken"], answer["refused"]) == (1, 1)
    assert "came before" in answer["rows"][0]["says"]


def test_each_decision_is_told_to_who_wants_to_hear_of_it(client, company, monkeypatch):
    with receiver() as (port, seen):
        settings = {"PATCHBOOK_WEBHOOK_SECRET_CRM": SECRET, "PATCHBOOK_WEBHOOK_INSIDE": f"127.0.0.1:{port}"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        text = f"{DOCUMENT}  out:\n    crm: {{url: 'http://127.0.0.1:{port}/in'}}\n"
        with company.writing() as tx:
            routing.set_routing(tx, text, by=PAT, at=NOW)
        client.post("/hooks/site", **signed({"data": {"no": 1, **LEAD}}))
        client.post("/hooks/site", **signed({"data": {"no": 2, "company": "Loin", "country": "FR"}}, name="msg_2"))
        with company.reading() as tx:
            told = document_in(tx).sections["webhooks"]
        assert webhooks.deliver(company, told, at=NOW, settings=settings).delivered == 2

    events = {json.loads(body)["type"]: json.loads(body)["data"] for _, _, body in seen}
    assert events["lead.assigned"]["person_id"] == "ann"
    assert "Ann Archer" in events["lead.assigned"]["says"]
    assert events["lead.queued"]["person_id"] is None
    assert "carl@acme.com" not in str(events)


def test_a_message_that_no_database_could_keep_as_it_is_brings_a_lead_all_the_same(client):
    odd = {"data": {"no": "7\x00\ud800", "company": "Acme\ud800", "country": "US", "n\ud800te": "\ud800"}}
    answer = client.post("/hooks/site", **signed(odd))
    again = client.post("/hooks/site", **signed(odd, name="msg_2"))

    assert answer.status_code == 200, answer.text
    assert answer.json()["taken"] == 1
    assert again.json()["rows"][0]["lead_id"] == answer.json()["rows"][0]["lead_id"]


def test_a_message_that_is_too_long_is_refused_before_it_is_read_to_its_end(client):
    sent = []

    def endless():
        for _ in range(9):
            sent.append(1)
            yield b"x" * 100_000

    answer = client.post("/hooks/site", content=endless())

    assert answer.status_code in (400, 413, 422)
    assert "longer than the 262,144 bytes" in answer.json()["detail"]
