"""A book that changes: seats gone, seats added, one seat cut into several; the problem that follows from each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from patchbook.carving.construct.today import centres_today
from patchbook.carving.costs import Costs
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.rebalance.least import move_price
from patchbook.carving.solution import Solution
from patchbook.carving.solve import solve
from patchbook.carving.subset import take


def from_book(problem: Problem, book: IntArray, worth: FloatArray) -> Problem:
    """
    The problem of bringing a book within the limits by moves of the least worth; travel and fit only break ties.

    Parameters
    ----------
    book
        (units,) the seat that has each unit now, or -1 where it is free to go anywhere.
    worth
        (units,) what moving a unit counts.
    """
    begun = replace(problem, incumbent=book, stay=np.zeros(problem.units), moved_at_most=None)
    price = move_price(begun, worth, centres_today(Costs(begun)))
    return replace(begun, stay=price * worth)


def seats_gone(problem: Problem, gone: IntArray) -> tuple[Problem, IntArray]:
    """The problem without some of its seats, and (seats left,) which each of those was; locks to them are lifted."""
    kept = np.setdiff1d(np.arange(problem.seats), gone)
    new = np.full(problem.seats + 1, -1)
    new[kept] = np.arange(len(kept))
    shares = problem.shares[kept]
    places = problem.places
    if places is not None and places.homes is not None:
        places = replace(places, homes=places.homes[kept])
    left = replace(
        problem, shares=shares / np.maximum(shares.sum(axis=0), 1e-300), places=places,
        kind_cost=None if problem.kind_cost is None else problem.kind_cost[:, kept],
        incumbent=None if problem.incumbent is None else new[problem.incumbent],
        fixed=None if problem.fixed is None else new[problem.fixed],
        seat_names=tuple(problem.seat_names[j] for j in kept) if problem.seat_names else (),
    )  # fmt: skip
    return left, kept


def seats_added(problem: Problem, added: int, names: tuple[str, ...]) -> Problem:
    """The problem with more seats, each with a mean share, free to sit anywhere and to take every kind."""
    seats = problem.seats
    shares = np.vstack([problem.shares, np.repeat(problem.shares.mean(axis=0, keepdims=True), added, axis=0)])
    places = problem.places
    if places is not None and places.homes is not None:
        places = replace(places, homes=np.vstack([places.homes, np.full((added, places.homes.shape[1]), np.nan)]))
    kind_cost = problem.kind_cost
    if kind_cost is not None:
        kind_cost = np.hstack([kind_cost, np.zeros((len(kind_cost), added))])
    return replace(
        problem, shares=shares / shares.sum(axis=0), places=places, kind_cost=kind_cost,
        seat_names=(*problem.seat_names, *names) if len(problem.seat_names) == seats else (),
    )  # fmt: skip


def split(
    problem: Problem, owners: IntArray, seat: int, parts: int, *, seed: int = 1,
    stop: Callable[[float], bool] = lambda best_cost: False,
) -> tuple[IntArray, Solution]:  # fmt: skip
    """
    One seat's units carved into so many equal parts, and nobody else's touched.

    Every part may take what the seat may take, and is balanced to the problem's own tolerances; the parts' centres are
    free. Pairs kept apart, families and contiguity hold within the parts as they do in the problem.

    Returns
    -------
    tuple
        The units of the seat, and the carve of them: `solution.owners` says the part of each.
    """
    units = np.flatnonzero(owners == seat)
    part = take(problem, units)
    kind_cost = None if part.kind_cost is None else np.repeat(part.kind_cost[:, [seat]], parts, axis=1)
    places = None if part.places is None else replace(part.places, homes=None)
    inner = replace(
        part, shares=np.full((parts, problem.measures), 1 / parts), kind_cost=kind_cost, places=places,
        incumbent=None, stay=None, fixed=None, moved_at_most=None, seat_names=(),
    )  # fmt: skip
    return units, solve(inner, seed=seed, stop=stop)
