"""Jobs over the API: looked at, and asked for."""

from __future__ import annotations


def test_a_planner_sees_jobs_and_asks_for_a_run(client):
    listed = client("pia").get("/jobs").json()["items"]
    assert {"rule-run", "service-levels"} <= {one["name"] for one in listed}

    asked = client("pia").post("/jobs/expiries/runs")

    assert (asked.status_code, asked.json()["asked_by"]) == (202, "pia")
    assert client("pia").get("/job-runs").json()["items"] == []
    assert client("pia").post("/jobs/nothing/runs").status_code == 404
    assert client("ron").get("/jobs").status_code == 403
