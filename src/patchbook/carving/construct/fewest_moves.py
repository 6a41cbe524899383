"""Fewest moves: the linear relaxation says who has to go where, and a small integer program makes whole units of it.

The relaxation leaves at most as many units divided as there are loads at a limit, so nearly everything is decided; the
integer program looks only at the moves that its prices find worth while (kernel search, Angelelli, Mansini & Speranza
2010, doi:10.1016/j.cor.2010.02.002).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from patchbook.carving._kernels.anneal import anneal
from patchbook.carving.construct.construction import Start, slots_of, width_for
from patchbook.carving.construct.today import centres_today
from patchbook.carving.costs import Costs
from patchbook.carving.limits import Limits
from patchbook.carving.rebalance.least import first_prices, homes_of, moves_come_first
from patchbook.carving.rebalance.needs import is_whole, needs_of
from patchbook.carving.rebalance.relaxed import Relaxation
from patchbook.carving.rebalance.rounded import rounded
from patchbook.carving.search import Effort, Search

HEATS = (0.1, 0.02)
"""First temperatures of annealing, in moves."""
COLD = 1e-4
"""The last one."""
STEPS = 300
"""Random changes tried for each unit."""
REACH = 24
"""Seats of a unit that annealing looks at: with moves dear, the nearest are not the likeliest."""
MENDING = 15
"""Rounds of repair after annealing, each with the penalty doubled."""
MOST_CELLS = 20_000_000
"""Units × seats up to which it is tried; beyond, the search repairs today's book by itself."""


class FewestMoves:
    """From today's owners, the moves a linear relaxation makes, whole; where a move costs more than any journey."""

    name = "fewest moves"

    def supports(self, costs: Costs) -> bool:
        """Whether most units have an owner, and leaving one costs more than any saving in travel or fit."""
        problem = costs.problem
        if problem.incumbent is None or problem.units * problem.seats > MOST_CELLS or problem.seats < 2:
            return False
        held = problem.incumbent >= 0
        worth = np.asarray(costs.stay)
        if held.sum() <= problem.units / 2 or not (worth[held] > 0).any():
            return False
        return moves_come_first(problem, worth, centres_today(costs))

    def start(
        self, costs: Costs, limits: Limits, *, seed: int, stop: Callable[[], bool], say: Callable[[str, float], None]
    ) -> Start:
        """Today's assignment with about as few moves as it needs to be within its limits."""
        problem = costs.problem
        say("pricing", 0.0)
        centres = centres_today(costs)
        home, may_leave = homes_of(problem, costs)
        worth = np.asarray(costs.stay) / max(float(np.asarray(costs.stay).mean()), 1e-12)
        needs = needs_of(limits, home, worth, may_leave)
        relaxation = Relaxation(costs, centres, limits, needs, home, worth)
        per_worth = float(np.asarray(costs.stay).mean())
        begun = first_prices(problem, limits, np.asarray(costs.stay), centres, stop=stop)
        say("pricing", 0.3)
        relaxed = relaxation.solved(begun, stop=stop)
        say("diving", 0.5)
        least = float(worth[worth > 0].min(initial=1.0))
        owners = rounded(relaxation, relaxed, per_worth=per_worth, whole_moves=is_whole(worth / least))
        candidates = costs.candidates(
            centres, width_for(problem.units, problem.seats), owners, np.arange(problem.units)
        )
        start = Start(
            candidates=candidates, slots=slots_of(candidates, owners), prices=relaxed.prices.load, centres=centres
        )
        if problem.areas is not None or problem.apart is not None or stop():
            return start  # what connects and parts comes after the construction, and moves more
        return _settled(start, costs, limits, per_worth, seed)


def _settled(start: Start, costs: Costs, limits: Limits, per_worth: float, seed: int) -> Start:
    """The start, or what annealing at the heat of a part of a move makes of it, where that is better."""
    free = np.flatnonzero(limits.only < 0)
    penalty = max(
        float(np.abs(start.prices).max(initial=0.0)), 0.1 * per_worth / max(float(limits.weights.mean()), 1e-12)
    )
    found = [Search(costs.problem, limits, start.candidates, start.slots, centres=start.centres)]
    for hot in HEATS if len(free) else ():
        search = Search(costs.problem, limits, start.candidates, start.slots.copy(), centres=start.centres)
        anneal(search.arrays, free, STEPS * len(free), hot * per_worth, COLD * per_worth, penalty, REACH, seed)
        search.loads[:] = limits.loads(search.owners)
        firm = penalty
        for number in range(MENDING):
            if search.excess() == 0.0:
                break
            effort = Effort(penalty=firm, only_violated=True, tries=10, reach=10)
            search.until_settled(free, effort, seed + number, rounds=2)
            firm *= 2
        search.until_settled(free, Effort(penalty=1e3 * firm, only_violated=False, tries=5), seed, rounds=3)
        found.append(search)
    best = min(found, key=lambda search: (search.excess(), search.cost()))
    return replace(start, slots=best.slots.copy())
