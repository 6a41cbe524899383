"""Publish an approved plan from a date on, see beforehand what changes, and take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from patchbook.approvals import actions as approvals
from patchbook.audit import actions as audit
from patchbook.db.crash import crash_point
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.holdovers import actions as holdovers
from patchbook.holdovers.holdover import MOVE_ALL, Policy
from patchbook.ledger import clock
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import SYSTEM, Principal
from patchbook.period import told
from patchbook.plans import state as plan_state
from patchbook.plans import store as plan_store
from patchbook.plans.life import FIXED, RecordedPlan, Status
from patchbook.publishing import dry_run as dry
from patchbook.publishing import store
from patchbook.publishing.intent import intend
from patchbook.publishing.publication import (
    DryRun,
    Kind,
    NoPublication,
    NoReason,
    NotPublishable,
    NotRolledBack,
    Publication,
    Rollback,
    RollbackDryRun,
)
from patchbook.publishing.rollback import changed, restore, would_restore
from patchbook.publishing.writing import write

Progress = Callable[[str], None]

LONGEST_WHY = 2_000


def dry_run(
    tx: Connection,
    plan_id: str,
    *,
    on: datetime,
    keep_exceptions: bool = True,
    policy: Policy = MOVE_ALL,
    by: Principal,
    at: datetime,
) -> DryRun:
    """
    Every change of owner that publishing the plan for `on` would make, with its cause, and what to look at first.

    The plan may be a draft still; nothing is written.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    intent = intend(tx, plan_state.state(tx, plan.plan_id), on=on)
    return dry.compare(tx, intent, keep_exceptions=keep_exceptions, policy=policy)


def publish(
    tx: Connection,
    plan_id: str,
    *,
    on: datetime,
    keep_exceptions: bool = True,
    policy: Policy = MOVE_ALL,
    progress: Progress = lambda phase: None,
    by: Principal,
    at: datetime,
) -> Publication:
    """
    Make an approved plan the truth from `on`; publishing it again for the same date changes nothing.

    Parameters
    ----------
    on
        The first instant the plan holds; what was published or decided for later dates stays.
    keep_exceptions
        Whether exceptions in force go before the plan; otherwise those on its accounts end.
    policy
        Which open opportunities stay with their owner for a while.
    progress
        Told what is being done, for large plans take a while.

    Raises
    ------
    NotPublishable
        The plan is not approved, or is published for another date.
    NotAllowed
        The two-person rule asks for somebody else.
    """
    former = refuse_unready(tx, plan_id, on=on, by=by, at=at)
    if former is not None:
        return former
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    progress("Working out what changes")
    publication_id = new_id("publication")
    recorded = clock.advance(tx, at)
    intent = intend(tx, plan_state.state(tx, plan_id), on=on)
    crash_point("publish.begin")
    kept = None
    if policy.rules:
        moves = dry.moving(tx, intent, keep_exceptions=keep_exceptions)
        kept = holdovers.would_keep(tx, moves, policy, on=on)
    counts = write(tx, intent, publication_id=publication_id, keep_exceptions=keep_exceptions, progress=progress, at=at)
    progress("Writing it down")
    if kept is not None:
        counts["holdovers"] = holdovers.keep(tx, kept, on=on, source=publication_id, cause="publish", at=at)
    crash_point("publish.holdovers")
    made = store.add(
        tx,
        Publication(
            publication_id=publication_id,
            plan_id=plan_id,
            kind=Kind.PUBLISH,
            effective=on,
            recorded=recorded,
            recorded_to=clock.recording_at(tx, at),
            at=at,
            by=by.person_id,
            counts=counts,
        ),
    )
    crash_point("publish.publication")
    day = on.astimezone(UTC).date()
    scheduled = plan.schedule(effective=day, by=by.person_id, at=at)
    plan_store.save(tx, scheduled, what=f"published it from {told(on)}", by=by.person_id, at=at)
    advance(tx, at)
    crash_point("publish.plan")
    audit.record(
        tx,
        "publish",
        plan_id,
        kind="plan",
        by=by.person_id,
        at=at,
        before={"status": plan.status.value},
        after={"publication": publication_id, "effective": on.isoformat(), **counts},
    )
    clock.advance(tx, at)  # whatever the same transaction does next is after the publication
    crash_point("publish.audit")
    return made


def refuse_unready(tx: Connection, plan_id: str, *, on: datetime, by: Principal, at: datetime) -> Publication | None:
    """
    Refuse at once what `publish` would refuse; the publication there is already, where that is for this date.

    Raises
    ------
    NotPublishable
        The plan is not approved, or is published for another date.
    NotAllowed
        The two-person rule asks for somebody else.
    """
    allow(tx, by, Deed.PUBLISH, at=at)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    former = store.standing(tx, plan_id)
    if former:
        return _again(plan, former[-1], on)
    if plan.status is not Status.APPROVED:
        raise NotPublishable(
            f"Plan {plan.name!r} is {plan.status}; only an approved plan can be published: submit it, and have it"
            " approved."
        )
    approvals.may_publish(tx, plan, by=by)
    return None


def standing(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> Publication | None:
    """The publication of a plan that was not rolled back, if there is one."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan_store.get(tx, plan_id, by=by, at=at)
    found = store.standing(tx, plan_id)
    return found[-1] if found else None


def _again(plan: RecordedPlan, former: Publication, on: datetime) -> Publication:
    """The publication there is already, if it is for this date."""
    if former.effective != on:
        raise NotPublishable(
            f"Plan {plan.name!r} is published from {told(former.effective)} already; roll that back before publishing"
            f" it from {told(on)}."
        )
    return Publication(**{**vars(former), "counts": dict.fromkeys(former.counts, 0), "is_new": False})


def rollback(
    tx: Connection,
    publication_id: str,
    *,
    why: str | None = None,
    progress: Progress = lambda phase: None,
    by: Principal,
    at: datetime,
) -> Rollback:
    """
    Take a publication back from now on, or from its date where that is still to come.

    Previous owners come back wherever what the publication wrote still stands. What people changed since stays, and is
    listed; so does a seat without which accounts they moved would have nobody. The past stays as it was.

    Parameters
    ----------
    why
        The reason, for the audit trail.

    Raises
    ------
    NotRolledBack
        It was taken back before, is itself a roll back, or another plan was published over it.
    """
    made = refuse_no_rollback(tx, publication_id, by=by, at=at)
    if why is not None:
        refuse_no_reason(why)
    progress("Working out what comes back")
    rollback_id = new_id("publication")
    starts = max(made.effective, at)
    recorded = clock.advance(tx, at)
    changed_since = changed(tx, made, starts)
    progress("Bringing back what was before")
    counts, kept = restore(tx, made, rollback_id=rollback_id, starts=starts, at=at)
    progress("Writing it down")
    changed_since += kept
    crash_point("rollrestored")
    undone = store.add(
        tx,
        Publication(
            publication_id=rollback_id,
            plan_id=made.plan_id,
            kind=Kind.ROLLBACK,
            of=publication_id,
            effective=starts,
            recorded=recorded,
            recorded_to=clock.recording_at(tx, at),
            at=at,
            by=by.person_id,
            counts={**counts, "changed since": len(changed_since)},
        ),
    )
    plan = plan_store.get(tx, made.plan_id)
    plan_store.save(tx, plan.take_back(), what="rolled its publication back", by=by.person_id, at=at)
    advance(tx, at)
    audit.record(
        tx,
        "roll back",
        made.plan_id,
        kind="plan",
        by=by.person_id,
        at=at,
        before={"publication": publication_id, "status": plan.status.value},
        after={"publication": rollback_id, "effective": starts.isoformat(), **undone.counts},
        why=None if why is None else why.strip(),
    )
    clock.advance(tx, at)
    crash_point("rollback.audit")
    holding = _holding(store.standing(tx), at)
    return Rollback(
        publication=undone,
        restored=sum(counts.values()),
        changed_since=changed_since,
        reinstated=holding.plan_id if holding else None,
    )


def refuse_no_rollback(tx: Connection, publication_id: str, *, by: Principal, at: datetime) -> Publication:
    """The publication, where it can be taken back; refuses at once what `rollback` would refuse."""
    allow(tx, by, Deed.ROLL_BACK, at=at)
    made = get(tx, publication_id, by=by, at=at)
    _refuse_unless_standing(tx, made)
    return made


def refuse_no_reason(why: str) -> None:
    """Raise where nothing, or too much, says why a publication is taken back."""
    if not why.strip() or len(why) > LONGEST_WHY:
        raise NoReason(f"To roll a publication back, say why in 1 to {LONGEST_WHY:,} characters.")


def rolled_back_by(tx: Connection, publication_id: str) -> str | None:
    """The id of the roll back that took a publication back, for whoever sees the publication."""
    return store.rollback_of(tx, publication_id)


def dry_rollback(tx: Connection, publication_id: str, *, by: Principal, at: datetime) -> RollbackDryRun:
    """What taking a publication back would bring back, and what would stay; nothing is written."""
    made = refuse_no_rollback(tx, publication_id, by=by, at=at)
    starts = max(made.effective, at)
    others = [one for one in store.standing(tx) if one.publication_id != publication_id]
    holding = _holding(others, starts)
    return RollbackDryRun(
        publication=made,
        effective=starts,
        takes_back=would_restore(tx, made, starts),
        changed_since=changed(tx, made, starts),
        reinstated=holding.plan_id if holding else None,
    )


def get(tx: Connection, publication_id: str, *, by: Principal, at: datetime) -> Publication:
    """A publication of a plan this person may see."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    found = store.newest_first(tx, by, at=at, publication_id=publication_id, limit=1)
    if not found:
        raise NoPublication(publication_id)
    return found[0][1]


def publications(
    tx: Connection,
    *,
    plan_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[Publication]:
    """Publications and roll backs of the plans this person may see, newest first."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    before = key_of(after, int)[0] if after else None
    rows = store.newest_first(tx, by, at=at, plan_id=plan_id, before=before, limit=limit_of(limit) + 1)
    page = page_of(rows, limit, lambda row: (row[0],))
    return Page(tuple(made for _, made in page.rows), page.next_cursor)


def advance(tx: Connection, at: datetime) -> list[str]:
    """
    Let plans whose date has come be active, and those they succeed superseded; the plans that changed.

    Nothing depends on when this is called: owners follow from dated facts. It only brings the plans' status up to date.
    """
    moved_on = _moved_on(tx, at)
    for now in moved_on:
        what = "became active" if now.status is Status.ACTIVE else "was superseded"
        plan_store.save(tx, now, what=what, by=SYSTEM, at=at)
    return [now.plan_id for now in moved_on]


def is_behind(tx: Connection, at: datetime) -> bool:
    """Whether `advance` would change the status of a plan."""
    return bool(_moved_on(tx, at))


def _moved_on(tx: Connection, at: datetime) -> list[RecordedPlan]:
    """The plans whose status is not yet what it is at an instant, with the status it is."""
    standing = store.standing(tx)
    holding = _holding(standing, at)
    plans = {plan.plan_id: plan for plan in plan_store.with_status(tx, *FIXED)}
    found = []
    for made in standing:
        plan = plans.get(made.plan_id)
        if plan is None or made.effective > at:
            continue
        if made is holding:
            now = plan.reinstate() if plan.status is Status.SUPERSEDED else plan.activate(at=at)
        else:
            now = plan if plan.status is Status.SUPERSEDED else plan.supersede()
        if now.status is not plan.status:
            found.append(now)
    return found


def _holding(standing: Sequence[Publication], at: datetime) -> Publication | None:
    """The publication that holds at an instant: of those whose date has come the last, and of equals the newer."""
    begun = [made for made in standing if made.effective <= at]
    return max(begun, key=lambda made: (made.effective, made.recorded)) if begun else None


def _refuse_unless_standing(tx: Connection, made: Publication) -> None:
    if made.kind is Kind.ROLLBACK:
        raise NotRolledBack("A roll back cannot be rolled back; publish the plan again.")
    if made.is_rolled_back:
        raise NotRolledBack("This publication was rolled back already.")
    standing = store.standing(tx)
    # What a later plan left as this one has it, it never wrote: one that is scheduled stands on this one's facts too.
    over = [other for other in standing if other.recorded > made.recorded and other.effective >= made.effective]
    if over:
        name = plan_store.get(tx, over[-1].plan_id).name
        raise NotRolledBack(
            f"Plan {name!r} was published from {told(over[-1].effective)} over it; roll that back first"
            f" ({over[-1].publication_id})."
        )
