"""The chain visits every carve that keeps the limits as often as its weight says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from carving.conftest import build_grid, every_assignment, grid_areas
from patchbook.carving.constraints import CONSTRAINTS
from patchbook.carving.ensemble import Board, Walker
from patchbook.carving.problem import Places, Problem
from patchbook.carving.solve import solve


def tiny(**changes):
    """Six units on a line and two seats at its ends, so that every assignment can be counted."""
    problem = {
        "weights": np.array([[1.0, 2.0], [1.0, 1.0], [2.0, 1.0], [1.0, 1.0], [1.0, 3.0], [2.0, 1.0]]),
        "shares": np.full((2, 2), 0.5),
        "tolerances": np.array([0.6, 0.6]),
        "places": Places(
            sites=np.stack([np.array([0.0, 1, 2, 3, 4, 5]), np.zeros(6)], axis=1), unit_of_site=np.arange(6),
            weight=np.ones(6), homes=np.array([[0.0, 0.0], [5.0, 0.0]]), on_globe=False,
        ),
    }  # fmt: skip
    return Problem(**{**problem, **changes})


def kept(problem, limits, owners):
    return not any(c.breaches(problem, limits, owners) for c in CONSTRAINTS if c.supports(problem))


def visits(problem, heat, *, steps, every, seed=1):
    """How often each assignment is visited, the weights of all that are allowed, and the costs."""
    chosen = solve(problem, seed=1)
    board = Board.of(chosen)
    walker = Walker(board=board, seed=seed, number=0)
    chances = board.chances(heat)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(steps):
        walker.step(every, chances)
        key = tuple(walker.search.owners.tolist())
        counts[key] = counts.get(key, 0) + 1
    allowed = [a for a in every_assignment(problem.units, problem.seats) if kept(problem, chosen.limits, a)]
    cost = np.array([board.costs.total(a, chosen.centres) for a in allowed])
    weight = np.exp(-(cost - cost.min()) / heat)
    return counts, [tuple(a.tolist()) for a in allowed], weight / weight.sum()


PAIRS = {
    "free": {},
    "with a lock": {"fixed": np.array([-1, -1, 1, -1, -1, -1])},
    "with a pair apart": {"apart": np.array([[0, 1]])},
    "with a cap on moves": {"incumbent": np.array([0, 0, 0, 1, 1, 1]), "moved_at_most": 0.4},
    "with owners that count": {"incumbent": np.array([1, 0, 0, 1, 1, -1]), "stay": np.full(6, 2.0)},
    "with kinds": {"kind": np.array([0, 1, 0, 0, 1, 0]), "kind_cost": np.array([[0.0, 1.0], [np.inf, 0.0]])},
}


@pytest.mark.parametrize("changes", PAIRS.values(), ids=PAIRS.keys())
@pytest.mark.parametrize("heat", [2.0, float("inf")])
def test_frequencies_are_the_weights(changes, heat):
    # Sixty steps of six units between two looks: near enough to independent for the test of chi-square.
    counts, allowed, weight = visits(tiny(**changes), heat, steps=3000, every=60)

    assert set(counts) <= set(allowed)
    expected = weight * 3000
    often = expected >= 5
    seen = np.array([counts.get(one, 0) for one in allowed])
    parts = np.append((seen - expected)[often] ** 2 / expected[often], 0.0)
    if (~often).any():
        parts[-1] = (seen[~often].sum() - expected[~often].sum()) ** 2 / max(expected[~often].sum(), 1.0)
    assert parts.sum() < chi2.ppf(0.999, max(1, len(parts) - 2))


def test_frequencies_are_the_weights_where_territories_are_in_one_piece():
    grid = build_grid()
    problem = replace(
        grid, areas=grid_areas(), tolerances=np.array([0.4]), shares=np.full((2, 1), 0.5), seat_names=(),
        places=replace(grid.places, homes=np.array([[0.0, 0.0], [2.0, 2.0]])),
    )  # fmt: skip

    counts, allowed, weight = visits(problem, 3.0, steps=4000, every=150)

    assert set(counts) <= set(allowed)
    expected = weight * 4000
    often = expected >= 5
    seen = np.array([counts.get(one, 0) for one in allowed])
    distance = ((seen - expected)[often] ** 2 / expected[often]).sum()
    assert often.sum() > 10
    assert distance < chi2.ppf(0.999, int(often.sum()) - 1)


def test_the_same_seed_walks_the_same_way():
    one, _, _ = visits(tiny(), 1.0, steps=50, every=7)
    other, _, _ = visits(tiny(), 1.0, steps=50, every=7)

    assert one == other
