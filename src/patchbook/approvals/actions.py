"""What people do about a submitted plan: agree to their part of it, or send it back; and when nobody edits at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.approvals import store
from patchbook.approvals.reach import is_company_wide
from patchbook.approvals.review import Decision, NoReason, NotYourTurn, Review, Step, Verdict, who_is_asked
from patchbook.audit import actions as audit
from patchbook.comments import store as comments
from patchbook.comments.comment import Comment, Subject
from patchbook.db import settings
from patchbook.db.metadata import new_id
from patchbook.errors import BadInput, NotFound
from patchbook.people.permission import Deed, allow, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.period import Period
from patchbook.plans import state as plan_state
from patchbook.plans import store as plan_store
from patchbook.plans.guardrails import Freeze, Guardrails
from patchbook.plans.life import RecordedPlan
from patchbook.plans.life import Status as PlanStatus
from patchbook.plans.plan import Plan
from patchbook.plans.state import PlanState

LONGEST_WHY = 500


def open_review(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> Review:
    """
    Ask everybody who has a say about a plan just submitted, from the bottom up, and let them see it.

    Every manager with a territory in the plan is asked about theirs, then whoever is above them, and last a planner.
    """
    state = plan_state.state(tx, plan_id)
    before = store.latest_review(tx, plan_id)
    counts = dict(state.territories.select("territory", "accounts").iter_rows())
    people = dict(state.territories.select("territory", "person").iter_rows())
    asked = who_is_asked(people, store.people_lines(tx), _managers(tx, state, at=at))
    made = Review(
        review_id=new_id("review"),
        plan_id=plan_id,
        round=1 if before is None else before.round + 1,
        moved=moved_accounts(state),
        made_by=state.plan.made_by,
        submitted_by=state.plan.submitted_by or by.person_id,
        opened_at=at,
        steps=tuple(
            Step(
                step_id=new_id("step"),
                level=one.level,
                approver_id=one.approver_id,
                territories=one.territories,
                accounts=sum(counts[name] for name in one.territories),
                counts={name: counts[name] for name in one.territories},
            )
            for one in asked
        ),
    )
    plan_store.invite(tx, plan_id, [one.approver_id for one in asked if one.approver_id is not None])
    told = {"review": made.review_id, "round": made.round, "moved": made.moved, "steps": len(made.steps)}
    audit.record(tx, "open review", plan_id, kind="plan", by=by.person_id, at=at, after=told)
    return store.add_review(tx, made)


def review(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> Review:
    """The last round of approval of a plan: who was asked, in which order, and what they said."""
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    allow_somewhere(by, Deed.SEE_EVERYONE)
    found = store.latest_review(tx, plan_id)
    if found is None:
        raise NotFound(f"Plan {plan.name!r} has not been submitted yet, so there is no review of it.")
    return _shown(tx, found, by, at)


@dataclass(frozen=True, kw_only=True)
class Answerable:
    """The newest review of a plan as somebody may see it, and what of it they may answer now."""

    review: Review | None
    """None where the plan was never submitted."""
    mine: tuple[Step, ...]
    """Open steps they may answer, their own first."""
    before: datetime | None
    """When the round before was opened."""
    two_person_above: int


def answerable(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> Answerable:
    """The newest review of a plan, and the steps this person may answer now."""
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    allow_somewhere(by, Deed.SEE_EVERYONE)
    rounds = store.reviews(tx, plan_id)
    found = rounds[-1] if rounds else None
    steps: tuple[Step, ...] = ()
    if found is not None and plan.status is PlanStatus.IN_REVIEW and may(by, Deed.APPROVE):
        theirs = {by.person_id, *store.covered_by(tx, by.person_id, at=at)}
        planner = is_company_wide(by, Deed.APPROVE)
        open_ones = [step for step in found.open_steps if planner or step.approver_id in theirs]
        steps = tuple(
            sorted(open_ones, key=lambda step: (step.approver_id not in theirs, step.approver_id is not None))
        )
    return Answerable(
        review=None if found is None else _shown(tx, found, by, at),
        mine=steps,
        before=rounds[-2].opened_at if len(rounds) > 1 else None,
        two_person_above=settings.value(tx, "two_person_above"),
    )


def approve(
    tx: Connection, plan_id: str, *, step_id: str | None = None, comment: str | None = None, by: Principal, at: datetime
) -> Review:
    """
    Agree to the part of a plan one is asked about; with the last answer the plan is approved.

    Parameters
    ----------
    step_id
        Which part, where there are several; a planner who names a manager's stands in for them.
    """
    return _answer(tx, plan_id, Verdict.APPROVED, step_id, comment, by, at)


def reject(
    tx: Connection, plan_id: str, *, step_id: str | None = None, comment: str | None, by: Principal, at: datetime
) -> Review:
    """Send a plan back to its planner, who may edit and submit it again; says why."""
    return _answer(tx, plan_id, Verdict.REJECTED, step_id, comment, by, at)


def recall(tx: Connection, plan_id: str, why: str, *, by: Principal, at: datetime) -> RecordedPlan:
    """Take a plan in review or approved back to a draft; what was answered stays, and why becomes a comment."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    if not why.strip() or len(why) > LONGEST_WHY:
        raise NoReason(f"To take a plan back, say why in 1 to {LONGEST_WHY} characters.")
    before = {"status": plan.status.value}
    audit.record(tx, "recall", plan_id, kind="plan", by=by.person_id, at=at, before=before)
    said = Comment(
        comment_id=new_id("comment"), kind=Subject.PLAN, subject_id=plan_id, text=why.strip(), by=by.person_id, at=at
    )
    comments.add(tx, said)
    return plan_store.save(tx, plan.send_back(), what="took it back to a draft", by=by.person_id, at=at)


def may_publish(tx: Connection, plan: RecordedPlan, *, by: Principal) -> None:
    """
    Let pass whom the two-person rule allows to publish this plan.

    Raises
    ------
    SamePerson
        The plan moves more accounts than one person may decide about, and nobody else approved it.
    """
    found = store.latest_review(tx, plan.plan_id)
    if found is None or not found.is_approved:
        raise NotYourTurn(f"Plan {plan.name!r} has not been approved by everybody who was asked.")
    found.refuse_lone_publisher(by.person_id, two_person_above=settings.value(tx, "two_person_above"))


def guardrails(tx: Connection, plan: Plan, *, at: datetime) -> Guardrails:
    """What limits edits of a plan now: what its document says, and what holds for the whole company."""
    return Guardrails.of(
        plan,
        accounts_at_most=settings.value(tx, "accounts_per_territory"),
        freezes=store.freezes(tx, after=at),
    )


def freeze(tx: Connection, period: Period, why: str, *, by: Principal, at: datetime) -> Freeze:
    """Let nobody change drafts for a while; planners may overrule it with a reason."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    if not why.strip() or len(why) > LONGEST_WHY:
        raise BadInput(f"To freeze plans, say why in 1 to {LONGEST_WHY} characters.")
    made = Freeze(freeze_id=new_id("freeze"), period=period, why=why.strip().rstrip("."))
    told = {"starts": period.start.isoformat(), "ends": period.end.isoformat()}
    audit.record(tx, "freeze", made.freeze_id, kind="freeze", by=by.person_id, at=at, after=told)
    store.add_freeze(tx, made, by=by.person_id, at=at)
    return made


def lift_freeze(tx: Connection, freeze_id: str, *, by: Principal, at: datetime) -> None:
    """Let drafts be changed again."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    if not store.lift_freeze(tx, freeze_id, by=by.person_id, at=at):
        raise NotFound(f"There is no freeze {freeze_id!r} in force or to come.")
    audit.record(tx, "lift freeze", freeze_id, kind="freeze", by=by.person_id, at=at)


def freezes(tx: Connection, *, by: Principal, at: datetime) -> list[Freeze]:
    """The freezes in force or to come, in order."""
    allow_somewhere(by, Deed.SEE)
    return store.freezes(tx, after=at)


def moved_accounts(state: PlanState) -> int:
    """How many accounts would leave the owner they have today."""
    return int(state.assignments["moved"].fill_null(value=False).sum())


def _answer(
    tx: Connection,
    plan_id: str,
    verdict: Verdict,
    step_id: str | None,
    comment: str | None,
    by: Principal,
    at: datetime,
) -> Review:
    allow_somewhere(by, Deed.APPROVE)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    found = store.latest_review(tx, plan_id)
    plan.approve(by=by.person_id, at=at)  # refuses where it is not in review
    if found is None:
        raise NotYourTurn(f"Plan {plan.name!r} has no review; submit it first.")
    is_planner = is_company_wide(by, Deed.APPROVE)
    covered = store.covered_by(tx, by.person_id, at=at)
    step = found.step_for(by.person_id, is_planner=is_planner, step_id=step_id, covered=covered)
    stands_in = step.approver_id not in (None, by.person_id)
    if stands_in and not (comment or "").strip():
        raise NoReason(f"To answer for {step.approver_id}, say why in the comment.")
    decision = Decision(verdict=verdict, by=by.person_id, at=at, comment=(comment or "").strip() or None)
    after = found.decided(step, decision, two_person_above=settings.value(tx, "two_person_above"))
    store.add_decision(tx, step.step_id, decision)
    told = {"review": found.review_id, "step": step.step_id, "level": step.level, "for": step.approver_id}
    word = "approve" if verdict is Verdict.APPROVED else "reject"
    audit.record(tx, word, plan_id, kind="plan", by=by.person_id, at=at, after=told)
    if after.is_rejected:
        plan_store.save(tx, plan.send_back(), what="sent it back", by=by.person_id, at=at)
    elif after.is_approved:
        plan_store.save(tx, plan.approve(by=by.person_id, at=at), what="approved it", by=by.person_id, at=at)
    return _shown(tx, after, by, at)


def _shown(tx: Connection, found: Review, by: Principal, at: datetime) -> Review:
    """As this person may see it: what is asked about others' territories is for those who see everything."""
    if by.is_everywhere:
        return found
    return found.seen_by(by.person_id, *store.covered_by(tx, by.person_id, at=at))


def _managers(tx: Connection, state: PlanState, *, at: datetime) -> dict[str, frozenset[str]]:
    """Every manager → the territories of the plan under a name granted to them."""
    parents = dict(state.territories.select("territory", "parent").iter_rows())
    return {
        manager: frozenset(name for name in parents if name in granted or parents[name] in granted)
        for manager, granted in store.managers(tx, at=at).items()
    }
