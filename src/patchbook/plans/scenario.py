"""Scenarios beside each other: balance, potential, workload, coverage, disruption by rep, and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.errors import BadInput
from patchbook.people import store as people_store
from patchbook.people.person import Person
from patchbook.people.principal import Principal
from patchbook.plans import actions
from patchbook.plans.compare import figures_of
from patchbook.plans.out import Stored
from patchbook.plans.state import PlanState
from patchbook.words import counted

COST = "cost_usd"
"""The column of the people file that says what a seat costs a year."""

MOST = 10


class TooFewPlans(BadInput):
    """One plan is nothing to compare, and more than ten nobody can read."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How one measure lies over the territories of a scenario."""

    measure: str
    total: float
    least: float
    mean: float
    most: float
    largest_deviation: float | None
    """From the target, where territories have one: 0.05 is 5 %."""


@dataclass(frozen=True, kw_only=True)
class Disruption:
    """What changes for one rep: accounts, and how much of each measure they hold."""

    person: str
    keeps: int
    loses: int
    gains: int
    lost: Mapping[str, float]
    gained: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One plan of a comparison."""

    plan_id: str
    name: str
    status: str
    accounts: int
    territories: int
    spreads: tuple[Spread, ...]
    figures: Mapping[str, float | None]
    """Every measure of `patchbook.measures`, as `gini of potential` or `compactness`."""
    vacant_seats: int
    vacant_share: float
    """Share of the territories with a seat that nobody fills."""
    unassigned: int
    accounts_without_owner: int
    """Accounts without a territory, or in one that nobody looks after, not even meanwhile."""
    moved: int
    """Accounts with an owner today that would go to somebody else."""
    moved_share: float | None
    disruption: tuple[Disruption, ...]
    """By rep, those who lose most accounts first."""
    seats: int
    cost_usd: float | None
    """What the seats cost a year; vacant ones at the mean. None where no person has a cost_usd."""

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures it balances."""
        return tuple(spread.measure for spread in self.spreads)


@dataclass(frozen=True, kw_only=True)
class Scenarios:
    """Plans side by side, in the order they were asked for."""

    scenarios: tuple[Scenario, ...]
    territories: pl.DataFrame
    """plan_id, territory, person, accounts and, for each measure, <measure>_actual and <measure>_deviation."""

    def to_dict(self) -> dict[str, Any]:
        """The comparison for JSON."""
        return {"scenarios": [asdict(one) for one in self.scenarios], "territories": self.territories.to_dicts()}


def compare(tx: Connection, plan_ids: Sequence[str], *, by: Principal, at: datetime) -> Scenarios:
    """
    The plans side by side.

    Raises
    ------
    NotCarved
        One of them has no carve to compare.
    """
    wanted = list(dict.fromkeys(plan_ids))
    if not 2 <= len(wanted) <= MOST:
        raise TooFewPlans(f"{counted(len(wanted), 'plan')} to compare; name 2 to {MOST}.")
    states = [actions.state(tx, plan_id, by=by, at=at) for plan_id in wanted]
    costs = costs_of(tx, [state.territories for state in states])
    return Scenarios(
        scenarios=tuple(scenario_of(state, costs) for state in states),
        territories=pl.concat([_territories(state) for state in states], how="diagonal_relaxed"),
    )


def moved_accounts(
    tx: Connection, plan_id: str, *, person: str | None = None, by: Principal, at: datetime
) -> pl.DataFrame:
    """
    The accounts that would change owner, with what they are worth: the list behind `Scenario.disruption`.

    account_id, name where known, previous_owner, person, territory, reason, and each measure; `person` narrows it to
    those somebody loses or gains.
    """
    return moved_in(actions.state(tx, plan_id, by=by, at=at), person=person)


def moved_in(state: PlanState, *, person: str | None = None) -> pl.DataFrame:
    """The same of a plan as it stands. Pure."""
    found = _moved(state)
    if person is not None:
        found = found.filter((pl.col("previous_owner") == person) | (pl.col("person") == person))
    shown = ["account_id", "name", "previous_owner", "person", "territory", "reason"]
    return found.select(*(name for name in shown if name in found.columns), "^measure_.*$").sort(
        "previous_owner", "account_id"
    )


def scenario_of(state: PlanState, costs: Mapping[str, float] | None = None, *, with_measures: bool = True) -> Scenario:
    """One plan's figures; without the measures, which look at every account's place, at once. Pure."""
    accounts, territories = state.assignments, state.territories
    seated = _seated(territories)
    vacant = seated.filter(pl.col("vacant"))
    covered = territories.filter(pl.col("person").is_not_null() | pl.col("interim").is_not_null())["territory"]
    owned = accounts.filter(pl.col("previous_owner").is_not_null()).height
    moved = _moved(state)
    ownerless = accounts.filter(
        pl.col("person").is_null() & ~pl.col("territory").is_in(covered.implode()).fill_null(False)
    )
    return Scenario(
        plan_id=state.plan.plan_id,
        name=state.plan.name,
        status=state.plan.status,
        accounts=accounts.height,
        territories=territories.height,
        spreads=tuple(_spread(state, name) for name in state.measures),
        figures=measured(state) if with_measures else {},
        vacant_seats=vacant.height,
        vacant_share=vacant.height / seated.height if seated.height else 0.0,
        unassigned=state.unassigned.height,
        accounts_without_owner=ownerless.height,
        moved=moved.height,
        moved_share=moved.height / owned if owned else None,
        disruption=_disruption(state, moved),
        seats=seated.height,
        cost_usd=cost_of(territories, costs or {}),
    )


def moved_of(state: PlanState, measure: str) -> tuple[float, float | None]:
    """How much of a measure changes owner, and which share of what has an owner that is; None where none has. Pure."""
    column = f"measure_{measure}"
    owned = float(state.assignments.filter(pl.col("previous_owner").is_not_null())[column].sum())
    moved = float(_moved(state)[column].sum())
    return moved, moved / owned if owned > 0 else None


def measured(state: PlanState) -> dict[str, float | None]:
    """Every measure of `patchbook.measures`, as `gini of potential` or `compactness`. Pure."""
    return {
        f"{one.measure.key} of {one.of}" if one.of else one.measure.key: one.value
        for one in figures_of(as_stored(state))
    }


def as_stored(state: PlanState) -> Stored:
    """The plan's tables in the form results of a folder have, so that the same figures can be told of both."""
    kept = ("account_id", "latitude", "longitude")
    none = pl.DataFrame()
    return Stored(
        folder=Path(state.plan.plan_id),
        assignments=state.assignments.select("account_id", "territory", "person", "previous_owner"),
        territories=state.territories,
        accounts=state.assignments.select(
            *(name for name in kept if name in state.assignments.columns), "^measure_.*$"
        ),
        before=none,
        rejected=none,
        problems=none,
        people=pl.DataFrame(schema={"person_id": pl.String, "name": pl.String}),
        summary={"plan": state.plan.name},
    )


def _seated(territories: pl.DataFrame) -> pl.DataFrame:
    return territories.filter(pl.col("person").is_not_null() | pl.col("vacant"))


def _moved(state: PlanState) -> pl.DataFrame:
    return state.assignments.filter(
        pl.col("previous_owner").is_not_null() & pl.col("person").ne_missing(pl.col("previous_owner"))
    )


def _spread(state: PlanState, name: str) -> Spread:
    load = state.territories[f"{name}_actual"]
    off = state.territories[f"{name}_deviation"].drop_nulls().abs()
    return Spread(
        measure=name,
        total=float(load.sum()),
        least=float(load.min() or 0.0),  # type: ignore[arg-type]
        mean=float(load.mean() or 0.0),  # type: ignore[arg-type]
        most=float(load.max() or 0.0),  # type: ignore[arg-type]
        largest_deviation=float(off.max()) if off.len() else None,  # type: ignore[arg-type]
    )


def _disruption(state: PlanState, moved: pl.DataFrame) -> tuple[Disruption, ...]:
    same = state.assignments.filter(pl.col("previous_owner") == pl.col("person"))
    keeps = dict(same.group_by("person").len().iter_rows())
    loses, gains = (_by_person(moved, side, state.measures) for side in ("previous_owner", "person"))
    nothing = {"accounts": 0, **dict.fromkeys(state.measures, 0.0)}
    rows = []
    for person in sorted({*keeps, *loses, *gains}):
        lost, gained = loses.get(person, nothing), gains.get(person, nothing)
        rows.append(
            Disruption(
                person=person,
                keeps=keeps.get(person, 0),
                loses=int(lost["accounts"]),
                gains=int(gained["accounts"]),
                lost={name: float(lost[name]) for name in state.measures},
                gained={name: float(gained[name]) for name in state.measures},
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.loses, row.person)))


def _by_person(moved: pl.DataFrame, side: str, measures: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = (
        moved.filter(pl.col(side).is_not_null())
        .group_by(side)
        .agg(pl.len().alias("_count"), *(pl.col(f"measure_{name}").sum().alias(name) for name in measures))
    )
    return {
        row[side]: {"accounts": row["_count"], **{name: row[name] for name in measures if name != "accounts"}}
        for row in found.iter_rows(named=True)
    }


def _territories(state: PlanState) -> pl.DataFrame:
    kept = ["territory", "person", "accounts"]
    kept += [f"{name}_{what}" for name in state.measures for what in ("actual", "deviation")]
    return state.territories.select(pl.lit(state.plan.plan_id).alias("plan_id"), *kept)


def costs_of(tx: Connection, territories: Sequence[pl.DataFrame]) -> dict[str, float]:
    """person_id → what their seat costs a year, for those on a seat whose people file says so."""
    people = {person for frame in territories for person in frame["person"].drop_nulls()}
    return costs_among(people_store.find(tx, sorted(people)))


def costs_among(people: Mapping[str, Person]) -> dict[str, float]:
    """The same of people who were asked for already. Pure."""
    found = {}
    for person_id, one in people.items():
        try:
            found[person_id] = float(str(one.other[COST]).replace(",", "").lstrip("$"))
        except (KeyError, ValueError):
            continue
    return found


def cost_of(territories: pl.DataFrame, costs: Mapping[str, float]) -> float | None:
    """What the seats of a plan cost a year, vacant ones at the mean; None where nobody's is known."""
    seated = _seated(territories)
    known = [costs[person] for person in seated["person"].drop_nulls() if person in costs]
    if not known:
        return None
    mean = sum(known) / len(known)
    return sum(known) + mean * (seated.height - len(known))
