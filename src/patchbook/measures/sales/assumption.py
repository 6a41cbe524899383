"""What expected sales rest on, by name: each assumption with a low, a base and a high value, and where it is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from patchbook.errors import BadInput
from patchbook.measures.sales.curve import FloatArray


class BadAssumption(BadInput):
    """An assumption is not what it may be, or there is none of that name."""


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One number nobody knows exactly: most likely `base`, hardly below `low` or above `high`."""

    name: str
    says: str
    """What it is, in a few plain words."""
    low: float
    base: float
    high: float
    unit: Literal["share", "hours", "km_an_hour", "number"]
    source: str
    """Where the values are from, or that they are assumed."""
    least: float = 0.0
    most: float = float("inf")
    """What it may be at all."""

    def __post_init__(self) -> None:
        """Low is not above base, nor base above high, and all lie where they may."""
        if not self.least <= self.low <= self.base <= self.high <= self.most:
            upper = "" if np.isinf(self.most) else f" and at most {self.most:g}"
            raise BadAssumption(
                f"The assumption {self.name} is {self.low:g}, {self.base:g} and {self.high:g}; its low, base and high"
                f" must not fall, and be at least {self.least:g}{upper}."
            )


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        name="elasticity", says="How many per cent more an account buys for 1 % more time", unit="number",
        low=0.20, base=0.34, high=0.50, least=0.01, most=0.98,
        source="Albers, Mantrala & Sridhar (2010): 0.34 on average over many industries, 0.245 in pharmaceuticals; the "
        "range is ours",
    ),
    Assumption(
        name="carryover", says="What is sold even if nobody calls", unit="share",
        low=0.2, base=0.35, high=0.5, most=0.9,
        source="assumed; the share of last year's sales that comes again without selling, as sales force sizing calls "
        "it",
    ),
    Assumption(
        name="lost", says="What a year loses while a new owner gets to know an account", unit="share",
        low=0.05, base=0.10, high=0.176, most=1.0,
        source="Shi, Sridhar, Grewal & Lilien (2017): 13.2 to 17.6 % after a rep left the firm; a planned handover "
        "should lose less",
    ),
    Assumption(
        name="hours", says="Hours a year of a full seat with customers and on the way to them", unit="hours",
        low=1000.0, base=1200.0, high=1400.0, least=1.0,
        source="assumed: about two thirds of 1,800 working hours; in McGraw-Hill's surveys 42 % went into selling and "
        "25 % into travel and waiting",
    ),
    Assumption(
        name="km_an_hour", says="Speed on the road, from door to door", unit="km_an_hour",
        low=50.0, base=65.0, high=80.0, least=1.0,
        source="assumed, between city traffic and motorways",
    ),
    Assumption(
        name="visits_a_trip", says="Visits on one trip from the centre", unit="number",
        low=1.5, base=2.5, high=4.0, least=1.0,
        source="assumed; outside reps report 1.5 to 3 visits a working day",
    ),
    Assumption(
        name="vacant_cover", says="How much of a vacant seat's time others give", unit="share",
        low=0.0, base=0.25, high=0.5, most=1.0,
        source="assumed; 1 asks what the plan brings once every seat is filled",
    ),
    Assumption(
        name="won_share", says="What an account buys at the time planned for it, over its potential", unit="share",
        low=1.0, base=1.0, high=1.0, least=0.0,
        source="what potential is taken to mean, unless history says otherwise; it scales money, not percentages",
    ),
    Assumption(
        name="margin", says="What is left of a sale before the cost of the seats", unit="share",
        low=0.3, base=0.4, high=0.5, most=1.0,
        source="assumed; only profit asks for it",
    ),
)  # fmt: skip
"""Every assumption as it stands without a word from the planner, in the order people see them."""


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """A value for each assumption, in each of a number of draws; every array is (draws,)."""

    values: Mapping[str, FloatArray]

    def __getitem__(self, name: str) -> FloatArray:
        """(draws,) the values of an assumption."""
        return self.values[name]

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(next(iter(self.values.values())))

    def but(self, **changes: float) -> Assumed:
        """The same draws with some assumptions held at one value."""
        return Assumed(values={**self.values, **{name: np.full(self.draws, to) for name, to in changes.items()}})


def at(assumptions: Sequence[Assumption], changes: Mapping[str, float] | None = None) -> Assumed:
    """One draw: everything at its base but what is changed."""
    given = dict(changes or {})
    return Assumed(values={one.name: np.array([given.get(one.name, one.base)]) for one in assumptions})


def drawn(assumptions: Sequence[Assumption], *, number: int, seed: int) -> Assumed:
    """
    Draws of all assumptions together, the same for the same seed, so that two carves can be compared draw by draw.

    Each value has a triangular distribution between its low and its high, with the base as its peak. The draws are a
    Latin hypercube (McKay, Beckman & Conover 1979, doi:10.1080/00401706.1979.10489755): every assumption takes a value
    from each of `number` equally likely slices of its range, so that a few hundred draws do where chance needs
    thousands. Assumptions are independent of each other.

    Examples
    --------
    >>> draws = drawn(ASSUMPTIONS, number=200, seed=1)
    >>> round(float(draws["elasticity"].mean()), 3), float(draws["won_share"].min())
    (0.347, 1.0)
    """
    rng = np.random.default_rng(seed)
    # Written out, since scipy.stats takes longer to import than most carves to judge.
    slices = rng.permuted(np.tile(np.arange(number)[:, None], len(assumptions)), axis=0)
    uniform = (slices + rng.random(slices.shape)) / number
    return Assumed(values={one.name: _triangular(one, uniform[:, place]) for place, one in enumerate(assumptions)})


def _triangular(one: Assumption, uniform: FloatArray) -> FloatArray:
    width = one.high - one.low
    if width <= 0:
        return np.full(len(uniform), one.base)
    left = (one.base - one.low) / width
    rising = one.low + np.sqrt(uniform * width * (one.base - one.low))
    falling = one.high - np.sqrt((1.0 - uniform) * width * (one.high - one.base))
    return np.where(uniform < left, rising, falling)


def with_values(
    assumptions: Sequence[Assumption], changes: Mapping[str, tuple[float, float, float]], *, source: str
) -> tuple[Assumption, ...]:
    """
    The assumptions with some at other values, from another source.

    Raises
    ------
    BadAssumption
        There is none of that name, or its values are not what they may be.
    """
    known = [one.name for one in assumptions]
    for name in changes:
        if name not in known:
            raise BadAssumption(f"There is no assumption {name!r}; there are {', '.join(known)}.")
    return tuple(
        one
        if one.name not in changes
        else replace(one, low=changes[one.name][0], base=changes[one.name][1], high=changes[one.name][2], source=source)
        for one in assumptions
    )
