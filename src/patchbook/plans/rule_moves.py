"""What a change of the rules would move: the accounts that would go elsewhere, one by one and counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from patchbook.plans.results import KeptResult
from patchbook.plans.rules_now import Standing
from patchbook.words import counted

NOBODY_SAYS = "nobody"
SAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class Way:
    """Accounts that go from one place to another."""

    before: str
    after: str
    accounts: int
    examples: tuple[str, ...]
    """The first few ids."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RuleMoves:
    """Accounts that would go elsewhere; those a carve divides count as one place, since nobody carved yet."""

    accounts: int
    """How many were looked at."""
    table: pl.DataFrame
    """account_id, name, before and after of each account that would move."""

    @property
    def moved(self) -> int:
        """How many would go elsewhere."""
        return self.table.height

    @property
    def says(self) -> str:
        """The answer in one sentence."""
        if not self.moved:
            return f"None of {counted(self.accounts, 'account')} would go elsewhere."
        return f"{self.moved:,} of {counted(self.accounts, 'account')} would go elsewhere."

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """From where to where, the most accounts first."""
        found = (
            self.table.group_by("before", "after", maintain_order=True)
            .agg(pl.len().alias("accounts"), pl.col("account_id").head(SAMPLES).alias("examples"))
            .sort("accounts", "before", "after", descending=[True, False, False])
        )
        return tuple(Way(**{**row, "examples": tuple(row["examples"])}) for row in found.iter_rows(named=True))

    def seen(self, account_ids: Collection[str] | None) -> pl.DataFrame:
        """The accounts that move, as far as somebody may see them."""
        return self.table if account_ids is None else self.table.filter(pl.col("account_id").is_in(list(account_ids)))


def moves_between(before: Standing, after: Standing) -> RuleMoves:
    """What would move if one document replaced another, over the accounts of the second."""
    if after.market is None or before.market is None:
        return _of(pl.DataFrame(schema=_SCHEMA))
    told = _named(after).with_columns(after.goes.alias("after"))
    was = pl.DataFrame({"account_id": before.market.frame["account_id"], "before": before.goes})
    if was.height == told.height and was["account_id"].equals(told["account_id"]):
        return _of(told.with_columns(was["before"]))
    return _of(told.join(was, on="account_id", how="left", maintain_order="left"))


def moves_since_carve(carved: KeptResult, after: Standing) -> RuleMoves:
    """What the next carve would place elsewhere than the last one, so far as rules and lists decide it."""
    if after.market is None:
        return _of(pl.DataFrame(schema=_SCHEMA))
    divided = pl.col("seat").is_not_null() & pl.col("layer").is_in(_carves(carved))
    was = carved.assignments.select(
        pl.col("account_id").cast(pl.String),
        pl.when(divided)
        .then(pl.concat_str(pl.lit("the carve "), pl.col("layer")))
        .otherwise("territory")
        .alias("before"),
    )
    told = _named(after).with_columns(after.goes.alias("after"))
    return _of(told.join(was, on="account_id", how="inner", maintain_order="left"))


def _carves(carved: KeptResult) -> list[str]:
    """The layers of a carve that divide accounts between seats: their territories are called otherwise."""
    held = carved.territories.filter(pl.col("layer") != pl.col("territory"))
    return held["layer"].unique().to_list()


def _named(standing: Standing) -> pl.DataFrame:
    assert standing.market is not None, "asked for accounts that are there"
    frame = standing.market.frame
    name = frame["name"].cast(pl.String) if "name" in frame.columns else frame["account_id"]
    return pl.DataFrame({"account_id": frame["account_id"], "name": name.fill_null(frame["account_id"])})


def _of(told: pl.DataFrame) -> RuleMoves:
    both = told.with_columns(pl.col("before").fill_null(NOBODY_SAYS), pl.col("after").fill_null(NOBODY_SAYS))
    moved = both.filter(pl.col("before") != pl.col("after")).select("account_id", "name", "before", "after")
    return RuleMoves(accounts=told.height, table=moved)


_SCHEMA = {"account_id": pl.String, "name": pl.String, "before": pl.String, "after": pl.String}
