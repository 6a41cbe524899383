"""What a result folder keeps so that its expected sales can be compared later, without the files it was carved from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from patchbook.errors import BadInput
from patchbook.measures.sales import ASSUMPTIONS, Demand
from patchbook.people.person import Person
from patchbook.plans.out import Stored
from patchbook.plans.report import words
from patchbook.plans.result import Result
from patchbook.plans.sales.books import Books, SeatCosts, planned_books
from patchbook.plans.sales.outlook import Outlook, outlook_of
from patchbook.plans.sales.worth import worth_of

COLUMNS = ("sales_potential", "sales_hours", "sales_visits", "sales_km")
"""What is added to the accounts of a result."""
SEATS = "seats"
"""What is added to its people: how much of a full-time seat each can carry."""
COSTS = "seat_costs"
"""The figure of the summary that holds what the seats cost, where that is known."""

SEED = 1
"""Two folders are compared under the same draws, whatever seeds they were carved with."""


def kept_of_accounts(result: Result) -> pl.DataFrame:
    """
    COLUMNS of a result, one row an account in the order of its assignments; no columns where the plan has no measure
    that money can be told from.
    """
    try:
        worth = worth_of(result.plan, result.accounts)
    except BadInput:
        return pl.DataFrame()
    books = books_of(result)
    return worth.frame.drop("account_id").with_columns(pl.Series("sales_km", books.configuration.distance_km))


def costs_of(result: Result) -> dict[str, float] | None:
    """What the seats of a result cost, for its summary; no person is told of, only their sum and mean."""
    costs = books_of(result).costs
    return None if costs is None else {"people_usd": costs.people, "mean_usd": costs.mean, "vacant": costs.vacant}


def books_of(result: Result) -> Books:
    """The books of a result that was just carved."""
    return planned_books(
        result.plan.name, result.assignments, result.territories, result.accounts, result.staff,
        road_factor=result.plan.road_factor,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SalesSides:
    """Expected sales of two results of the same accounts."""

    first: float
    second: float
    base: float
    """The second less the first, with every assumption at its base."""
    low: float
    high: float
    """Nine draws in ten lie between."""
    second_sells_more: float
    """The share of the draws in which it does."""
    profit_base: float | None
    """The same of the margin less the cost of the seats, where that is known of both."""
    profit_low: float | None
    profit_high: float | None
    says: str

    @property
    def is_sure(self) -> bool:
        """Whether one sells more in nineteen draws of twenty."""
        return not 0.05 < self.second_sells_more < 0.95


def sales_compared(first: Stored, second: Stored, names: tuple[str, str]) -> SalesSides | None:
    """Expected sales of both; None where they are of different accounts, or one does not hold what that needs."""
    if not all(_holds_enough(stored) for stored in (first, second)):
        return None
    both = first.assignments.select("account_id").join(second.assignments, on="account_id", how="inner")
    if not both.height == first.assignments.height == second.assignments.height:
        return None
    order = first.assignments["account_id"]
    books = tuple(_books(stored, name, order) for stored, name in zip((first, second), names, strict=True))
    outlook = outlook_of(books[0], books[1], _demand(first, order, books[0]), ASSUMPTIONS, seed=SEED)
    return sides_of(outlook)


def _holds_enough(stored: Stored) -> bool:
    return set(COLUMNS) <= set(stored.accounts.columns) and SEATS in stored.people.columns


def _rows(stored: Stored, order: pl.Series) -> pl.DataFrame:
    """The accounts of a result in an order of ids."""
    wanted = pl.DataFrame({"account_id": order})
    accounts = stored.accounts.unique("account_id", keep="first")
    return wanted.join(accounts, on="account_id", how="left", maintain_order="left")


def _books(stored: Stored, name: str, order: pl.Series) -> Books:
    rows = _rows(stored, order)
    assignments = pl.DataFrame({"account_id": order}).join(
        stored.assignments, on="account_id", how="left", maintain_order="left"
    )
    staff = [
        Person(person_id=person, name=called, capacity=1.0 if seats is None else seats)
        for person, called, seats in stored.people.select("person_id", "name", SEATS).iter_rows()
    ]
    books = planned_books(
        name, assignments, stored.territories, rows, staff,
        distance_km=rows["sales_km"].fill_null(0.0).to_numpy().astype(np.float64),
    )  # fmt: skip
    told = stored.summary.get(COSTS)
    if not told:
        return books
    costs = SeatCosts(people=told["people_usd"], mean=told["mean_usd"], vacant=int(told["vacant"]))
    return Books(name=name, holders=books.holders, configuration=books.configuration, costs=costs)


def _demand(stored: Stored, order: pl.Series, books: Books) -> Demand:
    rows = _rows(stored, order)
    hours = rows["sales_hours"].fill_null(books.hours_there_are(ASSUMPTIONS) / max(rows.height, 1))
    potential, visits = (rows[name].fill_null(0.0).to_numpy() for name in ("sales_potential", "sales_visits"))
    return Demand(
        potential=potential.astype(np.float64),
        hours=hours.to_numpy().astype(np.float64),
        visits=visits.astype(np.float64),
    )


def sides_of(outlook: Outlook) -> SalesSides:
    """An outlook as it is told beside other figures."""
    gained, profit = outlook.difference, outlook.profit
    first, second = outlook.books
    share, low, high = outlook.share
    says = (
        f"{second.name} is expected to sell {words.percent(abs(share))} {'less' if share < 0 else 'more'} a year than "
        f"{first.name} ({words.percent(low, signed=True)} to {words.percent(high, signed=True)} in nine draws of the "
        f"assumptions in ten), and sells more in {100 * gained.better:.0f} of 100."
    )
    return SalesSides(
        first=float(outlook.base[0].sales[0]),
        second=float(outlook.base[1].sales[0]),
        base=gained.base,
        low=gained.low,
        high=gained.high,
        second_sells_more=gained.better,
        profit_base=None if profit is None else profit.base,
        profit_low=None if profit is None else profit.low,
        profit_high=None if profit is None else profit.high,
        says=says,
    )
