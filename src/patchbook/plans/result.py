"""What a carve of a whole plan gives back: tables a person can read, and the figures that judge them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from patchbook.plans.plan import CarveLayer, Plan

if TYPE_CHECKING:
    from patchbook.carving.solution import Solution
    from patchbook.people.person import Person
    from patchbook.plans.market import Market


BORDERS: Mapping[str, type[pl.DataType]] = {
    "territory": pl.String,
    "neighbour": pl.String,
    "layer": pl.String,
    "next_to_it": pl.Int64,
    "held": pl.Int64,
    "measure": pl.String,
    "price_here_km": pl.Float64,
    "price_there_km": pl.Float64,
    "reason": pl.String,
}
"""The columns of the table of borders."""


@dataclass(frozen=True, kw_only=True)
class CarvedLayer:
    """One carve of the plan as the engine saw it and solved it; what studies look into."""

    number: int
    """Where the layer stands in the plan."""
    layer: CarveLayer
    accounts: pl.DataFrame
    """The accounts of the layer, one row each; `market.unit_of_row` leads from them to the units."""
    market: Market
    solution: Solution
    names: tuple[str, ...]
    """(seats,) what the territories are called."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A carved plan. Tables are Polars frames; every column is named and explained in `docs/reference/results.md`."""

    plan: Plan
    accounts: pl.DataFrame
    """The snapshot's accounts, with one column `measure_<name>` a measure, as the carve saw them."""
    assignments: pl.DataFrame
    """One row an account: account_id, territory, seat, person, layer, reason, runner_up, moved, previous_owner,
    runner_up_cost (what the second best would have cost, as a share of the mean cost an account; null without one),
    would_change_if (what would have to change, in plain words)."""
    territories: pl.DataFrame
    """One row a territory: territory, layer, seat, person, vacant, accounts, then for each measure
    <measure>_target, <measure>_actual, <measure>_deviation (fraction; null where the territory has no target),
    then compactness (0 to 1), travel_km (mean road km from the centre an account), contiguous (true, false, null),
    latitude, longitude (the centre; null without one), oversized (true where one account fills the seat)."""
    before: pl.DataFrame
    """The same accounts by previous owner: previous_owner, accounts, <measure>_actual, <measure>_deviation,
    travel_km. Empty when no account has an owner."""
    rejected: pl.DataFrame
    """Rows that could not be read: line, column, found, expected."""
    problems: pl.DataFrame
    """What a planner should look at: kind (unassigned, oversized, bridged, relaxed, protected, …),
    account_id or null, territory or null, message in plain words."""
    areas: pl.DataFrame
    """For maps: county_fips, territory, accounts, share — the territory with most accounts in each US county that
    holds any. Empty outside the US."""
    summary: Mapping[str, Any]
    """The figures written to summary.json."""
    people: Mapping[str, str] = field(default_factory=dict)
    """person_id → name, for whoever reads the result."""
    borders: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(BORDERS)))
    """One row a border and side of it: territory, neighbour, layer, next_to_it and held (accounts), measure,
    price_here_km and price_there_km (what 1 % more of it costs), reason in plain words."""
    staff: tuple[Person, ...] = field(default=(), repr=False)
    """The people as the carve knew them; only of a result that was just carved."""
    carved_layers: tuple[CarvedLayer, ...] = field(default=(), repr=False)
    """How the engine saw and solved each carve; only of a result that was just carved, not of one read from files."""

    def explain(self, account_id: str) -> str:
        """Why this account is where it is, who nearly got it, and what would have to change."""
        from patchbook.plans.why import why

        return why(self.assignments, account_id, people=self.people, accounts=self.accounts, summary=self.summary)

    def plot(self) -> Any:
        """The map as an object a notebook shows (SVG)."""
        from patchbook.plans.report.map import territory_map

        return territory_map(self)
