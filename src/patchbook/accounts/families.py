"""Families: which accounts belong under one ultimate parent. Loops and missing parents are reported, never fatal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl


@dataclass(frozen=True, kw_only=True)
class Families:
    """Who belongs together."""

    family_id: pl.Series
    """For each account the id of its ultimate parent; its own id where it has no parent."""
    loops: tuple[tuple[str, ...], ...]
    """Accounts that are their own ancestor, each loop once."""
    orphans: pl.DataFrame
    """account_id, parent_id of accounts whose parent is not among the accounts."""

    @property
    def sizes(self) -> pl.DataFrame:
        """family_id, accounts: families of two or more, largest first."""
        return (
            self.family_id.alias("family_id")
            .value_counts(name="accounts")
            .filter(pl.col("accounts") > 1)
            .sort(["accounts", "family_id"], descending=[True, False])
        )


def find_families(account_id: pl.Series, parent_id: pl.Series | None, names: pl.Series | None = None) -> Families:
    """
    The ultimate parent of every account.

    A parent is looked up by id, and where no id fits by name, since many files hold the parent's name. Accounts that
    share a parent the file does not have are one family under that parent. A loop of parents becomes one family,
    headed by the account of the loop that comes first.
    """
    count = account_id.len()
    ids = account_id.cast(pl.String).alias("account_id")
    nobody = pl.DataFrame(schema={"account_id": pl.String(), "parent_id": pl.String()})
    if parent_id is None or parent_id.null_count() == count:
        return Families(family_id=ids.alias("family_id"), loops=(), orphans=nobody)
    named = parent_id.cast(pl.String)
    children = named.is_not_null().arg_true()
    parents = rows_of(named.gather(children), ids, names)
    missing = parents.is_null()
    unknown = named.gather(children).filter(missing).unique(maintain_order=True)
    # Parents the file lacks are rows of their own behind the real ones.
    place = pl.int_range(count, count + unknown.len(), dtype=pl.Int64, eager=True)
    if unknown.len():
        behind = named.gather(children).replace_strict(unknown, place, default=None, return_dtype=pl.Int64)
        parents = behind.zip_with(missing, parents)
    pointer = np.arange(count + unknown.len(), dtype=np.int64)
    pointer[children.to_numpy()] = parents.to_numpy()
    roots, loops = _roots(pointer)
    heads = pl.concat([ids, unknown.alias("account_id")])
    orphans = pl.DataFrame(
        {"account_id": ids.gather(children).filter(missing), "parent_id": named.gather(children).filter(missing)}
    )
    return Families(
        family_id=heads.gather(pl.Series(roots[:count])).alias("family_id"),
        loops=tuple(tuple(str(heads[row]) for row in loop) for loop in loops),
        orphans=orphans,
    )


def rows_of(wanted: pl.Series, ids: pl.Series, names: pl.Series | None) -> pl.Series:
    """The row of each wanted parent, by id or by a name only one account has; null where there is none."""
    table = pl.DataFrame({"key": ids, "row": pl.int_range(ids.len(), dtype=pl.Int64, eager=True)})
    asked = pl.DataFrame({"key": wanted})
    # Few accounts are anybody's parent, and only those need looking at.
    parents = table.join(asked.unique(), on="key", how="semi", maintain_order="left").unique("key", keep="first")
    rows = asked.join(parents, on="key", how="left", maintain_order="left")["row"]
    if names is None or not rows.has_nulls():
        return rows
    by_name = (
        pl.DataFrame({"key": names.cast(pl.String).str.to_lowercase(), "row": table["row"]})
        .drop_nulls()
        .unique("key", keep="none")
    )
    lowered = asked.select(pl.col("key").str.to_lowercase())
    named = lowered.join(by_name, on="key", how="left", maintain_order="left")["row"]
    return named.zip_with(rows.is_null(), rows)


def _roots(parent: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[list[int]]]:
    """
    Where each row ends when it follows its parents, and the loops.

    Pointer jumping: everybody points at their pointer's pointer, so a chain of n parents takes log2 n rounds
    (Wyllie 1979, "The complexity of parallel computations").
    """
    own = np.arange(parent.size)
    reached = parent.copy()
    for _ in range(int(parent.size).bit_length() + 1):
        further = reached[reached]
        if np.array_equal(further, reached):
            break
        reached = further
    # Whoever stands on somebody who has a parent runs round a loop; a loop of two or four looks at rest after a few
    # rounds, so rest alone proves nothing.
    circling = parent[reached] != reached
    head = own.copy()
    loops: list[list[int]] = []
    on_loop = np.zeros(parent.size, dtype=bool)
    for start in np.unique(reached[circling]).tolist():
        if on_loop[start]:
            continue
        loop = [start]
        while parent[loop[-1]] != start:
            loop.append(int(parent[loop[-1]]))
        on_loop[loop] = True
        first = loop.index(min(loop))
        loop = loop[first:] + loop[:first]
        head[loop] = loop[0]
        loops.append(loop)
    reached = np.where(circling, head[reached], reached)
    return reached, sorted(loops)
