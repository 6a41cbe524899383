"""Signing in by a form, being sent back, and the first admin of an empty record."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from builders.web_company import NOW
from patchbook import access
from patchbook.people.principal import system
from patchbook.web.app import create_app

PASSWORD = "correct horse battery"


@pytest.fixture
def with_password(company):
    with company.writing() as tx:
        access.set_password(tx, "pia", PASSWORD, by=system(), at=NOW)


def test_who_signs_in_goes_where_they_wanted_to(visitor, with_password):
    client = visitor()
    sent = client.get("/signed-in").headers["location"]
    assert sent == "/sign-in?next=%2Fsigned-in"
    assert 'value="/signed-in"' in client.get(sent).text

    answer = client.post("/sign-in", data={"email": "pia@example.com", "password": PASSWORD, "next": "/signed-in"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-in")
    assert client.get("/signed-in").status_code == 200


def test_a_wrong_password_keeps_the_address_typed_and_says_so(visitor, with_password):
    answer = visitor().post("/sign-in", data={"email": "pia@example.com", "password": "wrong", "next": "/plans"})

    assert answer.status_code == 401
    assert 'value="pia@example.com"' in answer.text
    assert 'value="/plans"' in answer.text
    assert "The e-mail address or the password is wrong" in answer.text


@pytest.mark.parametrize("next", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_no_redirect_leads_to_another_site(visitor, with_password, next):
    answer = visitor().post("/sign-in", data={"email": "pia@example.com", "password": PASSWORD, "next": next})

    assert answer.headers["location"] == "/"


def test_who_signs_out_is_out(visitor):
    client = visitor("pia")

    answer = client.post("/sign-out")

    assert answer.headers["location"] == "/sign-in"
    assert client.get("/").status_code == 303


def test_a_script_gets_the_refusal_as_a_problem_and_a_browser_as_a_page(visitor):
    for accept, kind in (("application/problem+json", "application/problem+json"), ("text/html", "text/html")):
        answer = visitor("pia").get("/nothing", headers={"Accept": accept})

        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith(kind)


def test_the_first_admin_of_an_empty_record_is_made_once_and_by_the_secret_address(sqlite_record):
    app = create_app(sqlite_record, clock=lambda: NOW)
    client = TestClient(app, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}, follow_redirects=False)
    address = f"/set-up/{app.state.set_up_secret}"
    who = {"name": "Ada Abbott", "email": "ada@example.com", "password": PASSWORD}
    assert client.get("/set-up/guessed").status_code == 404
    assert client.post("/set-up/guessed", data=who).status_code == 404
    assert client.get(address).status_code == 200

    made = client.post(address, data=who)

    assert (made.status_code, made.headers["location"]) == (303, "/start")
    assert "Ada Abbott" in client.get("/start").text
    assert client.get(address).status_code == 404
    assert client.post(address, data=who).status_code == 404
