"""The same write sent twice is done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select

from builders.web_company import NOW, principal_of
from patchbook import access
from patchbook.access.store import role_held
from patchbook.db.kept import KEPT_FOR, kept_answer


def grants(record, who):
    with record.reading() as tx:
        found = select(func.count()).select_from(role_held).where(role_held.c.person_id == who)
        return tx.execute(found).scalar()


def kept(record):
    with record.reading() as tx:
        return tx.execute(select(func.count()).select_from(kept_answer)).scalar()


KEY = {"Idempotency-Key": "key-1"}
VIEWER = {"role": "viewer"}


def test_the_same_key_and_body_get_the_same_answer(client, company):
    ada = client("ada")

    first = ada.post("/people/ron/grants", json=VIEWER, headers=KEY)
    ada.delete("/people/ron/grants/viewer")
    second = ada.post("/people/ron/grants", json=VIEWER, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert grants(company, "ron") == 1, "it was not done again"


def test_the_same_key_with_another_body_is_refused(client, company):
    ada = client("ada")
    ada.post("/people/ron/grants", json=VIEWER, headers=KEY)

    answer = ada.post("/people/ron/grants", json={"role": "finance"}, headers=KEY)

    assert answer.status_code == 422
    assert "choose a new key" in answer.json()["detail"]
    assert grants(company, "ron") == 2


def test_the_same_key_on_another_address_is_refused(client):
    ada = client("ada")
    ada.post("/people/ron/grants", json=VIEWER, headers=KEY)

    assert ada.post("/people/sam/grants", json=VIEWER, headers=KEY).status_code == 422


def test_a_refusal_is_repeated_too(client, company):
    ada = client("ada")

    first = ada.post("/people/nobody/grants", json=VIEWER, headers=KEY)
    second = ada.post("/people/nobody/grants", json=VIEWER, headers=KEY)

    assert (first.status_code, second.status_code) == (404, 404)
    assert second.content == first.content
    assert kept(company) == 1


def test_two_people_may_choose_the_same_key(client, company):
    assert client("ada").post("/people/ron/grants", json=VIEWER, headers=KEY).status_code == 201
    assert client("pia").post("/people/ron/grants", json=VIEWER, headers=KEY).status_code == 403


def test_without_a_key_a_write_is_done_again(client, company):
    ada = client("ada")

    assert ada.post("/people/ron/grants", json=VIEWER).status_code == 201
    assert ada.post("/people/ron/grants", json=VIEWER).status_code == 201
    assert kept(company) == 0


@pytest.mark.parametrize("key", ["", "a b", "k" * 201, "ключ"])
def test_a_key_that_is_none_is_refused(client, key):
    answer = client("ada").post("/people/ron/grants", json=VIEWER, headers={"Idempotency-Key": key.encode()})

    assert answer.status_code == 422
    assert "1 to 200 printable characters" in answer.json()["detail"]


def test_an_answer_is_kept_for_days_and_not_for_ever(client, company, clock):
    ada = client("ada")
    ada.post("/people/ron/grants", json=VIEWER, headers=KEY)

    clock.at = NOW + timedelta(hours=25)
    again = ada.post("/people/ron/grants", json=VIEWER, headers=KEY)
    clock.at = NOW + KEPT_FOR + timedelta(hours=1)
    ada.post("/people/sam/grants", json=VIEWER, headers={"Idempotency-Key": "key-2"})

    assert again.headers["idempotency-replayed"] == "true"
    assert kept(company) == 1


def test_an_answer_that_held_a_secret_is_not_kept(client, company, app):
    with company.writing() as tx:
        access.set_password(tx, "ron", "six green parrots sing", by=principal_of("ada"), at=NOW)
    ron = client()
    ron.post("/session", json={"email": "ron@example.com", "password": "six green parrots sing"})
    here = {"Sec-Fetch-Site": "same-origin", **KEY}

    first = ron.post("/tokens", json={"name": "mine", "scopes": ["see"]}, headers=here)
    second = ron.post("/tokens", json={"name": "mine", "scopes": ["see"]}, headers=here)

    assert first.status_code == 201
    assert second.status_code == 409
    assert first.json()["secret"] not in second.text
    with company.reading() as tx:
        assert tx.execute(select(kept_answer.c.body)).scalar() is None


def test_a_repeat_while_the_first_is_under_way_is_told_so(client, company, monkeypatch):
    ada, begun, go_on = client("ada"), Event(), Event()
    grant = access.grant

    def slowly(*arguments, **named):
        begun.set()
        assert go_on.wait(20)
        return grant(*arguments, **named)

    monkeypatch.setattr(access, "grant", slowly)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(ada.post, "/people/ron/grants", json=VIEWER, headers=KEY)
        assert begun.wait(20)
        second = ada.post("/people/ron/grants", json=VIEWER, headers=KEY)
        go_on.set()

    assert second.status_code == 409
    assert "still under way" in second.json()["detail"]
    assert first.result().status_code == 201
    third = ada.post("/people/ron/grants", json=VIEWER, headers=KEY)
    assert third.headers["idempotency-replayed"] == "true"


def test_many_writers_at_once_are_all_answered(client, company):
    ada = client("ada")
    with ThreadPoolExecutor(60) as threads:
        asked = [
            threads.submit(ada.post, f"/people/{who}/grants", json=VIEWER, headers={"Idempotency-Key": f"{who}-{turn}"})
            for turn in range(6)
            for who in ("ron", "rita", "sam", "nora", "sven", "finn", "vera", "pia", "boss", "ada")
        ]

    assert {one.result().status_code for one in asked} == {201}
