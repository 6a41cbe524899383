"""Judging an answer from the instance alone, without any code of the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.league.instances import Instance


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an answer costs and whether it keeps every rule."""

    objective: float
    is_feasible: bool
    faults: tuple[str, ...]


def judge(instance: Instance, medians: Sequence[int], median_of_unit: Sequence[int]) -> Verdict:
    """
    The verdict on an answer, worked out unit by unit.

    Parameters
    ----------
    medians
        The units that are medians.
    median_of_unit
        For each unit, the unit that is its median.
    """
    faults = []
    open_medians = {int(median) for median in medians}
    if len(medians) != instance.medians or len(open_medians) != instance.medians:
        faults.append(f"{len(open_medians)} different medians of {instance.medians}")
    if any(not 0 <= median < instance.units for median in open_medians):
        faults.append("a median is not a unit")
    if len(median_of_unit) != instance.units:
        faults.append(f"{len(median_of_unit)} of {instance.units} units are assigned")
    objective = 0.0
    demand_at = {median: 0.0 for median in open_medians if 0 <= median < instance.units}
    for unit, median in enumerate(int(each) for each in median_of_unit):
        if median not in demand_at:
            faults.append(f"unit {unit} is assigned to {median}, which is no median")
            continue
        objective += _distance(instance, unit, median)
        demand_at[median] += float(instance.demands[unit])
    for median, demand in demand_at.items():
        capacity = float(instance.capacities[median])
        if demand > capacity * (1 + 1e-9):
            faults.append(f"median {median} serves {demand:g} with a capacity of {capacity:g}")
    return Verdict(objective=objective, is_feasible=not faults, faults=tuple(faults))


def _distance(instance: Instance, unit: int, median: int) -> float:
    straight = math.dist(instance.positions[unit], instance.positions[median])
    return float(math.floor(straight + 1e-9)) if instance.is_floored else straight
