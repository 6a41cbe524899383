"""What cards and comparisons show of a plan, worked out once for each revision and kept in memory.

A plan as it stands is read from its tables and its journal, which takes a while where it has many accounts; its figures
are small. A revision never changes, so what was told of it once stays true in every process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from markupsafe import Markup
from sqlalchemy import Connection

from patchbook.db.memory import Memory
from patchbook.db.record import record_of
from patchbook.people.permission import Deed, may
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.plans import results
from patchbook.plans.difference import Difference, difference
from patchbook.plans.life import RecordedPlan
from patchbook.plans.market_now import market_of
from patchbook.plans.sales.books import COST
from patchbook.plans.sales.kept import SalesSides, sides_of
from patchbook.plans.sales.recorded import outlook_between
from patchbook.plans.scenario import Scenario, measured, moved_in, scenario_of
from patchbook.plans.state import PlanState, parsed
from patchbook.web.plan_picture import picture
from patchbook.web.planned import planned


@dataclass(frozen=True, kw_only=True)
class PlanFigures:
    """What is told of a plan without looking at its accounts."""

    scenario: Scenario
    """Without its cost, which depends on what people cost today, and without its measures, which take longer."""
    territories: pl.DataFrame
    tolerances: Mapping[str, float]
    gap: float | None
    """How far the carve is above the best there is, at most; None where that says nothing."""
    picture: Markup
    people: tuple[str, ...]
    """Everybody who has a territory of it, or an account today."""


_FIGURES: Memory[PlanFigures] = Memory(300)
_MEASURED: Memory[Mapping[str, float | None]] = Memory(300)
_MOVED: Memory[pl.DataFrame] = Memory(6)
_DIFFERENCES: Memory[Difference] = Memory(100)
_SALES: Memory[SalesSides | None] = Memory(100)


def figures(tx: Connection, plan: RecordedPlan, *, by: Principal, at: datetime) -> PlanFigures | None:
    """A plan's figures; None where it is not carved, or for whom does not see what everybody has."""
    if plan.result_id is None or not may(by, Deed.SEE_EVERYONE):
        return None
    return _FIGURES.get(_key(tx, plan), lambda: _figures(tx, plan, by, at))


def are_known(tx: Connection, plan: RecordedPlan) -> bool:
    """Whether a plan's figures are in memory, or it has none."""
    return plan.result_id is None or _FIGURES.has(_key(tx, plan))


def measures(tx: Connection, plan: RecordedPlan, *, by: Principal, at: datetime) -> Mapping[str, float | None]:
    """Every measure of a carved plan, as `Scenario.figures` has them."""
    return _MEASURED.get(_key(tx, plan), lambda: measured(planned(tx, plan.plan_id, by=by, at=at).state))


def moved(tx: Connection, plan: RecordedPlan, *, by: Principal, at: datetime) -> pl.DataFrame:
    """The accounts that would change owner, as `scenario.moved_accounts` lists them."""
    return _MOVED.get(_key(tx, plan), lambda: moved_in(planned(tx, plan.plan_id, by=by, at=at).state))


def difference_between(
    tx: Connection, first: RecordedPlan, second: RecordedPlan, *, by: Principal, at: datetime
) -> Difference:
    """What the second plan has otherwise than the first."""
    key = (_key(tx, first), _key(tx, second))
    return _DIFFERENCES.get(key, lambda: difference(tx, first.plan_id, second.plan_id, state=_state, by=by, at=at))


def sales_between(
    tx: Connection,
    first: RecordedPlan,
    second: RecordedPlan,
    people: Mapping[str, Person],
    *,
    by: Principal,
    at: datetime,
) -> SalesSides | None:
    """Expected sales of two plans under the same draws; None where they cannot be told."""
    staff = tuple(people[person] for person in sorted(people))
    # What people can carry and cost changes without a revision of any plan.
    told = repr([(one.person_id, one.share, one.latitude, one.longitude, one.other.get(COST)) for one in staff])

    def made() -> SalesSides | None:
        document = parsed(first)
        market = market_of(tx, first, document, at=at)
        if market is None:
            return None
        states = [_state(tx, plan.plan_id, by=by, at=at) for plan in (first, second)]
        outlook = outlook_between(states[0], states[1], document, market.frame, staff)
        return None if outlook is None else sides_of(outlook)

    return _SALES.get((_key(tx, first), _key(tx, second), told), made)


def _state(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> PlanState:
    return planned(tx, plan_id, by=by, at=at).state


def _key(tx: Connection, plan: RecordedPlan) -> tuple[str, str, int]:
    return str(record_of(tx).folder), plan.plan_id, plan.revision


def _figures(tx: Connection, plan: RecordedPlan, by: Principal, at: datetime) -> PlanFigures:
    now = planned(tx, plan.plan_id, by=by, at=at)
    assert plan.result_id is not None
    told = results.read(record_of(tx).folder, plan.result_id).summary
    gap = told.get("gap")
    says_something = isinstance(gap, int | float) and told.get("feasible") is not False
    return PlanFigures(
        scenario=scenario_of(now.state, with_measures=False),
        territories=now.state.territories,
        tolerances=now.tolerances,
        gap=float(gap) if says_something and gap is not None else None,
        picture=picture(now.state, now.colours),
        people=tuple(
            pl.concat([now.state.territories["person"], now.state.assignments["previous_owner"].unique()])
            .drop_nulls()
            .unique()
            .sort()
        ),
    )
