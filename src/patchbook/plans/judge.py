"""Every measure of a division, once for the plan or once for each quantity."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patchbook.measures import MEASURES, Division, Measure

COUNTED = ("disruption", "coverage")
"""Measures that also say something of the number of accounts."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measure of a plan."""

    measure: Measure
    of: str | None
    """The quantity it was computed by: a measure of the plan, `accounts`, or none for measures of places."""
    value: float | None
    """Nothing where it can not be told; infinite only for a ratio to an empty territory."""


def judged(division: Callable[[str | None], Division], quantities: Sequence[str]) -> tuple[Figure, ...]:
    """
    Every measure that can be told.

    Parameters
    ----------
    division
        The division weighted by a quantity, or by count for None.
    quantities
        The names of the plan's measures.
    """
    by_count = division(None)
    weighted = {name: division(name) for name in quantities}
    figures = []
    for measure in MEASURES:
        if not measure.by_quantity:
            figures.append(Figure(measure=measure, of=None, value=_told(measure.compute(by_count))))
            continue
        if measure.key in COUNTED:
            figures.append(Figure(measure=measure, of="accounts", value=_told(measure.compute(by_count))))
        figures += [
            Figure(measure=measure, of=name, value=_told(measure.compute(weighted[name])))
            for name in quantities
            if not (name == "accounts" and measure.key in COUNTED)
        ]
    return tuple(figures)


def _told(value: float) -> float | None:
    return None if math.isnan(value) else value
