"""Two ways to hold the same accounts, judged by expected sales: the difference, what it rests on, and cases. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from patchbook.measures.sales import (
    Assumed,
    Assumption,
    Demand,
    Difference,
    Expected,
    Summed,
    at,
    best_use,
    difference,
    drawn,
    expected_sales,
    summed,
)
from patchbook.measures.sales.curve import FloatArray
from patchbook.plans.sales.books import Books

DRAWS = 400


@dataclass(frozen=True, kw_only=True)
class Case:
    """A named set of assumptions."""

    name: str
    values: Mapping[str, float]
    """What is not at its base."""


@dataclass(frozen=True, kw_only=True)
class CaseSales:
    """What both ways sell in a case."""

    case: Case
    first: float
    second: float
    first_profit: float | None
    second_profit: float | None


@dataclass(frozen=True, kw_only=True)
class Swing:
    """What one assumption does to the difference, with all others at their base."""

    assumption: Assumption
    low: float
    """The difference where the assumption is at its low."""
    high: float

    @property
    def width(self) -> float:
        """How far apart the two are."""
        return abs(self.high - self.low)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Where the difference comes from, at the base; the three add up to it."""

    coverage: float
    """Other books, were every account as far from its holder as in the first: fairer, filled or vacant, with nobody."""
    travel: float
    """Accounts nearer to their holders, or further from them."""
    changes: float
    """Accounts that leave somebody."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Expected sales of two ways to hold the same accounts."""

    books: tuple[Books, Books]
    demand: Demand
    assumptions: tuple[Assumption, ...]
    curve: str
    sums: tuple[Summed, Summed]
    base: tuple[Expected, Expected]
    """With every assumption at its base: one draw."""
    draws: tuple[Expected, Expected]
    best: FloatArray
    """(holders of the second,) sales at the base if each spent their time where it brings most."""
    difference: Difference
    """The second less the first."""
    share: tuple[float, float, float]
    """The same over the sales of the first: at the base, 5 % and 95 % of the draws."""
    profit: Difference | None
    """Margin times sales less the cost of the seats; None where no cost is known."""
    parts: Parts
    swings: tuple[Swing, ...]
    """The assumptions that are not certain, the one that moves the difference most first."""
    cases: tuple[CaseSales, ...]

    @property
    def at_base(self) -> Assumed:
        """Every assumption at its base."""
        return at(self.assumptions)


def outlook_of(
    first: Books,
    second: Books,
    demand: Demand,
    assumptions: tuple[Assumption, ...],
    *,
    cases: Sequence[Case] = (),
    curve: str = "power",
    seed: int,
    draws: int = DRAWS,
) -> Outlook:
    """
    Both ways under the same draws of the assumptions, so that only what they differ in remains.

    Parameters
    ----------
    cases
        Named cases; without any, the best and the worst put every assumption at the end that sells more or less.
    """

    sums = (summed(demand, first.configuration), summed(demand, second.configuration))

    def sells(number: int, assumed: Assumed) -> Expected:
        return sums[number].expected(assumed, curve=curve)

    def differs(assumed: Assumed) -> float:
        return float(sells(1, assumed).sales[0] - sells(0, assumed).sales[0])

    base = at(assumptions)
    together = drawn(assumptions, number=draws, seed=seed)
    at_base = (sells(0, base), sells(1, base))
    in_draws = (sells(0, together), sells(1, together))
    gained = float(at_base[1].sales[0] - at_base[0].sales[0])
    shares = (in_draws[1].sales - in_draws[0].sales) / np.maximum(in_draws[0].sales, 1e-12)
    swings = [
        Swing(
            assumption=one,
            low=differs(base.but(**{one.name: one.low})),
            high=differs(base.but(**{one.name: one.high})),
        )
        for one in assumptions
        if one.low < one.high
    ]
    profit = _profit((first, second), in_draws, at_base, together, base)
    asked_for = [one for one in assumptions if profit is not None or one.name != "margin"]
    told = tuple(cases) or _best_and_worst(asked_for, base, lambda assumed: float(sells(1, assumed).sales[0]))
    return Outlook(
        books=(first, second),
        demand=demand,
        assumptions=assumptions,
        curve=curve,
        sums=sums,
        base=at_base,
        best=best_use(demand, second.configuration, base, curve=curve)[1],
        draws=in_draws,
        difference=difference(*in_draws, base=gained),
        share=(
            gained / max(float(at_base[0].sales[0]), 1e-12),
            float(np.quantile(shares, 0.05)),
            float(np.quantile(shares, 0.95)),
        ),
        profit=profit,
        parts=_parts(first, second, demand, base.but(lost=0.0), curve, gained),
        swings=tuple(sorted((one for one in swings if one.width > 0), key=lambda swing: -swing.width)),
        cases=tuple(_case(case, assumptions, (first, second), sells) for case in told),
    )


def _parts(first: Books, second: Books, demand: Demand, lossless: Assumed, curve: str, gained: float) -> Parts:
    """The difference in three steps: other books as far away as now, then their own ways, then what changes cost."""
    before, after = first.configuration, second.configuration
    as_far = np.where(before.holder >= 0, before.distance_km, after.distance_km)
    sold = [
        float(expected_sales(demand, one, lossless, curve=curve).sales[0])
        for one in (before, replace(after, distance_km=as_far), after)
    ]
    return Parts(coverage=sold[1] - sold[0], travel=sold[2] - sold[1], changes=gained - (sold[2] - sold[0]))


def _best_and_worst(
    assumptions: Sequence[Assumption], base: Assumed, sells: Callable[[Assumed], float]
) -> tuple[Case, ...]:
    """Worst, base and best: every assumption at the end at which less, or more, is sold."""
    worst, best = {}, {}
    for one in assumptions:
        low, high = (sells(base.but(**{one.name: end})) for end in (one.low, one.high))
        # Profit asks for the margin, sales do not; more of it is better.
        if low < high or (one.name == "margin" and one.low < one.high):
            worst[one.name], best[one.name] = one.low, one.high
        elif high < low:
            worst[one.name], best[one.name] = one.high, one.low
    return (Case(name="worst", values=worst), Case(name="base", values={}), Case(name="best", values=best))


def _case(
    case: Case, assumptions: Sequence[Assumption], books: tuple[Books, Books], sells: Callable[[int, Assumed], Expected]
) -> CaseSales:
    assumed = at(assumptions, case.values)
    sold = [float(sells(number, assumed).sales[0]) for number in (0, 1)]
    costs = [one.cost(assumed["vacant_cover"]) for one in books]
    margin = float(assumed["margin"][0])
    profits = [
        None if cost is None else margin * sales - float(cost[0]) for sales, cost in zip(sold, costs, strict=True)
    ]
    return CaseSales(case=case, first=sold[0], second=sold[1], first_profit=profits[0], second_profit=profits[1])


def _profit(
    books: tuple[Books, Books], draws: tuple[Expected, Expected], base: tuple[Expected, Expected], together: Assumed,
    at_base: Assumed,
) -> Difference | None:  # fmt: skip
    """What margin leaves after the seats are paid, compared as sales are."""
    if any(one.costs is None for one in books):
        return None

    def profit(one: Books, sold: Expected, assumed: Assumed) -> FloatArray:
        cost = one.cost(assumed["vacant_cover"])
        assert cost is not None
        return np.asarray(assumed["margin"] * sold.sales - cost)

    earned = [replace(sold, sales=profit(one, sold, together)) for one, sold in zip(books, draws, strict=True)]
    now = [float(profit(one, sold, at_base)[0]) for one, sold in zip(books, base, strict=True)]
    return difference(earned[0], earned[1], base=now[1] - now[0])
