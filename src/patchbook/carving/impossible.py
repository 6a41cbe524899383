"""Proofs that no assignment keeps a problem's limits: a shortfall in figures, prices, every combination looked at.

All but the last hold even where units might be divided, so they are quick; the last is for small problems in which it
is whole units that do not fit. Each is checked by itself after it is found, so that a proof is never wrong; that none
is found proves nothing. Contiguity, and but for the last pairs apart, are not looked at: a proof holds with them all
the more.

- *Shortfall.* For one measure, units that only some seats may have hold more than these may carry, or some seats must
  carry more than all they may have: a cut of a flow from units to seats. Ford & Fulkerson (1956), Maximal flow through
  a network, doi:10.4153/CJM-1956-045-5.
- *A lock* to a seat that may not take the unit.
- *Prices* at which the Lagrangian dual of the problem without costs is above 0. Farkas (1902), Theorie der einfachen
  Ungleichungen, doi:10.1515/crll.1902.124.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from patchbook.carving.costs import BLOCK, within_limits
from patchbook.carving.exact import has_no_answer
from patchbook.carving.limits import SLACK, Limits
from patchbook.carving.problem import BoolArray, FloatArray, IntArray, Problem
from patchbook.carving.subset import take

MOST_CELLS = 30_000
"""Units × seats of the linear program that looks for prices; more units are pooled."""
WHOLE = 100_000_000
"""What the total of a measure becomes in the flow, which counts in whole numbers."""
MARGIN = 1e-7
"""A proof must hold by this share of what it adds up."""


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """One measure does not fit, whatever else is asked; shares are of the measure's total."""

    measure: int
    units: IntArray
    """The units that only these seats may have; or all that these seats may have, where they are too few."""
    seats: IntArray
    held: float
    """What the units hold."""
    allowed: float
    """What the seats may carry at most; or must carry at least, where the units are too few."""
    is_too_much: bool
    """Whether the units hold too much for the seats, rather than too little."""

    @property
    def by(self) -> float:
        """How much is missing, as a share of the measure's total."""
        return abs(self.held - self.allowed)


@dataclass(frozen=True, kw_only=True)
class Impossible:
    """A proof that no assignment keeps every limit."""

    shortfall: Shortfall | None = None
    """The largest, where there is one."""
    locked_out: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    """Units that are locked to a seat that may not take them."""
    holds_divided: bool
    """Whether it holds even if units might be divided between seats."""


def prove(problem: Problem, *, thoroughly: bool = True) -> Impossible | None:
    """
    A proof that the problem has no answer, or nothing where none is found.

    Parameters
    ----------
    thoroughly
        Whether to look at every combination where the problem is small and quicker proofs fail.
    """
    locked_out = _locked_out(problem)
    if len(locked_out):
        return Impossible(locked_out=locked_out, holds_divided=True)
    able = np.flatnonzero(_is_assignable(problem))
    if len(able) < problem.units:  # a carve leaves these without a seat, and balances the others
        problem = take(problem, able)
    lim = limits_of(problem)
    pattern, open_to = patterns(problem, lim)
    found = shortfalls(lim, pattern, open_to)
    if found:
        return Impossible(shortfall=replace(found[0], units=able[found[0].units]), holds_divided=True)
    if _has_prices(problem, lim, pattern, open_to):
        return Impossible(holds_divided=True)
    if thoroughly and has_no_answer(problem, lim):
        return Impossible(holds_divided=False)
    return None


def limits_of(problem: Problem) -> Limits:
    """The limits as a carve of the problem sets them."""
    return within_limits(problem)[1]


def _locked_out(problem: Problem) -> IntArray:
    if problem.fixed is None or problem.kind is None or problem.kind_cost is None:
        return np.zeros(0, np.int64)
    locked = np.flatnonzero(problem.fixed >= 0)
    return locked[~np.isfinite(problem.kind_cost[problem.kind[locked], problem.fixed[locked]])]


def _is_assignable(problem: Problem) -> BoolArray:
    """(units,) whether some seat may take the unit."""
    if problem.kind is None or problem.kind_cost is None:
        return np.ones(problem.units, bool)
    able: BoolArray = np.isin(problem.kind, np.flatnonzero(np.isfinite(problem.kind_cost).any(axis=1)))
    return able if problem.fixed is None else able | (problem.fixed >= 0)


def patterns(problem: Problem, lim: Limits) -> tuple[IntArray, BoolArray]:
    """
    Which seats may have which units: the pattern of each unit, (units,), and the patterns, (patterns, seats).

    A seat that an oversized unit fills takes others only if nobody else may have them, as in a carve.
    """
    seats = problem.seats
    kind = np.zeros(problem.units, np.int64) if problem.kind is None else problem.kind
    may = np.ones((1, seats), bool) if problem.kind_cost is None else np.array(np.isfinite(problem.kind_cost), bool)
    spared = may & lim.balanced
    some = np.flatnonzero(spared.any(axis=1))
    may[some] = spared[some]
    key = np.where(lim.only >= 0, len(may) + lim.only, kind)
    used, pattern = np.unique(key, return_inverse=True)
    bound = np.eye(seats, dtype=bool)
    return pattern.reshape(-1), np.concatenate([may, bound])[used]


def shortfalls(lim: Limits, pattern: IntArray, open_to: BoolArray) -> list[Shortfall]:
    """Each measure's largest shortfall, the largest first; none where every measure alone fits."""
    found = []
    for m in range(lim.weights.shape[1]):
        held = np.bincount(pattern, lim.weights[:, m], len(open_to))
        total = float(held.sum())
        if total <= 0:
            continue
        high = np.minimum(lim.high[:, m], total)
        low = np.clip(lim.low[:, m], 0.0, total)
        for is_too_much in (True, False):
            seats = _cut(held / total, (high if is_too_much else low) / total, open_to, is_too_much)
            near: BoolArray = open_to[:, seats]
            outside: BoolArray = open_to[:, ~seats]
            inside: BoolArray = np.array(~outside.any(axis=1) if is_too_much else near.any(axis=1), bool)
            need = float(held[inside].sum())
            allowed = float((lim.high[seats, m] if is_too_much else low[seats]).sum())
            missing = need - allowed if is_too_much else allowed - need
            if missing > MARGIN * total + SLACK * lim.weights.shape[0]:
                found.append(
                    Shortfall(
                        measure=m, units=np.flatnonzero(inside[pattern]), seats=np.flatnonzero(seats),
                        held=need / total, allowed=allowed / total, is_too_much=is_too_much,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: -one.by)


def _cut(held: FloatArray, limit: FloatArray, open_to: BoolArray, is_too_much: bool) -> BoolArray:
    """(seats,) the seats on the near side of the least cut between what is held and what is allowed."""
    patterns, seats = open_to.shape
    source, sink = patterns + seats, patterns + seats + 1
    row, column = np.nonzero(open_to)
    many = np.full(len(row), 2 * WHOLE)
    from_held, to_limit = np.arange(patterns), patterns + np.arange(seats)
    flows = [np.rint(held * WHOLE), np.rint(limit * WHOLE)]
    if is_too_much:
        starts = [np.full(patterns, source), row, to_limit]
        ends = [from_held, patterns + column, np.full(seats, sink)]
    else:
        starts = [from_held, patterns + column, np.full(seats, source)]
        ends = [np.full(patterns, sink), row, to_limit]
    capacity = np.concatenate([flows[0], many, flows[1]]).astype(np.int32)
    shape = (sink + 1, sink + 1)
    graph = csr_array((capacity, (np.concatenate(starts), np.concatenate(ends))), shape=shape)
    flow = maximum_flow(graph, source, sink).flow
    residual = csr_array(graph - flow)
    residual.data = np.where(residual.data > 0, 1, 0).astype(np.int32)
    residual.eliminate_zeros()
    near = np.zeros(sink + 1, bool)
    near[breadth_first_order(residual, source, return_predecessors=False)] = True
    return near[patterns : patterns + seats]


def _has_prices(problem: Problem, lim: Limits, pattern: IntArray, open_to: BoolArray) -> bool:
    """Whether prices are found at which the problem without costs costs more than nothing."""
    if problem.units * problem.seats * problem.measures == 0:
        return False
    most = max(MOST_CELLS // problem.seats, 0)
    if most < 4 * len(open_to):
        return False
    group = _pooled(problem, lim, pattern, most)
    found = _prices(problem, lim, pattern, open_to, group)
    return found is not None and _proves(problem, lim, pattern, open_to, *found)


def _pooled(problem: Problem, lim: Limits, pattern: IntArray, most: int) -> IntArray:
    """(units,) a group for each: itself, or where there are too many, units alike in pattern, owner and proportions."""
    units = problem.units
    if units <= most:
        return np.arange(units)
    owner = np.zeros(units, np.int64) if problem.moved_at_most is None else _incumbent(problem) + 1
    tilt = lim.weights[:, 0] / np.maximum(lim.weights.sum(axis=1), 1e-300)
    key = pattern * (problem.seats + 1) + owner
    order = np.lexsort((tilt, key))
    piece = np.arange(units) * max(most // 2, 1) // units
    change = (np.diff(key[order], prepend=-1) != 0) | (np.diff(piece, prepend=-1) != 0)
    group = np.empty(units, np.int64)
    group[order] = np.cumsum(change) - 1
    return group


def _prices(
    problem: Problem, lim: Limits, pattern: IntArray, open_to: BoolArray, group: IntArray
) -> tuple[FloatArray, float] | None:
    """The prices of load, (seats, measures), and of moving, at which being outside the limits is told to be dearest."""
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, hstack, vstack

    groups = int(group.max()) + 1
    weights = np.stack([np.bincount(group, lim.weights[:, m], groups) for m in range(problem.measures)], axis=1)
    first = np.unique(group, return_index=True)[1]
    row, seat = np.nonzero(open_to[pattern[first]])
    if len(row) > 2 * MOST_CELLS:
        return None
    cells, seats, measures = len(row), problem.seats, problem.measures
    loads, columns, entries = [], [], []
    for m in range(measures):
        loads.append(m * seats + seat)
        columns.append(np.arange(cells))
        entries.append(weights[row, m])
    size = seats * measures
    load = coo_array((np.concatenate(entries), (np.concatenate(loads), np.concatenate(columns))), shape=(size, cells))
    high, low = lim.high.T.ravel(), lim.low.T.ravel()
    capped = np.isfinite(high)
    outside = eye_array(size, format="csr")
    none = csr_array((size, size))
    above = hstack([load.tocsr(), -outside, none]).tocsr()[capped]
    below = hstack([-load.tocsr(), none, -outside]).tocsr()
    rows, limit = [above, below], [high[capped], -low]
    if problem.moved_at_most is not None and problem.incumbent is not None:
        owner = _incumbent(problem)[first]
        moving = np.where(
            (owner[row] >= 0) & (owner[row] != seat), np.bincount(group, _value(problem), groups)[row], 0.0
        )
        rows.append(hstack([csr_array(moving[None, :]), csr_array((1, 2 * size))]).tocsr())
        limit.append(np.array([_may_move(problem)]))
    once = csr_array((np.ones(cells), (row, np.arange(cells))), shape=(groups, cells + 2 * size))
    cost = np.concatenate([np.zeros(cells), np.ones(2 * size)])
    inside: Any = vstack(rows).tocsr()  # SciPy takes sparse matrices, its types do not say so
    each: Any = once
    found = linprog(cost, A_ub=inside, b_ub=np.concatenate(limit), A_eq=each, b_eq=np.ones(groups), method="highs")
    if found.status == 2:  # only the cap can be out of reach in itself
        return np.zeros((seats, measures)), 1.0
    if found.status != 0 or found.fun is None or found.fun <= 0:
        return None
    told = -np.asarray(found.ineqlin.marginals)
    upper = np.zeros(size)
    upper[capped] = told[: int(capped.sum())]
    lower = told[int(capped.sum()) : int(capped.sum()) + size]
    move = float(told[-1]) if len(rows) > 2 else 0.0
    return np.ascontiguousarray((upper - lower).reshape(measures, seats).T), max(0.0, move)


def _proves(
    problem: Problem, lim: Limits, pattern: IntArray, open_to: BoolArray, prices: FloatArray, move: float
) -> bool:
    """Whether at these prices every assignment that keeps the limits would cost more than nothing: there is none."""
    value, owner = _value(problem), _incumbent(problem)
    total = size = 0.0
    step = max(1, BLOCK // problem.seats)
    for start in range(0, problem.units, step):
        rows = np.arange(start, min(start + step, problem.units))
        priced = lim.weights[rows] @ prices.T
        priced += (
            move * value[rows, None] * ((owner[rows, None] >= 0) & (owner[rows, None] != np.arange(problem.seats)))
        )
        size += float(np.abs(priced).max(axis=1).sum())
        total += float(np.where(open_to[pattern[rows]], priced, np.inf).min(axis=1).sum())
    high = np.where(np.isfinite(lim.high), lim.high, 0.0) + SLACK
    allowed = np.where(prices > 0, prices * high, prices * (lim.low - SLACK))
    if ((prices > 0) & ~np.isfinite(lim.high)).any():
        return False
    allowance = float(allowed.sum()) + move * _may_move(problem)
    return total - allowance > MARGIN * max(size, float(np.abs(allowed).sum()), 1e-300)


def _value(problem: Problem) -> FloatArray:
    return np.ones(problem.units) if problem.value is None else problem.value


def _incumbent(problem: Problem) -> IntArray:
    return np.full(problem.units, -1) if problem.incumbent is None else problem.incumbent


def _may_move(problem: Problem) -> float:
    """How much value may move under the cap; 0 without one."""
    if problem.moved_at_most is None or problem.incumbent is None:
        return 0.0
    return (problem.moved_at_most + 1e-12) * float(_value(problem)[problem.incumbent >= 0].sum())
