"""Who is asked about a plan follows the lines of management, from the bottom up, whatever they look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.approvals.lines import Lines
from patchbook.approvals.review import (
    Decision,
    NoReason,
    NotYourTurn,
    Review,
    SamePerson,
    Step,
    Verdict,
    who_is_asked,
)

MONDAY = datetime(2027, 1, 4, tzinfo=UTC)
LINES = Lines({"ann": "mia", "bo": "mia", "cem": "max", "mia": "hal", "max": "hal", "hal": None})
PLAN = {"West": "ann", "Middle": "bo", "East": "cem"}


def asked(people=None, managers=None, lines=LINES):
    found = who_is_asked(people or PLAN, lines, managers or dict.fromkeys(("mia", "max", "hal"), ()))
    return [(one.level, one.approver_id, "".join(name[0] for name in one.territories)) for one in found]


def a_review(moved=0, *decisions: tuple[str, Verdict]) -> Review:
    steps = [Step(step_id=who or "plan", level=level, approver_id=who, territories=("West",), accounts=3)
             for level, who in ((1, "mia"), (1, "max"), (2, "hal"), (3, None))]  # fmt: skip
    made = Review(
        review_id="review-1", plan_id="plan-1", round=1, moved=moved, made_by="ada", submitted_by="abe",
        opened_at=MONDAY, steps=tuple(steps),
    )  # fmt: skip
    for by, verdict in decisions:
        step = made.step_for(by, is_planner=by.startswith("p"))
        made = made.decided(step, answer(by, verdict), two_person_above=100)
    return made


def answer(by: str, verdict: Verdict = Verdict.APPROVED, comment: str | None = "Because.") -> Decision:
    return Decision(verdict=verdict, by=by, at=MONDAY, comment=comment)


def test_managers_are_asked_level_by_level_and_a_planner_last():
    assert asked() == [(1, "max", "E"), (1, "mia", "MW"), (2, "hal", "EMW"), (3, None, "EMW")]


def test_a_manager_without_a_territory_in_the_plan_is_not_asked():
    assert asked({"East": "cem"}) == [(1, "max", "E"), (2, "hal", "E"), (3, None, "E")]


def test_a_plan_without_managers_asks_one_planner():
    assert asked({"West": None, "East": "nobody"}) == [(1, None, "EW")]


def test_who_is_no_manager_by_role_is_passed_over():
    assert asked(managers={"hal": ()}) == [(1, "hal", "EMW"), (2, None, "EMW")]


def test_a_granted_subtree_counts_beside_ones_reports():
    found = asked({"West": "ann", "East": None}, {"mia": (), "max": ("East",), "hal": ()})

    assert found == [(1, "max", "E"), (1, "mia", "W"), (2, "hal", "EW"), (3, None, "EW")]


def test_a_subtree_inside_anothers_is_asked_before_it():
    assert asked({"West": None, "East": None}, {"mia": ("West",), "max": ("West", "East")}) == [
        (1, "mia", "W"), (2, "max", "EW"), (3, None, "EW"),
    ]  # fmt: skip


def test_a_manager_with_accounts_of_their_own_is_approved_by_who_is_above():
    assert asked({"West": "mia"}, {"mia": (), "hal": ()}) == [(1, "hal", "W"), (2, None, "W")]


people = st.sampled_from([f"p{n}" for n in range(8)])


@given(
    st.dictionaries(people, st.none() | people),
    st.dictionaries(st.sampled_from("ABCDEF"), st.none() | people),
    st.dictionaries(people, st.sets(st.sampled_from("ABCDEF"))),
)
def test_whatever_the_lines_everybody_is_asked_once_and_after_all_below_them(manager_of, plan, managers):
    lines = Lines(manager_of)

    found = who_is_asked(plan, lines, managers)

    level = {one.approver_id: one.level for one in found}
    assert len(level) == len(found)
    assert found[-1].approver_id is None
    assert found[-1].territories == tuple(sorted(plan))
    assert sorted({one.level for one in found}) == list(range(1, found[-1].level + 1))
    loops = {person for person in manager_of if person in lines.above(person)}
    for one in found[:-1]:
        assert one.territories
        for other in found[:-1]:
            if set(other.territories) < set(one.territories):
                assert other.level < one.level
            if one.approver_id in lines.above(other.approver_id) and not loops:
                assert set(other.territories) <= set(one.territories)
                assert other.level < one.level


def test_a_step_opens_when_the_level_below_has_agreed():
    start = a_review()
    middle = a_review(0, ("mia", Verdict.APPROVED), ("max", Verdict.APPROVED))

    assert [step.approver_id for step in start.open_steps] == ["mia", "max"]
    assert [step.approver_id for step in middle.open_steps] == ["hal"]
    with pytest.raises(NotYourTurn, match=r"^It is not your turn: the review waits for hal \(level 2\)\.$"):
        middle.step_for("pia", is_planner=True)


def test_who_else_is_asked_is_told_to_planners_only():
    start = a_review(0, ("mia", Verdict.APPROVED))

    for who, sentence in {
        "hal": "It is not your turn: the review is at level 1, and you are asked at level 2.",
        "mia": "This part was approved by mia on 2027-01-04; an answer is not changed.",
        "zoe": "You are not asked about this plan; managers with territories in it are, and planners.",
    }.items():
        with pytest.raises(NotYourTurn) as refused:
            start.step_for(who, is_planner=False)
        assert str(refused.value) == sentence


def test_a_manager_sees_what_concerns_their_territories_and_that_others_are_asked():
    def step(who, *names):
        counts = dict.fromkeys(names, 2)
        return Step(
            step_id=who or "plan", level=1, approver_id=who, territories=names, accounts=2 * len(names), counts=counts,
            decision=answer(who) if who == "max" else None,
        )  # fmt: skip

    whole = replace(
        a_review(), steps=(step("mia", "West"), step("max", "East"), step("hal", "East", "West"), step(None, "East"))
    )
    seen = whole.seen_by("mia")

    assert [(one.approver_id, one.territories, one.accounts) for one in seen.steps] == [
        ("mia", ("West",), 2), ("somebody else", (), 0), ("hal", ("West",), 2), ("somebody else", (), 0),
    ]  # fmt: skip
    assert (seen.steps[1].decision.by, seen.steps[1].decision.comment) == ("somebody else", None)
    assert seen.is_approved == whole.is_approved


def test_a_closed_review_takes_no_answers():
    rejected = a_review(0, ("mia", Verdict.REJECTED))

    with pytest.raises(NotYourTurn, match=r"^The review is closed; submit the plan again for a new one\.$"):
        rejected.step_for("max", is_planner=False)


def test_the_last_answer_approves_the_plan():
    done = a_review(0, *((who, Verdict.APPROVED) for who in ("mia", "max", "hal", "pia")))

    assert done.is_approved
    assert done.approvers == {"mia", "max", "hal", "pia"}


@pytest.mark.parametrize("by", ["ada", "abe"])
def test_above_the_limit_neither_maker_nor_submitter_approves(by):
    review = a_review(101, ("mia", Verdict.APPROVED), ("max", Verdict.APPROVED), ("hal", Verdict.APPROVED))
    step = review.step_for(by, is_planner=True)

    with pytest.raises(SamePerson, match="moves 101 accounts, more than the 100 one person may decide about"):
        review.decided(step, answer(by), two_person_above=100)
    assert review.decided(step, answer(by), two_person_above=101).is_approved
    assert review.decided(step, answer(by, Verdict.REJECTED), two_person_above=100).is_rejected


def test_a_plan_is_sent_back_with_a_reason_that_can_be_read():
    review = a_review()
    step = review.step_for("mia", is_planner=False)

    with pytest.raises(NoReason, match="say why; the comment is empty"):
        review.decided(step, answer("mia", Verdict.REJECTED, None), two_person_above=100)
    with pytest.raises(NoReason, match=r"^The comment has 2,001 characters; at most 2,000 are kept\.$"):
        review.decided(step, answer("mia", comment="x" * 2001), two_person_above=100)


askers = st.sampled_from(["mia", "max", "hal", "ada", "abe", "pia", "pat"])
answers = st.lists(st.tuples(askers, st.sampled_from([*[Verdict.APPROVED] * 4, Verdict.REJECTED])), max_size=12)


@given(answers, st.sampled_from([0, 100, 101]))
def test_however_people_answer_a_plan_is_approved_bottom_up_and_a_large_one_never_by_who_made_it(given_answers, moved):
    review = a_review(moved)
    order = []
    for by, verdict in given_answers:
        try:
            step = review.step_for(by, is_planner=by in ("ada", "abe", "pia", "pat"))
            review = review.decided(step, answer(by, verdict), two_person_above=100)
        except (NotYourTurn, SamePerson):
            continue
        order.append((step.level, verdict))

    assert [level for level, _ in order] == sorted(level for level, _ in order)
    assert [verdict for _, verdict in order[:-1]] == [Verdict.APPROVED] * len(order[:-1])
    assert review.is_rejected == any(verdict is Verdict.REJECTED for _, verdict in order)
    if review.is_approved:
        assert len(order) == len(review.steps)
        assert moved <= 100 or not review.approvers & {"ada", "abe"}
    for step in review.steps:
        if step.decision and step.approver_id is not None:
            assert step.decision.by == step.approver_id
