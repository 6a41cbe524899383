"""What accounts bought, from a file beside the plan, and what it says of how sales answer to time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.accounts.reading import read_table
from patchbook.errors import BadInput
from patchbook.imports.opportunities import read_opportunities
from patchbook.measures.sales import (
    MOST_COVERAGE,
    Assumption,
    Demand,
    TooLittleHistory,
    at,
    expected_sales,
    fit,
    level,
    with_values,
)
from patchbook.period import midnight
from patchbook.plans.report import words
from patchbook.plans.sales.books import Books
from patchbook.words import counted

FloatArray = npt.NDArray[np.float64]

NO_DAY = date(1900, 1, 1)
"""Stands for the day of an opportunity that tells none."""
LEAST_YEARS = 0.25
"""Less than a quarter says nothing of a year."""


class BadHistory(BadInput):
    """A file of what accounts bought cannot be used; the message says what it needs."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What accounts bought in a year, and the time they got where that was written down."""

    frame: pl.DataFrame
    """account_id, sales, hours, visits; null where a file does not tell."""
    years: float
    says: str


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The assumptions with what history says, and what it says in words."""

    assumptions: tuple[Assumption, ...]
    says: tuple[str, ...]


def read_history(path: Path, accounts: pl.DataFrame) -> History:
    """
    What accounts bought: a CSV with account_id, sales_usd and, where known, hours or visits of one year; or
    opportunities as a CRM exports them, of which those that were won count.

    Raises
    ------
    BadHistory
        There is no such file, or it tells neither.
    """
    if not path.is_file():
        raise BadHistory(f"There is no file {path.name} beside the plan; it would say what accounts bought.")
    table = read_table(path)
    columns = {name.casefold().strip(): name for name in table.frame.columns}
    if {"account_id", "sales_usd"} <= set(columns):
        frame = table.frame.select(
            pl.col(columns["account_id"]).cast(pl.String).alias("account_id"),
            *(
                (pl.col(columns[name]) if name in columns else pl.lit(None)).cast(pl.Float64, strict=False).alias(to)
                for name, to in (("sales_usd", "sales"), ("hours", "hours"), ("visits", "visits"))
            ),
        )
        frame = frame.group_by("account_id", maintain_order=True).agg(
            pl.col("sales").sum(),
            *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()) for name in ("hours", "visits")),
        )
        says = f"{path.name} says what {counted(frame.height, 'account')} bought in a year"
        return History(frame=frame, years=1.0, says=says)
    return _of_opportunities(path, accounts)


def _of_opportunities(path: Path, accounts: pl.DataFrame) -> History:
    try:
        found = read_opportunities(path, at=midnight(NO_DAY)).frame
    except BadInput as error:
        raise BadHistory(
            f"{path.name} is no history of sales: it needs account_id and sales_usd, or opportunities with a stage, an"
            f" amount and the day they closed. {error}"
        ) from error
    return history_of(found, accounts, name=path.name)


def history_of(found: pl.DataFrame, accounts: pl.DataFrame, *, name: str) -> History:
    """
    What accounts bought by the opportunities with them that were won.

    Parameters
    ----------
    found
        account (an id or a name), amount_usd, closed (an instant) and won (1 or 0).
    name
        What the opportunities are from, to begin a sentence with.

    Raises
    ------
    BadHistory
        None was won with an amount and a day.
    """
    won = found.filter((pl.col("won") == 1) & pl.col("amount_usd").is_not_null() & (pl.col("amount_usd") >= 0))
    dated = won.filter(pl.col("closed") > pl.lit(midnight(NO_DAY)))
    if not dated.height:
        raise BadHistory(
            f"{name} has {counted(found.height, 'opportunity', 'opportunities')}, and none that was won with an "
            "amount and a day; history is what was won, so add a stage, an amount and the day it closed."
        )
    first, last = dated["closed"].min(), dated["closed"].max()
    years = max((last - first).days / 365.25, LEAST_YEARS)  # type: ignore[operator,union-attr]
    names = accounts.select("account_id", *(["name"] if "name" in accounts.columns else []))
    ids = {name: account for account, name in names.iter_rows()} if "name" in names.columns else {}
    ids |= {account: account for account in names["account_id"]}
    sold = (
        dated.select(
            "amount_usd", account_id=pl.col("account").replace_strict(ids, default=None, return_dtype=pl.String)
        )
        .drop_nulls()
        .group_by("account_id", maintain_order=True)
        .agg((pl.col("amount_usd").sum() / years).alias("sales"))
    )  # fmt: skip
    # An account of the plan that won nothing is an answer too.
    frame = (
        names.select("account_id")
        .unique(maintain_order=True)
        .join(sold, on="account_id", how="left")
        .with_columns(
            pl.col("sales").fill_null(0.0),
            *(pl.lit(None, dtype=pl.Float64).alias(name) for name in ("hours", "visits")),
        )
    )
    says = (
        f"{name} has {counted(dated.height, 'opportunity', 'opportunities')} won in {years:.1f} years, with "
        f"{counted(sold.height, 'account')} of the plan"
    )
    return History(frame=frame, years=years, says=says)


def learn(
    history: History, ids: pl.Series, demand: Demand, today: Books, assumptions: tuple[Assumption, ...], *, seed: int
) -> Learned:
    """
    The elasticity and the level of sales from history where it tells enough; else the assumptions, and why.

    Where the file has hours or visits, the coverage of an account is those over what is planned. Where it has none, it
    is what its owner of today can give each of their accounts, so that all accounts of an owner tell one thing.
    """
    rows = pl.DataFrame({"account_id": ids}).join(history.frame, on="account_id", how="left", maintain_order="left")
    sales = rows["sales"].to_numpy().astype(np.float64)
    effort, planned = (rows["hours"], demand.hours) if rows["hours"].count() else (rows["visits"], demand.visits)
    is_known = bool(effort.count())
    if is_known:
        given = effort.fill_null(np.nan).to_numpy().astype(np.float64)
        coverage = np.divide(given, planned, out=np.full(len(given), np.nan), where=planned > 0)
        group = np.arange(len(coverage))
        how = f"the {'hours' if rows['hours'].count() else 'visits'} each account got"
    else:
        of_holder = expected_sales(demand, today.configuration, at(assumptions)).coverage[0]
        holder = today.configuration.holder
        coverage = np.where(holder >= 0, of_holder[holder] if len(of_holder) else np.nan, np.nan)
        group = holder
        how = "the time today's owners have for their accounts, as no hours or visits of each are known"
    coverage = np.minimum(coverage, MOST_COVERAGE)
    told = [f"{history.says}."]
    try:
        found = fit(sales, demand.potential, coverage, group=group, seed=seed)
    except TooLittleHistory as error:
        told.append(f"The elasticity stays an assumption. {error}")
        elasticity = next(one.base for one in assumptions if one.name == "elasticity")
        try:
            ratio = level(sales, demand.potential, coverage, elasticity=elasticity, seed=seed)
        except TooLittleHistory:
            return Learned(assumptions=assumptions, says=tuple(told))
        source = f"{history.says}, at the assumed elasticity"
        told.append(f"It does say how much is sold: {words.percent(ratio[1])} of potential at the time planned.")
        return Learned(assumptions=with_values(assumptions, {"won_share": ratio}, source=source), says=tuple(told))
    least, most = next((one.least, one.most) for one in assumptions if one.name == "elasticity")
    ends = tuple(float(np.clip(value, least, most)) for value in (found.low, found.elasticity, found.high))
    told.append(
        f"From {how}, an account buys {ends[1]:.2f} % more for 1 % more time ({ends[0]:.2f} to {ends[2]:.2f} in nine "
        f"resamples of ten; {found.accounts:,} accounts, {found.buying:,} that bought"
        f"{'' if is_known else f', in {found.groups:,} books'}). Accounts that buy more may get more time because "
        "they do, so this is rather too high than too low."
    )
    changes = {
        "elasticity": (ends[0], ends[1], ends[2]),
        "won_share": (found.level_low, found.level, found.level_high),
    }
    return Learned(assumptions=with_values(assumptions, changes, source=history.says), says=tuple(told))
