"""What a plan's accounts are worth and how much time they ask for, out of the plan's own measures. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from patchbook.measures.sales import Demand
from patchbook.plans.plan import CarveLayer, Plan, PlanMeasure
from patchbook.plans.prepare import measured

POTENTIAL = ("potential", "revenue", "sales")
HOURS = ("workload", "hours")
VISITS = "visits"
"""What to look for where nobody says: measures that are called so, and a column."""


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What accounts are worth and ask for, and where that is from."""

    frame: pl.DataFrame
    """account_id, sales_potential, sales_hours (null where the plan has no workload), sales_visits (0 where nobody
    travels); one row an account, in their order."""
    potential_from: str
    hours_from: str | None = None
    visits_from: str | None = None

    def demand(self, *, hours_there_are: float) -> Demand:
        """As arrays; where no hours are planned, each account asks for an equal part of those there are."""
        accounts = max(self.frame.height, 1)
        hours = self.frame["sales_hours"].fill_null(hours_there_are / accounts)
        return Demand(
            potential=self.frame["sales_potential"].to_numpy().astype(np.float64),
            hours=hours.to_numpy().astype(np.float64),
            visits=self.frame["sales_visits"].to_numpy().astype(np.float64),
        )


def worth_of(plan: Plan, accounts: pl.DataFrame, *, potential: str = "", hours: str = "", visits: str = "") -> Worth:
    """
    What the plan's accounts are worth and ask for.

    Parameters
    ----------
    potential, hours, visits
        Columns, or arithmetic over columns. Without them: the source of the plan's measure of potential, before any
        root or cap that keeps giants from weighing too much; that of its workload; and a column of visits.

    Raises
    ------
    BadMeasure
        An expression names no column, or is negative somewhere.
    """
    potential = potential or _called(plan, POTENTIAL) or (plan.measures[0].source if plan.measures else "1")
    hours = hours or _called(plan, HOURS) or ""
    if not visits and _are_numbers(accounts, VISITS):
        visits = VISITS
    if not travels(plan):
        visits = ""
    return Worth(
        frame=pl.DataFrame(
            {
                "account_id": accounts["account_id"],
                "sales_potential": _values(plan, accounts, "potential", potential),
                "sales_hours": _values(plan, accounts, "hours", hours)
                if hours
                else pl.Series([None] * accounts.height, dtype=pl.Float64),
                "sales_visits": _values(plan, accounts, "visits", visits)
                if visits
                else pl.Series([0.0] * accounts.height, dtype=pl.Float64),
            }
        ),
        potential_from=potential,
        hours_from=hours or None,
        visits_from=visits or None,
    )


def travels(plan: Plan) -> bool:
    """Whether anybody travels: some carve of the plan is about places."""
    return any(isinstance(layer, CarveLayer) and layer.is_on_the_ground for layer in plan.layers)


def _are_numbers(accounts: pl.DataFrame, name: str) -> bool:
    """Whether a column nobody asked for can be taken all the same."""
    return name in accounts.columns and accounts[name].dtype.is_numeric() and not (accounts[name] < 0).any()


def _called(plan: Plan, names: tuple[str, ...]) -> str | None:
    """The source of the first measure whose name has one of the words in it."""
    for name in names:
        for measure in plan.measures:
            if name in measure.name.casefold():
                return measure.source
    return None


def _values(plan: Plan, accounts: pl.DataFrame, name: str, source: str) -> pl.Series:
    return measured(accounts, PlanMeasure(name=name, source=source), plan)[0]
