"""Snapshots of accounts in the data folder: kept whole, found by their id, asked for a few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts import Accounts
from patchbook.accounts import read as read_accounts
from patchbook.accounts.mapping import Mapped
from patchbook.accounts.reading import REJECTED_SCHEMA
from patchbook.accounts.snapshot import save
from patchbook.db.record import Record, record_of
from patchbook.errors import NotFound
from patchbook.imports import store
from patchbook.imports.imported import Imported, Kind
from patchbook.people.principal import Principal

FOLDER = "snapshots"
SHOWN = ("account_id", "name", "domain", "city", "state", "country")
"""What lists and searches show of an account."""


class SnapshotMissing(NotFound):
    """A snapshot the record names is not in the data folder."""


def keep(folder: Path, accounts: Accounts) -> Path:
    """The snapshot's path, written to the disk before this returns; one that is there already stays."""
    path = folder / FOLDER / f"{accounts.snapshot_id}.parquet"
    return path if path.exists() else save(accounts, folder / FOLDER, durable=True)


def path_of(record: Record, snapshot_id: str) -> Path:
    """Where the snapshot of that id is."""
    path = record.folder / FOLDER / f"{snapshot_id}.parquet"
    if not path.is_file():
        raise SnapshotMissing(
            f"Snapshot {snapshot_id} is not in {record.folder / FOLDER}; restore the data folder, or import the same"
            " file again."
        )
    return path


def taken(tx: Connection, snapshot_id: str, made: Imported | None = None) -> Accounts:
    """
    The accounts of a snapshot as they were read: with the columns of the file, and what could not be taken.

    Parameters
    ----------
    made
        The import they came with; the newest of this snapshot without it.
    """
    record = record_of(tx)
    read = read_accounts(path_of(record, snapshot_id))
    made = made or store.latest(tx, Kind.ACCOUNTS, snapshot_id=snapshot_id)
    if made is None:
        return read
    mapping = tuple(
        Mapped(column=str(one["column"]), field=str(one["field"]), score=1.0, reason=str(one["reason"]))
        for one in made.mapping
    )
    rejected = record.folder / "imports" / f"rejected-{made.import_id}.csv"
    listed = pl.read_csv(rejected, schema=REJECTED_SCHEMA) if rejected.is_file() else read.rejected
    return replace(read, name=made.name, mapping=mapping, rejected=listed)


def whole(path: Path) -> pl.DataFrame:
    """All of a snapshot's accounts; none when it is not there any more."""
    return pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema={"account_id": pl.String})


def rows_of(path: Path, ids: Sequence[str]) -> pl.DataFrame:
    """These accounts, with all that is known of them, in the order of the snapshot."""
    index = index_of(path)
    at = index.with_row_index("row").filter(pl.col("account_id").is_in(list(ids)))["row"].to_list()
    if not at:
        return pl.read_parquet(path, n_rows=0)
    first, last = at[0], at[-1]
    return pl.scan_parquet(path).slice(first, last - first + 1).collect()[[row - first for row in at]]


def matching(path: Path, text: str, *, only: Sequence[str] | None, after: str | None, limit: int) -> pl.DataFrame:
    """Accounts whose id, name or domain holds the text, in order of id."""
    found = index_of(path).lazy()
    if only is not None:
        found = found.filter(pl.col("account_id").is_in(list(only)))
    if after is not None:
        found = found.filter(pl.col("account_id") > after)
    if text.strip():
        wanted = text.strip().lower()
        columns = [name for name in ("account_id", "name", "domain") if name in index_of(path).columns]
        found = found.filter(
            pl.any_horizontal(
                pl.col(name).str.to_lowercase().str.contains(wanted, literal=True).fill_null(False) for name in columns
            )
        )
    return found.sort("account_id").head(limit).collect()


def has(tx: Connection, account_id: str) -> bool:
    """Whether the newest import of accounts has it; a snapshot that is not there any more has none."""
    newest = store.latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None:
        return False
    path = record_of(tx).folder / FOLDER / f"{newest.snapshot_id}.parquet"
    return path.is_file() and account_id in index_of(path)["account_id"]


def seen_by(tx: Connection, by: Principal, *, at: datetime) -> Sequence[str] | None:
    """The accounts somebody may see, or None where they may see all."""
    return None if by.is_everywhere else store.accounts_in_scope(tx, by, at=at)


@lru_cache(maxsize=4)
def index_of(path: Path) -> pl.DataFrame:
    """What lists show of a snapshot's accounts; kept in memory, because a snapshot never changes."""
    there = pl.read_parquet_schema(path)
    return pl.read_parquet(path, columns=[name for name in SHOWN if name in there])
