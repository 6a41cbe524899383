"""Sessions of pages: cookies only this host sets, secrets that are new, and nothing done once one is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select

from builders.web_company import NOW
from patchbook import access
from patchbook.access.store import session
from patchbook.comments.store import comment
from patchbook.people.principal import system
from patchbook.web.page import inside

PASSWORD = "correct horse battery"
WHO = {"email": "ron@example.com", "password": PASSWORD}
COMMENT = {"kind": "account", "subject_id": "north-1-account-1", "text": "It is ours", "back": "/accounts/x"}


@pytest.fixture
def ron(company, visitor):
    """Ron, who has a password and is not signed in."""
    with company.writing() as tx:
        access.set_password(tx, "ron", PASSWORD, by=system(), at=NOW)
    return visitor()


def said(record) -> int:
    with record.reading() as tx:
        return tx.execute(select(func.count()).select_from(comment)).scalar_one()


def test_over_https_the_cookies_of_a_form_are_secure_and_of_this_host_alone(ron, app):
    secure = TestClient(app, base_url="https://testserver", headers=dict(ron.headers), follow_redirects=False)

    begun = secure.post("/sign-in", data=WHO)
    told = secure.post("/comments", data=COMMENT)

    assert begun.headers["set-cookie"].startswith("__Host-patchbook-session=")
    for answer in (begun, told):
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))
        assert "Domain" not in answer.headers["set-cookie"]
    assert "max-age" in begun.headers["strict-transport-security"]


def test_over_https_a_cookie_set_without_the_prefix_is_nobodys(visitor, app):
    planted = visitor("pia").cookies["patchbook-session"]
    secure = TestClient(app, base_url="https://testserver", follow_redirects=False)
    secure.cookies.set("patchbook-session", planted)

    assert secure.get("/plans", headers={"Accept": "text/html"}).status_code == 303


def test_a_planted_session_is_not_the_one_that_is_signed_in_to(ron):
    ron.cookies.set("patchbook-session", "planted-by-somebody")

    answer = ron.post("/sign-in", data=WHO)

    assert answer.headers["set-cookie"].startswith("patchbook-session=")
    assert "planted-by-somebody" not in answer.headers["set-cookie"]


def test_signing_in_as_another_ends_the_session_there_was(ron, visitor, app):
    sent = visitor("pia").cookies["patchbook-session"]
    ron.cookies.set("patchbook-session", sent)
    ron.post("/sign-in", data=WHO)

    before = TestClient(app, cookies={"patchbook-session": sent}, headers=dict(ron.headers), follow_redirects=False)
    assert before.get("/plans").status_code == 303


def test_another_site_signs_nobody_in_by_a_form(ron):
    answer = ron.post("/sign-in", data=WHO, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_cookie_of_who_signed_out_is_worth_nothing(visitor, app):
    client = visitor("pia")
    sent = client.cookies["patchbook-session"]

    client.post("/sign-out")

    again = TestClient(app, cookies={"patchbook-session": sent}, headers=dict(client.headers), follow_redirects=False)
    assert again.get("/plans").status_code == 303


@pytest.mark.parametrize(
    ("accept", "kind"), [("application/problem+json", "application/problem+json"), ("text/html", "text/html")]
)
def test_a_form_whose_session_is_over_does_nothing_and_says_so(visitor, company, clock, accept, kind):
    client = visitor("ron")
    clock.at = NOW + timedelta(days=60)

    answer = client.post("/comments", data=COMMENT, headers={"Accept": accept})

    assert (answer.status_code, said(company)) == (401, 0)
    assert answer.headers["content-type"].startswith(kind)


def test_a_part_of_a_page_without_a_session_is_refused_and_not_a_page_to_sign_in(visitor, company):
    client = visitor("ron")
    with company.writing() as tx:
        tx.execute(delete(session))

    answer = client.get("/ask", params={"q": "north"}, headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "location" not in answer.headers


def test_where_the_record_is_no_demo_its_addresses_sign_nobody_in(visitor):
    for client in (visitor(), visitor("ada")):
        for path in ("/demo/let-me-in", "/demo/None", "/demo/as/pia"):
            answer = client.get(path)
            assert answer.status_code in (303, 404), path
            assert "set-cookie" not in answer.headers, path
            assert answer.headers.get("location", "/sign-in").startswith("/sign-in"), path


def test_who_holds_a_role_already_is_no_first_admin(visitor, app):
    address = f"/set-up/{app.state.set_up_secret}"

    assert visitor().get(address).status_code == 404
    assert visitor().post(address, data={"name": "Eve", "email": "eve@example.com", "password": PASSWORD}).is_error


ELSEWHERE = (
    "//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
    "/\t/elsewhere.example", "javascript:alert(1)", "/\n/elsewhere.example", " //elsewhere.example",
    "elsewhere.example", "///elsewhere.example", "/\u2028/elsewhere.example",
)  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_no_form_leads_to_another_site(visitor, path):
    answer = visitor("ron").post("/comments", data={**COMMENT, "back": path})

    assert inside(path) == "/"
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


def test_a_session_that_ends_ends_what_is_told_as_it_happens(visitor, company):
    """Asked anew as `follow` does every few seconds; test_workbench_events.py hears the stream itself end."""
    client = visitor("pia")
    with company.writing() as tx:
        tx.execute(delete(session))

    answer = client.get("/plans/plan-any/events", headers={"Accept": "text/event-stream"})

    assert answer.status_code == 401
