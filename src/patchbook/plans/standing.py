"""Plans as they stand, remembered: a draft is not read and edited anew for each request, only what came since.

An edit in the journal never changes once its transaction has ended: its number stands for it. So a plan is known by its
carve, its document and the numbers of the edits that count, whichever process asks. What a transaction has written but
not committed is worked out and not remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any, TypeVar

from sqlalchemy import Connection

from patchbook.db.record import Record, record_of
from patchbook.plans import store
from patchbook.plans.journal import Draft
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.state import PlanState, done, draft_of, state_from

MOST_ACCOUNTS = 5_000_000
"""How many accounts the drafts that are remembered have together; the two asked for last are, whatever their size."""

LEAST_KEPT = 2

Remembered = TypeVar("Remembered")


@dataclass
class Stood:
    """A draft after some edits; never edited itself."""

    plan_id: str
    numbers: tuple[int, ...]
    draft: Draft
    states: dict[bool, PlanState] = field(default_factory=dict, repr=False)
    more: dict[Any, Any] = field(default_factory=dict, repr=False)
    lock: RLock = field(default_factory=RLock, repr=False)

    def state_of(self, plan: RecordedPlan, *, shapes: bool) -> PlanState:
        """The frames of the draft, made once."""
        with self.lock:
            if shapes and False in self.states:
                territories = self.draft.territories_now()
                self.states = {True: replace(self.states[False], territories=territories)}
            found = self.states.get(True) or self.states.get(shapes)
            if found is None:
                found = self.states[shapes] = state_from(plan, self.draft, shapes=shapes)
            return replace(found, plan=plan)

    def remembered(self, kind: Callable[[PlanState], Remembered], plan: RecordedPlan) -> Remembered:
        """What somebody makes of the plan as it stands (without shapes), made the first time it is asked for."""
        state = self.state_of(plan, shapes=False)
        with self.lock:
            if kind not in self.more:
                self.more[kind] = kind(state)
            found: Remembered = self.more[kind]
            return found


class Known:
    """The drafts a process remembers of one record."""

    def __init__(self, record: Record) -> None:
        self.folder = record.folder
        self.lock = RLock()
        self.kept: OrderedDict[tuple[object, ...], Stood] = OrderedDict()

    def stood(self, tx: Connection, plan: RecordedPlan) -> Stood:
        """The plan after every edit that counts now."""
        if plan.result_id is None:
            raise NotCarved(plan)
        numbers = store.standing(tx, plan.plan_id, plan.result_id)
        key = (plan.plan_id, plan.result_id, plan.document)
        with self.lock:
            found = self.kept.get((*key, numbers))
            if found is not None:
                self.kept.move_to_end((*key, numbers))
                return found
            found = self._edited(tx, plan, key, numbers)
            if not store.is_edited_here(tx, plan.plan_id):
                self.kept[(*key, numbers)] = found
                self._forget()
            return found

    def _edited(self, tx: Connection, plan: RecordedPlan, key: tuple[object, ...], numbers: tuple[int, ...]) -> Stood:
        """The longest way of it that is remembered, with what is missing worked in."""
        same = [one for known, one in self.kept.items() if known[:-1] == key]
        ways = [one for one in same if one.numbers == numbers[: len(one.numbers)]]
        best = max(ways, key=lambda one: len(one.numbers), default=None)
        behind = () if best is None else best.numbers
        missing = set(numbers[len(behind) :])
        draft = draft_of(self.folder, plan) if best is None else best.draft.copy()
        if missing:
            rows = store.edits(tx, plan.plan_id, after=min(missing) - 1)
            draft.apply(done(one) for one in rows if one.number in missing)
        return Stood(plan_id=plan.plan_id, numbers=numbers, draft=draft)

    def _forget(self) -> None:
        """Let go of those not asked for longest, until the rest is small enough."""
        held = sum(one.draft.assignments.height for one in self.kept.values())
        while held > MOST_ACCOUNTS and len(self.kept) > LEAST_KEPT:
            _, gone = self.kept.popitem(last=False)
            held -= gone.draft.assignments.height


def draft_now(tx: Connection, plan: RecordedPlan) -> Draft:
    """The draft with every edit that counts, to be edited further."""
    return _known(tx).stood(tx, plan).draft.copy()


def state_now(tx: Connection, plan: RecordedPlan, *, shapes: bool = True) -> PlanState:
    """
    The plan as it stands.

    Parameters
    ----------
    shapes
        Whether to say how compact territories are, which takes longest; null otherwise.

    Raises
    ------
    NotCarved
        There is nothing to show before the first carve.
    """
    return _known(tx).stood(tx, plan).state_of(plan, shapes=shapes)


def standing(tx: Connection, plan: RecordedPlan) -> Stood:
    """The plan as it stands, as it is remembered: the same object as long as nothing changed."""
    return _known(tx).stood(tx, plan)


def _known(tx: Connection) -> Known:
    return record_of(tx).remembered(Known)
