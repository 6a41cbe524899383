"""From one snapshot of accounts to the next: which are new, which cells changed, which accounts are gone. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from patchbook.accounts.accounts import GEOCODED

SCHEMA = {
    "account_id": pl.String(),
    "change": pl.String(),
    "field": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
NEW, CHANGED, GONE = "new", "changed", "gone"
MOST_LISTED = 1_000_000
"""Changed cells that are listed; all are counted."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is new, changed and gone."""

    listed: pl.DataFrame
    """account_id, change, field, before, after."""
    added: int
    changed: int
    """Accounts with at least one changed cell."""
    gone: tuple[str, ...]


def changes(before: pl.DataFrame, after: pl.DataFrame) -> Changes:
    """
    What changed from one snapshot to the next, account by account.

    What Patchbook works out itself is not compared, nor are columns only one of the two has.
    """
    new = after.join(before, on="account_id", how="anti", maintain_order="left")["account_id"]
    gone = before.join(after, on="account_id", how="anti", maintain_order="left")["account_id"]
    columns = [name for name in after.columns if name in before.columns and not is_worked_out(name)]
    both = after.select("account_id", *(_text(after, name, name) for name in columns)).join(
        before.select("account_id", *(_text(before, name, f"{name} before") for name in columns)),
        on="account_id",
        how="inner",
        maintain_order="left",
    )
    parts = []
    for name in columns:
        differs = both.filter(pl.col(name).ne_missing(pl.col(f"{name} before")))
        if differs.height:
            parts.append(
                differs.select(
                    "account_id",
                    pl.lit(CHANGED).alias("change"),
                    pl.lit(name).alias("field"),
                    pl.col(f"{name} before").alias("before"),
                    pl.col(name).alias("after"),
                )
            )
    cells = pl.concat([pl.DataFrame(schema=SCHEMA), *parts])
    listed = pl.concat(
        [
            _whole(new, NEW),
            cells.head(MOST_LISTED).sort("account_id", maintain_order=True),
            _whole(gone, GONE),
        ]
    )
    return Changes(listed=listed, added=new.len(), changed=cells["account_id"].n_unique(), gone=tuple(gone.to_list()))


def is_worked_out(name: str) -> bool:
    """Whether Patchbook makes a column itself, out of others."""
    return name in ("account_id", "family_id", *GEOCODED) or name.endswith("_original") or name.startswith("density")


def _text(frame: pl.DataFrame, name: str, alias: str) -> pl.Expr:
    column = pl.col(name)
    if isinstance(frame.schema[name], pl.List):
        return column.cast(pl.List(pl.String)).list.join("; ").alias(alias)
    return column.cast(pl.String).alias(alias)


def _whole(ids: pl.Series, change: str) -> pl.DataFrame:
    nothing = pl.lit(None, dtype=pl.String)
    return pl.DataFrame({"account_id": ids.cast(pl.String)}).select(
        "account_id",
        pl.lit(change).alias("change"),
        nothing.alias("field"),
        nothing.alias("before"),
        nothing.alias("after"),
    )
