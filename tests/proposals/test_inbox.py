"""One place tells everybody what waits for them, and nobody what waits for others."""

from __future__ import annotations

from datetime import timedelta

from builders.together import (
    ADA,
    ANN,
    BO,
    FIN,
    HAL,
    MAX,
    MIA,
    MONDAY,
    PIA,
    TUESDAY,
    a_grid_plan,
    invite,
    the_teams,
    the_territories,
)  # fmt: skip
from patchbook.approvals import actions as approvals
from patchbook.challenges import actions as challenges
from patchbook.exceptions import actions as exceptions
from patchbook.period import instant
from patchbook.plans import actions as plans
from patchbook.proposals import actions as proposals
from patchbook.proposals.inbox import inbox

PLAN = "plan-grid"


def a_busy_monday(tx) -> None:
    """A proposal and a challenge on a draft, an exception, and another plan in review."""
    the_teams(tx)
    the_territories(tx)
    a_grid_plan(tx)
    invite(tx, PLAN, "mia", "max", "hal")
    proposals.propose(tx, PLAN, {"A4": "East"}, "Closer.", by=MAX, at=MONDAY)
    challenges.open_window(tx, PLAN, by=ADA, at=MONDAY)
    challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY + timedelta(hours=1))
    exceptions.request(
        tx, "A1", "cem", kind="other", reason="Once.", starts=instant("2027-02-01"), expires=instant("2027-03-01"),
        by=ADA, at=MONDAY + timedelta(hours=2),
    )  # fmt: skip
    a_grid_plan(tx, plan_id="plan-other", name="Other")
    plans.submit(tx, "plan-other", revision=None, by=ADA, at=MONDAY + timedelta(hours=3))


def kinds(tx, who, at=TUESDAY) -> list[str]:
    return [item.kind for item in inbox(tx, by=who, at=at).items.rows]


def test_everybody_sees_what_waits_for_them_oldest_first(record):
    with record.writing() as tx:
        a_busy_monday(tx)

        assert kinds(tx, MIA) == ["proposal", "challenge", "exception", "approval"]
        assert kinds(tx, MAX) == ["exception", "approval"]
        assert kinds(tx, HAL) == ["proposal", "challenge"]
        assert kinds(tx, PIA) == ["proposal", "challenge"]
        assert kinds(tx, ANN) == kinds(tx, BO) == kinds(tx, FIN) == []


def test_the_counts_are_those_of_the_items(record):
    with record.writing() as tx:
        a_busy_monday(tx)

        for who in (MIA, MAX, HAL, PIA, ANN, FIN):
            found = inbox(tx, by=who, at=TUESDAY)
            assert found.total == len(found.items.rows)
        assert inbox(tx, by=MIA, at=TUESDAY).counts == {
            "proposals": 1, "approvals": 1, "challenges": 1, "overdue_challenges": 0, "exceptions": 1,
            "expiring_exceptions": 0, "extensions": 0, "registrations": 0, "live_changes": 0, "escalations": 0,
                "time_outs": 0, "handoffs": 0, "mentions": 0,
        }  # fmt: skip
        assert inbox(tx, by=MIA, at=MONDAY + timedelta(days=8)).counts["overdue_challenges"] == 1


def test_an_item_says_what_is_asked(record):
    with record.writing() as tx:
        a_busy_monday(tx)

        said = [item.says for item in inbox(tx, by=MIA, at=TUESDAY).items.rows]

        assert said[0].startswith("max proposes: Moves 1 account, 1 to another owner.")
        assert said[1:] == [
            "ann asks to keep A2 (relationship).",
            "ada asks for A1 to go to cem until 2027-03-01.",
            "A plan waits for your approval.",
        ]


def test_an_inbox_is_paged(record):
    with record.writing() as tx:
        a_busy_monday(tx)

        seen, after = [], None
        while True:
            page = inbox(tx, after=after, limit=1, by=MIA, at=TUESDAY).items
            seen += [item.kind for item in page.rows]
            after = page.next_cursor
            if after is None:
                break

        assert seen == kinds(tx, MIA)


def test_what_is_answered_leaves_and_the_next_level_comes(record):
    with record.writing() as tx:
        a_busy_monday(tx)
        approvals.approve(tx, "plan-other", by=MIA, at=TUESDAY)
        approvals.approve(tx, "plan-other", by=MAX, at=TUESDAY)

        assert "approval" not in kinds(tx, MIA)
        assert "approval" in kinds(tx, HAL)
        assert "approval" not in kinds(tx, PIA)
        approvals.approve(tx, "plan-other", by=HAL, at=TUESDAY)
        assert "approval" in kinds(tx, PIA)
        approvals.reject(tx, "plan-other", comment="Not yet.", by=PIA, at=TUESDAY)
        assert "approval" not in kinds(tx, PIA)


def test_a_plan_in_review_is_no_planners_business_until_they_are_invited(record):
    with record.writing() as tx:
        the_teams(tx)
        nobody = {"West": None, "Middle": None, "East": None}
        a_grid_plan(tx, confidential=True, person=nobody)
        plans.submit(tx, PLAN, revision=None, by=ADA, at=MONDAY)

        before = inbox(tx, by=PIA, at=MONDAY).total
        plans.invite(tx, PLAN, ["pia"], by=ADA, at=MONDAY)

        assert (before, inbox(tx, by=PIA, at=MONDAY).total) == (0, 1)


def test_exceptions_that_end_soon_are_counted(record):
    with record.writing() as tx:
        a_busy_monday(tx)
        (asked,) = exceptions.register(tx, by=ADA, at=TUESDAY).rows
        exceptions.approve(tx, asked.exception_id, by=MIA, at=TUESDAY)
        exceptions.approve(tx, asked.exception_id, by=MAX, at=TUESDAY)

        counts = [
            inbox(tx, by=ADA, at=instant(day)).counts["expiring_exceptions"]
            for day in ("2027-01-20", "2027-02-10", "2027-03-02")
        ]

        assert counts == [0, 1, 0]
