"""Studies in the API, on both engines: listed, asked, looked at, stopped."""

from __future__ import annotations

import time

import pytest

from builders.plans import ADA, HIRED, a_carved_plan, a_market
from patchbook import access
from patchbook.people.principal import Role, system
from patchbook.web.studying import STUDY


@pytest.fixture
def company(record):
    a_market(record)
    with record.writing() as tx:
        for who, role in (("ada", Role.PLANNER), ("ann", Role.REP)):
            access.grant(tx, who, role, by=system(), at=HIRED)
    return record


@pytest.fixture
def asks(company, app, monkeypatch):
    """Somebody, by a session of their own."""
    from fastapi.testclient import TestClient

    def made(who):
        client = TestClient(app, base_url="http://testserver/api/v1", headers={"Sec-Fetch-Site": "same-origin"})
        with company.writing() as tx:
            begun = access.begin(tx, who, how="test", at=app.state.clock())
        client.cookies.set("patchbook-session", begun.secret)
        return client

    return made


def test_a_study_is_asked_and_its_answer_is_there_with_its_rows(asks, company):
    client, plan_id = asks("ada"), a_carved_plan(company).plan_id
    before = {one["name"]: one for one in client.get(f"plans/{plan_id}/studies").json()["items"]}
    assert (before["balance"]["asked_at"], before["balance"]["says"]) == (None, [])
    assert client.get(f"plans/{plan_id}/studies/balance").status_code == 404

    sent = client.post(f"plans/{plan_id}/studies/balance/runs", json={"choices": {"measure": "potential"}})
    assert sent.status_code == 202
    end = time.monotonic() + 30
    while (run := client.get(sent.headers["location"].removeprefix("/api/v1/")).json())["status"] != "done":
        assert run["status"] in ("waiting", "running"), run
        assert time.monotonic() < end, run
        time.sleep(0.02)

    told = client.get(f"plans/{plan_id}/studies/balance").json()
    assert (told["choices"], told["by"]) == ({"measure": "potential"}, ADA.person_id)
    assert told["found"]["says"][0].startswith("Field, potential")
    rows = client.get(f"plans/{plan_id}/studies/balance/tables/loads").json()["items"]
    assert set(rows[0]) == {"layer", "territory", "measure", "load", "target", "off_share"}
    csv = client.get(f"plans/{plan_id}/studies/balance/tables/loads?format=csv").text
    assert len(csv.splitlines()) == 1 + len(rows)
    assert client.get(f"plans/{plan_id}/studies/balance/tables/luck").status_code == 404
    assert client.get(f"plans/{plan_id}/studies/balance?asked=nothing").status_code == 404


def test_a_run_is_looked_at_stopped_and_alone(asks, app, company):
    client, plan_id = asks("ada"), a_carved_plan(company).plan_id
    waiting = app.state.jobs.add(STUDY, plan_id, by="ada", at=app.state.clock())
    waiting.outcome = "balance"
    address = f"plans/{plan_id}/studies/balance/runs"

    assert client.post(address, json={}).status_code == 409
    assert client.get(f"{address}/{waiting.job_id}").json()["status"] == "waiting"
    assert client.delete(f"{address}/{waiting.job_id}").status_code == 202
    assert waiting.stop.is_set()
    assert client.get(f"{address}/nothing").status_code == 404


def test_who_may_not_and_what_there_is_not_is_refused(asks, company):
    client, plan_id = asks("ada"), a_carved_plan(company).plan_id

    assert asks("ann").get(f"plans/{plan_id}/studies").status_code == 403
    assert client.post(f"plans/{plan_id}/studies/luck/runs", json={}).status_code == 404
    assert client.post(f"plans/{plan_id}/studies/balance/runs", json={"choices": {"x": "1"}}).status_code == 422
    assert client.post(f"plans/{plan_id}/studies/balance/runs", json={"seconds": 0}).status_code == 422
