"""Somebody changes seats, is promoted, or moves with a part of the tree."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import insert

from builders.company import DEED, NOW, START, a_company, day
from patchbook.changes import (
    LeaveVacant,
    Replace,
    SplitOverTeam,
    departure,
    promotion,
    reorganisation,
    transfer,
    uncovered,
)
from patchbook.changes.change import BadChange
from patchbook.changes.hire import SeatIsTaken
from patchbook.errors import NotFound
from patchbook.holdovers.holdover import HoldoverRule, Policy, Treatment
from patchbook.ledger.actions import owner_of_opportunity
from patchbook.ledger.tables import opportunity
from patchbook.people import actions as people
from patchbook.people.principal import Grant, Principal, Role
from patchbook.period import Period
from patchbook.territories import actions as territories
from patchbook.territories import seats
from patchbook.territories.territory import LeavesAGap, TreeCycle

ON = day(6)
ADMIN = Principal(person_id="root", grants=(Grant(Role.ADMIN),))


def fillers(tx, seat_id: str) -> list[tuple[str, str]]:
    return [(str(one.valid), str(one.filler)) for one in seats.history(tx, seat_id, **DEED)]


@pytest.mark.parametrize(
    ("handover", "after"),
    [
        (LeaveVacant(), "vacant, sam in the interim"),
        (Replace("zoe"), "zoe"),
        (SplitOverTeam(), "vacant, sam in the interim"),
    ],
)
def test_a_transfer_fills_one_seat_and_hands_over_the_other(record, handover, after):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=day(3), **DEED)
        done = transfer(tx, "dan", to_seat_id=company.seat["ann"], on=ON, handover=handover, **DEED)

        assert fillers(tx, company.seat["ann"])[-1] == ("[2027-06-01, open)", "dan")
        assert fillers(tx, company.seat["dan"])[-1] == ("[2027-06-01, open)", after)
        assert done.accounts_moved == (3 if isinstance(handover, SplitOverTeam) else 0)
        assert uncovered(tx, on=START) == []


KEEP = Policy(rules=(HoldoverRule(treatment=Treatment.KEEP, days=30, amount_from=50.0),))


def deals_on(tx, *accounts: str) -> None:
    """A large and a small open deal on each account."""
    rows = [
        {"opportunity_id": f"{account} {size}", "account_id": account, "amount_usd": amount}
        for account in accounts
        for size, amount in (("large", 100.0), ("small", 10.0))
    ]
    tx.execute(insert(opportunity), rows)


def who_has(tx, opportunity_id: str, on) -> str | None:
    return owner_of_opportunity(tx, opportunity_id, on=on, by=ADMIN, at=NOW).person_id


@pytest.mark.parametrize("deed", [transfer, partial(promotion, role="Senior")])
@pytest.mark.parametrize(("handover", "heir"), [(Replace("zoe"), "zoe"), (SplitOverTeam(), "eve")])
def test_open_deals_stay_with_whoever_gives_the_accounts_up_as_the_policy_says(record, deed, handover, heir):
    with record.writing() as tx:
        company = a_company(tx)
        deals_on(tx, "South 1/0", "North 1/0")
        departure(tx, "ann", on=day(3), **DEED)
        given = {"to_seat_id": company.seat["ann"], "on": ON, "handover": handover, "policy": KEEP, **DEED}
        seen = deed(tx, "dan", preview=True, **given)
        done = deed(tx, "dan", **given)

        assert "dan keeps 1 open deal of accounts that move." in done.summary
        assert seen.summary == done.summary
        assert [who_has(tx, "South 1/0 large", on) for on in (day(5), ON, day(8))] == ["dan", "dan", heir]
        assert who_has(tx, "South 1/0 small", ON) == heir
        assert who_has(tx, "North 1/0 large", ON) == "dan"  # by the seat he takes, not held over


def test_a_preview_of_a_transfer_writes_nothing(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=day(3), **DEED)
        seen = transfer(tx, "dan", to_seat_id=company.seat["ann"], on=ON, preview=True, **DEED)

        assert seen.is_preview
        assert fillers(tx, company.seat["dan"]) == [("[2027-01-01, open)", "dan")]


def test_a_transfer_that_cannot_be_is_refused_in_a_sentence(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "ann", on=day(3), **DEED)
        free = company.seat["ann"]
        seats.open_seat(tx, company.territory["South 1"], "se", person_id="dan", since=START, **DEED)

        with pytest.raises(SeatIsTaken, match="filled by cyd"):
            transfer(tx, "bob", to_seat_id=company.seat["cyd"], on=ON, **DEED)
        with pytest.raises(BadChange, match="bob does not fill the seat"):
            transfer(tx, "bob", to_seat_id=free, from_seat_id=company.seat["cyd"], on=ON, **DEED)
        with pytest.raises(BadChange, match=r"dan fills 2 seats on 2027-06-01 .*; say which one they give up"):
            transfer(tx, "dan", to_seat_id=free, on=ON, **DEED)
        with pytest.raises(BadChange, match="zoe fills 0 seats"):
            transfer(tx, "zoe", to_seat_id=free, on=ON, **DEED)


def test_a_promotion_changes_the_role_and_the_seat(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "sam", on=day(3), **DEED)
        done = promotion(
            tx, "dan", role="manager", to_seat_id=company.seat["sam"], on=ON, handover=Replace("zoe"), **DEED
        )

        assert people.get(tx, "dan", **DEED).role == "manager"
        assert fillers(tx, company.seat["sam"])[-1] == ("[2027-06-01, open)", "dan")
        assert fillers(tx, company.seat["dan"])[-1] == ("[2027-06-01, open)", "zoe")
        assert done.notes == ("The profile shows the role at once; seats change on 2027-06-01.",)
        with pytest.raises(BadChange, match="dan is manager already"):
            promotion(tx, "dan", role="manager", on=ON, **DEED)


def test_a_promotion_without_a_seat_changes_the_role_only(record):
    with record.writing() as tx:
        company = a_company(tx)
        seen = promotion(tx, "dan", role="senior", on=NOW, preview=True, **DEED)
        assert people.get(tx, "dan", **DEED).role is None
        done = promotion(tx, "dan", role="senior", on=NOW, **DEED)

        assert seen.summary == done.summary == ("dan, without a role until now, becomes senior.",)
        assert fillers(tx, company.seat["dan"]) == [("[2027-01-01, open)", "dan")]


def test_a_subtree_moves_with_its_people_and_its_vacant_seats_change_hands(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "sam", on=day(2), default=LeaveVacant("mia"), **DEED)
        departure(tx, "dan", on=day(3), default=LeaveVacant("mia"), **DEED)
        seen = reorganisation(
            tx, company.territory["South"], company.territory["North"], on=ON, reports_to="nora", preview=True, **DEED
        )
        assert territories.get(tx, company.territory["South"], on=ON, **DEED).parent_id == company.territory["Company"]
        done = reorganisation(
            tx, company.territory["South"], company.territory["North"], on=ON, reports_to="nora", **DEED
        )

        assert [one.name for one in territories.path(tx, company.territory["South 1"], on=ON, **DEED)] == [
            "Company", "North", "South", "South 1",
        ]  # fmt: skip
        assert done.summary == seen.summary
        assert "2 territories below it move on 2027-06-01, with 1 person and 6 accounts" in done.summary[0]
        assert "above them is nora instead of mia" in done.summary[0]
        assert uncovered(tx, on=START) == []


def test_a_reorganisation_gives_interims_to_the_new_managers(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "dan", on=day(2), **DEED)
        done = reorganisation(tx, company.territory["South 1"], company.territory["North"], on=ON, **DEED)

        assert fillers(tx, company.seat["dan"])[1:] == [
            ("[2027-02-01, 2027-06-01)", "vacant, sam in the interim"),
            ("[2027-06-01, open)", "vacant, nora in the interim"),
        ]
        assert [str(one.after) for one in done.seats] == ["vacant, nora in the interim"]


def test_a_reorganisation_in_a_circle_is_refused(record):
    with record.writing() as tx:
        company = a_company(tx)
        with pytest.raises(TreeCycle, match="North cannot be put below North 1"):
            reorganisation(tx, company.territory["North"], company.territory["North 1"], on=ON, **DEED)


def test_a_vacant_seat_is_not_moved_away_from_everybody_who_could_look_after_it(record):
    with record.writing() as tx:
        company = a_company(tx)
        departure(tx, "dan", on=day(2), **DEED)
        with pytest.raises(LeavesAGap, match="would leave 3 accounts with nobody"):
            reorganisation(tx, company.territory["South 1"], None, on=ON, **DEED)


def test_a_manager_reorganises_their_own_subtree_only(record):
    with record.writing() as tx:
        company = a_company(tx)
        nora = Principal(person_id="nora", grants=(Grant(Role.MANAGER, company.territory["North"]),))
        reorganisation(tx, company.territory["North 2"], company.territory["North 1"], on=ON, by=nora, at=NOW)
        for moved, to in (("South 1", "North"), ("North 1", "South")):
            with pytest.raises(NotFound, match="There is no territory"):
                reorganisation(tx, company.territory[moved], company.territory[to], on=ON, by=nora, at=NOW)
        assert Period(ON).contains(ON)
