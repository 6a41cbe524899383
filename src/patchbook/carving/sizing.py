"""What one seat more is worth, and where; what one fewer costs; and several in turn, from a carve that is solved.

Places are judged at once by the prices of the carve. With prices λ, every unit costs pᵢ = minⱼ(κᵢⱼ + λⱼ·wᵢ) and the
dual is Σ pᵢ - A(λ) (see `docs/explanation/sizing.md`). A seat at a place offers a unit the cost aᵢ and takes, until it
is full, the units that gain most for their load: by weak duality (Geoffrion 1974, doi:10.1007/BFb0120690) no carve with
the seat there saves more over the bound than Σ (pᵢ - aᵢ) of these, less what the others' smaller shares are worth. The
best few places are then solved anew, with the other centres where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from patchbook.carving.bounds import BOUNDS
from patchbook.carving.construct.construction import width_for
from patchbook.carving.construct.largest_first import prefers_seats
from patchbook.carving.costs import BLOCK, Candidates, Costs, within_limits
from patchbook.carving.limits import Limits
from patchbook.carving.prices import dual_of
from patchbook.carving.problem import FloatArray, IntArray, Problem
from patchbook.carving.solution import Progress, Solution
from patchbook.carving.solve import solve
from patchbook.carving.spots import spots_of

Stop = Callable[[], bool]
Tell = Callable[[Progress], None]

ONE_SPOT_KM = 20.0
"""Places nearer to each other than this are one."""
PRICED_A_SEAT = 500
"""Of large problems so many units a seat are priced by; the bound itself is always over all units."""
MOST_PLACES = 300
"""So many places are estimated, those that would shorten most ways of their own territory."""
HEATS = (0.1, 0.03, 0.01, 0.003)
"""How prices found anew are cooled, as where a carve is proved."""
REPRICED = 3
"""For each place to be solved so many are priced anew first."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one more seat might begin."""

    near: int
    """The seat among whose units it is; who is hired has what this seat's person has."""
    unit: int
    """The unit it begins at."""
    site: FloatArray | None
    """(dimensions,) km; None where the problem has no places."""
    saving: float
    """What a seat there can save at most over the bound, by the prices: an estimate, and never pessimistic."""


@dataclass(frozen=True, kw_only=True)
class Grown:
    """A carve with one seat more, or one fewer, solved."""

    solution: Solution
    saving: float
    """What it costs less than the carve it came from; negative where it costs more."""
    travel_saved: float
    """How much less travel there is, in the unit of cost."""
    moved_share: float
    """Share of the units' value that is with another seat than before."""
    place: Place | None = None
    """Where the seat was added; it is the last of the solution."""
    seat: int | None = None
    """Which seat was left out, as the carve before numbered it."""


def places(solution: Solution, *, size: float = 1.0, each: int = 2, stop: Stop = lambda: False) -> tuple[Place, ...]:
    """
    Where one more seat might be, the one that saves most first.

    Parameters
    ----------
    size
        What the seat carries, where the mean seat carries 1.
    each
        Places tried in each territory.
    """
    problem, lim = solution.problem, solution.limits
    costs = Costs(solution.problem, limits=solution.limits)
    best, _ = _priced(solution, costs)
    price_of_shares = _price_of_shares(lim, solution.prices)
    seats = float(lim.balanced.sum())
    shrink = seats / (seats + size)
    room = size * shrink
    load = lim.weights.mean(axis=1)
    lift = solution.bound - (float(best.sum()) - price_of_shares)  # the bound may be better than that of the prices
    alone = _Alone(solution, costs)
    spots = [spot for near in range(problem.seats) for spot in spots_of(solution, near, each)]
    spots.sort(key=lambda spot: (-spot.shorter, spot.near, spot.unit))
    found = []
    for spot in spots[:MOST_PLACES]:
        if stop():
            break
        gain = best - alone.cost(spot.near, spot.site)
        taken, threshold = _fullest(gain, load, room)
        slack = abs(threshold) * float(problem.tolerances.mean()) * room
        saving = taken - (1 - shrink) * price_of_shares + slack + lift
        found.append(Place(near=spot.near, unit=spot.unit, site=spot.site, saving=saving))
    return tuple(sorted(found, key=lambda place: (-place.saving, place.near, place.unit)))


def repriced(solution: Solution, place: Place, *, size: float = 1.0, stop: Stop = lambda: False) -> Place:
    """The place with the saving that prices found anew leave it: a sharper estimate, at the price of pricing once."""
    problem = with_seat(solution, place, size=size)
    if not prefers_seats(Costs(problem)):
        return place
    costs, lim = within_limits(problem)
    homes = problem.known_centres
    units, times = _sample(solution)
    candidates = costs.candidates(homes, width_for(len(units), problem.seats), lim.only[units], units)
    weights = lim.weights[units] * times[:, None]
    weights *= lim.targets.sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-12)
    many = Candidates(candidates.seats, candidates.cost * times[:, None])
    dual = dual_of(many, lim, problem.tolerances, weights)
    prices = np.vstack([solution.prices, solution.prices[[place.near]]])
    bound = 0.0
    with threadpool_limits(
        limits=1, user_api="blas"
    ):  # as in `solve`: sums in one order, and small systems are quicker
        for heat in HEATS:
            prices = dual.newton(prices, heat, rounds=10, until=0.004, stop=stop)
            bound = max(bound, *(each(costs, homes, lim, prices) for each in BOUNDS))
    return replace(place, saving=min(place.saving, solution.bound - bound))


def _sample(solution: Solution) -> tuple[IntArray, FloatArray]:
    """Units to price by, and how many each stands for: all large ones, and of each territory's others every so many."""
    units = solution.problem.units
    wanted = PRICED_A_SEAT * solution.problem.seats
    if units <= wanted:
        return np.arange(units), np.ones(units)
    order = np.argsort(-solution.limits.weights.max(axis=1), kind="stable")
    large, rest = np.sort(order[: wanted // 3]), np.sort(order[wanted // 3 :])
    rest = rest[np.argsort(solution.owners[rest], kind="stable")]
    some = rest[np.unique(np.linspace(0, len(rest) - 1, wanted - len(large)).astype(int))]
    return (
        np.concatenate([large, some]),
        np.concatenate([np.ones(len(large)), np.full(len(some), len(rest) / len(some))]),
    )


def grown(
    solution: Solution,
    place: Place,
    *,
    size: float = 1.0,
    seed: int = 1,
    stop: Stop = lambda: False,
    progress: Tell = lambda _: None,
) -> Grown:
    """
    The carve with a seat more, begun at a place.

    People stay at home. The new seat, and seats that have no home, settle in the middle of what they get.
    """
    problem = with_seat(solution, place, size=size)
    free = np.append(solution.problem.free_seats, problem.seats - 1)
    found = _settled(problem, free, seed=seed, stop=stop, progress=progress)
    return replace(_compared(solution, found), place=place)


def without_seat(solution: Solution, seat: int) -> Problem:
    """The problem with one seat fewer and the other centres where they are; the shares of the others grow alike."""
    problem = solution.problem
    kept = np.delete(np.arange(problem.seats), seat)
    number = np.full(problem.seats, -1)
    number[kept] = np.arange(len(kept))
    shares = problem.shares[kept]
    return replace(
        _with_known_centres(problem, None if solution.centres is None else solution.centres[kept]),
        shares=shares / np.maximum(shares.sum(axis=0), 1e-300),
        kind_cost=None if problem.kind_cost is None else problem.kind_cost[:, kept],
        incumbent=None if problem.incumbent is None else _renumbered(number, problem.incumbent),
        fixed=None if problem.fixed is None else _renumbered(number, problem.fixed),
        moved_at_most=None,
        seat_names=tuple(problem.seat_names[at] for at in kept) if problem.seat_names else (),
    )


def with_seat(solution: Solution, place: Place, *, size: float = 1.0) -> Problem:
    """The problem with one seat more, at a place, and the other centres where they are; shares shrink alike."""
    problem = solution.problem
    seats = problem.seats
    shares = np.vstack([problem.shares * seats, np.full((1, problem.measures), size)]) / (seats + size)
    centres = solution.centres
    if centres is not None and place.site is not None:
        centres = np.vstack([centres, place.site])
    kinds = problem.kind_cost
    return replace(
        _with_known_centres(problem, centres),
        shares=shares,
        kind_cost=None if kinds is None else np.hstack([kinds, kinds[:, [place.near]]]),
        moved_at_most=None,
        seat_names=(*problem.seat_names, "a new seat") if problem.seat_names else (),
    )


def missed(solution: Solution) -> FloatArray:
    """
    (seats,) what the whole would cost more without each seat: at least this over the bound, by the prices.

    Infinite where a unit may have no other seat.
    """
    lim = solution.limits
    best, second = _priced(solution, Costs(solution.problem, limits=solution.limits))
    seats = float(lim.balanced.sum())
    allowed = _allowed(lim, solution.prices)
    lift = solution.bound - (float(best.sum()) - float(allowed.sum()))
    found = np.full(solution.problem.seats, -lift)
    extra = np.where(second.seat >= 0, second.cost - best, 0.0)
    found += np.bincount(np.maximum(second.seat, 0), extra, solution.problem.seats)
    size = np.where(lim.balanced, lim.targets.mean(axis=1), 0.0)
    rest = np.maximum(seats - size, 1e-9)
    found += allowed.sum() - (allowed.sum() - allowed) * seats / rest
    return found


def shrunk(
    solution: Solution, seat: int, *, seed: int = 1, stop: Stop = lambda: False, progress: Tell = lambda _: None
) -> Grown:
    """The carve with a seat fewer, whose units go to the others; seats that have no home settle anew."""
    free = solution.problem.free_seats
    free = np.where(free > seat, free - 1, free)[free != seat]
    found = _settled(without_seat(solution, seat), free, seed=seed, stop=stop, progress=progress)
    return replace(_compared(solution, found, without=seat), seat=seat)


def next_seat(
    solution: Solution,
    *,
    size: float = 1.0,
    few: int = 3,
    seed: int = 1,
    stop: Stop = lambda: False,
    progress: Tell = lambda _: None,
) -> tuple[tuple[Place, ...], tuple[Grown, ...]]:
    """Every place by its estimate, and the best few solved, the cheapest first; one in each territory and spot."""
    found = spread_out(solution, places(solution, size=size, stop=stop))
    sharper = [repriced(solution, place, size=size, stop=stop) for place in found[: few * REPRICED] if not stop()]
    found = (*sorted(sharper, key=lambda place: -place.saving), *found[len(sharper) :])
    solved: list[Grown] = []
    for number, place in enumerate(found[:few]):
        if stop():
            break
        progress(Progress(phase="solving with one more seat", done=number / few, best_cost=solution.cost))
        solved.append(grown(solution, place, size=size, seed=seed, stop=stop))
    return found, tuple(sorted(solved, key=lambda one: (one.solution.excess, one.solution.cost)))


def spread_out(solution: Solution, found: Sequence[Place]) -> tuple[Place, ...]:
    """The first place of each territory, and the first of those at one spot that mean the same hire."""
    kept: dict[int, Place] = {}
    same_hire = solution.problem.kind_cost is None
    for place in found:
        is_there = same_hire and any(
            other.site is not None and place.site is not None and np.linalg.norm(other.site - place.site) < ONE_SPOT_KM
            for other in kept.values()
        )
        if place.near not in kept and not is_there:
            kept[place.near] = place
    return tuple(kept.values())


def curve(
    solution: Solution,
    *,
    fewer: int = 3,
    more: int = 3,
    size: float = 1.0,
    few: int = 2,
    seed: int = 1,
    stop: Stop = lambda: False,
    progress: Tell = lambda _: None,
) -> tuple[Grown, ...]:
    """
    Carves of ever fewer and ever more seats, from the fewest to the most, this one among them.

    Each is made from the one before by the best of a few seats added, or left out; more of them at once might be
    better still, so what they cost is what can be had, not the least there is.

    Parameters
    ----------
    size
        What each seat that is added carries, where the mean seat of this carve carries 1.
    few
        How many are tried for each step.
    """
    steps = fewer + more
    done = 0

    def told() -> None:
        progress(Progress(phase="solving with other numbers of seats", done=done / steps, best_cost=solution.cost))

    down, now = [], solution
    for _ in range(fewer):
        told()
        done += 1
        order = np.argsort(missed(now), kind="stable")[:few]
        tried = [shrunk(now, int(seat), seed=seed, stop=stop) for seat in order if now.problem.seats > 1 and not stop()]
        if not tried:
            break
        down.append(min(tried, key=lambda one: (one.solution.excess, one.solution.cost)))
        now = down[-1].solution
    up, now, carried = [], solution, float(solution.problem.seats)
    for _ in range(more):
        told()
        done += 1
        mean = carried / now.problem.seats
        _, solved = next_seat(now, size=size / mean, few=few, seed=seed, stop=stop)
        carried += size
        if not solved:
            break
        up.append(solved[0])
        now = solved[0].solution
    here = Grown(solution=solution, saving=0.0, travel_saved=0.0, moved_share=0.0)
    return (*reversed(down), here, *up)


def travel_of(solution: Solution) -> float:
    """What all the travel of a carve costs, in the unit of cost."""
    problem = replace(solution.problem, kind=None, kind_cost=None, incumbent=None, stay=None, fixed=None)
    return Costs(problem).total(solution.owners, solution.centres)


def _settled(problem: Problem, free: IntArray, *, seed: int, stop: Stop, progress: Tell) -> Solution:
    """The solution with all centres as they are known, and then with these free to follow, if that is any better."""
    found = solve(problem, seed=seed, stop=lambda _: stop(), progress=progress)
    if problem.places is None or problem.places.homes is None or not len(free) or stop():
        return found
    homes = problem.places.homes.copy()
    homes[free] = np.nan
    loose = replace(problem, places=replace(problem.places, homes=homes))
    other = solve(loose, seed=seed, stop=lambda _: stop(), progress=progress, warm=found)
    return min((found, other), key=lambda one: (one.excess, one.cost))


@dataclass(frozen=True)
class _Second:
    """The seat each unit likes best, and what its second best costs, prices counted."""

    seat: IntArray
    cost: FloatArray


def _priced(solution: Solution, costs: Costs) -> tuple[FloatArray, _Second]:
    """(units,) what each costs at its best seat with prices, 0 for who has none; and the second best."""
    problem, lim = solution.problem, solution.limits
    prices = np.where(lim.balanced[:, None], solution.prices, 0.0)
    best, second = np.zeros(problem.units), np.full(problem.units, np.inf)
    seat = np.full(problem.units, -1)
    step = max(1, BLOCK // (problem.seats * 2))
    for first in range(0, problem.units, step):
        last = min(first + step, problem.units)
        block = costs.block(first, last, solution.centres) + lim.weights[first:last] @ prices.T
        at = np.arange(last - first)
        mine = block.argmin(axis=1)
        has = np.isfinite(block[at, mine])
        rows = first + np.flatnonzero(has)
        seat[rows] = mine[has]
        best[rows] = block[at, mine][has]
        block[at, mine] = np.inf
        second[rows] = block.min(axis=1)[has]
    return best, _Second(seat, second)


def _allowed(lim: Limits, prices: FloatArray) -> FloatArray:
    """(seats,) what the limits take off the dual: a price times the most, or the least, its seat may carry."""
    prices = np.where(lim.balanced[:, None], prices, 0.0)
    high = np.where(np.isfinite(lim.high), lim.high, 0.0)
    return np.asarray(np.where(prices > 0, prices * high, prices * lim.low).sum(axis=1))


def _price_of_shares(lim: Limits, prices: FloatArray) -> float:
    return float(_allowed(lim, prices).sum())


class _Alone:
    """What units cost at one more seat, no price counted."""

    def __init__(self, solution: Solution, costs: Costs) -> None:
        problem = solution.problem
        places = None if problem.places is None else replace(problem.places, homes=None)
        plain = replace(
            problem, shares=np.ones((1, problem.measures)), places=places, kind=None, kind_cost=None, incumbent=None
        )
        self.problem, self.costs, self.travel = problem, costs, Costs(plain)

    def cost(self, near: int, site: FloatArray | None) -> FloatArray:
        """(units,) at a site, for somebody like who has the seat beside it; infinite where a unit may not go."""
        problem = self.problem
        cost = self.travel.block(0, problem.units, None if site is None else site[None])[:, 0]
        if problem.kind is not None and problem.kind_cost is not None:
            cost = cost + problem.kind_cost[problem.kind, near] * self.costs.value
        if problem.incumbent is not None:
            cost = cost + np.where(problem.incumbent >= 0, self.costs.stay, 0.0)
        return np.asarray(np.where(self.costs.only >= 0, np.inf, cost))


def _fullest(gain: FloatArray, load: FloatArray, room: float) -> tuple[float, float]:
    """What the units gain together that gain most for their load and fill the room, the last in part; and its ratio."""
    some = np.flatnonzero(np.isfinite(gain) & ((load > 0) | (gain > 0)))
    ratio = gain[some] / np.maximum(load[some], 1e-12)
    order = some[np.argsort(-ratio, kind="stable")]
    filled = np.cumsum(load[order])
    whole = int(np.searchsorted(filled, room))
    taken = float(gain[order[:whole]].sum())
    if whole == len(order):
        return taken, 0.0
    last = order[whole]
    before = float(filled[whole - 1]) if whole else 0.0
    rest = max(0.0, room - before) / max(float(load[last]), 1e-12)
    return taken + rest * float(gain[last]), float(gain[last] / max(load[last], 1e-12))


def _with_known_centres(problem: Problem, centres: FloatArray | None) -> Problem:
    if problem.places is None or centres is None:
        return problem
    return replace(problem, places=replace(problem.places, homes=centres))


def _renumbered(number: IntArray, seats: IntArray) -> IntArray:
    return np.where(seats >= 0, number[np.maximum(seats, 0)], -1)


def _compared(before: Solution, after: Solution, *, without: int | None = None) -> Grown:
    """What a carve with another number of seats costs less, and how much of the value is elsewhere."""
    value = np.ones(before.problem.units) if before.problem.value is None else before.problem.value
    owners = before.owners
    if without is not None:
        owners = np.where(owners > without, owners - 1, np.where(owners == without, -2, owners))
    moved = float(value[owners != after.owners].sum())
    return Grown(
        solution=after,
        saving=before.cost - after.cost,
        travel_saved=travel_of(before) - travel_of(after),
        moved_share=moved / max(float(value.sum()), 1e-12),
    )
