"""Carve: one seat for each unit, every measure within tolerance, at the least cost, with a bound.

The steps are those of `docs/explanation/engine.md`: set oversized units aside, price, dive, connect, repair, improve,
prove. `solve` is the whole assembly on one screen.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from patchbook.carving.constraints import translated
from patchbook.carving.constraints.moved import moved_share
from patchbook.carving.construct import CONSTRUCTIONS
from patchbook.carving.construct.warm import Warm
from patchbook.carving.costs import Costs, within_limits
from patchbook.carving.exact import exact
from patchbook.carving.ordered import order_of
from patchbook.carving.problem import FloatArray, Problem
from patchbook.carving.solution import Progress, Solution
from patchbook.carving.steps import Steps, Stop, Tell, torn
from patchbook.carving.subset import as_given, judged, take

CAP_ROUNDS = 12


def solve(
    problem: Problem,
    *,
    seed: int = 1,
    stop: Stop = lambda best_cost: False,
    progress: Tell = lambda _: None,
    warm: Solution | None = None,
) -> Solution:
    """
    The best assignment found, its bound, and what it breaks if it had to break anything.

    Parameters
    ----------
    stop
        Asked now and then with the best cost so far; true ends the carve and keeps the best so far.
        Without it the carve ends by itself, and the same problem and seed give the same answer.
    progress
        Told where the carve is.
    warm
        A solution of a problem with the same units and seats, such as this one with another tolerance or lock: the
        carve begins there, which takes a fraction of the time and stays near it.

    Raises
    ------
    ValueError
        The warm solution has other units or seats.
    """
    if warm is not None and (warm.problem.units, warm.problem.seats) != (problem.units, problem.seats):
        raise ValueError(
            f"A warm start needs the same units and seats: {problem.units} and {problem.seats}, not"
            f" {warm.problem.units} and {warm.problem.seats}."
        )
    progress = _never_back(progress)
    with threadpool_limits(limits=1, user_api="blas"):
        # Sums are taken in another order on another number of threads, and the answer would depend on the machine.
        return _solved(problem, seed=seed, stop=stop, progress=progress, warm=warm)


def _solved(problem: Problem, *, seed: int, stop: Stop, progress: Tell, warm: Solution | None) -> Solution:
    asked, problem = problem, translated(problem)
    units = order_of(problem)
    units = units[_assignable(problem)[units]]
    if warm is not None:
        warm = replace(warm, problem=take(warm.problem, units), owners=warm.owners[units])
    part = _in_order(take(problem, units), seed=seed, stop=stop, progress=progress, warm=warm)
    return as_given(asked, judged(part), units)


def _in_order(problem: Problem, *, seed: int, stop: Stop, progress: Tell, warm: Solution | None) -> Solution:
    """The solution of a problem whose units are in order, and each of which some seat may take."""
    branch = warm is None and problem.moved_at_most is None
    first = _carve(problem, 0.0, seed=seed, stop=stop, progress=progress, warm=warm, branch=branch)
    if problem.moved_at_most is None or first.moved_share <= problem.moved_at_most:
        return first
    return _within_cap(problem, first, seed=seed, stop=stop, progress=progress)


def _never_back(progress: Tell) -> Tell:
    """Tells on, but never of less done than before: a second construction begins again where the first did."""
    furthest = 0.0

    def tell(reached: Progress) -> None:
        nonlocal furthest
        furthest = max(furthest, reached.done)
        progress(replace(reached, done=furthest))

    return tell


def _carve(
    problem: Problem,
    stay_price: float | FloatArray,
    *,
    seed: int,
    stop: Stop,
    progress: Tell,
    warm: Solution | None = None,
    branch: bool = False,
) -> Solution:
    """One carve at one price of moving an account away from its owner."""
    costs, lim = within_limits(problem, stay_price=stay_price)
    run = Steps(problem=problem, costs=costs, limits=lim, seed=seed, stop=stop, progress=progress)

    found: list[Solution] = []
    for construction in CONSTRUCTIONS if warm is None else (Warm(warm),):
        if construction.supports(costs) and not (found and run.stopped()):
            start = construction.start(costs, lim, seed=seed, stop=run.stopped, say=run.say)
            start = run.settled(run.parted(run.connected(start)), gentle=warm is not None or len(found) > 0)
            search = run.rescued(run.repaired(start), start)
            owners, centres = run.improved(search, start)
            found.append(run.proved(owners, centres, start.prices))
    best = min(found, key=lambda s: (torn(s) + (s.excess > 0), s.excess, s.cost))
    if _has_fixed_centres(problem):
        proof = max(found, key=lambda solution: solution.bound)
        best = replace(best, bound=proof.bound, prices=proof.prices)
    return run.branched(best) if branch else best


def _within_cap(problem: Problem, first: Solution, *, seed: int, stop: Stop, progress: Tell) -> Solution:
    """
    The cheapest carve found in which no more moves than may, by raising the price of moving.

    The price differs a little from unit to unit, or equal units would all move at one price and none at the next.
    """
    assert problem.moved_at_most is not None
    cap = problem.moved_at_most
    value = np.ones(problem.units) if problem.value is None else problem.value
    price = max(0.3 * first.cost / max(float(value.sum()), 1e-12), 1e-9)
    jitter = 1.0 + 0.1 * np.random.default_rng(seed).uniform(-1, 1, problem.units)
    found = [first]
    low, high = 0.0, float("inf")
    for _ in range(CAP_ROUNDS):
        carved = _carve(problem, price * jitter, seed=seed, stop=stop, progress=progress)
        found.append(_at_no_price(problem, carved, price * jitter))
        kept = carved.moved_share <= cap and carved.excess == 0.0
        if stop(float("inf")) or (kept and carved.moved_share > cap - 0.02):
            break
        if carved.excess > 0.0 or kept:
            high = price
        else:
            low = price
        if high - low < 0.02 * high:
            break
        price = price * 3 if high == float("inf") else (low * high) ** 0.5 if low > 0 else price / 3
    if not any(s.excess == 0.0 and s.moved_share <= cap for s in found):
        found += _exactly_within_cap(problem, first)
    best = min(found, key=lambda s: (s.excess > 0, max(0.0, s.moved_share - cap), s.cost))
    if _has_fixed_centres(problem):
        best = replace(best, bound=min(best.cost, max(s.bound for s in found)))
    return best


def _exactly_within_cap(problem: Problem, first: Solution) -> list[Solution]:
    """What an exact method finds inside the cap, for the centres of the first carve; small problems only."""
    if problem.areas is not None:
        return []
    costs = Costs(problem, limits=first.limits)
    owners = exact(problem, costs, first.limits, first.centres, moved_at_most=problem.moved_at_most)
    if owners is None:
        return []
    return [
        replace(
            first, owners=owners, cost=costs.total(owners, first.centres),
            excess=first.limits.excess(first.limits.loads(owners)), moved_share=moved_share(problem, owners),
        )
    ]  # fmt: skip


def _at_no_price(problem: Problem, carved: Solution, price: FloatArray) -> Solution:
    """
    The same assignment with its cost without the price of moving, and a bound without it.

    Moving a value v costs at most max(price) · v, so an assignment inside the cap pays at most max(price) · cap · value
    for its moves; what it costs without is at least the priced bound less that.
    """
    costs = Costs(problem, limits=carved.limits)
    value = np.ones(problem.units) if problem.value is None else problem.value
    held = float(value[problem.incumbent >= 0].sum()) if problem.incumbent is not None else 0.0
    allowance = float(price.max()) * (problem.moved_at_most or 0.0) * held
    return replace(
        carved, cost=costs.total(carved.owners, carved.centres), bound=max(0.0, carved.bound - allowance), branches=()
    )


def _has_fixed_centres(problem: Problem) -> bool:
    """Whether every carve of the problem has the same centres, so that a bound of one holds for all."""
    return problem.places is None or not len(problem.free_seats)


def _assignable(problem: Problem) -> np.typing.NDArray[np.bool_]:
    """(units,) whether some seat may take the unit."""
    if problem.kind is None or problem.kind_cost is None:
        return np.ones(problem.units, bool)
    able = np.asarray(np.isfinite(problem.kind_cost).any(axis=1))[problem.kind]
    return able if problem.fixed is None else able | (problem.fixed >= 0)
