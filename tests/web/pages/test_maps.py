"""Somebody's own accounts, for a map of them: for whom the book is open, with places as far as they are known."""

from __future__ import annotations

import pytest

from builders.plans import a_market
from builders.web_company import accounts_of
from patchbook.web import book_map as maps


@pytest.mark.parametrize("who", ["ron", "nora", "pia"])
def test_a_book_is_drawn_for_whom_it_is_open(visitor, who):
    answer = visitor(who).get("/people/ron/book-map.json")

    found = answer.json()
    assert found["ids"] == accounts_of("north-1")
    assert found["owners"] == [0, 0, 0]
    assert [one["name"].split()[0] for one in found["territories"]] == ["North-1"]
    assert answer.headers["cache-control"] == "private, no-cache"


def test_a_place_nobody_knows_is_left_open(visitor):
    found = visitor("ron").get("/people/ron/book-map.json").json()

    assert found["places"] == [None] * 6
    assert found["names"] == found["ids"]
    assert found["territories"][0]["latitude"] is None


def test_somebody_elses_book_looks_like_nobodys(visitor):
    client = visitor("sam")

    assert client.get("/people/ron/book-map.json").status_code == 404
    assert client.get("/people/nobody/book-map.json").status_code == 404


def test_places_are_those_of_the_newest_accounts(sqlite_record):
    a_market(sqlite_record)

    with sqlite_record.reading() as tx:
        found = maps._places(tx, ["A1", "A7", "elsewhere"])

    assert set(found) == {"A1", "A7"}
    name, latitude, longitude = found["A7"]
    assert name == "Company 7"
    assert (latitude, longitude) == pytest.approx((33.7, -84.4), abs=0.3)  # Atlanta
