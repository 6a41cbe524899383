"""Whoever leaves at once has their open leads routed again in the same breath."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from builders.leads import NOW, a_lead, receive
from patchbook import access
from patchbook.leads import looking
from patchbook.leads.lead import Status
from patchbook.people.principal import system
from patchbook.period import Period
from patchbook.territories import seats
from patchbook.web.app import create_app


@pytest.fixture
def client(sqlite_sellers) -> Iterator[TestClient]:
    app = create_app(sqlite_sellers, clock=lambda: NOW)
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    with TestClient(app, headers=headers, follow_redirects=False) as client:
        with sqlite_sellers.writing() as tx:
            client.cookies.set("patchbook-session", access.begin(tx, "pat", how="test", at=NOW).secret)
        yield client
    app.state.jobs.close()


def leads_of(record, who):
    with record.reading() as tx:
        return len(looking.leads(tx, person_id=who, status=Status.ASSIGNED, by=system(), at=NOW).rows)


def test_open_leads_go_to_who_takes_over(sqlite_sellers, client):
    for number in range(3):
        receive(sqlite_sellers, a_lead(number, domain="acme.com", name="Acme", country="US", employees=1200))
    assert leads_of(sqlite_sellers, "ann") == 3
    with sqlite_sellers.reading() as tx:
        (held,) = seats.filled_by(tx, "ann", Period(NOW))
    today = NOW.date().isoformat()
    sent = {"on": today, "step": "check", f"way-{held.seat.seat_id}": "replace", f"who-{held.seat.seat_id}": "bob"}

    assert "3 open leads of theirs are routed again at once" in client.get("/people/ann/depart", params=sent).text
    done = client.post("/people/ann/depart", data=sent)
    receipt = client.get(done.headers["location"]).text

    assert leads_of(sqlite_sellers, "ann") == 0
    assert leads_of(sqlite_sellers, "bob") == 3
    assert "Routed again: 3 leads to Bob" in receipt
    assert "No lead is open with Ann" in receipt


def test_who_leaves_later_keeps_their_leads_until_then(sqlite_sellers, client):
    receive(sqlite_sellers, a_lead(1, domain="acme.com", name="Acme", country="US", employees=1200))
    with sqlite_sellers.reading() as tx:
        (held,) = seats.filled_by(tx, "ann", Period(NOW))
    way = {f"way-{held.seat.seat_id}": "replace", f"who-{held.seat.seat_id}": "bob"}
    sent = {"on": "2027-06-01", "step": "check", **way}

    done = client.post("/people/ann/depart", data=sent)
    receipt = client.get(done.headers["location"]).text

    assert leads_of(sqlite_sellers, "ann") == 1
    assert "come back to this receipt on the day" in receipt
