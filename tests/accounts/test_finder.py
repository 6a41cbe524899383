"""An account is found by whatever one knows of it, and the best fit comes first."""

from __future__ import annotations

import polars as pl
import pytest

from patchbook.accounts.finder import AccountFinder

ROWS = [
    {"account_id": "A1", "name": "Acme Holding", "domain": "acme.com", "phone": "+1 (415) 555-0101",
     "postal_code": "94105", "city": "San Francisco"},
    {"account_id": "A2", "name": "Pan Acme", "domain": "panacme.de", "phone": "030 1234567",
     "postal_code": "10115", "city": "Berlin"},
    {"account_id": "A3", "name": "Café Société", "domain": None, "phone": None,
     "postal_code": "SW1A 1AA", "city": None},
    {"account_id": "acme", "name": "Something else", "domain": "else.com", "phone": None,
     "postal_code": None, "city": None},
]  # fmt: skip


@pytest.fixture(scope="module")
def finder() -> AccountFinder:
    return AccountFinder(pl.DataFrame(ROWS))


def found(finder: AccountFinder, asked: str) -> list[tuple[str, str]]:
    return [(one.account_id, one.by) for one in finder.find(asked)]


def test_a_whole_id_goes_before_a_name_that_begins_so_and_that_before_one_that_holds_it(finder):
    assert found(finder, "ACME") == [("acme", "id"), ("A1", "name"), ("A2", "name")]


@pytest.mark.parametrize("asked", ["415 555 0101", "+1-415-555-0101", "(415) 555-0101", "5550101"])
def test_a_telephone_number_may_be_written_in_any_way(finder, asked):
    assert found(finder, asked) == [("A1", "phone")]


def test_a_number_written_with_its_trunk_zero_is_found(finder):
    assert found(finder, "030 1234567") == [("A2", "phone")]


@pytest.mark.parametrize("asked", ["acme.com", "https://www.acme.com/about", "ann@acme.com", "ACME.COM"])
def test_an_address_on_the_web_or_by_mail_is_found_by_its_domain(finder, asked):
    best = finder.find(asked)[0]

    assert (best.account_id, best.by, best.is_exact) == ("A1", "domain", True)


def test_capitals_accents_and_blanks_do_not_matter(finder):
    assert found(finder, "  cafe   SOCIETE ") == [("A3", "name")]


def test_a_postal_code_is_found_with_and_without_its_blank(finder):
    assert ("A3", "postal code") in found(finder, "sw1a 1aa")
    assert ("A1", "postal code") in found(finder, "94105")


def test_words_may_be_of_different_things(finder):
    assert found(finder, "acme berlin") == [("A2", "name")]


@pytest.mark.parametrize("asked", ["", "   ", "nobody of that name", ".*", "(", "%"])
def test_what_nothing_holds_finds_nothing(finder, asked):
    assert finder.find(asked) == []


def test_a_single_letter_finds_only_what_begins_with_it(finder):
    assert {one.account_id for one in finder.find("c")} == {"A3"}


def test_accounts_with_an_id_alone_are_found(finder):
    bare = AccountFinder(pl.DataFrame({"account_id": ["A1", "B2"]}))

    assert [one.account_id for one in bare.find("b2")] == ["B2"]
    assert len(bare) == 2
