"""The audit trail over HTTP: each their own, page by page, and as CSV."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from builders.roles import MONDAY, a_company, somebody
from patchbook import access
from patchbook.audit import actions as audit
from patchbook.web.app import create_app


@pytest.fixture
def asks(record):
    """Asks in somebody's name."""
    with record.writing() as tx:
        a_company(tx)
        for number, subject in enumerate(("east", "north", "east")):
            at = MONDAY + timedelta(minutes=number)
            audit.record(tx, "rename", subject, kind="territory", by="paul", at=at, after={"by": "=1+1"})
        secrets = {
            who: access.make_token(tx, "t", ["see", "see the audit trail"], by=somebody(tx, who), at=MONDAY).secret
            for who in ("ada", "mia", "rob")
        }
    client = TestClient(create_app(record, clock=lambda: MONDAY))

    def ask(who, path="/api/v1/audit/events", accept="application/json", **query):
        headers = {"Authorization": f"Bearer {secrets[who]}", "Accept": accept}
        return client.get(path, params=query, headers=headers)

    return ask


def numbers(answer):
    assert answer.status_code == 200, answer.text
    return [event["number"] for event in answer.json()["items"]]


def test_everybody_sees_what_is_theirs(asks):
    assert numbers(asks("ada", kind="territory")) == [3, 2, 1]
    assert numbers(asks("mia", kind="territory")) == [3, 1]
    assert numbers(asks("rob", subject="north")) == []


def test_a_page_says_where_the_next_begins(asks):
    first = asks("ada", kind="territory", limit=2)

    assert numbers(first) == [3, 2]
    assert numbers(asks("ada", kind="territory", limit=2, after=first.json()["next"])) == [1]


def test_a_part_of_the_time(asks):
    assert numbers(asks("ada", kind="territory", since="2027-01-04T09:01:00Z", until="2027-01-04T09:02:00Z")) == [2]


def test_as_csv_it_runs_no_formula(asks):
    told = asks("ada", accept="text/csv", kind="territory").text

    assert told.count("\n") == 4
    assert not any(cell.startswith("=") for line in told.splitlines() for cell in line.split(","))


def test_only_an_admin_verifies(asks):
    assert asks("ada", "/api/v1/audit/verification").json()["is_whole"] is True
    assert asks("mia", "/api/v1/audit/verification").status_code == 403
