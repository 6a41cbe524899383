"""Territories: the tree with who has what, and how much of it is covered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from builders.counting import statements
from builders.web_company import NOW, TREE, accounts_of, canary, principal_of
from patchbook import changes
from patchbook.changes import LeaveVacant
from patchbook.imports import actions as imports
from patchbook.people.principal import system
from patchbook.territories.territory import UnknownTerritory
from patchbook.web.pages import territories

LEFT = datetime(2027, 3, 2, tzinfo=UTC)


def tree(record, who="pia", at=NOW, **asked):
    with record.reading() as tx:
        return territories.load(tx, by=principal_of(who), at=at, **asked)


@pytest.fixture
def imported(company):
    """Each account is worth 10, one that nobody ever assigned 100."""
    ids = [account for name in TREE for account in accounts_of(name)] + ["lost"]
    frame = pl.DataFrame({"account_id": ids, "potential_usd": [10.0] * (len(ids) - 1) + [100.0]})
    with company.writing() as tx:
        imports.accounts(tx, frame, name="accounts", by=principal_of("pia"), at=NOW)
    return company


def test_the_tree_says_who_has_what_with_all_below(company):
    lines = {line.path.rsplit("/", 1)[1]: line for line in tree(company).lines}

    assert list(lines) == ["world", "north", "north-1", "north-2", "south", "south-1"]
    assert [lines[name].covered.accounts for name in ("world", "north", "north-1")] == [18, 9, 3]
    assert lines["north-1"].holders[0].name == f"Ron {canary('ron')}"
    assert [line.depth for line in lines.values()] == [0, 1, 2, 2, 1, 2]


def test_an_account_that_was_never_assigned_is_a_gap(imported):
    page = tree(imported)

    assert (page.total.accounts, page.total.active, page.total.nobody) == (19, 18, 1)
    assert page.total.worth_share == pytest.approx(180 / 280)
    assert [(gap.name, gap.worth) for gap in page.gaps] == [("lost", 100.0)]


def test_a_vacant_seat_is_covered_in_the_interim_only(imported):
    with imported.writing() as tx:
        changes.departure(tx, "ron", on=LEFT, default=LeaveVacant(), by=system(), at=NOW)
    page = tree(imported, at=LEFT + timedelta(hours=1))

    assert (page.total.active, page.total.interim, page.total.nobody, page.vacant) == (15, 3, 1, 1)
    line = next(one for one in page.lines if one.path.endswith("/north-1"))
    assert line.holders[0].is_vacant
    assert line.holders[0].name == f"Nora {canary('nora')} in the interim"


@pytest.mark.parametrize(("who", "count"), [("ron", 1), ("nora", 3), ("boss", 6), ("finn", 6)])
def test_everybody_sees_their_part_of_the_tree(imported, who, count):
    page = tree(imported, who)

    assert len(page.lines) == count
    assert page.total.accounts == 3 * count + (who == "finn")


def test_one_territory_has_its_seats_and_what_lies_below(company):
    with company.reading() as tx:
        page = territories.load_one(tx, "north", by=principal_of("pia"), at=NOW)

    assert [name for name, _ in page.above] == [f"World {canary('world')}"]
    assert [line.path for line in page.below] == ["/territories/north-1", "/territories/north-2"]
    assert (page.covered.accounts, page.covered.active) == (9, 9)


def test_a_territory_one_may_not_see_is_not_there(company, visitor):
    with company.reading() as tx, pytest.raises(UnknownTerritory):
        territories.load_one(tx, "south", by=principal_of("nora"), at=NOW)

    assert visitor("nora").get("/territories/south").status_code == 404
    assert visitor("nora").get("/territories/north-1").status_code == 200


def test_pages_follow_each_other(company):
    first = tree(company, limit=4)

    assert [line.path for line in tree(company, limit=4, after=first.next).lines] == [
        "/territories/south",
        "/territories/south-1",
    ]


def test_the_tree_asks_no_query_a_territory(company):
    def queries(limit):
        with company.reading() as tx, statements(tx) as counted:
            territories.load(tx, limit=limit, by=principal_of("pia"), at=NOW)
        return counted.number

    queries(6)

    assert queries(1) == queries(6) <= 8
