"""The tree of territories: dated, never a circle, and nothing closes that is still needed."""

from __future__ import annotations

import pytest

from builders.company import DEED, NOW, START, a_company, day
from patchbook.errors import Conflict, NotFound
from patchbook.people.principal import Grant, Principal, Role
from patchbook.territories import actions as territories
from patchbook.territories import store
from patchbook.territories.seats import seats
from patchbook.territories.territory import BadTerritory, StillNeeded, TreeCycle, UnknownTerritory


def names(nodes) -> list[str]:
    return ["  " * node.depth + node.territory.name for node in nodes]


def test_the_tree_is_as_it_was_drawn(record):
    with record.writing() as tx:
        company = a_company(tx)
        tree = territories.tree(tx, on=day(2), **DEED)
        line = territories.path(tx, company.territory["South 2"], on=day(2), **DEED)
        before = territories.tree(tx, on=day(12, year=2026), **DEED)

    assert names(tree) == [
        "Company", "  North", "    North 1", "    North 2", "    North 3", "  South", "    South 1", "    South 2",
    ]  # fmt: skip
    assert [one.name for one in line] == ["Company", "South", "South 2"]
    assert tree[-1].path == ("Company", "South", "South 2")
    assert before == ()


def test_a_subtree_moves_on_a_day_and_stood_elsewhere_before(record):
    with record.writing() as tx:
        company = a_company(tx)
        territories.move_subtree(tx, company.territory["North"], company.territory["South"], on=day(7), **DEED)
        before = territories.path(tx, company.territory["North 1"], on=day(6), **DEED)
        after = territories.path(tx, company.territory["North 1"], on=day(7), **DEED)

        assert [one.name for one in before] == ["Company", "North", "North 1"]
        assert [one.name for one in after] == ["Company", "South", "North", "North 1"]
        assert store.below(tx, company.territory["South"], day(6)) != store.below(
            tx, company.territory["South"], day(7)
        )
        assert store.children(tx, company.territory["Company"], day(7)) == [company.territory["South"]]
        assert store.by_name(tx, day(7))["North"] == company.territory["North"]


def test_a_circle_is_refused_with_the_names_in_it(record):
    with record.writing() as tx:
        company = a_company(tx)

        with pytest.raises(TreeCycle, match=r"North cannot be put below North 1, which .*: North > North 1 > North\."):
            territories.move_subtree(tx, company.territory["North"], company.territory["North 1"], on=day(2), **DEED)
        with pytest.raises(TreeCycle, match="North cannot be put below North"):
            territories.move_subtree(tx, company.territory["North"], company.territory["North"], on=day(2), **DEED)


def test_a_circle_that_would_close_only_later_is_refused_as_well(record):
    with record.writing() as tx:
        company = a_company(tx)
        territories.move_subtree(tx, company.territory["South"], company.territory["North 1"], on=day(9), **DEED)

        with pytest.raises(TreeCycle, match="on 2027-09-01"):
            territories.move_subtree(tx, company.territory["North"], company.territory["South"], on=day(3), **DEED)


def test_what_is_planned_for_later_still_holds(record):
    with record.writing() as tx:
        company = a_company(tx)
        north = company.territory["North"]
        territories.rename(tx, north, "Far north", on=day(9), **DEED)
        territories.rename(tx, north, "Nord", on=day(3), **DEED)
        territories.change(tx, north, steward_id="zoe", on=day(5), **DEED)
        told = [territories.get(tx, north, on=day(month), **DEED) for month in (2, 3, 5, 9)]

    assert [(one.name, one.steward_id) for one in told] == [
        ("North", None), ("Nord", None), ("Nord", "zoe"), ("Far north", "zoe"),
    ]  # fmt: skip


def test_two_territories_never_have_one_name_on_one_day(record):
    with record.writing() as tx:
        company = a_company(tx)
        with pytest.raises(Conflict, match="There is a territory called 'South' already"):
            territories.add(tx, "South", since=day(3), **DEED)
        with pytest.raises(Conflict, match="There is a territory called 'South' already"):
            territories.rename(tx, company.territory["North"], "South", on=day(3), **DEED)


def test_a_territory_closes_only_when_nothing_hangs_on_it(record):
    with record.writing() as tx:
        company = a_company(tx, accounts={"North 1": 2})
        with pytest.raises(StillNeeded, match="while 3 territories lie below it, North 1 first"):
            territories.close(tx, company.territory["North"], on=day(3), **DEED)
        with pytest.raises(StillNeeded, match="while 2 accounts are assigned to it"):
            territories.close(tx, company.territory["North 1"], on=day(3), **DEED)
        territories.close(tx, company.territory["North 2"], on=day(3), **DEED)

        assert seats(tx, company.territory["North 2"], on=day(2), **DEED)[0].filler.person_id == "bob"
        with pytest.raises(UnknownTerritory):
            territories.get(tx, company.territory["North 2"], on=day(3), **DEED)
        with pytest.raises(UnknownTerritory):
            territories.add(tx, "Below", parent_id=company.territory["North 2"], since=day(3), **DEED)
        with pytest.raises(StillNeeded, match="North 2 closes on 2027-03-01"):
            territories.add(tx, "Below", parent_id=company.territory["North 2"], since=day(2), **DEED)


@pytest.mark.parametrize(
    ("told", "says"),
    [({"name": " "}, "needs a name"), ({"name": "X", "kind": "round"}, "no kind of territory 'round'; there are geo")],
)
def test_a_territory_that_cannot_be_is_refused(record, told, says):
    with record.writing() as tx, pytest.raises(BadTerritory, match=says):
        territories.add(tx, **told, since=START, **DEED)


def test_a_manager_sees_only_their_subtree(record):
    with record.writing() as tx:
        company = a_company(tx)
        nora = Principal(person_id="nora", grants=(Grant(Role.MANAGER, company.territory["North"]),))
        tree = territories.tree(tx, on=day(2), by=nora, at=NOW)
        line = territories.path(tx, company.territory["North 1"], on=day(2), by=nora, at=NOW)

        with pytest.raises(NotFound) as hidden:
            territories.get(tx, company.territory["South"], on=day(2), by=nora, at=NOW)
        with pytest.raises(NotFound) as missing:
            territories.get(tx, "nowhere", on=day(2), by=nora, at=NOW)

    assert names(tree) == ["North", "  North 1", "  North 2", "  North 3"]
    assert [one.name for one in line] == ["North", "North 1"]
    assert str(hidden.value).replace(company.territory["South"], "nowhere") == str(missing.value)


def test_reviews_that_are_overdue_are_listed(record):
    with record.writing() as tx:
        company = a_company(tx)
        for name, due in (("North", day(5)), ("South", day(2)), ("Company", day(9))):
            territories.change(tx, company.territory[name], review_on=due, on=START, **DEED)
        late = territories.overdue(tx, on=day(6), **DEED)

    assert [one.name for one in late] == ["South", "North"]
