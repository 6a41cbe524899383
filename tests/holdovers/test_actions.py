"""Deals that stay with who works on them: written by a publish, ended by a win, extended by somebody else's word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from builders.publishing import APRIL, FEBRUARY, MARCH, NOW, PAT, ROOT, a_plan, people
from patchbook.errors import NotAllowed, NotFound
from patchbook.holdovers import actions as holdovers
from patchbook.holdovers.holdover import HoldoverRule, NoReason, NotExtended, Policy, Treatment
from patchbook.ledger.actions import owner, owner_of_opportunity
from patchbook.ledger.tables import opportunity
from patchbook.people.principal import Grant, Principal, Role
from patchbook.period import FOREVER
from patchbook.publishing import actions as publishing

ANN = Principal(person_id="ann", grants=(Grant(Role.REP),))
BOB = Principal(person_id="bob", grants=(Grant(Role.REP),))
KEEP_30 = Policy(
    rules=(
        HoldoverRule(treatment=Treatment.EXEMPT, stages=("Closing",)),
        HoldoverRule(treatment=Treatment.KEEP, days=30, amount_from=50.0),
    )
)
THIRTY = MARCH + timedelta(days=30)
DAY = timedelta(days=1)


def a_hand_over(tx, policy=KEEP_30):
    """Ann's two accounts go to Bob in March, with three deals on them; the first plan began in February."""
    people(tx, "ann", "bob")
    deals = (("O1", "A1", "Proposal", 100.0), ("O2", "A1", "Proposal", 10.0), ("O3", "A2", "Closing", 5.0))
    names = ("opportunity_id", "account_id", "stage", "amount_usd")
    tx.execute(insert(opportunity), [dict(zip(names, deal, strict=True)) for deal in deals])
    placed = {"A1": "West", "A2": "West"}
    one = a_plan(tx, "One", {"West": "ann"}, placed)
    publishing.publish(tx, one.plan_id, on=FEBRUARY, by=PAT, at=NOW)
    two = a_plan(tx, "Two", {"West": "bob"}, placed)
    return publishing.publish(tx, two.plan_id, on=MARCH, policy=policy, by=PAT, at=NOW)


def who_has(tx, opportunity_id, on):
    return owner_of_opportunity(tx, opportunity_id, on=on, by=ROOT, at=NOW).person_id


def test_a_publish_leaves_deals_where_the_policy_says(record):
    with record.writing() as tx:
        made = a_hand_over(tx)

        assert made.counts["holdovers"] == 2
        assert owner(tx, "A1", on=MARCH, by=ROOT, at=NOW).person_id == "bob"
        assert [who_has(tx, deal, MARCH) for deal in ("O1", "O2", "O3")] == ["ann", "bob", "ann"]
        assert [who_has(tx, deal, THIRTY) for deal in ("O1", "O2", "O3")] == ["bob", "bob", "ann"]


def test_a_dry_run_says_what_becomes_of_each_deal(record):
    with record.writing() as tx:
        a_hand_over(tx)
        three = a_plan(tx, "Three", {"West": "ann"}, {"A1": "West", "A2": "West"})

        found = publishing.dry_run(tx, three.plan_id, on=APRIL, policy=KEEP_30, by=PAT, at=NOW).holdovers

        told = {row["opportunity_id"]: (row["person_id"], row["treatment"]) for row in found.iter_rows(named=True)}
        assert told == {"O1": ("bob", "keep"), "O2": ("bob", "move"), "O3": ("ann", "exempt")}


def test_a_deal_that_is_won_or_lost_ends_its_holdover(record):
    with record.writing() as tx:
        a_hand_over(tx)

        assert holdovers.opportunities_closed(tx, ["O3", "O2", "O9"], at=MARCH + DAY) == 1
        assert holdovers.opportunities_closed(tx, ["O3"], at=MARCH + DAY) == 0
        assert who_has(tx, "O3", MARCH) == "ann"
        assert who_has(tx, "O3", MARCH + DAY) == "bob"


def test_rolling_the_publish_back_ends_its_holdovers(record):
    with record.writing() as tx:
        made = a_hand_over(tx)

        publishing.rollback(tx, made.publication_id, by=PAT, at=NOW)

        assert holdovers.holdovers(tx, on=MARCH, by=ROOT, at=MARCH).rows == ()
        assert who_has(tx, "O2", MARCH) == "ann"


def test_holdovers_are_listed_first_to_expire_first_in_pages(record):
    with record.writing() as tx:
        a_hand_over(tx)

        page = holdovers.holdovers(tx, on=MARCH, limit=1, by=ROOT, at=MARCH)
        rest = holdovers.holdovers(tx, on=MARCH, limit=1, after=page.next_cursor, by=ROOT, at=MARCH)

        assert [(one.opportunity_id, one.expires) for one in (*page.rows, *rest.rows)] == [
            ("O1", THIRTY),
            ("O3", FOREVER),
        ]
        assert rest.next_cursor is None
        assert [one.opportunity_id for one in holdovers.due(tx, on=MARCH, until=APRIL, by=ROOT, at=MARCH)] == ["O1"]


def test_a_rep_sees_their_own_and_those_on_their_accounts(record):
    with record.writing() as tx:
        a_hand_over(tx)
        people(tx, "cyd")
        cyd = Principal(person_id="cyd", grants=(Grant(Role.REP),))

        def seen(by):
            return [one.opportunity_id for one in holdovers.holdovers(tx, on=MARCH, by=by, at=MARCH).rows]

        assert (seen(ANN), seen(BOB), seen(cyd)) == (["O1", "O3"], ["O1", "O3"], [])
        with pytest.raises(NotFound, match="There is no holdover on opportunity 'O1'"):
            holdovers.ask_extension(tx, "O1", until=FOREVER, why="please", by=cyd, at=MARCH)


def test_more_time_is_granted_by_somebody_else(record):
    with record.writing() as tx:
        a_hand_over(tx)
        later = THIRTY + 10 * DAY
        asked = holdovers.ask_extension(tx, "O1", until=later, why="Signing next week", by=ANN, at=MARCH)
        assert holdovers.extensions(tx, is_open=True, by=ROOT, at=MARCH).rows == (asked,)

        with pytest.raises(NotAllowed):
            holdovers.decide_extension(tx, asked.extension_id, grant=True, by=ANN, at=MARCH)
        granted = holdovers.decide_extension(
            tx, asked.extension_id, grant=True, comment="Fine", by=ROOT, at=MARCH + DAY
        )

        assert granted.is_granted
        assert who_has(tx, "O1", THIRTY) == "ann"
        assert who_has(tx, "O1", later) == "bob"
        assert holdovers.holdovers(tx, on=MARCH + DAY, by=ROOT, at=MARCH).rows[0].expires == later
        with pytest.raises(NotExtended, match="was granted already"):
            holdovers.decide_extension(tx, asked.extension_id, grant=False, by=ROOT, at=MARCH + DAY)


def test_a_refusal_changes_nothing(record):
    with record.writing() as tx:
        a_hand_over(tx)
        asked = holdovers.ask_extension(tx, "O1", until=FOREVER, why="Please", by=ANN, at=MARCH)

        refused = holdovers.decide_extension(tx, asked.extension_id, grant=False, comment="No", by=ROOT, at=MARCH)

        assert refused.is_granted is False
        assert who_has(tx, "O1", THIRTY) == "bob"
        assert holdovers.extensions(tx, is_open=False, by=ROOT, at=MARCH).rows[0].comment == "No"


def test_what_cannot_be_extended_says_why(record):
    with record.writing() as tx:
        a_hand_over(tx)
        ask = {"by": ANN, "at": MARCH}

        with pytest.raises(NotExtended, match="held over until it closes"):
            holdovers.ask_extension(tx, "O3", until=APRIL, why="please", **ask)
        with pytest.raises(NotExtended, match="until 2027-03-31 already; ask for a later date than 2027-03-02"):
            holdovers.ask_extension(tx, "O1", until=MARCH + DAY, why="please", **ask)
        with pytest.raises(NoReason, match="say why"):
            holdovers.ask_extension(tx, "O1", until=FOREVER, why=" ", **ask)
        asked = holdovers.ask_extension(tx, "O1", until=FOREVER, why="please", **ask)
        holdovers.opportunities_closed(tx, ["O1"], at=MARCH + DAY)
        with pytest.raises(NotExtended, match="no longer held over"):
            holdovers.decide_extension(tx, asked.extension_id, grant=True, by=ROOT, at=MARCH + DAY)
        with pytest.raises(NotFound, match="There is no request 'extension-x'"):
            holdovers.decide_extension(tx, "extension-x", grant=True, by=ROOT, at=MARCH)


def test_who_may_only_look_asks_for_no_time(record):
    vera = Principal(person_id="vera", grants=(Grant(Role.VIEWER),))
    looking = Principal(person_id="ann", grants=(Grant(Role.REP),), token_scopes=frozenset({"see"}))
    with record.writing() as tx:
        a_hand_over(tx)

        for by in (vera, looking):
            assert len(holdovers.holdovers(tx, on=MARCH, by=by, at=MARCH).rows) > 0
            with pytest.raises(NotAllowed, match=r"may(?: not)? request an exception"):
                holdovers.ask_extension(tx, "O1", until=THIRTY + DAY, why="later", by=by, at=MARCH)


def test_whoever_holds_no_role_sees_nothing(record):
    with record.writing() as tx, pytest.raises(NotAllowed, match="takes a role"):
        holdovers.holdovers(tx, on=MARCH, by=Principal(person_id="x"), at=MARCH)
