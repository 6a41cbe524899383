"""The families of the newest accounts: how large each is, who is under whom, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts.families import rows_of
from patchbook.db.page import Page, cursor_of, key_of, limit_of
from patchbook.db.record import record_of
from patchbook.errors import NotFound
from patchbook.imports import snapshots, store
from patchbook.imports.imported import Kind
from patchbook.imports.review import store as reviewed
from patchbook.imports.review.decision import Decision, Verdict
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal

MOST_SHOWN = 500
"""Members of a family that are shown as a tree; all are in its list."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """An account in its family."""

    account_id: str
    name: str | None
    place: str
    depth: int
    """How many parents are above it within the family."""
    parent_id: str | None
    """As the source names it: an id or a name."""
    how: str
    """How it is known that it belongs here, in words."""
    split: Decision | None = None
    """Where somebody decided that it does not, from the next import on."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Accounts under one ultimate parent."""

    family_id: str
    name: str | None
    """What its head is called; None where the head is not among the accounts."""
    accounts: int
    members: tuple[Member, ...]
    """Those shown, from the head downwards, each under its parent."""


def families(
    tx: Connection, text: str = "", *, after: str | None = None, limit: int, by: Principal, at: datetime
) -> Page[dict[str, Any]]:
    """Families of two or more whose head's id or name holds a text, the largest first: family_id, name, accounts."""
    allow(tx, by, Deed.IMPORT, at=at)
    path = _newest(tx)
    if path is None:
        return Page(())
    found = _sizes(path)
    if text.strip():
        wanted = text.strip().lower()
        held = [pl.col(name).str.to_lowercase().str.contains(wanted, literal=True) for name in ("family_id", "name")]
        found = found.filter(pl.any_horizontal(held).fill_null(False))
    if after is not None:
        size, last = key_of(after, int, str)
        found = found.filter(
            (pl.col("accounts") < size) | ((pl.col("accounts") == size) & (pl.col("family_id") > last))
        )
    rows = found.head(limit_of(limit) + 1).to_dicts()
    more = cursor_of(rows[limit - 1]["accounts"], rows[limit - 1]["family_id"]) if len(rows) > limit else None
    return Page(tuple(rows[:limit]), more)


def count(tx: Connection, *, by: Principal, at: datetime) -> tuple[int, int]:
    """How many families of two or more there are, and how many accounts are in them."""
    allow(tx, by, Deed.IMPORT, at=at)
    path = _newest(tx)
    if path is None:
        return 0, 0
    sizes = _sizes(path)
    return sizes.height, int(sizes["accounts"].sum())


def all_members(tx: Connection, *, by: Principal, at: datetime) -> pl.DataFrame:
    """family_id, account_id, name, parent_id of every account that is in a family of two or more."""
    allow(tx, by, Deed.IMPORT, at=at)
    path = _newest(tx)
    if path is None:
        return pl.DataFrame(schema={"family_id": pl.String, "account_id": pl.String})
    table = _table(path).join(_sizes(path).select("family_id"), on="family_id", how="semi")
    return table.select("family_id", "account_id", "name", "parent_id").sort("family_id", "account_id")


def family(tx: Connection, family_id: str, *, by: Principal, at: datetime) -> Family:
    """
    One family, from its head downwards.

    Raises
    ------
    NotFound
        No account of the newest import belongs to it.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    path = _newest(tx)
    table = _table(path) if path is not None else None
    mine = table.filter(pl.col("family_id") == family_id) if table is not None else None
    if table is None or mine is None or mine.is_empty():
        raise NotFound(f"There is no family {family_id!r} in the newest import.")
    known = mine.filter(pl.col("account_id").is_in(mine["account_id"].to_list()))
    head = table.filter(pl.col("account_id") == family_id)
    splits = {
        one.account_id: one for one in reviewed.counting(tx) if one.verdict is Verdict.SPLIT
    }  # few: each is a person's decision
    rows = _in_order(known, table, family_id)[:MOST_SHOWN]
    return Family(
        family_id=family_id,
        name=head["name"][0] if head.height else None,
        accounts=mine.height,
        members=tuple(
            Member(
                account_id=row["account_id"],
                name=row["name"],
                place=", ".join(part for part in (row["city"], row["state"], row["country"]) if part),
                depth=depth,
                parent_id=row["parent_id"],
                how=how,
                split=splits.get(row["account_id"]),
            )
            for row, depth, how in rows
        ),
    )


def _in_order(mine: pl.DataFrame, table: pl.DataFrame, family_id: str) -> list[tuple[dict[str, Any], int, str]]:
    """Each member with its depth and how it is known, every one below its parent."""
    parents = rows_of(mine["parent_id"].fill_null(""), table["account_id"], table["name"])
    above = table["account_id"].gather(parents).to_list()
    rows = {row["account_id"]: row for row in mine.iter_rows(named=True)}
    parent_of = dict(zip(rows, above, strict=True))
    children: dict[str | None, list[str]] = {}
    for account_id in rows:
        parent = parent_of[account_id]
        children.setdefault(parent if parent in rows else None, []).append(account_id)
    beginnings = [family_id] if family_id in rows else children.get(None, [])
    found: list[tuple[dict[str, Any], int, str]] = []
    seen: set[str] = set()
    edge = [(account_id, 0) for account_id in sorted(beginnings, reverse=True)]
    while edge:
        account_id, depth = edge.pop()
        if account_id in seen:
            continue
        seen.add(account_id)
        row = rows[account_id]
        found.append((row, depth, _how(row, parent_of[account_id], account_id == family_id)))
        edge += [(child, depth + 1) for child in sorted(children.get(account_id, ()), reverse=True)]
    return found


def _how(row: dict[str, Any], parent: str | None, is_head: bool) -> str:
    told = row["parent_id"]
    if told is None:
        return "names no parent" if is_head else "heads the family"
    if parent is None:
        return f"names the parent {told}, which is not among the accounts"
    if is_head:
        return f"names {parent} as parent, in a loop; it comes first in the file"
    return "names its parent by id" if parent == told else f"names its parent by name: {told}"


def _newest(tx: Connection) -> Path | None:
    made = store.latest(tx, Kind.ACCOUNTS)
    return None if made is None or made.snapshot_id is None else snapshots.path_of(record_of(tx), made.snapshot_id)


@lru_cache(maxsize=2)
def _table(path: Path) -> pl.DataFrame:
    """What is looked at of a snapshot; kept in memory, because a snapshot never changes."""
    there = pl.read_parquet_schema(path)
    names = ("account_id", "name", "family_id", "parent_id", "city", "state", "country")
    frame = pl.read_parquet(path, columns=[name for name in names if name in there])
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in there]
    return frame.with_columns(*absent, pl.col("account_id").cast(pl.String))


@lru_cache(maxsize=2)
def _sizes(path: Path) -> pl.DataFrame:
    table = _table(path)
    sizes = table.group_by("family_id").agg(accounts=pl.len().cast(pl.Int64)).filter(pl.col("accounts") > 1)
    heads = table.select(pl.col("account_id").alias("family_id"), "name")
    named = sizes.join(heads, on="family_id", how="left")
    return named.select("family_id", "name", "accounts").sort(["accounts", "family_id"], descending=[True, False])
