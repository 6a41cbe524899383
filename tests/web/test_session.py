"""Signing in and out over HTTP: cookies no script reads, writes that must come from here."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from builders.web_company import NOW, principal_of
from patchbook import access
from patchbook.people.permission import Deed

PASSWORD = "six green parrots sing"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def ron(company, client):
    with company.writing() as tx:
        access.set_password(tx, "ron", PASSWORD, by=principal_of("ada"), at=NOW)
    return client()


def sign_in(client, password=PASSWORD, **more):
    return client.post("/session", json={"email": "ron@example.com", "password": password}, **more)


def test_who_signs_in_is_known_from_then_on(ron):
    answer = sign_in(ron)

    assert answer.status_code == 201
    assert answer.json()["person_id"] == "ron"
    assert ron.get("/me").json()["person_id"] == "ron"


def test_the_cookie_is_kept_from_scripts_and_other_sites(ron):
    cookie = sign_in(ron).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_over_https_the_cookie_belongs_to_this_host_alone(ron, app):
    secure = TestClient(app, base_url="https://testserver/api/v1")

    cookie = sign_in(secure).headers["set-cookie"]

    assert cookie.startswith("__Host-patchbook-session=")
    assert "Secure" in cookie


def test_a_wrong_password_is_refused_and_after_five_one_waits(ron):
    answers = [sign_in(ron, password="wrong parrots") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "retry-after" in answers[-1].headers
    assert sign_in(ron).status_code == 429


def test_who_signs_out_is_nobody(ron):
    sign_in(ron)

    assert ron.delete("/session", headers=HERE).status_code == 204
    assert ron.get("/me").status_code == 401


def test_signing_in_again_ends_the_session_before(ron, app):
    sign_in(ron)
    before = dict(ron.cookies)
    sign_in(ron, headers=HERE)

    thief = TestClient(app, base_url="http://testserver/api/v1", cookies=before)
    assert thief.get("/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "null"},
        {},
    ],
)
def test_a_write_from_another_site_is_refused(ron, headers):
    sign_in(ron)

    answer = ron.delete("/session", headers=headers)

    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]
    assert ron.get("/me").status_code == 200


@pytest.mark.parametrize("headers", [HERE, {"Sec-Fetch-Site": "none"}, {"Origin": "http://testserver"}])
def test_a_write_from_here_is_taken(ron, headers):
    sign_in(ron)

    assert ron.delete("/session", headers=headers).status_code == 204


def test_another_site_cannot_sign_somebody_in(ron):
    assert sign_in(ron, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_token_needs_no_origin(client):
    answer = client("ada").post(
        "/people/ron/grants", json={"role": "viewer"}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 201


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic cm9uOnJvbg==", "Bearer patchbook_" + "x" * 43])
def test_a_token_that_is_none_is_refused(client, header):
    answer = client().get("/me", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_may_only_what_it_is_for(client):
    answer = client("ada", scopes=[Deed.SEE]).post("/people/ron/grants", json={"role": "viewer"})

    assert answer.status_code == 403
    assert "limited to see" in answer.json()["detail"]


def test_a_session_in_use_does_not_rest(ron, clock):
    sign_in(ron)

    for hours in range(10, 60, 10):
        clock.at = NOW + timedelta(hours=hours)
        assert ron.get("/me").status_code == 200

    clock.at = NOW + timedelta(hours=50 + 13)
    assert ron.get("/me").status_code == 401


def test_rights_lost_are_lost_at_the_next_request(client):
    ada, pia = client("ada"), client("pia")
    assert "import" in pia.get("/me").json()["deeds"]

    ada.delete("/people/pia/grants/planner")

    assert pia.get("/me").json()["deeds"] == []


def test_a_token_is_shown_once(ron, company):
    sign_in(ron)
    made = ron.post("/tokens", json={"name": "sheet", "scopes": ["see"], "days": 5}, headers=HERE).json()

    listed = ron.get("/tokens").json()["items"]

    assert [token["name"] for token in listed] == ["sheet"]
    assert made["secret"] not in str(listed)
    assert ron.delete(f"/tokens/{made['token']['token_id']}", headers=HERE).status_code == 204
    assert ron.get("/me", headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 401


def test_a_new_password_ends_the_sessions(ron):
    sign_in(ron)
    new = {"new": "seven blue herons wait", "old": PASSWORD}

    assert ron.put("/people/ron/password", json=new, headers=HERE).status_code == 204
    assert ron.get("/me").status_code == 401
    assert sign_in(ron, password=new["new"]).status_code == 201
