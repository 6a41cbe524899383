"""What people do with the rules of a plan in the record: look at them beside accounts, change them, weigh a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.db.memory import Memory
from patchbook.db.record import record_of
from patchbook.errors import BadInput
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import actions, results, store
from patchbook.plans.documents import refuse_incomplete
from patchbook.plans.life import RecordedPlan, Status
from patchbook.plans.market_now import digest, market_of
from patchbook.plans.rule_change import AddLayer, ChangeLayer, LayerChange, document_after, says
from patchbook.plans.rule_moves import RuleMoves, moves_between, moves_since_carve
from patchbook.plans.rules_now import Standing, standing
from patchbook.plans.state import parsed

_DOCUMENTS: Memory[str] = Memory(20)


class BadCondition(BadInput):
    """A condition that is to be kept cannot be asked of the plan's accounts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RuleBookNow:
    """A plan of the record and its rules beside its accounts."""

    recorded: RecordedPlan
    standing: Standing


@dataclass(frozen=True, kw_only=True, eq=False)
class Weighed:
    """A change that is not made yet: the rules before and after, and the accounts that would go elsewhere."""

    recorded: RecordedPlan
    change: LayerChange
    says: str
    before: Standing
    after: Standing
    document: str
    moves: RuleMoves


def look(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> RuleBookNow:
    """A plan's rules, if they may see the plan."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    recorded = store.get(tx, plan_id, by=by, at=at)
    return RuleBookNow(recorded=recorded, standing=_standing(tx, recorded, at=at))


def weigh(tx: Connection, plan_id: str, change: LayerChange, *, by: Principal, at: datetime) -> Weighed:
    """
    What a change would do, without doing it.

    Raises
    ------
    BadPlanFile
        The document would not be a plan any more; the message says why.
    BadCondition
        The condition cannot be asked of the accounts; the message says where it is wrong.
    """
    allow_somewhere(by, Deed.EDIT_PLAN)
    recorded = store.get(tx, plan_id, by=by, at=at)
    before = _standing(tx, recorded, at=at)
    # A change is looked at before it is made, so its document is asked for twice.
    key = digest(recorded.document, change)
    document = _DOCUMENTS.get(key, lambda: document_after(before.plan, recorded.document, change))
    after = _standing(tx, recorded, document=document, at=at)
    _refuse_fault(before, after, change)
    return Weighed(
        recorded=recorded, change=change, says=says(before.plan, change), before=before, after=after,
        document=document, moves=moves_between(before, after),
    )  # fmt: skip


def change(
    tx: Connection, plan_id: str, change: LayerChange, *, revision: int | None, by: Principal, at: datetime
) -> Weighed:
    """Make a change of the rules; the document keeps everything else as it is written."""
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    weighed = weigh(tx, plan_id, change, by=by, at=at)
    actions.change_document(tx, plan_id, weighed.document, revision=revision, by=by, at=at)
    return weighed


def impact(tx: Connection, now: RuleBookNow, *, against: str | None, by: Principal, at: datetime) -> RuleMoves | None:
    """
    What the rules as they are would place elsewhere.

    Parameters
    ----------
    against
        The id of another plan, whose rules are asked of the same accounts; without it the last carve of this one.
        None where there is none.
    """
    if against is None:
        if now.recorded.result_id is None:
            return None
        return moves_since_carve(results.read(record_of(tx).folder, now.recorded.result_id), now.standing)
    if now.standing.market is None:
        return None
    other = store.get(tx, against, by=by, at=at)
    before = _standing(tx, other, snapshot_id=now.standing.market.snapshot_id, at=at)
    return moves_between(before, now.standing)


def choices(tx: Connection, *, by: Principal, at: datetime) -> Sequence[RecordedPlan]:
    """The plans whose rules somebody may look at: those that hold, then drafts, each newest first."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    found = store.plans(tx, by, at=at, limit=200)
    order = {Status.ACTIVE: 0, Status.DRAFT: 1, Status.IN_REVIEW: 2, Status.APPROVED: 2, Status.SCHEDULED: 2}
    return sorted(found, key=lambda plan: order.get(plan.status, 3))


def _standing(
    tx: Connection,
    recorded: RecordedPlan,
    *,
    document: str | None = None,
    snapshot_id: str | None = None,
    at: datetime,
) -> Standing:
    files: Mapping[str, str] = store.files(tx, recorded.plan_id)
    text = recorded.document if document is None else document
    plan = parsed(recorded) if document is None else refuse_incomplete(document, files)
    market = market_of(tx, recorded, plan, snapshot_id=snapshot_id, at=at)
    return standing(text, files, recorded.effective, market)


def _refuse_fault(before: Standing, after: Standing, change: LayerChange) -> None:
    """Refuse a condition that was written and cannot be asked; what was wrong before may stay for now."""
    if not isinstance(change, ChangeLayer | AddLayer) or "where" not in change.settings:
        return
    number = change.layer - 1 if isinstance(change, ChangeLayer) else None
    known = set(before.faults.values())
    for place, sentence in after.faults.items():
        if place == number or (number is None and sentence not in known):
            raise BadCondition(sentence)
