"""The pages of routing: the feed, a lead and its deeds, pools, the queue, replays, the document and webhooks."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from builders.counting import statements
from builders.demo_workspace import DEMO_NOW, copied
from patchbook import access
from patchbook.leads import looking
from patchbook.leads.fairness import pools
from patchbook.leads.feed import Came, feed
from patchbook.leads.lead import Status
from patchbook.leads.trying import try_lead
from patchbook.people.principal import Principal, Role
from patchbook.web.app import answer_from
from patchbook.web.pages.routing import document, hooks, lead, queue
from patchbook.web.pages.routing import feed as feed_page
from patchbook.web.pages.routing import pools as pools_page

HEADERS = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def shown(demo_workspace, tmp_path_factory):
    """The demo's record, to look at only."""
    from patchbook.db import open_record

    record = open_record(copied(demo_workspace, tmp_path_factory.mktemp("shown") / "demo").record)
    yield record
    record.close()


def settled(client: TestClient, address: str) -> str:
    """A page once nothing in it is under way any more."""
    for _ in range(200):
        page = client.get(address).text
        if "data-live" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError(f"{address} is under way for ten seconds")


def who(record, person_id: str) -> Principal:
    with record.reading() as tx:
        return access.principal(tx, person_id, at=DEMO_NOW)


@pytest.fixture
def looks(_made_app, demo_record):
    """`looks(person_id)` is that person of the demo, who may change it."""
    answer_from(_made_app, demo_record, lambda: DEMO_NOW)

    def made(person_id: str) -> TestClient:
        client = TestClient(_made_app, base_url="http://testserver", headers=HEADERS, follow_redirects=False)
        with demo_record.writing() as tx:
            begun = access.begin(tx, person_id, how="test", at=DEMO_NOW)
        client.cookies.set("patchbook-session", begun.secret)
        return client

    yield made
    _made_app.state.jobs.close()


def test_the_feed_tells_the_newest_decision_first_with_names_and_in_pages(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx:
        first = feed(tx, limit=20, **asking)
        second = feed(tx, limit=20, after=first.next_cursor, **asking)

    lines = [*first.rows, *second.rows]
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    assert len({line.decision_id for line in lines}) == 40
    assert not any("⟨" in line.says for line in lines)
    assert all(line.person is None or line.person != line.person_id for line in lines)


def test_the_feed_can_be_narrowed_to_an_outcome_a_pool_or_a_person(shown, demo_workspace):
    asking = {"limit": 200, "by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx:
        every = feed(tx, **asking).rows
        queued = feed(tx, came=Came.QUEUED, **asking).rows
        some_pool = next(line.pool_id for line in every if line.pool_id)
        pooled = feed(tx, pool_id=some_pool, **asking).rows
        some_person = next(line.person_id for line in every if line.person_id)
        given = feed(tx, person_id=some_person, **asking).rows

    assert list(queued) == [line for line in every if line.person_id is None] != []
    assert list(pooled) == [line for line in every if line.pool_id == some_pool]
    assert list(given) == [line for line in every if line.person_id == some_person]


def test_the_feed_asks_the_database_as_often_for_many_lines_as_for_few(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx:
        asked = []
        for limit in (2, 50):
            with statements(tx) as counted:
                feed_page.load(tx, limit=limit, **asking)
            asked.append(counted.number)

    assert asked == [8, 8]


def test_a_rep_sees_only_decisions_about_leads_they_may_see(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.rep), "at": DEMO_NOW}
    with shown.reading() as tx:
        lines = feed(tx, limit=200, **asking).rows
        mine = {one.lead_id for one in looking.leads(tx, limit=200, **asking).rows}

    assert {line.lead_id for line in lines} <= mine


def test_what_is_new_comes_as_rows_and_what_is_old_only_of_the_last_moments(looks, demo_workspace):
    client = looks(demo_workspace.planner)
    newest = int(re.search(r'newest="(\d+)"', client.get("/routing").text)[1])
    before = client.get("/routing/new", params={"since": newest}).text.count("<tr ")
    later = client.get("/routing/new", params={"since": newest + 60_000_000}).text

    posted = client.post(
        "/api/v1/leads",
        json={"source": "test", "source_id": "1", "fields": {"name": "Newly Arrived Ltd", "country": "US"}},
        headers={"Accept": "application/json"},
    )
    after = client.get("/routing/new", params={"since": newest}).text

    assert posted.status_code == 201, posted.text
    assert (before, later.count("<tr ")) == (1, 0)
    assert "Newly Arrived Ltd" in after


def test_a_lead_shows_each_step_of_each_decision_and_who_was_passed_over(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx:
        twice = next(one for one in looking.leads(tx, limit=200, **asking).rows if one.decisions > 1)
        page = lead.load(tx, twice.lead_id, **asking)

    decisions = [one for one in page.happenings if one.decision is not None]
    assert len(decisions) == twice.decisions
    assert all(one.decision.decision.steps for one in decisions)
    assert any(one.decision.decision.skipped for one in decisions)
    assert page.timers
    assert page.may_reassign


def test_a_lead_is_accepted_touched_given_by_hand_and_closed_by_forms(looks, demo_record, demo_workspace):
    client = looks(demo_workspace.planner)
    asking = {"by": who(demo_record, demo_workspace.planner), "at": DEMO_NOW}
    with demo_record.reading() as tx:
        rows = looking.leads(tx, status=Status.ASSIGNED, limit=200, **asking).rows
        known = next(one for one in rows if one.accepted_at is None)
    address = f"/routing/leads/{known.lead_id}"

    assert client.post(f"{address}/acceptance").headers["location"] == address
    assert client.post(f"{address}/touches", data={"how": "called"}).status_code == 303
    given = client.post(
        f"{address}/reassignment",
        data={"person_id": demo_workspace.rep, "why": "They know them", "read": str(known.decisions)},
    )
    again = client.post(
        f"{address}/reassignment", data={"person_id": demo_workspace.rep, "why": "Twice", "read": str(known.decisions)}
    )
    closed = client.post(f"{address}/closure", data={"why": "won"})

    assert (given.status_code, again.status_code, closed.status_code) == (303, 409, 303)
    with demo_record.reading() as tx:
        page = lead.load(tx, known.lead_id, **asking)
    assert (page.lead.status, page.lead.person_id) == (Status.CLOSED, demo_workspace.rep)
    assert {one.event.what for one in page.happenings if one.event} == {"accepted", "touched", "closed"}
    assert "They know them" in page.says
    assert client.get(address).status_code == 200


def test_only_an_admin_erases_who_is_behind_a_lead(looks, demo_record, demo_workspace):
    asking = {"by": who(demo_record, demo_workspace.admin), "at": DEMO_NOW}
    with demo_record.reading() as tx:
        known = next(one for one in looking.leads(tx, limit=200, **asking).rows if "email" in one.fields)

    refused = looks(demo_workspace.planner).post(f"/routing/leads/{known.lead_id}/erasure")
    client = looks(demo_workspace.admin)
    done = client.post(f"/routing/leads/{known.lead_id}/erasure")

    assert (refused.status_code, done.status_code) == (403, 303)
    assert known.fields["email"] not in client.get(f"/routing/leads/{known.lead_id}").text


def test_a_rep_may_not_give_leads_to_others_and_sees_no_form_for_it(shown, demo_workspace):
    planner = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx:
        found = looking.leads(tx, status=Status.ASSIGNED, limit=200, **planner).rows
        rep = next(one for one in found if access.principal(tx, one.person_id, at=DEMO_NOW).roles == {Role.REP})
        page = lead.load(tx, rep.lead_id, by=access.principal(tx, rep.person_id, at=DEMO_NOW), at=DEMO_NOW)

    assert not page.may_reassign
    assert page.people == ()


def test_pools_tell_turns_weights_and_who_may_have_the_next_lead(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx:
        found = pools(tx, **asking)
        with statements(tx) as counted:
            pools_page.load(tx, **asking)

    inbound = next(pool for pool in found if pool.name == "Inbound desk")
    assert inbound.given == sum(one.given for one in inbound.members) > 0
    assert abs(sum(one.due for one in inbound.members) - 1) < 1e-9
    assert sum(one.is_next for one in inbound.members) == (1 if inbound.eligible else 0)
    closed = next(pool for pool in found if not pool.eligible)
    assert all("does not work until" in one.why_not for one in closed.members)
    assert counted.number <= 6


def test_the_queue_tells_why_each_lead_waits_and_what_to_do(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    with shown.reading() as tx, statements(tx) as counted:
        page = queue.load(tx, **asking)

    assert len(page.lines) == page.queue.waiting > 1
    assert all(line.to_do and line.waiting.says for line in page.lines)
    assert [one.timer.due_at for one in page.awaited] == sorted(one.timer.due_at for one in page.awaited)
    assert page.paces[0].lag.count > 0
    assert counted.number == 9


def test_looking_through_the_queue_again_says_what_came_of_it(looks, demo_workspace):
    client = looks(demo_workspace.planner)

    swept = client.post("/routing/queue/sweep")

    assert swept.headers["location"] == "/routing/queue"
    assert "looked at" in client.get("/routing/queue").text


def test_a_lead_is_tried_with_a_text_that_does_not_hold_and_nothing_is_kept(shown, demo_workspace):
    asking = {"by": who(shown, demo_workspace.planner), "at": DEMO_NOW}
    text = f"routes:\n  - name: All\n    stages: [{{person: {{person: {demo_workspace.rep}, hours: anyway}}}}]\n"
    with shown.reading() as tx:
        before = feed(tx, limit=1, **asking).rows[0].decision_id
        tried = document.try_out(tx, "name: Acme\ncountry = US", text, kind="lead", motion="inbound", **asking)
        held = try_lead(tx, _received("Acme"), **asking)
        after = feed(tx, limit=1, **asking).rows[0].decision_id

    assert tried.decision.person_id == demo_workspace.rep
    assert held.steps
    assert before == after


def _received(name: str):
    from patchbook.leads.lead import Received

    return Received(source="test", source_id="1", fields={"name": name})


def test_every_problem_of_a_routing_document_is_told_with_its_line(looks, demo_workspace):
    client = looks(demo_workspace.planner)
    bad = "routes:\r\n  - name: All\r\n    stages: [nowhere]\r\ncapz: []\r\n"

    whole = client.post("/routing/document/check", data={"document": bad})
    part = client.post("/routing/document/check", data={"document": bad}, headers={"HX-Request": "true"})

    assert 'data-line="3"' in part.text
    assert 'data-line="4"' in part.text
    assert "<html" not in part.text
    assert "stages: [nowhere]" in whole.text


def test_a_routing_document_is_set_as_it_was_typed_and_not_over_a_newer_one(looks, demo_record, demo_workspace):
    client = looks(demo_workspace.planner)
    text = "free_mail: [post.example]\r\n"

    done = client.post("/routing/document", data={"document": text, "why": "Trying", "read": "1"})
    stale = client.post("/routing/document", data={"document": "", "why": "", "read": "1"})

    assert (done.status_code, stale.status_code) == (303, 409)
    with demo_record.reading() as tx:
        page = document.load(tx, by=who(demo_record, demo_workspace.planner), at=DEMO_NOW)
    assert (page.newest, page.text) == (2, "free_mail: [post.example]\n")
    assert any(line.kind == "add" and "post.example" in line.text for line in page.changes)
    assert "It does not hold any more" in client.get("/routing/document?version=1").text


def test_a_replay_runs_beside_the_page_and_tells_what_differs(looks, demo_workspace):
    client = looks(demo_workspace.planner)

    started = client.post("/routing/replays", data={"since": (DEMO_NOW - timedelta(days=30)).date().isoformat()})
    address = started.headers["location"]
    page = settled(client, address)
    file = client.get(f"{address}/decisions.csv?only=all")

    assert "Who gets how many" in page
    assert file.headers["content-type"].startswith("text/csv")
    assert len(file.text.splitlines()) > 60
    assert client.get("/routing/replays/job-nothing").status_code == 404


def test_webhooks_tell_whether_a_secret_is_set_and_never_the_secret(looks, demo_record, demo_workspace, monkeypatch):
    monkeypatch.setenv("PATCHBOOK_WEBHOOK_SECRET_SITE", "whsec_never-to-be-seen")
    client = looks(demo_workspace.admin)
    text = "webhooks:\n  in:\n    site: {}\n"
    checked = client.post("/routing/document", data={"document": text, "read": "1"})

    page = client.get("/routing/hooks").text

    assert checked.status_code == 303, checked.text
    assert "/api/v1/hooks/site" in page
    assert "never-to-be-seen" not in page
    with demo_record.reading() as tx:
        assert hooks.load(tx, by=who(demo_record, demo_workspace.admin), at=DEMO_NOW).sources[0].name == "site"
