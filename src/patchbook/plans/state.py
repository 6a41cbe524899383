"""A plan as it stands: its carve with the edits of the journal worked in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from patchbook.plans import documents, edits, results, store
from patchbook.plans.journal import Done, Draft
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.plan import Plan
from patchbook.plans.store import RecordedEdit


@dataclass(frozen=True, kw_only=True)
class PlanState:
    """A plan's territories and who has which account, edits included."""

    plan: RecordedPlan
    assignments: pl.DataFrame
    """One row an account: account_id, territory, seat, person, layer, reason, runner_up, moved, previous_owner,
    runner_up_cost, would_change_if, locked, then measure_<name> for each measure, and name, family_id, latitude and
    longitude where known. `person` is who gets the account; where that is not the territory's person, a layer of
    named accounts says so."""
    territories: pl.DataFrame
    """One row a territory: territory, parent (its layer, where that is not the territory itself), layer, seat, person,
    vacant, accounts, <measure>_target, <measure>_actual, <measure>_deviation, compactness, travel_km, contiguous,
    latitude, longitude, oversized, interim."""
    measures: tuple[str, ...]

    @property
    def unassigned(self) -> pl.DataFrame:
        """The accounts without a territory."""
        return self.assignments.filter(pl.col("territory").is_null())


def state(tx: Connection, plan_id: str) -> PlanState:
    """
    The plan as it stands, whoever asks; `actions.state` is for people.

    Raises
    ------
    NotCarved
        There is nothing to show before the first carve.
    """
    from patchbook.plans.standing import state_now

    return state_now(tx, store.get(tx, plan_id))


def state_of(folder: Path, plan: RecordedPlan, journal: Sequence[RecordedEdit]) -> PlanState:
    """The plan as it stands after these edits of its journal; edits on another carve do not count."""
    if plan.result_id is None:
        raise NotCarved(plan)
    draft = draft_of(folder, plan).apply(
        done(one) for one in journal if not one.undone and one.result_id == plan.result_id
    )
    return state_from(plan, draft)


def draft_of(folder: Path, plan: RecordedPlan) -> Draft:
    """The plan's carve, ready to be edited."""
    if plan.result_id is None:
        raise NotCarved(plan)
    kept = results.read(folder, plan.result_id)
    accounts = kept.accounts
    return Draft(
        plan=parsed(plan), accounts=accounts, assignments=kept.assignments, territories=kept.territories
    )  # fmt: skip


def state_from(plan: RecordedPlan, draft: Draft, *, shapes: bool = True) -> PlanState:
    """A draft as frames; without `shapes` the compactness of territories is null, and the rest is there sooner."""
    shown = ("name", "family_id", "latitude", "longitude")
    more = [
        column for column in draft.accounts.columns if column.startswith("measure_") or column in shown
    ]  # in the order of the assignments, both being one row an account
    more.sort(key=lambda column: not column.startswith("measure_"))
    return PlanState(
        plan=plan,
        assignments=draft.assignments_now().with_columns(draft.accounts.select(more)),
        territories=draft.territories_now(shapes=shapes),
        measures=tuple(measure.name for measure in draft.plan.measures),
    )


def done(one: RecordedEdit) -> Done:
    """An edit of the journal, ready to be worked in."""
    payload = dict(one.payload)
    overruled = bool(payload.pop("overruled", False))
    return Done(edit=edits.of(one.kind, payload), by=one.by, at=one.at, why=one.why, overruled=overruled)


def parsed(plan: RecordedPlan) -> Plan:
    """The plan its document describes, without looking for the files it names."""
    return documents.parsed(plan.document)
