"""Look at what changed, and move, propose or leave the accounts it concerns; decide about what was proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from patchbook.approvals import store as approvals
from patchbook.audit import actions as audit
from patchbook.changes.writing import refuse_gaps
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, key_of, limit_of, page_of
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment
from patchbook.live import store
from patchbook.live.change import OPEN, LiveChange, NoReason, Reviewed, Status
from patchbook.live.policy import Answer, Policy
from patchbook.live.seeing import Seen, seen_at
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import told as told_on
from patchbook.territories.territory import LeavesAGap

CAUSE = "live change"


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What one look at the accounts knows."""

    policy: Policy
    frozen: str | None
    moved: dict[str, datetime]
    otherwise: dict[str, str]
    at: datetime


def review(
    tx: Connection,
    policy: Policy,
    *,
    snapshot_id: str | None = None,
    preview: bool = False,
    by: Principal,
    at: datetime,
) -> Reviewed:
    """
    Place the accounts anew whose fields changed, and do with each what the policy says.

    Parameters
    ----------
    snapshot_id
        The accounts to look at; the newest import where none is named.
    preview
        Only tell what would be done.
    """
    allow(tx, by, Deed.COMMIT, at=at)
    found = seen_at(tx, snapshot_id, at=at)
    known = {one.account_id: one for one in store.of_plan(tx, found.plan_id)} if found.plan_id else {}
    ids = [one.account_id for one in found.elsewhere]
    freezes = [one for one in approvals.freezes(tx, after=at) if one.period.contains(at)]
    look = _Look(
        policy=policy,
        frozen=freezes[0].why if freezes else None,
        moved=store.last_moved(tx, ids),
        otherwise=store.given_otherwise(tx, ids, at=at),
        at=at,
    )
    ignored, judged = 0, []
    for one in found.elsewhere:
        before = known.get(one.account_id)
        change = _judged(one, before, look, found.plan_id or "")
        if change is None:
            ignored += 1
        else:
            judged.append(change)
    still = {(one.account_id, one.to_territory_id) for one in judged}
    gone = [one for one in known.values() if one.status in OPEN and (one.account_id, one.to_territory_id) not in still]
    if found.plan_id:
        gone += store.open_elsewhere(tx, found.plan_id)
    if not preview:
        for left in gone:
            says = "The account or the plan changed back."
            store.save(tx, left.decide(Status.WENT_BACK, says, by=by.person_id, at=at))
        judged = [_kept(tx, one, known, by, at) for one in judged]
    count = {status: sum(one.status is status for one in judged) for status in Status}
    done = Reviewed(
        changed=found.changed,
        would_move=len(found.elsewhere),
        moved=count[Status.MOVED],
        proposed=count[Status.PROPOSED],
        waiting=count[Status.WAITING],
        ignored=ignored,
        went_back=len(gone),
        changes=tuple(judged),
    )
    if not preview and done.moved:
        told_of = {"moved": done.moved, "proposed": done.proposed, "waiting": done.waiting}
        audit.record(tx, CAUSE, found.plan_id or "", kind="plan", by=by.person_id, at=at, after=told_of)
    return done


def accept(tx: Connection, change_id: str, *, by: Principal, at: datetime) -> LiveChange:
    """Make a change that waits or is proposed, from now on."""
    allow(tx, by, Deed.COMMIT, at=at)
    found = store.get(tx, change_id)
    made = found.decide(Status.MOVED, f"Moved: {found.reason}", by=by.person_id, at=at)
    _lay(tx, made, at)
    refuse_gaps(tx, on=at, territory_ids=[made.to_territory_id])
    after = {"account": found.account_id, "from": found.from_territory_id, "to": found.to_territory_id}
    audit.record(tx, "accept live change", change_id, kind="live change", by=by.person_id, at=at, after=after)
    return store.save(tx, made)


def reject(tx: Connection, change_id: str, why: str, *, by: Principal, at: datetime) -> LiveChange:
    """Leave an account where it is; the same change is not proposed again while the plan holds."""
    allow(tx, by, Deed.COMMIT, at=at)
    if not why.strip():
        raise NoReason("To reject a change, say why; the reason is empty.")
    found = store.get(tx, change_id).decide(Status.REJECTED, why.strip(), by=by.person_id, at=at)
    audit.record(tx, "reject live change", change_id, kind="live change", by=by.person_id, at=at, why=why.strip())
    return store.save(tx, found)


def changes(
    tx: Connection,
    *,
    status: Status | None = None,
    after: str | None = None,
    limit: int = 100,
    by: Principal,
    at: datetime,
) -> Page[LiveChange]:
    """The changes there are."""
    allow(tx, by, Deed.COMMIT, at=at)
    last = key_of(after, str)[0] if after else None
    rows = store.listed(tx, status=status, after=last, limit=limit_of(limit) + 1)
    return page_of(rows, limit, lambda one: (one.change_id,))


def _judged(one: Seen, before: LiveChange | None, look: _Look, plan_id: str) -> LiveChange | None:
    """What is done about an account that would be elsewhere; None where nothing is."""
    is_same = before is not None and before.to_territory_id == one.to_territory_id
    if is_same and before is not None and before.status is Status.REJECTED:
        return None
    policy = look.policy
    answer = policy.new_accounts if one.is_new else policy.answer(one.fields, rule=one.layer)
    if answer is Answer.IGNORE:
        return None
    goes_on = is_same and before is not None and before.status in OPEN
    first_seen = before.first_seen if goes_on and before is not None else look.at
    status, says = _verdict(one, answer, first_seen, look)
    return LiveChange(
        change_id=before.change_id if goes_on and before is not None else new_id("live"),
        plan_id=plan_id,
        account_id=one.account_id,
        from_territory_id=one.from_territory_id,
        to_territory_id=one.to_territory_id,
        fields=one.fields,
        says=says,
        reason=one.says,
        status=status,
        first_seen=first_seen,
        last_seen=look.at,
    )


def _verdict(one: Seen, answer: Answer, first_seen: datetime, look: _Look) -> tuple[Status, str]:
    holds = look.policy.holds_until(first_seen, one.fields)
    rests = look.policy.rests_until(look.moved[one.account_id]) if one.account_id in look.moved else None
    if not one.is_new and look.at < holds:
        return Status.WAITING, f"The change must hold until {told_on(holds)}."
    if rests is not None and look.at < rests:
        return Status.WAITING, f"It moved on {told_on(look.moved[one.account_id])} and rests until {told_on(rests)}."
    if answer is Answer.PROPOSE:
        return Status.PROPOSED, "Somebody has to decide."
    if one.account_id in look.otherwise:
        kind = look.otherwise[one.account_id]
        how = "by name" if kind == "named" else f"by {'an' if kind == 'exception' else 'a'} {kind}"
        return Status.WAITING, f"Somebody has it {how}; that must end first."
    if look.frozen is not None:
        return Status.WAITING, f"Nothing moves during a freeze: {look.frozen}."
    if one.was_moved_otherwise:
        return Status.PROPOSED, "Somebody moved it since the plan was published, so somebody has to decide."
    return Status.MOVED, f"Moved: {one.says}"


def _kept(tx: Connection, one: LiveChange, known: dict[str, LiveChange], by: Principal, at: datetime) -> LiveChange:
    """Do and keep what was judged; a move that would leave the account to nobody is proposed instead."""
    if one.status is Status.MOVED:
        try:
            with tx.begin_nested():
                _lay(tx, one, at)
                refuse_gaps(tx, on=at, territory_ids=[one.to_territory_id])
            one = replace(one, decided_by=by.person_id, decided_at=at)
        except LeavesAGap as gap:
            one = replace(one, status=Status.PROPOSED, says=f"It cannot move by itself: {gap}")
    before = known.get(one.account_id)
    if before is not None and before.change_id == one.change_id:
        return store.save(tx, one)
    store.add(tx, [one])
    return one


def _lay(tx: Connection, one: LiveChange, at: datetime) -> None:
    changed = ", ".join(f"{name} from {was} to {now}" for name, (was, now) in one.fields.items()) or "it is new"
    fact = {
        "account_id": one.account_id,
        "territory_id": one.to_territory_id,
        "valid_from": at,
        "cause": CAUSE,
        "source": one.change_id,
        "reason": f"Changed: {changed}. {one.reason}",
    }
    lay(tx, assignment, [fact], at=at)
