"""What a carve layer demands, one by one and in groups: what each is estimated to cost, and the layer without it. Pure.

The estimates are those of `carving/worth.py`; here they get the names that people use, and a way to carve without each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.carving.demands import (
    NO_LIMIT,
    with_load,
    with_tolerance,
    without_locks,
    without_needs,
    without_pairs,
    without_preference,
)
from patchbook.carving.problem import Problem
from patchbook.carving.worth import POINT, Worth, family_worth, worth
from patchbook.plans.market import PROTECTED, market_of
from patchbook.plans.plan import Plan
from patchbook.plans.result import CarvedLayer
from patchbook.words import counted, listed

IntArray = npt.NDArray[np.int64]

WHOLE = "unit_kept_whole"
"""A column that names which accounts stay one unit, while others of the layer's families go apart."""


@dataclass(frozen=True, kw_only=True)
class Lifted:
    """A layer's problem without a demand."""

    problem: Problem
    unit_of_row: IntArray
    """(accounts of the layer,) the unit each account belongs to now."""


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A demand of a layer with what it is estimated to cost."""

    kind: str
    """What sort of demand: lock, protection, family, tolerance, load, cap, requirement, pair, contiguity, owners."""
    says: str
    """The demand in plain words."""
    without: str
    """What would hold instead, to be said after “without it”."""
    estimate: float | None
    """Share of the carve's cost it is estimated to take; None where prices cannot tell."""
    ceiling: float | None
    """Share of the carve's cost that lifting it saves at most, for the same centres; None where that is not known."""
    lift: Callable[[], Lifted]
    is_group: bool = False


def demands_of_layer(carved: CarvedLayer, plan: Plan) -> list[Priced]:
    """Every demand of a carved layer, the dearest first by estimate; groups of them last."""
    asked = _Layer(carved, plan)
    single = [
        *asked.locks(), *asked.families(), *asked.tolerances(), *asked.loads(), *asked.requirements(), *asked.pairs(),
        *asked.cap(),
    ]  # fmt: skip
    single.sort(key=lambda one: -(one.estimate or 0.0))
    return [*single, *asked.groups(single)]


def split(carved: CarvedLayer, plan: Plan, units: Iterable[int]) -> Lifted:
    """The layer's problem in which the accounts of these units are units of their own, and nothing else is changed."""
    apart = list(units)
    unit_of_row = carved.market.unit_of_row
    whole = pl.Series(WHOLE, [f"{unit}" for unit in unit_of_row])
    whole = whole.set(pl.Series(np.isin(unit_of_row, apart)), None)
    layer = replace(carved.layer, together=WHOLE, keep=replace(carved.layer.keep, families=False))
    layers = [*plan.layers]
    layers[carved.number] = layer
    accounts = carved.accounts.with_columns(whole)
    market = market_of(replace(plan, layers=tuple(layers)), carved.number, accounts, list(carved.market.seats))
    return Lifted(problem=market.problem, unit_of_row=market.unit_of_row)


class _Layer:
    """A carved layer whose demands are being priced."""

    def __init__(self, carved: CarvedLayer, plan: Plan) -> None:
        self.carved, self.plan = carved, plan
        self.solution, self.market = carved.solution, carved.market
        self.problem = carved.solution.problem
        self.worth: Worth = worth(carved.solution)
        self.cost = max(carved.solution.cost, 1e-12)
        self.sizes = np.bincount(self.market.unit_of_row, minlength=self.problem.units)
        self.first_row = np.unique(self.market.unit_of_row, return_index=True)[1]

    def locks(self) -> list[Priced]:
        """Each unit that is locked or protected."""
        return [
            self._priced(
                "protection" if self._is_protected(unit) else "lock",
                f"{'protecting' if self._is_protected(unit) else 'locking'} {self.unit(unit)} "
                f"{'at' if self._is_protected(unit) else 'to'} {self.carved.names[int(self.problem.fixed[unit])]}",
                f"{self.unit(unit)} might go anywhere",
                self.worth.lock[unit],
                lambda unit=unit: self._lifted(without_locks(self.problem, np.array([unit]))),  # type: ignore[misc]
            )
            for unit in np.flatnonzero(np.isfinite(self.worth.lock)).tolist()
            if self.problem.fixed is not None
        ]

    def families(self) -> list[Priced]:
        """Each family, or group, whose accounts go together."""
        whole = np.flatnonzero(self.sizes > 1)
        if not len(whole):
            return []
        alone = split(self.carved, self.plan, whole.tolist())
        told = family_worth(self.solution, alone.problem, self.market.unit_of_row)
        cost = max(told.cost, 1e-12)
        return [
            Priced(
                kind="family",
                says=f"keeping {self.unit(unit)} together",
                without=f"{self.unit(unit)} might be divided",
                estimate=_share(told.family[unit], cost),
                ceiling=_share(told.family[unit] + told.slack, cost),
                lift=lambda unit=unit: split(self.carved, self.plan, [unit]),  # type: ignore[misc]
            )
            for unit in whole.tolist()
            if np.isfinite(told.family[unit])
        ]

    def tolerances(self) -> list[Priced]:
        """A point more of each measure's tolerance."""
        return [
            self._priced(
                "tolerance",
                f"holding {name} to ±{now:.4g} % and not ±{now + 1:.4g} %",
                f"{name} were held to ±{now + 1:.4g} %",
                self.worth.tolerance[m],
                lambda m=m: self._lifted(  # type: ignore[misc]
                    with_tolerance(self.problem, m, float(self.problem.tolerances[m]) + POINT)
                ),
            )
            for m, name, now in self._measures()
        ]

    def loads(self) -> list[Priced]:
        """A hundredth more or less of each measure for each seat that is at a limit."""
        found = []
        for m, name, _ in self._measures():
            for seat in np.flatnonzero(np.abs(self.worth.load[:, m]) > 1e-9 * self.cost).tolist():
                more = self.worth.load[seat, m] > 0
                times = 1 + POINT if more else 1 - POINT
                who, change = self.carved.names[seat], f"1 % {'more' if more else 'less'}"
                found.append(
                    self._priced(
                        "load",
                        f"giving {who} its share of {name} and not {change}",
                        f"{who} were given {change}",
                        abs(self.worth.load[seat, m]),
                        lambda s=seat, m=m, t=times: self._lifted(with_load(self.problem, s, m, t)),  # type: ignore[misc]
                    )
                )
        return found

    def requirements(self) -> list[Priced]:
        """Each thing that accounts need and not every seat has."""
        if self.problem.kind is None or self.problem.kind_cost is None:
            return []
        shut = ~np.isfinite(self.problem.kind_cost)
        kinds: dict[str, list[int]] = {}
        for kind in np.flatnonzero(np.asarray(shut.any(axis=1))).tolist():
            units = np.flatnonzero(self.problem.kind == kind)
            if len(units):
                kinds.setdefault(needs_of(self.carved, self.market.unit_of_row, int(units[0])), []).append(kind)
        return [
            self._priced(
                "requirement",
                f"giving accounts with {needs} only to those who have it",
                f"anybody might have accounts with {needs}",
                float(self.worth.kind[rows].sum()),
                lambda rows=rows: self._lifted(without_needs(self.problem, np.array(rows))),  # type: ignore[misc]
            )
            for needs, rows in kinds.items()
        ]

    def pairs(self) -> list[Priced]:
        """Each pair kept apart."""
        return [
            self._priced(
                "pair",
                f"keeping {self.unit(int(a))} and {self.unit(int(b))} apart",
                f"{self.unit(int(a))} and {self.unit(int(b))} might meet",
                self.worth.pair[row],
                lambda row=row: self._lifted(without_pairs(self.problem, np.array([row]))),  # type: ignore[misc]
                has_ceiling=False,
            )
            for row, (a, b) in enumerate([] if self.problem.apart is None else self.problem.apart)
        ]

    def cap(self) -> list[Priced]:
        """A point more that may move."""
        cap = self.problem.moved_at_most
        if cap is None or self.problem.incumbent is None:
            return []
        return [
            self._priced(
                "cap",
                f"moving at most {cap * 100:.4g} % and not {cap * 100 + 1:.4g} %",
                f"{cap * 100 + 1:.4g} % might move",
                self.worth.cap,
                lambda: self._lifted(replace(self.problem, moved_at_most=cap + POINT)),
            )
        ]

    def groups(self, single: list[Priced]) -> list[Priced]:
        """All of a kind together, and what is asked only once."""
        problem = self.problem
        found = []
        for kind, says, without in (
            ("lock", "locking {} accounts", "no account were locked"),
            ("protection", "protecting {} accounts", "no account were protected"),
            ("family", "keeping {} families together", "families might be divided"),
            ("requirement", "giving accounts only to those who have what they need", "anybody might have any account"),
            ("pair", "keeping {} pairs apart", "every pair might meet"),
        ):
            of_kind = [one for one in single if one.kind == kind]
            if len(of_kind) > 1:
                known = [one.estimate for one in of_kind if one.estimate is not None]
                estimate = sum(known) * self.cost
                says = says.format(f"{len(of_kind):,}")
                found.append(self._group(kind, says, without, estimate, self._lift_of(kind), of_kind))
        for m, name, now in self._measures():
            loose = with_tolerance(problem, m, NO_LIMIT)
            says, without = f"holding {name} to ±{now:.4g} %", f"{name} need not balance"
            found.append(self._group("tolerance", says, without, None, self._to(loose), []))
        if problem.moved_at_most is not None and problem.incumbent is not None:
            says, without = f"moving at most {problem.moved_at_most * 100:.4g} %", "any number might move"
            found.append(self._group("cap", says, without, None, self._to(replace(problem, moved_at_most=None)), []))
        if problem.areas is not None:
            says, without = "keeping each territory in one piece", "territories might be in pieces"
            found.append(self._group("contiguity", says, without, None, self._to(replace(problem, areas=None)), []))
        if problem.incumbent is not None and problem.stay is not None and problem.stay.any():
            says, without = "preferring today's owners", "leaving an owner cost nothing"
            loose = without_preference(problem)
            found.append(self._group("owners", says, without, None, self._to(loose), []))
        return found

    def _lift_of(self, kind: str) -> Callable[[], Lifted]:
        """The layer without all its demands of a kind."""
        problem = self.problem
        locked = [] if problem.fixed is None else np.flatnonzero(problem.fixed >= 0).tolist()
        if kind in ("lock", "protection"):
            units = [unit for unit in locked if self._is_protected(unit) == (kind == "protection")]
            return lambda: self._lifted(without_locks(problem, np.array(units, np.int64)))
        if kind == "family":
            return lambda: split(self.carved, self.plan, np.flatnonzero(self.sizes > 1).tolist())
        if kind == "requirement":
            kinds = np.arange(0 if problem.kind_cost is None else len(problem.kind_cost))
            return lambda: self._lifted(without_needs(problem, kinds))
        return lambda: self._lifted(replace(problem, apart=None))

    def _group(
        self, kind: str, says: str, without: str, estimate: float | None, lift: Callable[[], Lifted], of: list[Priced]
    ) -> Priced:
        has_ceiling = bool(of) and all(one.ceiling is not None for one in of)
        return replace(self._priced(kind, says, without, estimate, lift, has_ceiling=has_ceiling), is_group=True)

    def _priced(
        self, kind: str, says: str, without: str, estimate: float | None, lift: Callable[[], Lifted],
        *, has_ceiling: bool = True,
    ) -> Priced:  # fmt: skip
        known = estimate is not None and bool(np.isfinite(estimate))
        return Priced(
            kind=kind, says=says, without=without, lift=lift,
            estimate=_share(estimate, self.cost) if known and estimate is not None else None,
            ceiling=_share(estimate + self.worth.slack, self.cost) if known and has_ceiling and estimate is not None
            else None,
        )  # fmt: skip

    def _to(self, problem: Problem) -> Callable[[], Lifted]:
        return lambda: self._lifted(problem)

    def _lifted(self, problem: Problem) -> Lifted:
        return Lifted(problem=problem, unit_of_row=self.market.unit_of_row)

    def _measures(self) -> list[tuple[int, str, float]]:
        """Each measure's number, name, and tolerance in points."""
        problem = self.problem
        names = problem.measure_names or tuple(f"measure {m + 1}" for m in range(problem.measures))
        return [(m, names[m], float(problem.tolerances[m]) * 100) for m in range(problem.measures)]

    def unit(self, unit: int) -> str:
        """What people call a unit: its account, and how many are with it."""
        row = int(self.first_row[unit])
        account = str(self.carved.accounts["account_id"][row])
        if "name" in self.carved.accounts.columns and self.carved.accounts["name"][row]:
            account = f"{self.carved.accounts['name'][row]} ({account})"
        more = int(self.sizes[unit]) - 1
        return account if not more else f"{account} and {counted(more, 'account')} of its family"

    def _is_protected(self, unit: int) -> bool:
        why = self.market.bound_by[unit]
        return why is not None and why.startswith(PROTECTED)


def needs_of(carved: CarvedLayer, unit_of_row: IntArray, unit: int) -> str:
    """What a unit requires of who has it: each field and its values among the unit's accounts."""
    rows = carved.accounts.filter(pl.Series(unit_of_row == unit))
    told = []
    for field in carved.layer.require:
        column = rows[field].list.join(";") if rows[field].dtype.is_nested() else rows[field]
        values = sorted({part.strip() for text in column.drop_nulls().cast(pl.String) for part in text.split(";")})
        told += [f"{field} {listed(values)}"] if any(values) else []
    return listed(told) if told else "no needs"


def _share(cost: float, of: float) -> float:
    return float(cost) / of
