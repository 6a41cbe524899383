"""Reps see the book a plan would give them, challenge it while the window is open, and see what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders.together import (
    ADA,
    ANN,
    BO,
    CEM,
    FIN,
    HAL,
    HIRED,
    MAX,
    MIA,
    MONDAY,
    TUESDAY,
    VIC,
    WEDNESDAY,
    ZOE,
    a_deal,
    a_grid_plan,
    invite,
    the_teams,
)  # fmt: skip
from patchbook.challenges import actions as challenges
from patchbook.challenges.challenge import AlreadyFiled, BadChallenge, Decided, NotYours, Status, WindowClosed
from patchbook.db import settings
from patchbook.errors import BadInput, NotAllowed, NotFound
from patchbook.period import midnight
from patchbook.plans import actions as plans
from patchbook.plans import store as plan_store
from patchbook.plans.guardrails import Guarded
from patchbook.plans.life import WrongStep
from patchbook.plans.state import state

PLAN = "plan-grid"


def an_open_plan(tx, **changes):
    the_teams(tx)
    a_grid_plan(tx, **changes)
    invite(tx, PLAN, "mia", "max", "hal")
    return challenges.open_window(tx, PLAN, by=ADA, at=MONDAY)


def where(tx, account: str) -> str:
    return state(tx, PLAN).assignments.rows_by_key("account_id", named=True, unique=True)[account]["territory"]


def test_a_rep_sees_their_own_future_book_and_no_more(record):
    with record.writing() as tx:
        an_open_plan(tx)

        book = challenges.preview(tx, PLAN, by=ANN, at=MONDAY)

        assert [(one.account_id, one.change, one.territory) for one in book.rows] == [
            ("A1", "keeps", "West"), ("A2", "loses", None), ("A4", "keeps", "West"), ("A5", "loses", None),
            ("A7", "keeps", "West"), ("A8", "loses", None),
        ]  # fmt: skip
        assert book.rows[0].measures == {"potential": 1.0}
        assert book.rows[1].reason is None
        assert [one.account_id for one in challenges.preview(tx, PLAN, by=BO, at=MONDAY).rows] == ["A2", "A5", "A8"]
        first = challenges.preview(tx, PLAN, limit=4, by=ANN, at=MONDAY)
        rest = challenges.preview(tx, PLAN, limit=4, after=first.next_cursor, by=ANN, at=MONDAY)
        assert first.rows + rest.rows == book.rows
        with pytest.raises(NotFound, match=r"^There is no person 'bo'\.$"):
            challenges.preview(tx, PLAN, person_id="bo", by=ANN, at=MONDAY)


def test_a_manager_sees_the_future_book_of_their_reports(record):
    with record.writing() as tx:
        an_open_plan(tx)

        seen = challenges.preview(tx, PLAN, person_id="bo", by=MIA, at=MONDAY)

        assert len(seen.rows) == 3
        with pytest.raises(NotFound, match="There is no person 'cem'"):
            challenges.preview(tx, PLAN, person_id="cem", by=MIA, at=MONDAY)
        assert len(challenges.preview(tx, PLAN, person_id="cem", by=ADA, at=MONDAY).rows) == 3


def test_reps_see_nothing_of_a_draft_before_it_is_opened(record):
    with record.writing() as tx:
        the_teams(tx)
        a_grid_plan(tx)

        for deed in (
            lambda: challenges.preview(tx, PLAN, by=ANN, at=MONDAY),
            lambda: challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY),
        ):
            with pytest.raises(NotFound, match=r"^There is no plan 'plan-grid'\.$"):
                deed()


def test_the_window_lasts_as_long_as_the_setting_says_and_then_closes(record):
    with record.writing() as tx:
        settings.change(tx, "challenge_days", 2)
        plan = an_open_plan(tx)

        challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=TUESDAY)
        with pytest.raises(
            WindowClosed, match=r"^Plan 'Grid' was open to challenges until 2027-01-06 09:00:00\+00:00; its planner"
        ):
            challenges.challenge(tx, PLAN, "A5", "keep", "relationship", by=ANN, at=WEDNESDAY)

        assert plan.open_to_challenges_until == MONDAY + timedelta(days=2)
        with pytest.raises(BadInput, match="which is past; name a later day"):
            challenges.open_window(tx, PLAN, MONDAY, by=ADA, at=TUESDAY)
        with pytest.raises(NotAllowed):
            challenges.open_window(tx, PLAN, by=MIA, at=MONDAY)


def test_an_accepted_challenge_moves_the_account_and_the_rep_sees_the_outcome(record):
    with record.writing() as tx:
        an_open_plan(tx)
        filed = challenges.challenge(tx, PLAN, "A5", "keep", "relationship", "Ten years.", by=ANN, at=MONDAY)

        done = challenges.decide(tx, filed.challenge_id, "accept", "Keep it.", by=MIA, at=TUESDAY)

        assert filed.due == MONDAY + timedelta(days=7)
        assert filed.wanted_territory == "West"
        assert (filed.territory, filed.planned_person) == (None, None)
        assert (done.status, where(tx, "A5")) == (Status.ACCEPTED, "West")
        seen = challenges.get(tx, filed.challenge_id, by=ANN, at=TUESDAY)
        assert (seen.status, seen.outcome, seen.decided_by) == (Status.ACCEPTED, "Keep it.", "mia")
        moved = state(tx, PLAN).assignments.rows_by_key("account_id", named=True, unique=True)["A5"]
        assert moved["reason"] == "Moved by mia on 2027-01-05: Challenge of ann (relationship)"
        with pytest.raises(Decided, match=r"about A5 was accepted on 2027-01-05 09:00:00\+00:00; only an open one"):
            challenges.decide(tx, filed.challenge_id, "reject", "No.", by=MIA, at=WEDNESDAY)


def test_a_rejection_says_why(record):
    with record.writing() as tx:
        an_open_plan(tx)
        filed = challenges.challenge(tx, PLAN, "A5", "keep", "geography", by=ANN, at=MONDAY)

        with pytest.raises(BadChallenge, match=r"^To reject a challenge, say why; the outcome is empty\.$"):
            challenges.decide(tx, filed.challenge_id, "reject", by=MIA, at=TUESDAY)
        done = challenges.decide(tx, filed.challenge_id, "reject", "Bo is nearer.", by=MIA, at=TUESDAY)

        assert (done.status, done.outcome, where(tx, "A5")) == (Status.REJECTED, "Bo is nearer.", "Middle")


def test_a_dropped_account_goes_where_who_decides_says(record):
    with record.writing() as tx:
        an_open_plan(tx)
        filed = challenges.challenge(tx, PLAN, "A7", "drop", "conflict", by=ANN, at=MONDAY)

        with pytest.raises(BadChallenge, match=r"^Say to which territory A7 goes; the challenge names none\.$"):
            challenges.decide(tx, filed.challenge_id, "accept", by=MIA, at=TUESDAY)
        with pytest.raises(Guarded, match="East is outside your territories"):
            challenges.decide(tx, filed.challenge_id, "accept", to="East", by=MIA, at=TUESDAY)
        challenges.decide(tx, filed.challenge_id, "accept", to="East", by=HAL, at=TUESDAY)

        assert where(tx, "A7") == "East"


@pytest.mark.parametrize(
    ("account", "ask", "sentence"),
    [
        ("A1", "keep", "A1 stays in your book in this plan; there is nothing to challenge."),
        ("A3", "keep", "A3 is not in your book today, so it cannot be kept; ask to add it."),
        ("A99", "keep", "A99 is not in your book today, so it cannot be kept; ask to add it."),
        ("A3", "drop", "A3 is not in your book in this plan, so there is nothing to drop."),
        ("A99", "drop", "A99 is not in your book in this plan, so there is nothing to drop."),
        ("A1", "add", "A1 is in your book in this plan already; there is nothing to add."),
        ("A2", "add", "A2 is in your book today; ask to keep it."),
        ("A2", "steal", "There is no ask 'steal'; there are keep, drop, add."),
    ],
)
def test_what_is_not_theirs_to_ask_is_refused_without_telling_of_others(sqlite_record, account, ask, sentence):
    with sqlite_record.writing() as tx:
        an_open_plan(tx)

        with pytest.raises(BadChallenge) as refused:
            challenges.challenge(tx, PLAN, account, ask, "geography", by=ANN, at=MONDAY)

        assert str(refused.value) == sentence


def test_asking_to_add_an_unknown_account_looks_like_asking_for_anybodys(record):
    with record.writing() as tx:
        an_open_plan(tx)

        anybodys = challenges.challenge(tx, PLAN, "A3", "add", "geography", by=ANN, at=MONDAY)
        nobodys = challenges.challenge(tx, PLAN, "A99", "add", "geography", by=ANN, at=MONDAY)

        told = [(one.ask, one.territory, one.planned_person, one.wanted_territory) for one in (anybodys, nobodys)]
        assert told[0] == told[1]
        with pytest.raises(NotFound, match="The plan has no account 'A99'"):
            challenges.decide(tx, nobodys.challenge_id, "accept", by=ADA, at=TUESDAY)


def test_a_rep_has_one_open_challenge_an_account_and_may_take_it_back(record):
    with record.writing() as tx:
        an_open_plan(tx)
        filed = challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY)

        with pytest.raises(AlreadyFiled, match=r"^You have an open challenge about A2; withdraw it to file another\.$"):
            challenges.challenge(tx, PLAN, "A2", "keep", "open_deal", by=ANN, at=MONDAY)
        with pytest.raises(NotYours, match="was filed by ann; who filed it can withdraw it"):
            challenges.withdraw(tx, filed.challenge_id, by=MIA, at=MONDAY)
        assert challenges.withdraw(tx, filed.challenge_id, by=ANN, at=MONDAY).status is Status.WITHDRAWN
        challenges.challenge(tx, PLAN, "A2", "keep", "open_deal", by=ANN, at=MONDAY)
        with pytest.raises(BadChallenge, match="for another reason says which in its note"):
            challenges.challenge(tx, PLAN, "A5", "keep", "other", by=ANN, at=MONDAY)


def test_who_has_several_territories_names_the_one_wanted(record):
    with record.writing() as tx:
        an_open_plan(tx, person={"West": "ann", "Middle": "bo", "East": "ann"})

        with pytest.raises(
            BadChallenge, match=r"^'Middle' is no territory of yours in this plan; yours are East, West"
        ):
            challenges.challenge(tx, PLAN, "A2", "keep", "geography", wanted="Middle", by=ANN, at=MONDAY)
        open_end = challenges.challenge(tx, PLAN, "A2", "keep", "geography", by=ANN, at=MONDAY)
        named = challenges.challenge(tx, PLAN, "A5", "keep", "geography", wanted="West", by=ANN, at=MONDAY)

        assert (open_end.wanted_territory, named.wanted_territory) == (None, "West")


def test_everybody_sees_only_the_challenges_that_are_theirs_to_see(record):
    with record.writing() as tx:
        an_open_plan(tx)
        of_ann = challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY).challenge_id
        of_cem = challenges.challenge(tx, PLAN, "A3", "drop", "conflict", by=CEM, at=MONDAY).challenge_id

        def seen_by(who):
            return {one.challenge_id for one in challenges.challenges(tx, plan_id=PLAN, by=who, at=MONDAY).rows}

        assert (seen_by(ANN), seen_by(CEM), seen_by(ZOE)) == ({of_ann}, {of_cem}, set())
        assert (seen_by(MIA), seen_by(MAX)) == ({of_ann}, {of_cem})
        assert seen_by(HAL) == seen_by(ADA) == {of_ann, of_cem}
        with pytest.raises(NotFound, match=rf"^There is no challenge '{of_cem}'\.$"):
            challenges.get(tx, of_cem, by=MIA, at=MONDAY)
        for nobody in (FIN, VIC):
            with pytest.raises(NotAllowed):
                challenges.challenges(tx, by=nobody, at=MONDAY)


def test_overdue_challenges_are_listed_first_due_first(record):
    with record.writing() as tx:
        settings.change(tx, "challenge_answer_days", 1)
        an_open_plan(tx)
        early = challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY).challenge_id
        late = challenges.challenge(tx, PLAN, "A5", "keep", "relationship", by=ANN, at=TUESDAY).challenge_id

        overdue = challenges.challenges(tx, overdue=True, by=MIA, at=TUESDAY)
        everything = challenges.challenges(tx, limit=1, by=MIA, at=TUESDAY)
        rest = challenges.challenges(tx, limit=1, after=everything.next_cursor, by=MIA, at=TUESDAY)

        assert [one.challenge_id for one in overdue.rows] == [early]
        assert [one.challenge_id for one in (*everything.rows, *rest.rows)] == [early, late]


def test_an_accepted_challenge_needs_a_draft(record):
    with record.writing() as tx:
        an_open_plan(tx)
        filed = challenges.challenge(tx, PLAN, "A5", "keep", "relationship", by=ANN, at=MONDAY)
        plans.submit(tx, PLAN, revision=None, by=ADA, at=MONDAY)

        with pytest.raises(WrongStep, match="is in review; only a draft can be edited"):
            challenges.decide(tx, filed.challenge_id, "accept", by=MIA, at=TUESDAY)
        assert challenges.get(tx, filed.challenge_id, by=ANN, at=TUESDAY).status is Status.OPEN


def test_who_filed_a_challenge_does_not_decide_it(record):
    with record.writing() as tx:
        an_open_plan(tx, person={"West": "ann", "Middle": "mia", "East": "cem"})
        filed = challenges.challenge(tx, PLAN, "A5", "drop", "conflict", by=MIA, at=MONDAY)

        with pytest.raises(NotYours, match="Who filed a challenge cannot decide on it"):
            challenges.decide(tx, filed.challenge_id, "accept", to="West", by=MIA, at=TUESDAY)


def test_the_rule_about_open_deals_decides_at_once_where_it_is_set(record):
    with record.writing() as tx:
        settings.change(tx, "challenge_rule_open_deal", 1)
        an_open_plan(tx)
        a_deal(tx, "A5", "ann")
        a_deal(tx, "A8", "ann", closed=HIRED)

        there = challenges.challenge(tx, PLAN, "A5", "keep", "open_deal", by=ANN, at=MONDAY)
        gone = challenges.challenge(tx, PLAN, "A8", "keep", "open_deal", by=ANN, at=MONDAY)
        other = challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=MONDAY)

        assert (there.status, there.outcome, where(tx, "A5")) == (
            Status.ACCEPTED,
            "Accepted by rule: you have an open deal with the account.",
            "West",
        )
        assert (gone.status, gone.outcome, where(tx, "A8")) == (
            Status.REJECTED,
            "Rejected by rule: the record has no open deal of yours with the account.",
            "Middle",
        )
        assert other.status is Status.OPEN


def test_the_rule_leaves_to_people_what_a_guardrail_stands_against(record):
    with record.writing() as tx:
        settings.change(tx, "challenge_rule_open_deal", 1)
        settings.change(tx, "accounts_per_territory", 3)
        an_open_plan(tx)
        a_deal(tx, "A5", "ann")

        filed = challenges.challenge(tx, PLAN, "A5", "keep", "open_deal", by=ANN, at=MONDAY)

        assert (filed.status, where(tx, "A5")) == (Status.OPEN, "Middle")


def test_an_early_end_of_the_window_closes_it(record):
    with record.writing() as tx:
        an_open_plan(tx)
        challenges.open_window(tx, PLAN, midnight(TUESDAY.date()), by=ADA, at=MONDAY)

        with pytest.raises(WindowClosed, match="until 2027-01-05; its planner can open it"):
            challenges.challenge(tx, PLAN, "A2", "keep", "relationship", by=ANN, at=TUESDAY)
        assert plan_store.get(tx, PLAN).revision == 3
