"""Who belongs under whom: every account below a given one, however deep."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from patchbook.accounts.families import rows_of


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The parents of accounts."""

    parents: pl.DataFrame
    """account_id and parent_id (an id wherever the parent is among the accounts) of accounts that have a parent."""
    _below: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, accounts: pl.DataFrame) -> Hierarchy:
        """
        The hierarchy of accounts by their account_id, parent_id and, for parents given by name, name.

        Examples
        --------
        >>> accounts = pl.DataFrame({"account_id": ["A", "B", "C"], "parent_id": [None, "A", "B"]})
        >>> sorted(Hierarchy.of(accounts).below("A"))
        ['A', 'B', 'C']
        """
        empty = pl.DataFrame(schema={"account_id": pl.String, "parent_id": pl.String})
        if not {"account_id", "parent_id"} <= set(accounts.columns):
            return cls(empty)
        told = accounts.filter(pl.col("parent_id").is_not_null())
        if told.is_empty():
            return cls(empty)
        ids = accounts["account_id"].cast(pl.String)
        written = told["parent_id"].cast(pl.String)
        rows = rows_of(written, ids, accounts["name"] if "name" in accounts.columns else None)
        by_id = ids.gather(rows)
        parent = by_id.zip_with(by_id.is_not_null(), written)
        return cls(
            pl.DataFrame({"account_id": told["account_id"].cast(pl.String), "parent_id": parent.alias("parent_id")})
        )

    def below(self, account_id: str) -> frozenset[str]:
        """An account and everything under it; a loop of parents ends where it began."""
        found = self._below.get(account_id)
        if found is None:
            seen = {account_id}
            edge = [account_id]
            while edge:
                children = self.parents.filter(pl.col("parent_id").is_in(edge))["account_id"].to_list()
                edge = [child for child in children if child not in seen]
                seen.update(edge)
            found = self._below[account_id] = frozenset(seen)
        return found
