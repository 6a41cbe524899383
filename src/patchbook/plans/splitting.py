"""A territory of a draft cut into several of equal size: worked out beside the draft, then one edit of its journal.

The accounts are those the draft gives the territory now, edits included. Families, pairs kept apart, mix and contiguity
hold within the parts as its layer says; accounts that are locked stay in the part that keeps the name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sqlalchemy import Connection

from patchbook.carving.problem import Problem
from patchbook.carving.solution import Progress
from patchbook.errors import BadInput
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.plans import store
from patchbook.plans.edits import Part, Split
from patchbook.plans.effect import UnknownInPlan
from patchbook.plans.job import Job, prepare_carve
from patchbook.plans.plan import CarveLayer, Keep, Plan
from patchbook.plans.standing import state_now
from patchbook.plans.state import PlanState
from patchbook.words import counted

# The engine takes a second to load, and most that is done with a draft needs none of it, so it is imported late.

MOST_PARTS = 100
BETWEEN = ("city", "state", "country")
"""What a part is told apart by: the place most of its accounts share."""


class BadSplit(BadInput):
    """A territory cannot be split into so many."""


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A split that was worked out and is not made."""

    edit: Split
    revision: int
    """The revision of the plan it was worked out on."""
    kept_by: str
    """Which part keeps the name and the person, and so why: what follows "the part where"."""
    around: Mapping[str, str]
    """Territory → the place most of its accounts are in."""
    not_met: tuple[str, ...]
    """What no split could meet, in plain words."""
    was_stopped: bool


@dataclass(frozen=True, kw_only=True)
class Splitting:
    """All that working out a split needs; it can run anywhere, and nothing is locked meanwhile."""

    job: Job
    territory: str
    into: int
    layer: str
    """The carve the territory stands in; another name where it is no carve's."""
    person: str | None
    held: tuple[str, ...]
    """The accounts of the territory now."""
    locked: frozenset[str]
    theirs: frozenset[str]
    """The accounts of it that its person has today."""
    off: Mapping[str, float]
    """Measure → how far the territory is from its target now; the parts together stay as far from theirs."""
    taken: frozenset[str]
    """What territories are called now."""

    def run(
        self, progress: Callable[[Progress], None] = lambda _: None, stop: Callable[[], bool] = lambda: False
    ) -> Proposed:
        """
        The split; stopped, the best found until then.

        Raises
        ------
        BadSplit
            The territory has fewer accounts, or families, than it is to be split into.
        """
        from patchbook.carving.solve import solve
        from patchbook.carving.stop import MaxSeconds
        from patchbook.plans.market import market_of
        from patchbook.plans.prepare import prepare
        from patchbook.plans.reasons import reasons
        from patchbook.plans.seats import Seat

        with self.job.laid_out() as (plan, read):
            prepared = prepare(plan, read, self.job.people)
            accounts = prepared.accounts.filter(pl.col("account_id").is_in(self.held))
            asked, number = _alone(plan, self.layer, self.into)
            who = next((one for one in self.job.people if one.person_id == self.person), None)
            names = _names(self.territory, self.into, self.taken)
            at_home = replace(who, skills=frozenset()) if who is not None and who.latitude is not None else None
            seats = [
                Seat(name=name, person=at_home if place == 0 else None, share=1.0) for place, name in enumerate(names)
            ]
            market = market_of(asked, number, accounts, seats)
            problem = market.problem
            if problem.units < self.into:
                raise BadSplit(
                    f"{self.territory} has {counted(problem.units, 'account or family', 'accounts or families')}, so it"
                    f" cannot be split into {self.into}."
                )
            bound = self.locked | {lock.account_id for lock in plan.locks}
            fixed = np.full(problem.units, -1)
            fixed[market.unit_of_row[accounts["account_id"].is_in(bound).to_numpy()]] = 0
            problem = replace(problem, fixed=fixed, incumbent=None, stay=None)
            late = MaxSeconds(plan.seconds)
            tight = replace(problem, tolerances=_left_of(problem, self.off))
            solution = solve(tight, seed=plan.seed, stop=lambda cost: stop() or late(cost), progress=progress)
            if not solution.feasible:  # equal parts, at least, where not all can be within what is left
                solution = solve(problem, seed=plan.seed, stop=lambda cost: stop() or late(cost), progress=progress)
            owners = solution.owners[market.unit_of_row]
            if (fixed >= 0).any():
                kept_by = "the accounts that are locked stay"
            elif at_home is not None and problem.places is not None:
                kept_by = f"it is nearest to the home of {at_home.name}"
            else:
                names, kept_by = self._named(names, owners, accounts)
            why = reasons(solution, replace(market, problem=solution.problem), accounts, names)
        return Proposed(
            edit=Split(
                territory=self.territory,
                parts=tuple(self._parts(names, owners, accounts["account_id"].to_list(), [one.reason for one in why])),
            ),
            revision=self.job.plan.revision,
            kept_by=kept_by,
            around=_around(names, owners, accounts),
            not_met=tuple(solution.broken),
            was_stopped=stop(),
        )  # fmt: skip

    def _named(self, names: list[str], owners: npt.NDArray[np.int64], accounts: pl.DataFrame) -> tuple[list[str], str]:
        """What each part is called, so that the one that fits the person best keeps the name, and why it is that."""
        known = accounts["account_id"].is_in(self.theirs).to_numpy() & (owners >= 0)
        has = np.bincount(owners[known], minlength=self.into)
        size = np.bincount(owners[owners >= 0], minlength=self.into)
        first = max(range(self.into), key=lambda part: (int(has[part]), int(size[part]), -part))
        why = (
            f"most accounts are its person's today ({int(has[first]):,})"
            if has[first] > 0
            else "there are most accounts"
        )
        rest = iter(names[1:])
        return [names[0] if part == first else next(rest) for part in range(self.into)], why

    def _parts(
        self, names: Sequence[str], owners: npt.NDArray[np.int64], accounts: Sequence[str], why: Sequence[str]
    ) -> Iterator[Part]:
        """The accounts of every new part, by the reason they are there."""
        for part, name in enumerate(names):
            reasons: dict[str, list[str]] = {}
            for row in np.flatnonzero(owners == part).tolist():
                reasons.setdefault(why[row], []).append(accounts[row])
            if name != self.territory and reasons:
                yield Part(territory=name, accounts={reason: tuple(ids) for reason, ids in reasons.items()})


def check_split(
    tx: Connection, plan_id: str, territory: str, into: int, *, by: Principal, at: datetime
) -> tuple[PlanState, pl.DataFrame]:
    """
    The draft and the accounts of the territory, if it may be split; quick, before accounts are gathered.

    Raises
    ------
    NotCarved
        The plan has no carve yet.
    UnknownInPlan
        The draft has no such territory.
    BadSplit
        It cannot be cut into so many.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    plan = store.get(tx, plan_id, by=by, at=at).edited()
    state = state_now(tx, plan, shapes=False)
    names = state.territories["territory"].to_list()
    if territory not in names:
        near = get_close_matches(territory, names, n=1)
        raise UnknownInPlan(
            f"The plan has no territory {territory!r}{f'; the nearest is {near[0]!r}' if near else ''}."
        )
    held = state.assignments.filter(pl.col("territory") == territory)
    if not 2 <= into <= MOST_PARTS:
        raise BadSplit(f"{territory} cannot be split into {into}; it is 2 to {MOST_PARTS}.")
    if held.height < into:
        raise BadSplit(f"{territory} has {counted(held.height, 'account')}, so it cannot be split into {into}.")
    return state, held


def prepare_split(tx: Connection, plan_id: str, territory: str, into: int, *, by: Principal, at: datetime) -> Splitting:
    """Gather what working out a split of a draft's territory needs; `check_split` says what is refused."""
    state, held = check_split(tx, plan_id, territory, into, by=by, at=at)
    names = state.territories["territory"].to_list()
    row = state.territories.row(names.index(territory), named=True)
    return Splitting(
        job=prepare_carve(tx, plan_id, by=by, at=at),
        territory=territory,
        into=into,
        layer=row["layer"],
        person=row["person"],
        held=tuple(held["account_id"]),
        locked=frozenset(held.filter(pl.col("locked"))["account_id"]),
        theirs=frozenset(held.filter(pl.col("previous_owner") == pl.lit(row["person"], dtype=pl.String))["account_id"]),
        off={name: row[f"{name}_deviation"] for name in state.measures if row[f"{name}_deviation"] is not None},
        taken=frozenset(names),
    )


def _alone(plan: Plan, name: str, into: int) -> tuple[Plan, int]:
    """
    The plan as the split asks it, and the number of the layer that says how.

    Who may take what is settled: the accounts are there already. So is what stays with whom, which is what is undone.
    """
    keep: dict[str, Any] = {"owners": "ignore", "protect": None, "moved_at_most": None}
    settled: dict[str, Any] = {
        "match": None,
        "require": {},
        "goal": "carve",
        "fewest": None,
        "seats": into,
        "vacant": 0,
    }
    for number, layer in enumerate(plan.layers):
        if isinstance(layer, CarveLayer) and layer.name == name:
            asked: CarveLayer = replace(layer, keep=replace(layer.keep, **keep), **settled)
            return replace(plan, locks=(), layers=(*plan.layers[:number], asked, *plan.layers[number + 1 :])), number
    by_place = CarveLayer(name=name, compact=True, keep=Keep(owners="ignore"), seats=into)
    return replace(plan, locks=(), layers=(*plan.layers, by_place)), len(plan.layers)


def _left_of(problem: Problem, off: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """
    (measures,) how far parts may be from each other so that each is within tolerance of its target.

    What the whole is off by takes up a part of the tolerance. Where that leaves little, a quarter of it is asked: the
    most that units of ordinary size allow.
    """
    left = problem.tolerances.copy()
    for place, (name, allowed) in enumerate(zip(problem.measure_names, problem.tolerances.tolist(), strict=True)):
        now = 1 + off.get(name, 0.0)
        if abs(now - 1) < allowed:
            left[place] = max(min((1 + allowed) / now - 1, 1 - (1 - allowed) / now), allowed / 4)
    return left


def _names(territory: str, into: int, taken: Collection[str]) -> list[str]:
    """The name that stays, then ones like it that no territory has yet."""
    names, number = [territory], 2
    while len(names) < into:
        if (name := f"{territory} {number}") not in taken:
            names.append(name)
        number += 1
    return names


def _around(names: Sequence[str], owners: npt.NDArray[np.int64], accounts: pl.DataFrame) -> dict[str, str]:
    """Where most accounts of each part are."""
    column = next((name for name in BETWEEN if name in accounts.columns and accounts[name].n_unique() > 1), None)
    if column is None:
        return {}
    values = accounts[column].cast(pl.String).to_list()
    found = {}
    for part, name in enumerate(names):
        common = Counter(value for value, owner in zip(values, owners.tolist(), strict=True) if owner == part and value)
        if common:
            found[name] = min(common, key=lambda value: (-common[value], value))
    return found
