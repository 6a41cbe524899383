"""The linear relaxation of rebalancing, by column generation, and the bound that its prices prove.

Almost every unit stays, so almost no column of the linear program is ever needed: it begins with the moves that prices
already make look worth while, and takes in others while they help (Gilmore & Gomory 1961, doi:10.1287/opre.9.6.849).
Prices are held back towards the best found so far (Wentges 1997, doi:10.1111/j.1475-3995.1997.tb00071.x). Whatever
prices come out, the bound is worked out from them alone, over every unit and seat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from patchbook.carving.costs import BLOCK, Costs
from patchbook.carving.limits import Limits
from patchbook.carving.problem import FloatArray, IntArray
from patchbook.carving.rebalance.needs import SAFE, Needs

ROUNDS = 40
EACH_SEAT = 40
"""Columns taken to each seat in a round, of each block of units."""
KEPT = 0.3
"""Columns dearer than this, in moves of their unit, are dropped until prices ask for them again."""
HOMELESS = 6
"""Seats looked at for a unit without a home."""
FEW = 10
"""Units without a home looked at for each seat."""
UNMET = 4.0
"""What it costs in the program to leave one unit, or one of worth, of a seat's needs unmet, in moves of worth 1."""
CLOSE = 1e-3
"""Ends when the bound is this close below the program's value, relative to it."""


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Multipliers of the constraints; any of them prove a bound."""

    load: FloatArray
    """(seats, measures) free in sign: what load costs at each seat."""
    out: FloatArray
    """(seats,) at least 0: what each seat gains for worth that leaves it."""
    into: FloatArray
    """(seats,) at least 0: what each seat gains for a unit that comes."""

    def mixed(self, other: Prices, part: float) -> Prices:
        """So much of these, the rest of the other."""
        return Prices(
            load=part * self.load + (1 - part) * other.load, out=part * self.out + (1 - part) * other.out,
            into=part * self.into + (1 - part) * other.into,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """What the relaxation found."""

    bound: float
    """No assignment within the limits costs less."""
    prices: Prices
    """Those that prove it."""
    unit: IntArray
    """(columns,) with `seat`: the moves of the last program."""
    seat: IntArray
    part: FloatArray
    """(columns,) how much of the unit goes to the seat in the relaxation, 0 to 1."""


class Relaxation:
    """
    Least cost with divisible units, every load within its limits, every seat giving and taking what it must.

    Parameters
    ----------
    home
        (units,) the seat each unit has today and may keep, or -1 where it has none.
    worth
        (units,) what moving a unit counts in `needs.out`.
    """

    def __init__(
        self, costs: Costs, centres: FloatArray | None, limits: Limits, needs: Needs, home: IntArray, worth: FloatArray,
        *, counts_moves: bool = False,
    ) -> None:  # fmt: skip
        """Work out what everyone at home carries and costs."""
        self.costs, self.centres, self.limits, self.needs = costs, centres, limits, needs
        self.home, self.worth = home, worth
        self.has_home = home >= 0
        self.base = limits.loads(home)
        self.at_home = costs.each(home, centres)
        moved = self.has_home & (worth > 0)
        stay = np.asarray(costs.stay)[moved]
        self.counts_moves = counts_moves
        self.least_move = float(stay.mean() / max(float(worth[moved].mean()), 1e-12)) if moved.any() else 1.0

    def solved(self, start: FloatArray, *, stop: Callable[[], bool] = lambda: False) -> Relaxed:
        """
        The relaxation's bound and the moves it makes.

        Parameters
        ----------
        start
            (seats, measures) prices to begin with; the nearer to the best, the quicker.
        """
        seats = len(self.base)
        best = Prices(
            load=np.where(self.limits.balanced[:, None], start, 0.0), out=np.zeros(seats), into=np.zeros(seats)
        )
        unit, seat = self.near(best)
        bound = -np.inf
        penalty = 5 * max(float(np.abs(start).max(initial=0.0)), float(np.abs(self.at_home).mean()), 1e-9)
        program = self._program(unit, seat, penalty)
        for _ in range(ROUNDS):
            for prices in (program.prices.mixed(best, 0.5), program.prices):
                look = self._look(prices, unit, seat)
                if look.bound > bound:
                    bound, best = look.bound, prices
                if len(look.cells):
                    break
            if self._close(bound, program.value) or stop():
                break
            if not len(look.cells):
                if program.outside <= 1e-7 or penalty > 1e12:
                    break
                penalty *= 10
            kept = (
                (program.part > 0)
                | (program.reduced < KEPT * self.least_move * self.worth[unit])
                | ~self.has_home[unit]
            )
            cells = np.unique(np.concatenate([unit[kept] * seats + seat[kept], look.cells]))
            unit, seat = cells // seats, cells % seats
            program = self._program(unit, seat, penalty)
        return Relaxed(bound=float(bound), prices=best, unit=unit, seat=seat, part=program.part)

    def _close(self, bound: float, value: float) -> bool:
        """Whether more rounds would tell nothing new: near enough, or the same number of moves when rounded up."""
        if value - bound <= CLOSE * max(abs(value), self.least_move):
            return True
        return self.counts_moves and np.ceil(bound - SAFE * (1 + abs(bound))) >= np.ceil(
            value - SAFE * (1 + abs(value))
        )

    def _block(self, prices: Prices, first: int, last: int) -> FloatArray:
        """(last - first, seats) what each unit costs at each seat, every price counted."""
        cost = self.costs.block(first, last, self.centres)
        cost += self.limits.weights[first:last] @ prices.load.T
        cost -= prices.into
        rows = np.flatnonzero(self.has_home[first:last])
        mine = self.home[first + rows]
        gain = prices.out[mine] * self.worth[first + rows]
        cost[rows] -= gain[:, None]
        cost[rows, mine] += gain + prices.into[mine]
        return cost

    def _look(self, prices: Prices, unit: IntArray, seat: IntArray) -> _Look:
        """What these prices prove, and for each seat the moves to it that would save most beyond the columns known."""
        units, seats = self.costs.problem.units, len(self.base)
        known = np.where(self.has_home, 0.0, np.inf)
        np.minimum.at(known, unit, self._reduced_of(prices, unit, seat, relative=False))
        total = 0.0
        cells, gains = [], []
        step = max(1, BLOCK // seats)
        for first in range(0, units, step):
            last = min(first + step, units)
            cost = self._block(prices, first, last)
            least = cost.min(axis=1)
            total += float(least[np.isfinite(least)].sum())
            rows = np.flatnonzero(self.has_home[first:last])
            mine = self.home[first + rows]
            reference = known[first:last].copy()
            reference[rows] += cost[rows, mine]
            cost[rows, mine] = np.inf
            np.subtract(reference[:, None], cost, out=cost, where=np.isfinite(cost))
            cost[~np.isfinite(cost)] = -np.inf
            take = min(EACH_SEAT, last - first)
            top = np.argpartition(-cost, take - 1, axis=0)[:take]
            gain = np.take_along_axis(cost, top, axis=0)
            cells.append(((first + top) * seats + np.arange(seats)).ravel())
            gains.append(gain.ravel())
        limits = self.limits
        allowed = np.where(
            prices.load > 0,
            prices.load * np.where(np.isfinite(limits.high), limits.high, 0.0),
            prices.load * limits.low,
        )
        bound = total - allowed.sum() + (prices.out * self.needs.out).sum() + (prices.into * self.needs.into).sum()
        cell, gain = np.concatenate(cells), np.concatenate(gains)
        helps = gain > max(1e-9, 1e-7 * self.least_move)
        return _Look(bound=float(bound), cells=np.sort(cell[helps]))

    def near(self, prices: Prices) -> tuple[IntArray, IntArray]:
        """
        Moves worth looking at, as units and seats, at these prices.

        For each seat the cheapest moves to it and the cheapest away from it; for each unit without a home many seats.
        """
        units, seats = self.costs.problem.units, len(self.base)
        cells: list[IntArray] = []
        least_seat, least_extra = np.zeros(units, np.int64), np.full(units, np.inf)
        step = max(1, BLOCK // seats)
        for first in range(0, units, step):
            last = min(first + step, units)
            cost = self._block(prices, first, last)
            rows = np.flatnonzero(self.has_home[first:last])
            homeless = np.flatnonzero(~self.has_home[first:last])
            reference = cost.min(axis=1)
            reference[rows] = cost[rows, self.home[first + rows]]
            cost[rows, self.home[first + rows]] = np.inf
            with np.errstate(invalid="ignore"):
                cost -= reference[:, None]
            cost[~np.isfinite(cost)] = np.inf
            take = min(seats, HOMELESS)
            near = np.argsort(cost[homeless], axis=1, kind="stable")[:, :take]
            open_to = np.isfinite(cost[homeless[:, None], near])
            cells.append(((first + homeless)[:, None] * seats + near)[open_to])
            least_seat[first:last] = cost.argmin(axis=1)
            least_extra[first:last] = cost.min(axis=1)
            for some, most in ((rows, EACH_SEAT), (homeless, FEW)):
                if len(some):
                    take = min(most, len(some))
                    top = np.argpartition(cost[some], take - 1, axis=0)[:take]
                    open_to = np.isfinite(np.take_along_axis(cost[some], top, axis=0))
                    cells.append(((first + some[top]) * seats + np.arange(seats))[open_to])
        order = np.lexsort((np.arange(units), least_extra, self.home))
        rank = np.arange(units) - np.searchsorted(self.home[order], self.home[order])
        leaving = order[(rank < EACH_SEAT) & self.has_home[order] & np.isfinite(least_extra[order])]
        cells.append(leaving * seats + least_seat[leaving])
        every = np.unique(np.concatenate(cells))
        return every // seats, every % seats

    def _reduced_of(self, prices: Prices, unit: IntArray, seat: IntArray, *, relative: bool = True) -> FloatArray:
        """(columns,) what a column costs at these prices, less staying at home; relative to the best of its unit."""
        result: FloatArray = self.cost_of(unit, seat) + (prices.load[seat] * self.limits.weights[unit]).sum(axis=1)
        result -= prices.into[seat]
        homed = np.flatnonzero(self.has_home[unit])
        mine = self.home[unit[homed]]
        result[homed] -= (prices.load[mine] * self.limits.weights[unit[homed]]).sum(axis=1)
        result[homed] -= prices.out[mine] * self.worth[unit[homed]]
        if relative:
            least = np.where(self.has_home, 0.0, np.inf)
            np.minimum.at(least, unit, result)
            result = np.asarray(result - least[unit])
        return result

    def cost_of(self, unit: IntArray, seat: IntArray) -> FloatArray:
        """(columns,) what each column costs more than staying at home."""
        each, row = np.unique(unit, return_inverse=True)
        result = np.empty(len(unit))
        step = max(1, BLOCK // len(self.base))
        order = np.argsort(row, kind="stable")
        bounds = np.searchsorted(row[order], np.arange(0, len(each) + step, step))
        for number, first in enumerate(range(0, len(each), step)):
            some = order[bounds[number] : bounds[number + 1]]
            block = self.costs.rows(each[first : first + step], self.centres)
            result[some] = block[row[some] - first, seat[some]]
        return np.asarray(result - np.where(self.has_home[unit], self.at_home[unit], 0.0))

    def matrices(self, unit: IntArray, seat: IntArray) -> tuple[sp.csr_array, sp.csr_array, IntArray]:
        """What each column does to each load (seat-major), and which columns are of one unit, in the order of units."""
        seats, measures = self.base.shape
        columns = len(unit)
        at = np.arange(columns)
        homed = np.flatnonzero(self.has_home[unit])
        mine = self.home[unit[homed]]
        rows, cells, entries = [], [], []
        for m in range(measures):
            rows += [seat * measures + m, mine * measures + m]
            cells += [at, homed]
            entries += [self.limits.weights[unit, m], -self.limits.weights[unit[homed], m]]
        loads = sp.coo_array(
            (np.concatenate(entries), (np.concatenate(rows), np.concatenate(cells))), shape=(seats * measures, columns)
        ).tocsr()
        each, row = np.unique(unit, return_inverse=True)
        once = sp.csr_array((np.ones(columns), (row, at)), shape=(len(each), columns))
        return loads, once, each

    def _program(self, unit: IntArray, seat: IntArray, penalty: float) -> _Program:
        """The linear program over these columns; loads may leave their limits at a penalty, so there is an answer."""
        from scipy import optimize

        seats, measures = self.base.shape
        rows, columns = seats * measures, len(unit)
        loads, once, each = self.matrices(unit, seat)
        has = self.has_home[each]
        homed = np.flatnonzero(self.has_home[unit])
        out = sp.csr_array((self.worth[unit[homed]], (self.home[unit[homed]], homed)), shape=(seats, columns))
        into = sp.csr_array((np.ones(columns), (seat, np.arange(columns))), shape=(seats, columns))
        slack, short = -sp.eye_array(rows), -sp.eye_array(seats)
        none, few = sp.csr_array((rows, seats)), sp.csr_array((seats, rows))
        most: Any = sp.vstack(
            [
                sp.hstack([loads, slack, none]),
                sp.hstack([-loads, slack, none]),
                sp.hstack([once[has], sp.csr_array((int(has.sum()), rows + seats))]),
                sp.hstack([-out, few, short]),
                sp.hstack([-into, few, short]),
            ]
        )
        most = most.tocsr()
        high = np.where(np.isfinite(self.limits.high), self.limits.high - self.base, 1e6).ravel()
        low = (self.limits.low - self.base).ravel()
        room = np.concatenate([high, -low, np.ones(int(has.sum())), -self.needs.out, -self.needs.into])
        whole: Any = sp.hstack([once[~has], sp.csr_array((int((~has).sum()), rows + seats))]).tocsr()
        cost = self.cost_of(unit, seat)
        linear: Any = optimize.linprog  # its stubs know no sparse matrices
        found = linear(
            np.concatenate([cost, np.full(rows, penalty), np.full(seats, UNMET * self.least_move)]),
            A_ub=most, b_ub=room,
            A_eq=whole if whole.shape[0] else None, b_eq=np.ones(whole.shape[0]) if whole.shape[0] else None,
            bounds=(0, None), method="highs",
        )  # fmt: skip
        if found.x is None:
            raise RuntimeError(f"HiGHS gave no answer to a program that has one: {found.message}")
        price = -np.asarray(found.ineqlin.marginals)
        first = 2 * rows + int(has.sum())
        load = (price[:rows] - price[rows : 2 * rows]).reshape(seats, measures)
        load = np.where(self.limits.balanced[:, None], load, 0.0)
        prices = Prices(
            load=load, out=np.maximum(price[first : first + seats], 0.0), into=np.maximum(price[first + seats :], 0.0)
        )
        part = np.asarray(found.x[:columns])
        return _Program(
            value=float(found.fun) + float(self.at_home[self.has_home].sum()), prices=prices, part=part,
            reduced=self._reduced_of(prices, unit, seat),
            outside=float(found.x[columns : columns + rows].max(initial=0.0)),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What prices prove, and which moves they would rather make than those known."""

    bound: float
    cells: IntArray
    """(columns,) unit × seats + seat, ascending."""


@dataclass(frozen=True, kw_only=True)
class _Program:
    """An answer of the linear program."""

    value: float
    prices: Prices
    part: FloatArray
    reduced: FloatArray
    outside: float
    """The furthest that a load is outside its limits."""
