"""When not every constraint can be met: the smallest set in conflict, and what giving way would take.

The set is found by deletion (Chinneck 2008, Feasibility and Infeasibility in Optimization, §6.1): constraints are
lifted one after another, and one without which the carve still fails is left out for good. Which of many locks, pairs
or needs are meant is found by halves (Junker 2004, QuickXplain: preferred explanations and relaxations for
over-constrained problems, AAAI). What remains cannot lose a member without becoming possible: for each there is a carve
that shows it. That the set itself is impossible is proven where `impossible.py` finds a proof; else the carve is the
test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from patchbook.carving.constraints import CONSTRAINTS
from patchbook.carving.constraints.constraint import name_of_measure
from patchbook.carving.demands import (
    Demand,
    Part,
    Parts,
    demands_of,
    share_of_units,
    tolerance_name,
    with_tolerance,
)
from patchbook.carving.impossible import Impossible, prove
from patchbook.carving.problem import Problem
from patchbook.carving.solution import Solution
from patchbook.words import listed

WIDER = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How many times wider a tolerance is tried, in turn."""
WIDE = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
"""Tolerances tried after these, where they are wider still: from next to nothing, ten times more is little."""
HALVINGS = 4
"""How often the way between a tolerance that failed and one that did not is halved."""
FINEST = 0.001
"""Tolerances are told in tenths of a point, so no finer ones are tried."""
TOGETHER = (0.25, 0.5, 0.75)
"""What part of giving way alone is tried when two give way together."""
MOST_CARVES = 120
"""Carves after which it is enough; what has been found by then is told."""
MOST_NAMED = 6
"""Parts that are named one by one in a sentence."""


Carve = Callable[[Problem, Solution | None], Solution]


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """One way out."""

    says: str
    asks: float
    """How much of the book gives way: points of tolerance or of the cap, the share of what is let go."""


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Why a carve failed."""

    demands: tuple[str, ...]
    """The smallest set that cannot be met together."""
    culprits: tuple[tuple[str, ...], ...]
    """For each of them which of its parts are meant: which locks, which pairs; empty where it has no parts."""
    relaxations: tuple[Relaxation, ...]
    """What giving way would take, what asks least first."""
    proof: Impossible | None
    """Why the set cannot be met, where that is proven."""
    problem: Problem
    """The problem that asks for the set and nothing else; the proof's units and seats are its."""


def conflict(
    best: Solution,
    solve: Carve,
    *,
    more: Sequence[Demand] = (),
    kind_names: Callable[[Problem], Sequence[str]] = lambda _: (),
    stop: Callable[[], bool] = lambda: False,
) -> Conflict:
    """
    The smallest set of demands that cannot be met together, and what would do instead.

    Parameters
    ----------
    best
        The failed carve: the best that was found.
    solve
        Carves a problem, beginning from a solution of its like where one is given; the test of what is possible. It
        may stop at the first answer within every limit.
    more
        Demands that are not the engine's own (families kept together).
    kind_names
        What each kind of a problem's units needs, in plain words.
    stop
        Asked before each carve; when it says so, what is broken is named instead, untested.
    """
    problem = best.problem
    demands = [*more, *demands_of(problem, kind_names=kind_names)]  # those that begin anew come before the others
    tried = _Tried(problem=problem, demands=tuple(demands), solve=solve, stop=stop)
    kept = list(demands)
    try:
        for demand in demands:
            if tried.answer(tried.asking([one for one in kept if one is not demand])) is None:
                kept.remove(demand)
    except _Late:
        broken = [c.name for c in CONSTRAINTS if c.supports(problem) and c.breaches(problem, best.limits, best.owners)]
        return Conflict(
            demands=tuple(broken), culprits=((),) * len(broken), relaxations=(), proof=prove(problem), problem=problem
        )
    meant = [tried.meant(kept, demand) for demand in kept]
    return Conflict(
        demands=tuple(demand.name for demand in kept),
        culprits=tuple(tuple(part.name for part in parts) for parts in meant),
        relaxations=_ways_out(best, tried, kept),
        proof=prove(tried.asking(kept)),
        problem=tried.asking(kept),
    )


def smallest(count: int, is_enough: Callable[[list[int]], bool]) -> list[int]:
    """
    A smallest set of the numbers below `count` that is enough: without any one of them it is not.

    Junker (2004), QuickXplain. Asks about count·log(size) times for a small set; prefers low numbers.

    Parameters
    ----------
    is_enough
        Whether a set is; a set that holds one that is enough is enough too. All numbers together are.

    Examples
    --------
    >>> smallest(100, lambda some: {17, 64} <= set(some))
    [17, 64]
    """

    def among(known: list[int], has_grown: bool, items: list[int]) -> list[int]:
        if has_grown and is_enough(known):
            return []
        if len(items) == 1:
            return items
        half = (len(items) + 1) // 2
        first, second = items[:half], items[half:]
        of_second = among([*known, *first], True, second)
        of_first = among([*known, *of_second], bool(of_second), first)
        return [*of_first, *of_second]

    return among([], True, list(range(count))) if count else []


class _Late(Exception):
    """Somebody wants an end, or there were carves enough."""


@dataclass
class _Tried:
    """Carves that ask for some of the demands, each tried only where no proof says that it must fail."""

    problem: Problem
    demands: tuple[Demand, ...]
    solve: Carve
    stop: Callable[[], bool]
    carves: int = 0
    near: Solution | None = None
    """The last carve that met what was asked; the next begins there, and anew only where that fails."""

    def asking(self, kept: Sequence[Demand], *, part: Demand | None = None, without: Sequence[int] = ()) -> Problem:
        """The problem that asks for these demands and no others, without these parts of one of them."""
        trial = self.problem
        numbers = np.array(without, np.int64)
        for demand in self.demands:
            if demand not in kept:
                trial = demand.lift(trial)
            elif demand is part and part.parts is not None and part.begins_anew:
                trial = part.parts.lift(trial, numbers)
        if part is not None and part.parts is not None and not part.begins_anew:
            trial = part.parts.lift(trial, numbers)
        return trial

    def answer(self, trial: Problem) -> Solution | None:
        """A carve within every limit; nothing where none is found, or none can be."""
        if self.stop() or self.carves >= MOST_CARVES:
            raise _Late
        if prove(trial) is not None:
            return None
        warm = self.near
        if warm is not None and (warm.problem.units, warm.problem.measures) == (trial.units, trial.measures):
            self.carves += 1
            solution = self.solve(trial, warm)
            if solution.feasible:
                self.near = solution
                return solution
        self.carves += 1
        solution = self.solve(trial, None)
        if not solution.feasible:
            return None
        self.near = solution
        return solution

    def meant(self, kept: Sequence[Demand], demand: Demand) -> list[Part]:
        """The smallest set of the demand's parts in conflict with the others, of large parts where it can choose."""
        parts = self.parts(kept, demand)
        if len(parts) < 2:
            return [part for _, part in parts]
        order = sorted(parts, key=lambda pair: -pair[1].share)
        numbers = {number for number, _ in parts}

        def still_fails(some: list[int]) -> bool:
            chosen = {order[place][0] for place in some}
            return self.answer(self.asking(kept, part=demand, without=sorted(numbers - chosen))) is None

        try:
            return [order[place][1] for place in smallest(len(order), still_fails)]
        except _Late:
            return []

    def fewest(self, kept: Sequence[Demand], demand: Demand) -> list[Part]:
        """The smallest set of the demand's parts without which all can be met, of small parts where it can choose."""
        parts = sorted(self.parts(kept, demand), key=lambda pair: pair[1].share)

        def does(some: list[int]) -> bool:
            lifted = self.asking(kept, part=demand, without=sorted(parts[place][0] for place in some))
            return self.answer(lifted) is not None

        return [parts[place][1] for place in smallest(len(parts), does)]

    def parts(self, kept: Sequence[Demand], demand: Demand) -> list[tuple[int, Part]]:
        """The demand's parts with their numbers, in the problem that asks for these demands."""
        if demand.parts is None:
            return []
        return list(enumerate(demand.parts.of(self.asking(kept))))


def _ways_out(best: Solution, tried: _Tried, kept: list[Demand]) -> tuple[Relaxation, ...]:
    """What each demand alone, or two a little, would have to give; what asks least first."""
    found: list[Relaxation] = []
    graded: list[_Graded] = []
    try:
        for demand in kept:
            grade = _graded(best.problem, demand)
            if grade is not None:
                enough = _least(tried, kept, grade)
                if enough is not None:
                    graded.append(replace(grade, enough=enough))
                    found.append(
                        Relaxation(says=f"{grade.other} can be met {grade.says(enough)}.", asks=enough - grade.now)
                    )
            else:
                found += _given_up(tried, kept, demand)
        found += _together(tried, kept, graded)
    except _Late:
        pass
    return tuple(sorted(found, key=lambda way: way.asks))


@dataclass(frozen=True, kw_only=True)
class _Graded:
    """A demand that can give way a little: a tolerance, or the cap on moves."""

    demand: Demand
    now: float
    set_to: Callable[[Problem, float], Problem]
    reached: Callable[[Solution], float]
    """How much of it a carve took."""
    says: Callable[[float], str]
    other: str
    """How the sentence begins."""
    enough: float = float("nan")


def _graded(problem: Problem, demand: Demand) -> _Graded | None:
    for m in range(problem.measures):
        if demand.name == tolerance_name(problem, m):
            name = name_of_measure(problem, m)
            return _Graded(
                demand=demand, now=float(problem.tolerances[m]), other="Every other demand",
                set_to=lambda p, wide, m=m: with_tolerance(p, m, wide),  # type: ignore[misc]
                reached=lambda solution, m=m: _furthest(solution, m),  # type: ignore[misc]
                says=lambda wide, name=name: f"with ±{wide:.1%} of {name}",  # type: ignore[misc]
            )  # fmt: skip
    if demand.name == "moved_at_most" and problem.moved_at_most is not None:
        return _Graded(
            demand=demand, now=problem.moved_at_most, other="Everything else",
            set_to=lambda p, share: replace(p, moved_at_most=share), reached=lambda solution: solution.moved_share,
            says=lambda share: f"if {share:.1%} of what has an owner may move",
        )  # fmt: skip
    return None


def _least(tried: _Tried, kept: list[Demand], grade: _Graded) -> float | None:
    """The least that a demand alone must give, to a tenth of a point; nothing where giving all is not enough."""
    asked = tried.asking(kept)

    def takes(wide: float) -> float | None:
        """What a carve took of it where so much is given; a carve that took less shows that less is enough."""
        solution = tried.answer(grade.set_to(asked, wide))
        return None if solution is None else min(wide, max(_tenths(grade.reached(solution)), grade.now + FINEST / 10))

    failed = grade.now
    if grade.demand.name == "moved_at_most":
        ladder = [share for share in (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0) if share > grade.now]
    else:
        ladder = [_tenths(max(grade.now, 0.002) * factor) for factor in WIDER]
        ladder += [wide for wide in WIDE if wide > ladder[-1]]
    enough = None
    for wide in ladder:
        enough = takes(wide)
        if enough is not None:
            break
        failed = wide
    for _ in range(HALVINGS):
        if enough is None or enough - failed < 1.5 * FINEST:
            break
        middle = _tenths((failed + enough) / 2)
        took = takes(middle)
        failed, enough = (failed, took) if took is not None else (middle, enough)
    return enough


def _furthest(solution: Solution, m: int) -> float:
    """How far the worst seat is from its share of a measure."""
    lim = solution.limits
    target = lim.targets[lim.balanced, m]
    off = np.abs(lim.loads(solution.owners)[lim.balanced, m] - target) / np.where(target > 0, target, 1.0)
    return float(off[target > 0].max(initial=0.0))


def _tenths(share: float) -> float:
    """The share in whole tenths of a point, upwards: what is told is what was tried."""
    return float(np.ceil(round(share / FINEST, 6)) * FINEST)


def _given_up(tried: _Tried, kept: list[Demand], demand: Demand) -> list[Relaxation]:
    """What is given up of a demand that is there or not: as few of its parts as will do, or all of it."""
    parts = demand.parts
    if parts is not None:
        few = tried.fewest(kept, demand)
        if few:
            return [_without(parts, few, len(tried.parts(kept, demand)))]
    solution = tried.answer(tried.asking([one for one in kept if one is not demand]))
    if solution is None:
        return []
    asks = 1.0
    for constraint in CONSTRAINTS:
        if constraint.name == demand.name:
            broken = constraint.breaches(tried.asking(kept), solution.limits, solution.owners)
            units = {breach.unit for breach in broken if breach.unit is not None}
            asks = float(share_of_units(tried.problem)[list(units)].sum()) if units else min(1.0, 0.1 * len(broken))
    return [Relaxation(says=f"Everything else can be met without {demand.name}.", asks=asks)]


def _without(parts: Parts, few: list[Part], many: int) -> Relaxation:
    names = [part.name for part in few]
    told = parts.without.format(some=f"{len(few):,}", all=f"{many:,}", which=listed(names, MOST_NAMED))
    return Relaxation(says=f"Everything else can be met {told}.", asks=sum(part.share for part in few))


def _together(tried: _Tried, kept: list[Demand], graded: list[_Graded]) -> list[Relaxation]:
    """Two demands that each give less than either would have to alone."""
    found = []
    for one, other in combinations(graded, 2):
        for part in TOGETHER:
            a = _tenths(one.now + part * (one.enough - one.now))
            b = _tenths(other.now + part * (other.enough - other.now))
            if a >= one.enough or b >= other.enough:
                break
            if tried.answer(other.set_to(one.set_to(tried.asking(kept), a), b)) is not None:
                asks = (a - one.now) + (b - other.now)
                found.append(
                    Relaxation(says=f"Everything else can be met {one.says(a)} and {other.says(b)}.", asks=asks)
                )
                break
    return found
