"""What one gives up for what: balance against disruption against travel, over carves with other settings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from patchbook.plans.plan import CarveLayer, Keep, Keeping, Layer, Plan, PlanMeasure, RuleLayer
from patchbook.plans.resetting import Path as Place

THIRD = 0.333
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
            parts.append(f"travel counts {_times(self.travel_times)} as much")
        told = ", ".join(parts) or "as the plan says"
        return told[0].upper() + told[1:]


def _times(factor: float) -> str:
    return {0.5: "half", 2.0: "twice", 3.0: "three times", THIRD: "a third"}.get(factor, f"{factor:g} times")


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
    deviation: float | None
    """The furthest any territory is from its share of any measure."""
    travel_km: float | None
    """From an account to the centre of its territory, on the mean; None where places do not count."""
    gap: float | None
    """How far it may be above the best there is, at most."""
    is_feasible: bool
    was_cut_short: bool = False
    """Whether its time was over before it ended by itself, so that it may not repeat."""

    @property
    def figures(self) -> tuple[float, float, float]:
        """Disruption, balance and travel."""
        return self.moved_share or 0.0, self.deviation or 0.0, self.travel_km or 0.0

    def to_dict(self) -> dict[str, Any]:
        """The point for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Point:
        """A point as it was kept."""
        return cls(**{**told, "tuning": Tuning(**told["tuning"])})


def best(points: Sequence[Sequence[float]], *, apart: float = 1e-9) -> list[bool]:
    """
    For each point, whether no other is at least as good in everything and better in something; less is better.

    Of points that are alike the first counts.

    Examples
    --------
    >>> best([(1, 5), (2, 3), (3, 3), (4, 1), (2, 3)])
    [True, True, False, True, False]
    """
    return [
        not any(_beats(other, point, apart) or (_alike(other, point, apart) and before < at)
                for before, other in enumerate(points) if before != at)
        for at, point in enumerate(points)
    ]  # fmt: skip


def _beats(one: Sequence[float], other: Sequence[float], apart: float) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a <= b + apart for a, b in pairs) and any(a < b - apart for a, b in pairs)


def _alike(one: Sequence[float], other: Sequence[float], apart: float) -> bool:
    return all(abs(a - b) <= apart for a, b in zip(one, other, strict=True))


def tunings(plan: Plan, *, has_owners: bool, has_places: bool) -> tuple[Tuning, ...]:
    """
    The settings worth trying for a plan, always the same ones in the same order; the first is the plan as it is.

    Parameters
    ----------
    has_owners
        Whether any account has an owner today, so that there is something to disrupt.
    has_places
        Whether places count in any layer that is carved.
    """
    tolerances = (1.0, 0.5, 2.0)
    kept = Tuning() if has_owners else AS_WRITTEN
    free = [Tuning(owners="ignore", tolerance_times=times) for times in tolerances] if has_owners else []
    travels = (1.0, THIRD, 3.0) if has_places else (1.0,)
    tried = [AS_WRITTEN, *free]
    tried += [replace(kept, tolerance_times=times, travel_times=travel) for times in tolerances for travel in travels]
    if not has_places:
        tried += [replace(kept, tolerance_times=times) for times in (0.25, 3.0)]
    if has_owners:  # from the loosest on: where one cannot be met, a tighter one cannot either
        tried += [Tuning(moved_at_most=share) for share in (0.3, 0.2, 0.1)]
    seen: dict[str, Tuning] = {}
    for tuning in tried:
        seen.setdefault(repr((tuned(plan, tuning).layers, tuned(plan, tuning).measures)), tuning)
    return tuple(seen.values())


def is_out_of_reach(tuning: Tuning, points: Sequence[Point]) -> bool:
    """Whether a looser bound on how many may move could not be met before, so that this one cannot be either."""
    return tuning.moved_at_most is not None and any(
        not point.is_feasible
        and point.tuning.moved_at_most is not None
        and point.tuning.moved_at_most >= tuning.moved_at_most
        and replace(point.tuning, moved_at_most=None) == replace(tuning, moved_at_most=None)
        for point in points
    )


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
    return replace(layer, keep=keep, travel=float(f"{layer.travel * tuning.travel_times:.6g}"))


def _tolerance(measure: PlanMeasure, tuning: Tuning) -> float:
    wider = float(f"{measure.tolerance * tuning.tolerance_times:.6g}")
    return min(wider, max(WIDEST, measure.tolerance))


def _share(value: float) -> str | float:
    percent = f"{value * 100:.10g}"
    return f"{percent}%" if float(percent) / 100 == value else value
