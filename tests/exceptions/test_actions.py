"""An account goes to somebody else for a while, once those it concerns agree, and comes back by itself."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select

from builders.together import (
    ADA,
    ANN,
    BO,
    CEM,
    FIN,
    HAL,
    MAX,
    MIA,
    MONDAY,
    PIA,
    ROOT,
    TUESDAY,
    VIC,
    WEDNESDAY,
    a_grid_plan,
    the_teams,
    the_territories,
)  # fmt: skip
from patchbook.db import settings
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.exceptions import actions as exceptions
from patchbook.exceptions.exception import BadException, NotYours, Status, WrongStep
from patchbook.ledger import actions as ledger
from patchbook.ledger.lay import lay, lift
from patchbook.ledger.tables import assignment, override
from patchbook.people.principal import system
from patchbook.people.profile import NotEmployed, UnknownPerson
from patchbook.people.store import employment
from patchbook.period import FOREVER, instant
from patchbook.plans.life import Status as PlanStatus

FEBRUARY, APRIL, MAY, JUNE = (instant(f"2027-{month:02}-01") for month in (2, 4, 5, 6))


def a_market(tx) -> None:
    the_teams(tx)
    the_territories(tx)


def ask(tx, account: str = "A1", person: str = "cem", *, by=ADA, at=MONDAY, **changes):
    """Ask that A1, which is ann's, go to cem from February to May."""
    usual = {"kind": "strategic", "reason": "Same buyer as A3.", "starts": FEBRUARY, "expires": MAY}
    return exceptions.request(tx, account, person, **{**usual, **changes}, by=by, at=at)


def an_agreed_one(tx, **changes):
    made = ask(tx, **changes)
    exceptions.approve(tx, made.exception_id, by=MIA, at=TUESDAY)
    return exceptions.approve(tx, made.exception_id, by=MAX, at=TUESDAY)


def owner(tx, on: datetime, account: str = "A1") -> str | None:
    return ledger.owner(tx, account, on=on, by=system(), at=WEDNESDAY).person_id


def test_an_exception_holds_once_both_managers_agree_and_ends_by_itself(record):
    with record.writing() as tx:
        a_market(tx)
        made = ask(tx)
        first = exceptions.approve(tx, made.exception_id, by=MIA, at=TUESDAY)
        before = owner(tx, FEBRUARY)

        done = exceptions.approve(tx, made.exception_id, "Fine.", by=MAX, at=TUESDAY)

        assert [(step.side, step.approver_id) for step in made.steps] == [("losing", "mia"), ("gaining", "max")]
        assert (made.losing_territory_id, made.gaining_territory_id) == ("west", "east")
        assert (first.status, before, done.status) == (Status.REQUESTED, "ann", Status.APPROVED)
        assert [owner(tx, on) for on in (MONDAY, FEBRUARY, APRIL, MAY)] == ["ann", "cem", "cem", "ann"]
        why = ledger.owner(tx, "A1", on=APRIL, by=system(), at=WEDNESDAY).chain
        assert any("Strategic exception: Same buyer as A3." in (step.says + step.reason) for step in why)


def test_a_rejected_exception_changes_nothing(record):
    with record.writing() as tx:
        a_market(tx)
        made = ask(tx)

        with pytest.raises(BadException, match=r"^To reject an exception, say why; the comment is empty\.$"):
            exceptions.reject(tx, made.exception_id, " ", by=MAX, at=TUESDAY)
        done = exceptions.reject(tx, made.exception_id, "Cem is full.", by=MAX, at=TUESDAY)

        assert done.status is Status.REJECTED
        assert owner(tx, APRIL) == "ann"
        with pytest.raises(WrongStep, match="for A1 is rejected; only one that was requested can be decided"):
            exceptions.approve(tx, made.exception_id, by=MIA, at=TUESDAY)


def test_who_asks_does_not_agree_so_the_next_manager_above_does(record):
    with record.writing() as tx:
        a_market(tx)
        made = ask(tx, by=MIA, person="bo")

        with pytest.raises(NotYours, match=r"^The exception waits for hal; nobody else can agree to it\.$"):
            exceptions.approve(tx, made.exception_id, by=MIA, at=TUESDAY)
        assert exceptions.approve(tx, made.exception_id, by=HAL, at=TUESDAY).status is Status.APPROVED


def test_where_there_is_no_manager_a_planner_agrees_but_not_the_one_who_asks(record):
    with record.writing() as tx:
        a_market(tx)
        made = ask(tx, person="hal")

        assert [(step.side, step.approver_id) for step in made.steps] == [("losing", "mia"), ("planner", None)]
        exceptions.approve(tx, made.exception_id, by=MIA, at=TUESDAY)
        with pytest.raises(NotYours, match="Who asked for an exception cannot agree to it"):
            exceptions.approve(tx, made.exception_id, by=ADA, at=TUESDAY)
        assert exceptions.approve(tx, made.exception_id, by=PIA, at=TUESDAY).status is Status.APPROVED


def test_a_planner_may_stand_in_for_a_manager(record):
    with record.writing() as tx:
        a_market(tx)
        made = ask(tx, by=MIA, person="bo")

        assert exceptions.approve(tx, made.exception_id, by=ROOT, at=TUESDAY).status is Status.APPROVED


def test_a_rep_asks_to_keep_an_account_that_is_about_to_leave_them(record):
    with record.writing() as tx:
        a_market(tx)
        told = {"cause": "publish", "source": "publication-1", "reason": "Plan Grid"}
        lay(tx, assignment, [{"account_id": "A2", "territory_id": "east", "valid_from": FEBRUARY, **told}], at=MONDAY)

        made = ask(tx, "A2", "ann", by=ANN)
        exceptions.approve(tx, made.exception_id, by=MIA, at=TUESDAY)
        exceptions.approve(tx, made.exception_id, by=MAX, at=TUESDAY)

        assert [owner(tx, on, "A2") for on in (MONDAY, FEBRUARY, MAY)] == ["ann", "ann", "cem"]


def test_a_rep_asks_only_about_accounts_and_people_they_see(record):
    with record.writing() as tx:
        a_market(tx)

        with pytest.raises(NotFound, match="There is no account 'A3' in the ledger"):
            ask(tx, "A3", "ann", by=ANN)
        with pytest.raises(NotFound, match="There is no account 'A99' in the ledger"):
            ask(tx, "A99", "ann", by=ANN)
        with pytest.raises(UnknownPerson):
            ask(tx, "A1", "cem", by=ANN)
        with pytest.raises(NotAllowed):
            ask(tx, by=FIN)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": " "}, "An exception says why in 1 to 2,000 characters; this has 0."),
        ({"kind": "friend"}, "There is no kind of exception 'friend'; there are strategic, multinational, partner,"
                             " expansion, other."),
        ({"expires": instant("2029-01-01")}, "The exception would last 700 days; at most 365 are allowed, so from"
                                             " 2027-02-01 it ends by 2028-02-01."),
        ({"starts": instant("2026-10-01"), "expires": instant("2026-11-01")},
         "The exception would end on 2026-11-01, which is past; name a later day."),
        ({"person": "ann"}, "ann is the owner of A1 on 2027-02-01 anyway."),
        ({"starts": MAY, "expires": FEBRUARY},
         "The period [2027-05-01, 2027-02-01) is empty; its end must be after its start."),
    ],
)  # fmt: skip
def test_bad_exceptions_are_refused_in_one_sentence(sqlite_record, changes, sentence):
    with sqlite_record.writing() as tx:
        a_market(tx)

        with pytest.raises(BadInput) as refused:
            ask(tx, **changes)

        assert str(refused.value) == sentence


def test_the_person_is_employed_for_all_of_it(record):
    with record.writing() as tx:
        a_market(tx)
        lay(
            tx,
            employment,
            [{"person_id": "zoe", "valid_from": instant("2026-01-01"), "valid_to": APRIL, "reason": "leaves"}],
            at=MONDAY,
        )
        lift(tx, employment, [{"person_id": "zoe", "valid_from": APRIL, "valid_to": FOREVER}], at=MONDAY)

        with pytest.raises(
            BadException,
            match=r"^zoe is employed until 2027-04-01, and the exception would last until 2027-05-01; it ends with",
        ):
            ask(tx, person="zoe")
        with pytest.raises(NotEmployed, match=r"^zoe is not employed on 2027-05-01; the record has them employed"):
            ask(tx, person="zoe", starts=MAY, expires=JUNE)


def test_one_account_has_one_exception_at_a_time(record):
    with record.writing() as tx:
        a_market(tx)
        rival = ask(tx, person="bo", starts=APRIL, expires=JUNE)
        an_agreed_one(tx)

        with pytest.raises(
            WrongStep,
            match=r"^A1 goes to cem by exception from 2027-02-01 to 2027-05-01; end that one first, or start when it",
        ):
            ask(tx, person="bo", starts=APRIL, expires=JUNE)
        with pytest.raises(WrongStep, match="A1 goes to cem by exception"):
            exceptions.approve(tx, rival.exception_id, by=PIA, at=TUESDAY)
        assert owner(tx, APRIL) == "cem"


def test_an_exception_that_is_ended_gives_the_account_back_from_that_day(record):
    with record.writing() as tx:
        a_market(tx)
        made = an_agreed_one(tx)

        with pytest.raises(NotYours, match="Who requested or agreed to an exception can end it, and planners"):
            exceptions.end(tx, made.exception_id, why="Mine.", by=CEM, at=TUESDAY)
        with pytest.raises(BadException, match=r"ends on 2027-05-01 by itself; name an earlier day to end it\.$"):
            exceptions.end(tx, made.exception_id, on=MAY, why="Over.", by=MIA, at=TUESDAY)
        with pytest.raises(BadException, match="To end an exception, say why"):
            exceptions.end(tx, made.exception_id, on=APRIL, why="", by=MIA, at=TUESDAY)
        done = exceptions.end(tx, made.exception_id, on=APRIL, why="The deal is signed.", by=MIA, at=TUESDAY)

        assert (done.status, done.ended_at) == (Status.ENDED, APRIL)
        assert (done.is_in_force(FEBRUARY), done.is_in_force(APRIL)) == (True, False)
        assert [owner(tx, on) for on in (FEBRUARY, APRIL)] == ["cem", "ann"]
        rows = tx.execute(select(func.count()).select_from(override)).scalar_one()
        assert rows == 2  # closed and succeeded, not changed
        with pytest.raises(WrongStep, match="is ended; only an approved one can be ended"):
            exceptions.end(tx, made.exception_id, why="Again.", by=MIA, at=TUESDAY)


def test_an_exception_that_is_ended_before_it_starts_never_holds(record):
    with record.writing() as tx:
        a_market(tx)
        made = an_agreed_one(tx)

        exceptions.end(tx, made.exception_id, why="Never mind.", by=ADA, at=TUESDAY)

        assert [owner(tx, on) for on in (FEBRUARY, APRIL)] == ["ann", "ann"]


def test_a_renewal_asks_again_and_goes_on_where_the_first_ends(record):
    with record.writing() as tx:
        a_market(tx)
        made = an_agreed_one(tx)

        again = exceptions.renew(tx, made.exception_id, expires=JUNE, reason="Not signed yet.", by=MIA, at=TUESDAY)
        with pytest.raises(WrongStep, match="is requested; only an approved one can be renewed"):
            exceptions.renew(tx, again.exception_id, expires=JUNE, reason="More.", by=MIA, at=TUESDAY)
        exceptions.approve(tx, again.exception_id, by=HAL, at=TUESDAY)
        exceptions.approve(tx, again.exception_id, by=MAX, at=TUESDAY)

        assert (again.starts, again.renews_id) == (MAY, made.exception_id)
        assert [owner(tx, on) for on in (APRIL, MAY, JUNE)] == ["cem", "cem", "ann"]


def test_a_request_is_withdrawn_by_who_made_it(record):
    with record.writing() as tx:
        a_market(tx)
        made = ask(tx, by=MIA, person="bo")

        with pytest.raises(NotYours, match="was requested by mia; who requested it can withdraw it"):
            exceptions.withdraw(tx, made.exception_id, by=ANN, at=TUESDAY)
        assert exceptions.withdraw(tx, made.exception_id, by=MIA, at=TUESDAY).status is Status.WITHDRAWN
        with pytest.raises(WrongStep, match="is withdrawn; only one that was requested can be withdrawn; end it"):
            exceptions.withdraw(tx, made.exception_id, by=MIA, at=TUESDAY)


def test_the_register_is_scoped_paged_and_says_what_expires_next(record):
    with record.writing() as tx:
        a_market(tx)
        agreed = an_agreed_one(tx)
        asked = ask(tx, "A4", "bo", by=MIA, expires=APRIL)

        def seen_by(who):
            return [one.exception_id for one in exceptions.register(tx, by=who, at=TUESDAY).rows]

        both = [asked.exception_id, agreed.exception_id]
        assert seen_by(ADA) == seen_by(VIC) == seen_by(MIA) == seen_by(HAL) == both
        assert seen_by(MAX) == seen_by(CEM) == [agreed.exception_id]
        assert seen_by(BO) == [asked.exception_id]
        first = exceptions.register(tx, limit=1, by=ADA, at=TUESDAY)
        rest = exceptions.register(tx, limit=1, after=first.next_cursor, by=ADA, at=TUESDAY)
        assert [one.exception_id for one in (*first.rows, *rest.rows)] == both
        soon = exceptions.expiring(tx, before=JUNE, by=ADA, at=TUESDAY)
        assert [one.exception_id for one in soon.rows] == [agreed.exception_id]
        with pytest.raises(NotFound, match=rf"^There is no exception '{asked.exception_id}'\.$"):
            exceptions.get(tx, asked.exception_id, by=MAX, at=TUESDAY)
        with pytest.raises(BadInput, match="is past; name a day to come"):
            exceptions.expiring(tx, before=MONDAY, by=ADA, at=TUESDAY)
        assert exceptions.register(tx, status=Status.APPROVED, account_id="A4", by=ADA, at=TUESDAY).rows == ()


def test_the_budget_counts_exceptions_in_force(record):
    with record.writing() as tx:
        a_market(tx)
        an_agreed_one(tx)

        assert exceptions.budget(tx, by=ADA, at=TUESDAY).in_force == 0
        found = exceptions.budget(tx, by=ADA, at=APRIL)
        settings.change(tx, "exception_budget_percent", 20)
        roomy = exceptions.budget(tx, by=ADA, at=APRIL)

        assert found.is_over
        assert found.says == (
            "1 of 8 assigned accounts (12.5 %) are exceptions, and 5 % may be; that is over the budget."
        )
        assert roomy.says == "1 of 8 assigned accounts (12.5 %) are exceptions, and 20 % may be."
        assert exceptions.budget(tx, by=MAX, at=APRIL).assigned == 2
        with pytest.raises(NotAllowed):
            exceptions.budget(tx, by=ANN, at=APRIL)


def test_an_exception_says_what_it_costs_the_active_plan_to_those_who_see_everyone(record):
    with record.writing() as tx:
        a_market(tx)
        plan = a_grid_plan(tx, status=PlanStatus.ACTIVE)

        made = ask(tx)

        assert made.cost["plan_id"] == plan.plan_id
        assert made.cost["says"].startswith("Moves 1 account, 1 to another owner.")
        west = next(
            load for load in made.cost["loads"] if (load["territory"], load["measure"]) == ("West", "potential")
        )
        assert (west["before"], west["after"]) == (3.0, 2.0)
        assert exceptions.get(tx, made.exception_id, by=MAX, at=TUESDAY).cost == made.cost
        assert exceptions.get(tx, made.exception_id, by=CEM, at=TUESDAY).cost == {}
