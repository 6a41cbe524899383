"""The short lists hold what looking at every seat would find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.carving.costs import Costs
from tests.carving.conftest import build_market


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), width=st.integers(1, 9))
def test_the_nearest_seats_are_those_that_looking_at_all_finds(seed, width):
    rng = np.random.default_rng(seed)
    units, seats = 130, 12
    problem = build_market(units=units, seats=seats, seed=seed)
    problem = replace(
        problem,
        incumbent=rng.integers(-1, seats, units),
        stay=rng.exponential(200, units),
        places=replace(problem.places, sites=rng.normal(0, 300, (units, 2))),
    )
    costs = Costs(problem)
    only = np.full(units, -1)
    only[:5] = 3
    shut = np.zeros(seats, bool)
    shut[[2, 7]] = True
    costs.bind(only, shut)
    centres = rng.normal(0, 300, (seats, 2))
    keep = np.where(rng.random(units) < 0.5, rng.integers(0, seats, units), -1)
    everyone = np.arange(units)

    found = costs.candidates(centres, width, keep, everyone)

    every = costs.rows(everyone, centres)
    for i in range(units):
        listed = found.seats[i][found.seats[i] >= 0]
        assert np.allclose(found.cost[i][: len(listed)], every[i, listed])
        best = np.sort(every[i])[: len(listed)]
        kept = keep[i] >= 0 and np.isfinite(every[i, keep[i]])
        assert not kept or keep[i] in listed
        compared = len(listed) - 1 if kept else len(listed)
        assert np.allclose(np.sort(found.cost[i][: len(listed)])[:compared], best[:compared])
        assert len(set(listed.tolist())) == len(listed)
