"""A territory peeled off its neighbours for somebody new, with the fewest moves: a small start, to grow later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.sizing import Place, travel_of, with_seat
from patchbook.carving.solution import Solution
from patchbook.carving.solve import solve
from patchbook.carving.subset import take

LEAST_MOVES = 20_000.0
"""What leaving its seat costs an account here: further than any two places are apart, so travel only breaks ties."""


@dataclass(frozen=True, kw_only=True)
class Peeled:
    """A carve whose neighbours of a place gave up a territory for somebody new, and where all else stayed."""

    place: Place
    owners: IntArray
    """(units,) seats as before; the new one is numbered after the last."""
    givers: IntArray
    """The seats that might give."""
    gives: IntArray
    """(givers,) how many units each gave."""
    loads: FloatArray
    """(givers + 1, measures) what each has then, and the new one last, in mean seats of before."""
    moved_share: float
    """Share of all the units' value that moved."""
    travel_saved: float
    """How much less travel there is, in the unit of cost."""
    is_within: bool
    """Whether the givers and the new seat are within tolerance of their shares of what the givers had."""


def peeled(
    solution: Solution,
    place: Place,
    *,
    size: float = 1.0,
    givers: int = 4,
    seed: int = 1,
    stop: Callable[[], bool] = lambda: False,
) -> Peeled:
    """
    A territory for somebody new out of what the nearest few have, each keeping its share of the rest.

    Only units of the givers move, and as few of them as balance between the givers and the new seat allows.

    Parameters
    ----------
    size
        What the new seat carries, where the mean seat carries 1: below 1 it begins small.
    givers
        How many neighbours give.
    """
    problem = solution.problem
    some = _nearest(solution, place, givers)
    units = np.flatnonzero(np.isin(solution.owners, some))
    columns = np.append(some, problem.seats)
    whole = with_seat(solution, place, size=size)
    part = take(_of_seats(whole, columns), units)
    number = np.full(problem.seats + 1, -1)
    number[columns] = np.arange(len(columns))
    value = np.ones(problem.units) if problem.value is None else problem.value
    part = replace(part, incumbent=number[solution.owners[units]], stay=value[units] * LEAST_MOVES)
    found = solve(part, seed=seed, stop=lambda _: stop())
    owners = solution.owners.copy()
    owners[units] = np.where(found.owners >= 0, columns[np.maximum(found.owners, 0)], solution.owners[units])
    moved = owners != solution.owners
    after = replace(
        solution, problem=whole, owners=owners, centres=None if whole.places is None else whole.places.homes
    )
    lim = solution.limits
    loads = np.stack(
        [
            np.bincount(owners[owners >= 0], lim.weights[owners >= 0, m], problem.seats + 1)
            for m in range(problem.measures)
        ],
        axis=1,
    )
    return Peeled(
        place=place, owners=owners, givers=some, loads=loads[columns],
        gives=np.array([int((moved & (solution.owners == seat)).sum()) for seat in some]),
        moved_share=float(value[moved].sum() / max(float(value.sum()), 1e-12)),
        travel_saved=travel_of(solution) - travel_of(after), is_within=found.excess == 0.0,
    )  # fmt: skip


def _nearest(solution: Solution, place: Place, givers: int) -> IntArray:
    """The seat the place is in, and those with the nearest centres; without places those that carry most."""
    problem = solution.problem
    able = solution.limits.balanced.copy()
    if solution.centres is not None and place.site is not None:
        way = ((solution.centres - place.site) ** 2).sum(axis=1)
    else:
        way = -solution.limits.loads(solution.owners).mean(axis=1)
    way = np.where(np.arange(problem.seats) == place.near, -np.inf, np.where(able, way, np.inf))
    order = np.argsort(way, kind="stable")[: max(1, givers)]
    return np.sort(order[np.isfinite(way[order]) | (order == place.near)])


def _of_seats(problem: Problem, seats: IntArray) -> Problem:
    """The problem for some of its seats only; units bound to others are not to be taken into it."""
    number = np.full(problem.seats, -1)
    number[seats] = np.arange(len(seats))
    shares = problem.shares[seats]
    places = problem.places
    if places is not None and places.homes is not None:
        places = replace(places, homes=places.homes[seats])
    return replace(
        problem,
        shares=shares / np.maximum(shares.sum(axis=0), 1e-300),
        places=places,
        kind_cost=None if problem.kind_cost is None else problem.kind_cost[:, seats],
        fixed=None if problem.fixed is None else np.where(problem.fixed >= 0, number[problem.fixed], -1),
        seat_names=tuple(problem.seat_names[at] for at in seats) if problem.seat_names else (),
    )
