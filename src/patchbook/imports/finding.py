"""Find accounts of the newest import by what one knows of them, as far as one may see them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts.finder import SHOWN, AccountFinder, FoundAccount
from patchbook.db.record import record_of
from patchbook.imports import snapshots, store
from patchbook.imports.imported import Kind
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal

LOOKED_AT = 400
"""So many of the best are asked whether they may be seen, before everything that may be seen is looked through."""


def find(tx: Connection, text: str, *, limit: int = 20, by: Principal, at: datetime) -> list[FoundAccount]:
    """
    Accounts that hold every word of a text, the best first: by id, domain, name, phone, postal code or town.

    Only accounts in the reader's territories, and those given to them by name.
    """
    allow_somewhere(by, Deed.SEE)
    newest = store.latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None or not text.strip():
        return []
    path = record_of(tx).folder / snapshots.FOLDER / f"{newest.snapshot_id}.parquet"
    if not path.is_file():
        return []
    finder = finder_of(path)
    if by.is_everywhere:
        return finder.find(text, limit)
    best = finder.find(text, LOOKED_AT)
    seen = set(store.accounts_in_scope(tx, by, at=at, among=[one.account_id for one in best]))
    mine = [one for one in best if one.account_id in seen]
    if len(mine) >= limit or len(best) < LOOKED_AT:
        return mine[:limit]
    theirs = pl.DataFrame({"account_id": store.accounts_in_scope(tx, by, at=at)}, schema={"account_id": pl.String})
    return AccountFinder(_shown(path).join(theirs.unique(), on="account_id", how="semi")).find(text, limit)


@lru_cache(maxsize=2)
def finder_of(path: Path) -> AccountFinder:
    """What finds the accounts of a snapshot; kept in memory, because a snapshot never changes."""
    return AccountFinder(_shown(path))


def _shown(path: Path) -> pl.DataFrame:
    there = pl.read_parquet_schema(path)
    return pl.read_parquet(path, columns=[name for name in SHOWN if name in there])
