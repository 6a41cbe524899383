"""The tables of a result as they are written: the columns in order, and words instead of true and false in CSV."""

from __future__ import annotations

import polars as pl

from patchbook.plans.result import Result
from patchbook.plans.rule_book import fields_of

ASSIGNMENT_COLUMNS = (
    "account_id",
    "territory",
    "seat",
    "person",
    "layer",
    "reason",
    "runner_up",
    "moved",
    "previous_owner",
    "runner_up_cost",
    "would_change_if",
)
"""`assignments.csv`, in order; the account's name follows where the accounts have one."""

TERRITORY_FIRST = ("territory", "layer", "seat", "person", "vacant", "accounts")
TERRITORY_LAST = ("compactness", "travel_km", "contiguous", "latitude", "longitude", "oversized")

ACCOUNT_FIELDS = (
    "account_id",
    "name",
    "city",
    "state",
    "country",
    "county_fips",
    "latitude",
    "longitude",
    "owner",
)
"""What is kept of the accounts beside their measures, so that a folder can be judged and compared on its own."""


def assignments(result: Result) -> pl.DataFrame:
    """One row an account, as `assignments.csv` and its Parquet twin hold it."""
    frame = result.assignments
    if "name" in result.accounts.columns and "name" not in frame.columns:
        names = result.accounts.select("account_id", "name").unique("account_id", keep="first")
        frame = frame.join(names, on="account_id", how="left", maintain_order="left")
    return _in_order(frame, ASSIGNMENT_COLUMNS, ())


def territories(result: Result) -> pl.DataFrame:
    """One row a territory, as `territories.csv` and its Parquet twin hold it."""
    return _in_order(result.territories, TERRITORY_FIRST, TERRITORY_LAST)


def accounts(result: Result) -> pl.DataFrame:
    """The accounts' places, measures and what rules ask of them, as the carve saw them."""
    asked = fields_of(result.summary)
    kept = [name for name in dict.fromkeys((*ACCOUNT_FIELDS, *asked)) if name in result.accounts.columns]
    measured = [name for name in result.accounts.columns if name.startswith("measure_")]
    return result.accounts.select(*kept, *measured)


def before(result: Result) -> pl.DataFrame:
    """The same accounts by previous owner."""
    return result.before


def rejected(result: Result) -> pl.DataFrame:
    """Rows that could not be read."""
    return result.rejected


def problems(result: Result) -> pl.DataFrame:
    """What a planner should look at."""
    return result.problems


def borders(result: Result) -> pl.DataFrame:
    """Why the territories end where they do, both sides of each border."""
    return result.borders


def people(result: Result) -> pl.DataFrame:
    """What the ids of people stand for."""
    rows = sorted(result.people.items())
    return pl.DataFrame(rows, schema={"person_id": pl.String, "name": pl.String}, orient="row")


def in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """
    The frame with yes and no for true and false, as people read a CSV.

    Examples
    --------
    >>> in_words(pl.DataFrame({"moved": [True, False, None]}))["moved"].to_list()
    ['yes', 'no', None]
    """
    flags = [name for name, kind in frame.schema.items() if kind == pl.Boolean]
    return frame.with_columns(
        pl.when(pl.col(name)).then(pl.lit("yes")).when(~pl.col(name)).then(pl.lit("no")).alias(name) for name in flags
    )


def measure_names(territories_frame: pl.DataFrame) -> tuple[str, ...]:
    """
    The names of the measures a territory table was balanced by, in its order.

    Examples
    --------
    >>> measure_names(pl.DataFrame(schema=["territory", "potential_target", "potential_actual", "potential_deviation"]))
    ('potential',)
    """
    return tuple(name.removesuffix("_actual") for name in territories_frame.columns if name.endswith("_actual"))


def _in_order(frame: pl.DataFrame, first: tuple[str, ...], last: tuple[str, ...]) -> pl.DataFrame:
    start = [name for name in first if name in frame.columns]
    end = [name for name in last if name in frame.columns]
    between = [name for name in frame.columns if name not in start and name not in end]
    return frame.select(*start, *between, *end)
