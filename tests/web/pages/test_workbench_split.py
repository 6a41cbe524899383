"""A territory of a draft split in the workbench: seen first, then one edit."""

from __future__ import annotations

import polars as pl
import pytest

from builders.plans import ADA, TUESDAY, the_plan
from patchbook.plans import actions as plans
from patchbook.plans.edits import Lock
from patchbook.web.jobs import JobStatus
from patchbook.web.pages.workbench import splitting

FORM = {"Patchbook-Form": "1", "Accept": "application/json, application/problem+json"}


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def plan(company):
    return the_plan(company)


def standing(record, plan):
    with record.reading() as tx:
        return plans.state(tx, plan.plan_id, by=ADA, at=TUESDAY)


def where(record, plan):
    return dict(standing(record, plan).assignments.select("account_id", "territory").iter_rows())


@pytest.fixture
def whole(company, plan):
    """A territory of the carve with people."""
    return standing(company, plan).territories.filter(pl.col("person") == "ann")["territory"][0]


def worked_out(app, record, plan, territory, into):
    """A split of a territory that was worked out and waits to be taken."""
    job = app.state.jobs.add(splitting.BESIDE.kind, plan.plan_id, by="ada", at=TUESDAY)
    splitting.work_out(record, plan.plan_id, territory, into, job, by=ADA, clock=lambda: TUESDAY)
    job.status = JobStatus.DONE
    return job


def test_a_split_is_seen_before_it_is_made_and_is_one_edit(app, company, plan, whole, visitor):
    client, base = visitor("ada"), f"/plans/{plan.plan_id}/split"
    before = where(company, plan)
    assert f"<option selected>{whole}</option>" in client.get(base, params={"territory": whole}).text
    job = worked_out(app, company, plan, whole, 2)
    with company.reading() as tx:
        page = splitting.load(tx, plan.plan_id, app.state.jobs, by=ADA, at=TUESDAY)

    assert where(company, plan) == before
    assert [part.name for part in page.parts] == [whole, f"{whole} 2"]
    assert [part.who for part in page.parts] == ["Ann Able", None]
    assert sum(part.accounts for part in page.parts) == page.before.accounts
    assert page.moving == page.before.accounts - page.parts[0].accounts == page.parts[1].accounts
    share = page.before.carried[0].actual / 2
    assert all(abs(part.carried[0].actual / share - 1) <= 0.3 for part in page.parts)  # the plan's tolerance
    assert "No other territory changes." in client.get(base).text

    taken = client.post(f"{base}/{job.job_id}/take", data={"why": "One is hired"}, headers=FORM)
    assert taken.json() == {"location": f"/plans/{plan.plan_id}"}
    row = standing(company, plan).assignments.filter(pl.col("territory") == f"{whole} 2").row(0, named=True)
    assert f", splitting {whole} (One is hired). " in row["reason"]
    assert f"Split {whole} in 2" in client.get(f"/plans/{plan.plan_id}/history").text
    assert client.post(f"/plans/{plan.plan_id}/undo", data={}, headers=FORM).status_code == 200
    assert where(company, plan) == before


def test_a_split_of_a_draft_that_was_edited_meanwhile_is_not_made(app, company, plan, whole, visitor):
    client, base = visitor("ada"), f"/plans/{plan.plan_id}/split"
    job = worked_out(app, company, plan, whole, 2)
    with company.writing() as tx:
        plans.edit(tx, plan.plan_id, Lock(accounts=("A5",)), revision=None, by=ADA, at=TUESDAY)

    assert "work it out again" in client.get(base).text
    assert client.post(f"{base}/{job.job_id}/take", headers=FORM).status_code == 409
    assert client.post(f"{base}/{job.job_id}/drop", headers=FORM).status_code == 200
    assert "work it out again" not in client.get(base).text
    assert client.post(f"{base}/{job.job_id}/take", headers=FORM).status_code == 404


def test_a_split_is_asked_by_a_form_and_too_many_parts_are_refused_there(app, company, plan, whole, visitor):
    client, base = visitor("ada"), f"/plans/{plan.plan_id}/split"

    refused = client.post(base, data={"territory": whole, "parts": "101"}, headers=FORM)
    assert (refused.status_code, app.state.jobs.of(splitting.BESIDE.kind, plan.plan_id)) == (422, [])
    assert "it is 2 to 100" in refused.json()["detail"]
    asked = client.post(base, data={"territory": whole, "parts": "2"}, headers=FORM)
    assert asked.json() == {"location": base}
    (job,) = app.state.jobs.of(splitting.BESIDE.kind, plan.plan_id)
    assert client.post(f"{base}/{job.job_id}/stop", headers=FORM).json() == {"location": base}


def test_who_may_not_edit_cannot_split(company, plan, whole, visitor):
    answer = visitor("mia").post(f"/plans/{plan.plan_id}/split", data={"territory": whole, "parts": "2"}, headers=FORM)

    assert answer.status_code in (403, 404)
