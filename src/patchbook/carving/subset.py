"""A problem for some of its units only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from patchbook.carving.problem import IntArray, Problem


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
