"""Ask: one box, everything one may see, the best fit first."""

from __future__ import annotations

import polars as pl
import pytest

from builders.counting import statements
from builders.web_company import NOW, TREE, accounts_of, canary, principal_of
from patchbook.imports import actions as imports
from patchbook.web.pages import ask


@pytest.fixture
def imported(company):
    ids = [account for name in TREE for account in accounts_of(name)]
    frame = pl.DataFrame(
        {
            "account_id": ids,
            "name": [f"Acme {one.replace('-', ' ')}" for one in ids],
            "domain": [f"{one}.example.com" for one in ids],
        }
    )
    with company.writing() as tx:
        imports.accounts(tx, frame, name="accounts", by=principal_of("pia"), at=NOW)
    return company


def asked(record, text, who="pia"):
    with record.reading() as tx:
        return ask.load(tx, text, by=principal_of(who), at=NOW)


def test_a_hit_says_who_has_it(imported):
    (hit,) = asked(imported, "acme south 1 account 2").hits

    assert (hit.kind, hit.path) == ("account", "/accounts/south-1-account-2")
    assert hit.owner == f"Sam {canary('sam')}"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("north-1-account-1", "/accounts/north-1-account-1"),
        ("https://north-1-account-1.example.com/", "/accounts/north-1-account-1"),
        ("ron@example.com", "/people/ron"),
        ("deal-north", "/accounts/north-account-1#deals"),
        ("north-2", "/territories/north-2"),
    ],
)
def test_a_whole_id_or_domain_leads_straight_there(imported, visitor, text, path):
    answer = visitor("pia").get("/ask", params={"q": text})

    assert (answer.status_code, answer.headers.get("location")) == (303, path)


def test_while_one_types_only_suggestions_are_answered(imported, visitor):
    answer = visitor("pia").get("/ask", params={"q": "acme"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.text.count('role="option"') == ask.SUGGESTED


@pytest.mark.parametrize("who", ["ron", "nora"])
def test_nobody_finds_what_they_may_not_see(imported, who):
    for text in ("south", "sam", "deal-south", "deal", "acme south", "sven@example.com", canary("south-1")):
        hits = asked(imported, text, who).hits
        told = " ".join(f"{hit.title} {hit.path} {hit.note} {hit.owner}" for hit in hits)

        assert "south" not in told, text
        assert canary("sam") not in told, text


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "' OR 1=1 --", "%", "\u202egnp", "a" * 200])
def test_whatever_is_typed_is_text(imported, visitor, text):
    answer = visitor("pia").get("/ask", params={"q": text})

    assert answer.status_code == 200
    assert "<img src=x" not in answer.text
    assert "Nothing you may see" in answer.text


def test_the_number_of_queries_does_not_grow_with_what_is_found(imported):
    def queries(text):
        with imported.reading() as tx, statements(tx) as counted:
            ask.load(tx, text, by=principal_of("pia"), at=NOW)
        return counted.number

    assert queries("acme") == queries("acme south 1 account 2") + 0
    assert queries("acme") <= 14


def test_nothing_asked_says_what_one_can_ask_by(visitor):
    assert "Ask by name, domain" in visitor("vera").get("/ask").text
