"""The demo's address signs in once, as the planner."""

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


def test_the_address_works_once(client):
    client.get("/demo/let-me-in")
    client.cookies.clear()

    assert client.get("/demo/let-me-in").status_code == 404
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("guess", ["let-me-i", "let-me-in-too", "ünknown"])
def test_another_address_signs_nobody_in_and_uses_nothing_up(client, guess):
    assert client.get(f"/demo/{guess}").status_code == 404
    assert client.get("/demo/let-me-in").status_code == 303
