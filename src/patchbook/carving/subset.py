"""A problem for some of its units only, and the way back from its solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.constraints import broken
from patchbook.carving.problem import IntArray, Problem
from patchbook.carving.solution import Solution


def take(problem: Problem, units: IntArray) -> Problem:
    """The problem of these units alone, numbered anew in their order; seats and shares stay."""
    new = np.full(problem.units, -1)
    new[units] = np.arange(len(units))
    places = problem.places
    if places is not None:
        kept = new[places.unit_of_site] >= 0
        places = replace(
            places, sites=places.sites[kept], unit_of_site=new[places.unit_of_site[kept]], weight=places.weight[kept]
        )
    areas = problem.areas
    if areas is not None:
        areas = replace(areas, area_of_unit=areas.area_of_unit[units])
    apart = problem.apart
    if apart is not None:
        apart = new[apart]
        apart = apart[(apart >= 0).all(axis=1)]
    return replace(
        problem,
        weights=problem.weights[units],
        places=places,
        kind=None if problem.kind is None else problem.kind[units],
        value=None if problem.value is None else problem.value[units],
        incumbent=None if problem.incumbent is None else problem.incumbent[units],
        stay=None if problem.stay is None else problem.stay[units],
        fixed=None if problem.fixed is None else problem.fixed[units],
        areas=areas,
        apart=apart,
        marks={name: mark[units] for name, mark in problem.marks.items()},
        unit_names=tuple(problem.unit_names[i] for i in units) if problem.unit_names else (),
    )


def as_given(problem: Problem, part: Solution, units: IntArray) -> Solution:
    """The solution of these units as one of the whole problem; the others, which nobody may take, have no seat."""
    owners = np.full(problem.units, -1)
    owners[units] = part.owners
    weights = np.zeros_like(problem.weights)
    weights[units] = part.limits.weights
    only = np.full(problem.units, -1)
    only[units] = part.limits.only
    lim = replace(part.limits, weights=weights, only=only, oversized=np.sort(units[part.limits.oversized]))
    branches = tuple(replace(branch, units=units[branch.units]) for branch in part.branches)
    return replace(
        part, problem=problem, owners=owners, limits=lim, branches=branches, unassigned=np.flatnonzero(owners < 0)
    )


def judged(solution: Solution) -> Solution:
    """The solution with the names of what it breaks."""
    return replace(solution, broken=broken(solution.problem, solution.limits, solution.owners))
