"""Where the seats of today's book have their centres: at home, or amid what they hold."""

from __future__ import annotations

import numpy as np

from patchbook.carving.costs import Costs, medians
from patchbook.carving.problem import FloatArray


def centres_today(costs: Costs) -> FloatArray | None:
    """
    (seats, dimensions) km: homes; the medians of what seats hold today; amid the fullest for seats that hold nothing.

    Nothing where distance does not count.
    """
    problem = costs.problem
    places = problem.places
    if places is None or problem.travel <= 0 or problem.incumbent is None or not len(places.sites):
        return None
    homes = places.homes
    centres = np.full((problem.seats, places.sites.shape[1]), np.nan) if homes is None else homes.copy()
    free = np.flatnonzero(np.isnan(centres).any(axis=1))
    if not len(free):
        return centres
    owners = problem.incumbent
    seat = owners[places.unit_of_site]
    held = np.bincount(seat[seat >= 0], minlength=problem.seats)
    known = free[held[free] > 0]
    for j in known:
        centres[j] = places.sites[seat == j].mean(axis=0)
    empty = free[held[free] == 0]
    centres[empty] = places.sites.mean(axis=0)
    centres = medians(places, owners, centres, known, rounds=10)
    load = np.zeros(problem.seats)
    owned = owners >= 0
    share = (problem.weights / np.maximum(problem.weights.sum(axis=0), 1e-300)).mean(axis=1)
    np.add.at(load, owners[owned], share[owned])
    load /= np.maximum(problem.shares.mean(axis=1), 1e-12)
    fullest = np.argsort(-load, kind="stable")
    for number, j in enumerate(empty):
        centres[j] = centres[fullest[number % problem.seats]]
    return centres
