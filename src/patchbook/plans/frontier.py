"""What one gives up for what: balance against disruption against travel, over carves with other settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from patchbook.plans.plan import CarveLayer, Keep, Keeping, Layer, Plan, PlanMeasure, RuleLayer
from patchbook.plans.resetting import Path as Place
from patchbook.plans.worth import TRAVEL, UNLIKENESS, Worth

if TYPE_CHECKING:
    from patchbook.carving.frontier import Emphasis
    from patchbook.carving.problem import Problem
    from patchbook.carving.solution import Solution
    from patchbook.plans.result import CarvedLayer

Way: TypeAlias = Literal["travel", "likeness"]
"""What puts accounts together: how near they are, or how alike."""

WIDEST = 0.9
"""A tolerance is not widened beyond this: a territory with nothing is no territory."""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """One way to carve a plan otherwise: how much owners, tolerances and travel count."""

    owners: Keeping = "prefer"
    moved_at_most: float | None = None
    """The largest share of accounts that may change owner."""
    tolerance_times: float = 1.0
    travel_times: float = 1.0
    of: Way = "travel"
    """What `travel_times` is of."""
    is_as_written: bool = False
    """Whether owners are kept as the plan itself says, with the two settings above left alone."""

    @property
    def key(self) -> str:
        """What it is called in addresses and files."""
        owners = "written" if self.is_as_written else self.owners
        cap = "" if self.moved_at_most is None else f"-{self.moved_at_most:g}"
        return f"{owners}{cap}-{self.tolerance_times:g}-{self.travel_times:g}"

    @property
    def says(self) -> str:
        """It in a few plain words."""
        parts = []
        if not self.is_as_written:
            if self.moved_at_most is not None:
                parts.append(f"at most {self.moved_at_most:.0%} change owner")
            else:
                parts.append("owners do not count" if self.owners == "ignore" else "owners kept where possible")
        if self.tolerance_times != 1.0:
            parts.append(f"{_times(self.tolerance_times)} the tolerances")
        if self.travel_times != 1.0:
            parts.append(f"{self.of} counts {_times(self.travel_times)} as much")
        told = ", ".join(parts) or "as the plan says"
        return told[0].upper() + told[1:]


def _times(factor: float) -> str:
    said = {0.25: "a quarter", 0.333: "a third", 0.5: "half", 2.0: "twice", 3.0: "three times", 4.0: "four times"}
    return said.get(factor, f"{factor:g} times")


AS_WRITTEN = Tuning(is_as_written=True)


@dataclass(frozen=True, kw_only=True)
class Point:
    """What a carve with one tuning comes to; of all three figures less is better."""

    tuning: Tuning
    result_id: str
    seed: int
    seconds: float
    engine: str
    moved: int
    """Accounts that would change owner."""
    moved_share: float | None
    """Of what has an owner today, by accounts or by the measure below."""
    deviation: float | None
    """The furthest any territory is from its share of any measure."""
    travel_km: float | None
    """From an account to the centre of its territory, on the mean; None where places do not count."""
    gap: float | None
    """How far it may be above the best there is, at most."""
    is_feasible: bool
    unlikeness: float | None = None
    """Of an account and the middle of its book, on the mean; None where places count, or neither does."""
    was_cut_short: bool = False
    """Whether its time was over before it ended by itself, so that it may not repeat."""
    by: str | None = None
    """The measure whose share changes owner; accounts without one."""
    moved_amount: float | None = None
    """How much of it changes owner."""

    @property
    def figures(self) -> tuple[float, float, float]:
        """Disruption, balance and travel, or unlikeness in its place."""
        return self.moved_share or 0.0, self.deviation or 0.0, self.way or 0.0

    @property
    def way(self) -> float | None:
        """Mean travel in km, or else mean unlikeness."""
        return self.unlikeness if self.travel_km is None else self.travel_km

    def is_like(self, other: Point) -> bool:
        """Whether the two cannot be told apart by what they come to."""
        return self.is_feasible == other.is_feasible and all(
            abs(a - b) <= 1e-9 * max(1.0, abs(a)) for a, b in zip(self.figures, other.figures, strict=True)
        )

    def to_dict(self) -> dict[str, Any]:
        """The point for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Point:
        """A point as it was kept."""
        return cls(**{**told, "tuning": Tuning(**told["tuning"])})


def tuning_of(emphasis: Emphasis, *, has_owners: bool, of: Way = "travel") -> Tuning:
    """What a carve of the frontier is called as settings of a plan."""
    return Tuning(
        tolerance_times=emphasis.tolerance_times, travel_times=emphasis.travel_times, of=of,
        is_as_written=not has_owners,
    )  # fmt: skip


def disruption_by(plan: Plan) -> str | None:
    """The measure that disruption is counted by, which every carve is to move least of; None for accounts."""
    wanted = {layer.fewest if layer.goal == "rebalance" else None for layer in _carves(plan)}
    return wanted.pop() if len(wanted) == 1 else None


def counted_otherwise(plan: Plan) -> str | None:
    """Why accounts are counted although a carve says `fewest`; None where it does not, or they are not."""
    saying = [layer for layer in _carves(plan) if layer.fewest is not None]
    if not saying or disruption_by(plan) is not None:
        return None
    drawn = next((layer for layer in saying if layer.goal != "rebalance"), None)
    if drawn is not None:
        return (
            f"{drawn.name} names {drawn.fewest} as what moves least, but is drawn anew (goal: carve), so accounts are "
            "counted."
        )
    return "The carves do not all name the same as what moves least, so accounts are counted."


def _carves(plan: Plan) -> list[CarveLayer]:
    return [layer for layer in plan.layers if isinstance(layer, CarveLayer)]


@dataclass(frozen=True, kw_only=True)
class Traded:
    """What the frontier of a carved plan is walked over."""

    problems: tuple[Problem, ...]
    """One for each carve layer, with owners that count."""
    widens: tuple[npt.NDArray[np.bool_], ...]
    """For each of them, which measures' tolerances are settings of the plan; those of a mix are not traded."""
    numbers: tuple[int, ...]
    """Where the layers stand in the plan."""
    has_owners: bool
    """Whether any unit has an owner that it may keep, so that there is something to disrupt."""
    first: tuple[Solution, ...]
    """The plan's own carve of each problem, to begin from."""
    by: str | None
    """The measure that what moves is counted by; accounts without one."""
    worth: Worth
    """What the ways to the centres are told in: unlikeness where no layer is on the ground."""
    is_mixed: bool
    """Whether some layers are on the ground and others by likeness, so that one figure holds both."""

    @property
    def way(self) -> Way:
        """What puts accounts together."""
        return "travel" if self.worth is TRAVEL else "likeness"

    @classmethod
    def of(cls, plan: Plan, carved: Sequence[CarvedLayer]) -> Traded:
        """What is traded between the carve layers of a plan."""
        names = {measure.name for measure in plan.measures}
        by = disruption_by(plan)
        problems = tuple(_with_owners(layer, by) for layer in carved)
        placed = [layer.market.is_on_the_ground for layer in carved if layer.market.problem.places is not None]
        return cls(
            problems=problems,
            widens=tuple(np.array([name in names for name in one.measure_names], bool) for one in problems),
            numbers=tuple(layer.number for layer in carved),
            has_owners=any(one.incumbent is not None and bool((one.incumbent >= 0).any()) for one in problems),
            first=tuple(_counted_by(layer.solution, one) for layer, one in zip(carved, problems, strict=True)),
            by=by,
            worth=TRAVEL if any(placed) or not placed else UNLIKENESS,
            is_mixed=any(placed) and not all(placed),
        )


def _with_owners(carved: CarvedLayer, by: str | None) -> Problem:
    """The layer's problem as `owners: prefer` without a cap makes it, with what moves counted by a measure."""
    from patchbook.plans.market import staying  # SciPy's graphs take a moment to load, and most pages need none

    problem, rows_of = carved.market.problem, carved.market.unit_of_row
    holders = np.bincount(rows_of, minlength=problem.units).astype(float)
    value = holders
    if by is not None:
        told = np.bincount(rows_of, carved.accounts[f"measure_{by}"].to_numpy(), problem.units)
        # Scaled to the number of accounts, so that layers count for what they hold.
        value = told * (holders.sum() / told.sum()) if told.sum() > 0 else holders
    stay = staying(carved.layer, carved.accounts, rows_of, holders)
    return replace(problem, stay=stay, value=value, moved_at_most=None)


def _counted_by(solution: Solution, problem: Problem) -> Solution:
    """The solution with what moved counted as a problem counts it."""
    from patchbook.carving.constraints.moved import moved_share

    same = replace(solution.problem, value=problem.value)
    return replace(solution, problem=same, moved_share=moved_share(same, solution.owners))


def tuned(plan: Plan, tuning: Tuning) -> Plan:
    """The plan with those settings in every layer that is carved."""
    measures = tuple(replace(one, tolerance=_tolerance(one, tuning)) for one in plan.measures)
    return replace(plan, measures=measures, layers=tuple(_layer(layer, tuning) for layer in plan.layers))


def changes(plan: Plan, tuning: Tuning) -> dict[Place, Any]:
    """The settings of the document that tuning sets, by their places."""
    after = tuned(plan, tuning)
    found: dict[Place, Any] = {}
    for old, new in zip(plan.measures, after.measures, strict=True):
        if old.tolerance != new.tolerance:
            found["measures", old.name, "tolerance"] = _share(new.tolerance)
    pairs = [pair for pair in zip(plan.layers, after.layers, strict=True) if not _is_implied(pair[0])]
    for number, (before, layer) in enumerate(pairs):
        if not isinstance(before, CarveLayer) or not isinstance(layer, CarveLayer):
            continue
        place: Place = ("layers", number, "carve")
        if before.keep.owners != layer.keep.owners:
            found[*place, "keep", "owners"] = layer.keep.owners
        if before.keep.moved_at_most != layer.keep.moved_at_most:
            cap = layer.keep.moved_at_most
            found[*place, "keep", "moved_at_most"] = None if cap is None else _share(cap)
        if before.travel != layer.travel:
            found[*place, "travel"] = layer.travel
        if before.similar != layer.similar:
            found[*place, "similar"] = dict(layer.similar)
    return found


def _is_implied(layer: Layer) -> bool:
    """Whether a layer stands for the catch-all of its group, and not in the document."""
    return isinstance(layer, RuleLayer) and layer.catches_all


def _layer(layer: Layer, tuning: Tuning) -> Layer:
    if not isinstance(layer, CarveLayer):
        return layer
    keep: Keep = layer.keep
    if not tuning.is_as_written:
        keep = replace(keep, owners=tuning.owners, moved_at_most=tuning.moved_at_most)
    if layer.similar:
        similar = {name: float(f"{weight * tuning.travel_times:.6g}") for name, weight in layer.similar.items()}
        return replace(layer, keep=keep, similar=similar)
    return replace(layer, keep=keep, travel=float(f"{layer.travel * tuning.travel_times:.6g}"))


def _tolerance(measure: PlanMeasure, tuning: Tuning) -> float:
    wider = float(f"{measure.tolerance * tuning.tolerance_times:.6g}")
    return min(wider, max(WIDEST, measure.tolerance))


def _share(value: float) -> str | float:
    percent = f"{value * 100:.10g}"
    return f"{percent}%" if float(percent) / 100 == value else value
