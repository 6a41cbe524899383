"""The pages of administration: who comes in and how, tokens, jobs, settings, and the audit trail."""

from __future__ import annotations

import re
import time

import pytest
from sqlalchemy import insert

from builders.counting import statements
from builders.web_company import NOW, principal_of
from patchbook import access
from patchbook.access.users import Which, end_all_sessions, sessions, user, users
from patchbook.audit import actions as audit
from patchbook.errors import NotAllowed
from patchbook.jobs import actions as jobs
from patchbook.jobs.job import LostLease, NotRunning, Outcome
from patchbook.jobs.kinds import JOBS
from patchbook.jobs.runner import Turn
from patchbook.jobs.runner import _begun as begun  # the first half of a run, to stop it before its second
from patchbook.people.principal import Role
from patchbook.web.jobs import Jobs
from patchbook.web.pages.admin import audit as audit_page
from patchbook.web.pages.admin import overview
from patchbook.web.pages.admin import users as users_page

ADA = {"by": principal_of("ada"), "at": NOW}
PASSWORD = "correct horse battery"


def settled(client, address: str) -> str:
    """A page once nothing in it is under way any more."""
    for _ in range(200):
        page = client.get(address).text
        if "data-live" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError(f"{address} is under way for ten seconds")


def test_users_are_told_with_their_roles_and_how_they_come_in(company):
    with company.writing() as tx:
        access.set_password(tx, "ron", PASSWORD, **ADA)
        access.begin(tx, "ron", how="test", at=NOW)
    with company.reading() as tx:
        every = {one.person_id: one for one in users(tx, **ADA).rows}
        signing_in = [one.person_id for one in users(tx, which=Which.SIGNING_IN, **ADA).rows]
        managers = {one.person_id for one in users(tx, role=Role.MANAGER, **ADA).rows}
        found = [one.person_id for one in users(tx, search="RON@", **ADA).rows]

    assert (every["ron"].can_sign_in, every["ron"].sessions, every["rita"].can_sign_in) == (True, 1, False)
    assert signing_in == found == ["ron"]
    assert managers == {"boss", "nora", "sven"}
    assert every["nora"].roles[0].territory_id == "north"


def test_the_list_of_users_asks_the_database_as_often_for_many_as_for_few(company):
    with company.reading() as tx:
        asked = []
        for limit in (1, 50):
            with statements(tx) as counted:
                users_page.load(tx, limit=limit, **ADA)
            asked.append(counted.number)

    assert asked == [3, 3]


def test_who_is_no_admin_learns_of_no_user(company):
    with company.reading() as tx:
        for asked in (lambda by: users(tx, by=by, at=NOW), lambda by: sessions(tx, "ron", by=by, at=NOW)):
            with pytest.raises(NotAllowed):
                asked(principal_of("pia"))


def test_roles_are_granted_below_a_territory_and_taken_away_by_forms(visitor, company):
    client = visitor("ada")

    granted = client.post("/admin/users/vera/grants", data={"role": "manager", "territory_id": "south"})
    with company.reading() as tx:
        held = {(one.role, one.territory_id) for one in user(tx, "vera", **ADA).roles}
    taken = client.post("/admin/users/vera/revocations", data={"role": "manager", "territory_id": "south"})
    last = client.post("/admin/users/ada/revocations", data={"role": "admin"})

    assert (granted.status_code, taken.status_code, last.status_code) == (303, 303, 409)
    assert held == {(Role.VIEWER, None), (Role.MANAGER, "south")}
    with company.reading() as tx:
        assert {one.role for one in user(tx, "vera", **ADA).roles} == {Role.VIEWER}


def test_a_password_set_and_sessions_ended_by_forms_put_somebody_out(visitor, company):
    client, ron = visitor("ada"), visitor("ron")
    assert ron.get("/").status_code == 200

    assert client.post("/admin/users/ron/password", data={"new": PASSWORD}).status_code == 303
    assert ron.get("/").status_code == 303

    with company.writing() as tx:
        access.begin(tx, "ron", how="test", at=NOW)
        assert end_all_sessions(tx, "ron", **ADA) == 1
        assert sessions(tx, "ron", **ADA) == ()
        event = audit.trail(tx, subject="ron", limit=1, **ADA).rows[0]
    assert (event.deed, event.after) == ("end sessions", {"sessions": 1})


def test_who_changes_their_own_password_must_know_the_old_one(visitor, company):
    with company.writing() as tx:
        access.set_password(tx, "ron", PASSWORD, **ADA)
    client = visitor("ron")

    wrong = client.post("/admin/password", data={"old": "wrong", "new": "violet anvil drifts sideways"})
    right = client.post("/admin/password", data={"old": PASSWORD, "new": "violet anvil drifts sideways"})

    assert (wrong.status_code, right.headers["location"]) == (401, "/sign-in")


def test_the_secret_of_a_token_is_shown_once_and_is_in_no_address_cookie_or_event(visitor, company):
    client = visitor("ron")
    form = {"name": "nightly", "scopes": ["see", "work leads"], "days": "30"}

    made = client.post("/admin/tokens", data=form)
    secret = re.search(r"<output>(patchbook_[^<]+)</output>", made.text)[1]
    by_script = client.post("/admin/tokens", data=form, headers={"Patchbook-Form": "1", "Idempotency-Key": "k1"})
    repeated = client.post("/admin/tokens", data=form, headers={"Patchbook-Form": "1", "Idempotency-Key": "k1"})

    assert made.headers["cache-control"] == by_script.headers["cache-control"] == "no-store"
    assert "location" not in made.headers
    assert "set-cookie" not in made.headers
    assert secret not in client.get("/admin/tokens").text
    assert by_script.json()["secret"] != secret
    assert (repeated.status_code, by_script.json()["secret"] in repeated.text) == (409, False)
    with company.reading() as tx:
        told = [event.after for event in audit.trail(tx, kind="token", **ADA).rows]
        assert access.token_principal(tx, secret, at=NOW).person_id == "ron"
    assert secret not in str(told)


def test_a_token_is_revoked_by_its_owner_and_by_nobody_else(visitor, company):
    with company.writing() as tx:
        made = access.make_token(tx, "mine", ["see"], by=principal_of("ron"), at=NOW)

    other = visitor("rita").post(f"/admin/tokens/{made.token.token_id}/revocation")
    own = visitor("ron").post(f"/admin/tokens/{made.token.token_id}/revocation")

    assert (other.status_code, own.status_code) == (404, 303)
    with company.reading() as tx:
        assert access.token_principal(tx, made.secret, at=NOW) is None


def test_sign_in_providers_are_told_without_their_secret_and_with_what_is_wrong(visitor, company, monkeypatch):
    client = visitor("ada")
    file = company.folder / "sign-in.json"
    file.write_text('{"okta": {"issuer": "https://example.okta.com", "client_id": "c1", "roles": {"Ops": "planner"}}}')
    monkeypatch.setenv("PATCHBOOK_OIDC_SECRET_OKTA", "never-to-be-seen")
    page = client.get("/admin/sign-in").text
    file.write_text('{"okta": {"issuer": "ftp://example.okta.com", "client_id": "c1"}}')
    broken = client.get("/admin/sign-in")

    assert "https://example.okta.com" in page
    assert "/api/v1/single-sign-on/okta/return" in page
    assert "never-to-be-seen" not in page
    assert broken.status_code == 200
    assert "must begin with https://" in broken.text


def test_a_setting_is_changed_only_as_it_was_read(visitor, company):
    client = visitor("ada")

    done = client.post("/admin/settings/challenge_days", data={"value": "21", "read": "14"})
    stale = client.post("/admin/settings/challenge_days", data={"value": "7", "read": "14"})

    assert (done.status_code, stale.status_code) == (303, 409)
    assert "is set to 21 by now" in stale.text
    assert visitor("pia").post("/admin/settings/challenge_days", data={"value": "7"}).status_code == 403


def test_the_trail_shows_what_a_deed_changed_and_can_be_narrowed(visitor, company):
    client = visitor("ada")
    client.post("/admin/settings/challenge_days", data={"value": "21", "read": "14"})

    with company.reading() as tx:
        page = audit_page.load(tx, Jobs(), kind="setting", since="2027-03-01", until="2027-03-01", **ADA)
        before = audit_page.load(tx, Jobs(), kind="setting", until="2027-02-28", **ADA)

    assert [(one.event.subject, one.changes) for one in page.events] == [
        ("challenge_days", (audit_page.Change(name="value", before="14", after="21"),))
    ]
    assert before.events == ()
    assert '<del class="was">14</del>' in client.get("/admin/audit?kind=setting").text


def test_the_trail_is_quick_where_there_are_a_hundred_thousand_events(company):
    from patchbook.audit.store import event

    with company.writing() as tx:
        first = (tx.exec_driver_sql("SELECT max(number) FROM event").scalar() or 0) + 1
        values = {"at": NOW, "by": "pia", "deed": "edit", "kind": "plan", "previous": "p", "digest": "d"}
        rows = [{**values, "number": first + n, "subject": f"plan-{n % 50}"} for n in range(100_000)]
        tx.execute(insert(event), rows)
    with company.reading() as tx:
        took = []
        for asked in (
            {},
            {"kind": "plan"},
            {"subject": "plan-7"},
            {"person_id": "pia"},
            {"kind": "nothing of the kind"},
        ):
            started = time.perf_counter()
            audit_page.load(tx, Jobs(), **asked, **ADA)
            took.append(time.perf_counter() - started)

    assert max(took) < 1.0, took


def test_verifying_tells_how_far_the_trail_holds_and_where_it_does_not(visitor, company):
    client = visitor("ada")
    client.post("/admin/audit/verification")
    good = settled(client, "/admin/audit")
    well = client.get("/admin").text
    with company.writing() as tx:
        tx.exec_driver_sql("DROP TRIGGER IF EXISTS event_no_update")
        for name in [row[0] for row in tx.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'")]:
            tx.exec_driver_sql(f'DROP TRIGGER "{name}"') if "event" in name else None
        tx.exec_driver_sql("UPDATE event SET why = 'another' WHERE number = 1")
    client.post("/admin/audit/verification")
    bad = settled(client, "/admin/audit")

    assert "are as they were written" in good
    assert "are as they were written" in well
    assert "Event 1 is not as it was written" in bad
    assert visitor("pia").post("/admin/audit/verification").status_code == 403


def test_the_whole_trail_is_downloaded_by_admins(visitor):
    file = visitor("ada").get("/admin/audit/trail.csv")

    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.startswith("number,at,by,deed,kind,subject,before,after,why")
    assert visitor("pia").get("/admin/audit/trail.csv").status_code == 403


def test_a_job_is_run_beside_the_page_and_its_log_tells_what_came_of_it(visitor, company):
    client = visitor("pia")

    asked = client.post("/admin/jobs/orphan-sweep/runs")
    settled(client, "/admin/jobs")

    assert asked.headers["location"] == "/admin/jobs"
    with company.reading() as tx:
        (run,) = jobs.runs(tx, name="orphan-sweep", by=principal_of("pia"), at=NOW).rows
    assert (run.outcome, run.asked_by) == (Outcome.DONE, "pia")


def test_a_run_that_is_stopped_writes_nothing_more(company):
    asking = {"by": principal_of("pia"), "at": NOW}
    kind = JOBS[0]
    with company.writing() as tx:
        run = begun(tx, kind, "somebody", NOW)
    turn = Turn(record=company, run=run, clock=lambda: NOW, at=NOW)
    with turn.writing():
        pass

    with company.writing() as tx:
        state = jobs.stop(tx, kind.name, **asking)

    assert not state.is_leased(NOW)
    assert not state.is_due(NOW)
    with pytest.raises(LostLease), turn.writing():
        pass
    with company.writing() as tx:
        assert jobs.last_runs(tx, **asking)[kind.name].says.startswith("It was stopped")
        with pytest.raises(NotRunning):
            jobs.stop(tx, kind.name, **asking)


def test_a_run_that_was_asked_for_can_be_taken_back(company):
    asking = {"by": principal_of("pia"), "at": NOW}
    with company.writing() as tx:
        assert jobs.ask(tx, "webhooks", **asking).asked_by == "pia"
        assert jobs.stop(tx, "webhooks", **asking).asked_by is None


def test_a_schedule_is_set_and_a_job_put_off_by_forms(visitor, company):
    client = visitor("pia")

    client.post("/admin/jobs/webhooks/schedule", data={"schedule": "every 10 minutes", "off": "yes"})
    wrong = client.post("/admin/jobs/webhooks/schedule", data={"schedule": "now and then"})

    with company.reading() as tx:
        state = jobs.get(tx, "webhooks", by=principal_of("pia"), at=NOW)
    assert (str(state.schedule), state.is_on, wrong.status_code) == ("every 10 minutes", False, 422)


def test_the_overview_tells_what_needs_a_look(company):
    with company.reading() as tx:
        page = overview.load(tx, Jobs(), **ADA)

        of_planner = overview.load(tx, Jobs(), by=principal_of("pia"), at=NOW)

    assert {one.path for one in page.checks} - {one.path for one in of_planner.checks} == {"/routing/hooks"}
    assert page.rows["People"] == 10
    assert {one.name: one.kind for one in page.checks}["Record"] == "good"
    assert next(one for one in page.checks if one.name == "Audit trail").says.startswith("It was not verified")
