"""What a carve came to, in the few lines a terminal shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from patchbook.plans.assertions import broken_of
from patchbook.plans.out.summary import summary
from patchbook.plans.out.summary import to_json as figures_to_json
from patchbook.plans.plan import CarveLayer
from patchbook.plans.result import Result
from patchbook.words import counted

NOT_MET_SHOWN = 5
"""A terminal tells this many constraints in conflict; problems.csv has all."""


def show(result: Result, folder: Path) -> None:
    """Print a table of before and after, a few sentences, and where the report is."""
    figures = summary(result)
    console = Console(highlight=False, markup=False)
    console.print(headline(figures), style="bold")
    table = before_and_after(result, figures)
    if table.row_count:  # a plan of rules alone has nothing to balance
        console.print(table)
    broken = [f"Broken: {sentence}" for sentence in broken_of(figures)]
    for sentence in (*sentences(figures), *not_met(result), *broken):
        console.print(sentence)
    console.print(f"Report: {folder / 'report.html'}", soft_wrap=True)


def to_json(result: Result) -> str:
    """The figures of summary.json, as text."""
    return figures_to_json(summary(result))


def headline(figures: Mapping[str, Any]) -> str:
    """
    What was carved, and whether every constraint is met, in one sentence.

    Examples
    --------
    >>> headline({"plan": "Field", "accounts": 1200, "territories": 12, "feasible": True})
    'Field: 1,200 accounts in 12 territories, every constraint met.'
    """
    met = "every constraint met" if figures.get("feasible", True) else "not every constraint can be met"
    return f"{figures['plan']}: {figures['accounts']:,} accounts in {figures['territories']:,} territories, {met}."


def before_and_after(result: Result, figures: Mapping[str, Any]) -> Table:
    """One row a measure, and one for travel: today's books beside the carve."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "before", "after", "allowed"):
        table.add_column(title, justify="left" if title == "" else "right")
    for name, measure in figures["measures"].items():
        worst_before, worst = measure.get("max_deviation_before"), measure.get("max_deviation")
        table.add_row(f"{name}, worst territory", share(worst_before), share(worst), share(measure.get("tolerance")))
        table.add_row(f"{name}, variation", share(measure.get("variation_before")), share(measure.get("variation")), "")
    before, after = mean_travel_km(result.before), mean_travel_km(result.territories)
    carves = [layer for layer in result.plan.layers if isinstance(layer, CarveLayer)]
    if after is not None and any(layer.is_on_the_ground for layer in carves):
        table.add_row("travel, km an account", "–" if before is None else f"{before:.1f}", f"{after:.1f}", "")
    return table


def sentences(figures: Mapping[str, Any]) -> list[str]:
    """
    What else a planner asks first.

    Examples
    --------
    >>> sentences({"moved_share": 0.125, "gap": 0.004, "unassigned": 1, "oversized": 0, "rejected": 2})
    ['12.5 % of the accounts with an owner change owner.', 'At most 0.40 % above the best possible.', \
'1 account is unassigned.', '2 rows or values were rejected.']
    """
    told = []
    if figures.get("moved_share") is not None:
        told.append(f"{share(figures['moved_share'])} of the accounts with an owner change owner.")
    gap = figures.get("gap")
    if gap is not None and math.isfinite(gap):
        told.append(f"At most {100 * gap:.2f} % above the best possible.")
    for key, one, many in (
        ("unassigned", "account is unassigned", "accounts are unassigned"),
        (
            "oversized",
            "territory holds an account larger than its share",
            "territories hold an account larger than their share",
        ),
        ("rejected", "row or value was rejected", "rows or values were rejected"),
    ):
        if number := figures.get(key):
            told.append(f"{counted(number, one, many)}.")
    return told


def not_met(result: Result) -> list[str]:
    """The constraints in conflict, what giving way would take, and the first few places where they are not met."""
    told = result.problems.filter(pl.col("kind").is_in(["conflict", "relaxation"]))["message"].to_list()
    broken = result.problems.filter(pl.col("kind") == "not met")["message"].to_list()
    told += [f"Not met: {message}" for message in broken[:NOT_MET_SHOWN]]
    more = len(broken) - NOT_MET_SHOWN
    return [*told, f"And {more:,} more in problems.csv."] if more > 0 else told


def share(value: float | None) -> str:
    """
    A fraction as people read it.

    Examples
    --------
    >>> share(0.0312), share(None)
    ('3.1 %', '–')
    """
    return "–" if value is None else f"{100 * value:.1f} %"


def mean_travel_km(frame: pl.DataFrame) -> float | None:
    """Travel for each account, over all territories that have places."""
    if "travel_km" not in frame.columns:
        return None
    placed = frame.filter(pl.col("travel_km").is_not_null() & (pl.col("accounts") > 0))
    if placed.is_empty():
        return None
    return float(np.average(placed["travel_km"].to_numpy(), weights=placed["accounts"].to_numpy()))
