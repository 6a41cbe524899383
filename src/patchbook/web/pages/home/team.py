"""How the active plan lies over territories: who has how much of each measure, and how far from its target."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from patchbook.measures.gini import gini
from patchbook.people import store as people
from patchbook.people.permission import Deed, territory_names
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan, Status
from patchbook.plans.state import PlanState, parsed
from patchbook.web.planned import planned


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One territory beside its target."""

    territory: str
    person_id: str | None
    person: str
    accounts: int
    deviations: tuple[float | None, ...]
    """By measure, in the order of `Team.measures`; 0.05 is 5 % above the target."""

    @property
    def furthest(self) -> float:
        """The largest deviation, whichever measure and way."""
        return max((abs(one) for one in self.deviations if one is not None), default=0.0)


@dataclass(frozen=True, kw_only=True)
class Team:
    """The territories of the active plan that somebody sees."""

    plan: RecordedPlan
    measures: tuple[str, ...]
    tolerances: tuple[float | None, ...]
    bars: tuple[Bar, ...]
    """Those furthest from their targets first."""
    vacant: int
    worst: tuple[float | None, ...]
    """The largest deviation of each measure, whichever way."""
    fairness: tuple[float | None, ...]
    """The Gini coefficient of each measure: 0 is equal shares."""


def active_plan(tx: Connection, *, by: Principal, at: datetime) -> RecordedPlan | None:
    """The plan in force that began last, of those somebody sees."""
    found = [plan for plan in plans.plans(tx, status=Status.ACTIVE, by=by, at=at).rows if plan.result_id is not None]
    return max(found, key=lambda plan: (str(plan.effective), plan.plan_id), default=None)


def load(tx: Connection, *, by: Principal, at: datetime) -> Team | None:
    """The team of somebody who sees other people's books; None where no plan is active."""
    plan = active_plan(tx, by=by, at=at)
    if plan is None:
        return None
    state = planned(tx, plan.plan_id, by=by, at=at).state
    seen = None if by.is_everywhere else set(tx.execute(territory_names(by, Deed.SEE, at=at)).scalars())
    return team_of(state, seen, people.names(tx, _people(state)))


def team_of(state: PlanState, seen: Collection[str] | None, names: dict[str, str]) -> Team:
    """The territories somebody sees, all of them where `seen` is None. Pure."""
    measures = tuple(name for name in state.measures if f"{name}_deviation" in state.territories.columns)
    allowed = {measure.name: measure.tolerance for measure in parsed(state.plan).measures}
    rows = [row for row in state.territories.iter_rows(named=True) if seen is None or row["territory"] in seen]
    bars = [
        Bar(
            territory=row["territory"],
            person_id=row["person"],
            person=names.get(row["person"], row["person"] or "Nobody yet") if row["person"] else "Nobody yet",
            accounts=int(row["accounts"]),
            deviations=tuple(row[f"{name}_deviation"] for name in measures),
        )
        for row in rows
    ]
    return Team(
        plan=state.plan,
        measures=measures,
        tolerances=tuple(allowed.get(name) for name in measures),
        bars=tuple(sorted(bars, key=lambda bar: (-bar.furthest, bar.territory))),
        vacant=sum(bar.person_id is None for bar in bars),
        worst=tuple(_worst([bar.deviations[place] for bar in bars]) for place in range(len(measures))),
        fairness=tuple(_gini([row[f"{name}_actual"] for row in rows]) for name in measures),
    )


def _people(state: PlanState) -> list[str]:
    return sorted(state.territories["person"].drop_nulls().unique())


def _worst(deviations: list[float | None]) -> float | None:
    return max((one for one in deviations if one is not None), key=abs, default=None)


def _gini(loads: list[float | None]) -> float | None:
    known = [load for load in loads if load is not None]
    return float(gini(np.array(known))) if known and sum(known) > 0 else None
