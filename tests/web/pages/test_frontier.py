"""The frontier of a plan: trying its settings, and choosing a point."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from builders.plans import ADA, TUESDAY, a_draft, the_plan
from patchbook.plans import actions as plans
from patchbook.plans import trying
from patchbook.web.pages.frontier import FRONTIER, load


@pytest.fixture
def company(market):
    return market


@pytest.fixture
def plan(company):
    return the_plan(company)


@pytest.fixture
def points(company, plan):
    """A few of the points, tried before."""
    with company.reading() as tx:
        trial = trying.prepare_trial(tx, plan.plan_id, seconds=2, by=ADA, at=TUESDAY)
    return replace(trial, wanted=3).run()


def until(true):
    """Wait, half a minute at most, for what is done beside the request."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


def page(record, plan_id, **asked):
    with record.reading() as tx:
        return load(tx, plan_id, by=ADA, at=TUESDAY, **asked)


def test_before_anything_is_tried_there_is_no_chart(company, plan):
    shown = page(company, plan.plan_id)

    assert (shown.chart, shown.dots, shown.job) == (None, (), None)


def test_the_points_are_listed_with_the_least_disruption_first_and_one_is_looked_at(company, plan, points):
    key = points[1].tuning.key

    shown = page(company, plan.plan_id, point=key)

    assert [dot.point for dot in shown.dots] == sorted(points, key=lambda point: point.figures)
    assert shown.chosen.point == points[1]
    assert not shown.chosen_is_now
    assert page(company, plan.plan_id, point=points[0].tuning.key).chosen_is_now
    assert page(company, plan.plan_id, point="nothing").chosen is None


def test_trying_is_begun_by_a_form_looked_at_and_leaves_the_plan_as_it_is(visitor, app, company, plan):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/frontier"

    answer = client.post(address, data={"seconds": 2})
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    (job,) = app.state.jobs.of(FRONTIER, plan.plan_id)
    told = client.get(f"{address}/progress").json()
    assert set(told) == {"is_over", "says"}
    until(lambda: page(company, plan.plan_id).dots)
    stopped = client.post(f"{address}/stop")
    until(lambda: client.get(f"{address}/progress").json()["is_over"])

    assert stopped.headers["location"] == address
    assert job.status in ("stopped", "done")
    assert page(company, plan.plan_id, job=job).job.is_over
    assert the_plan(company) == plan
    shown = client.get(address).text
    assert "frontier-chart" in shown
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<div class="side frontier">')


def test_one_trial_at_a_time(visitor, app, plan):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/frontier"
    waiting = app.state.jobs.add(FRONTIER, plan.plan_id, by="ada", at=TUESDAY)

    answer = client.post(address, data={"seconds": 2})

    assert answer.status_code == 409
    assert "being tried already" in answer.text
    assert "<job-progress" in client.get(address).text
    client.post(f"{address}/stop")
    assert waiting.stop.is_set()


def test_a_point_becomes_a_scenario_by_a_form(visitor, company, plan, points):
    data = {"point": points[1].tuning.key, "name": "Fewer moves"}

    answer = visitor("ada").post(f"/plans/{plan.plan_id}/frontier/scenario", data=data)

    made = the_plan(company, "Fewer moves")
    assert answer.headers["location"] == f"/plans/{made.plan_id}"
    assert made.result_id == points[1].result_id
    assert the_plan(company) == plan


def test_a_point_is_taken_into_the_draft_once(visitor, company, plan, points):
    client, address = visitor("ada"), f"/plans/{plan.plan_id}/frontier"
    data = {"point": points[1].tuning.key, "revision": plan.revision}

    answer = client.post(f"{address}/choice", data=data)
    again = client.post(f"{address}/choice", data=data)

    assert answer.headers["location"] == f"{address}?point={points[1].tuning.key}"
    assert the_plan(company).result_id == points[1].result_id
    assert again.status_code == 409
    assert client.post(f"{address}/choice", data={"point": "x", "revision": 1}).status_code == 404


def test_a_plan_that_is_no_draft_or_has_no_carve_says_what_to_do(visitor, company, plan):
    client, draft = visitor("ada"), a_draft(company, name="Next")
    with company.writing() as tx:
        plans.submit(tx, plan.plan_id, revision=None, by=ADA, at=TUESDAY)

    assert "not carved yet" in client.get(f"/plans/{draft.plan_id}/frontier").text
    assert "clone it to a scenario" in client.get(f"/plans/{plan.plan_id}/frontier").text
    assert client.post(f"/plans/{plan.plan_id}/frontier", data={"seconds": 2}).status_code == 409
