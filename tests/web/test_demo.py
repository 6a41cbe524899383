"""The demo's address signs in as the planner, and from there one looks as others."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from builders.demo_workspace import DEMO_NOW
from patchbook.web.demo import demo_app


@pytest.fixture
def client(demo_record, demo_workspace):
    app = demo_app(demo_record, demo_workspace, "let-me-in", clock=lambda: DEMO_NOW)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def test_the_address_signs_the_planner_in_and_leads_to_the_first_page(client, demo_workspace):
    answer = client.get("/demo/let-me-in")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert client.get("/api/v1/me").json()["person_id"] == demo_workspace.planner


def test_one_looks_as_somebody_else_and_back_and_as_nobody_but_the_faces(client, demo_workspace):
    client.get("/demo/let-me-in")

    assert client.get(f"/demo/as/{demo_workspace.rep}").headers["location"] == "/"
    assert client.get("/api/v1/me").json()["person_id"] == demo_workspace.rep
    assert client.get("/demo/as/P101").status_code == 404
    client.get(f"/demo/as/{demo_workspace.planner}")
    assert client.get("/api/v1/me").json()["person_id"] == demo_workspace.planner


def test_without_the_address_nobody_is_signed_in(client, demo_workspace):
    assert client.get(f"/demo/as/{demo_workspace.planner}").status_code == 401


@pytest.mark.parametrize("guess", ["let-me-i", "let-me-in-too", "ünknown"])
def test_another_address_signs_nobody_in(client, guess):
    assert client.get(f"/demo/{guess}").status_code == 404
    assert client.get("/demo/let-me-in").status_code == 303
