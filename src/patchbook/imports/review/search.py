"""Pairs of accounts that may be one company, found once for each snapshot and kept beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from patchbook.accounts.csv_out import write_whole
from patchbook.accounts.duplicates import PAIR_SCHEMA, find_duplicates
from patchbook.db.record import Record
from patchbook.imports import snapshots

FOLDER = "imports"
QUICK_ACCOUNTS = 20_000
"""So many are looked through while somebody waits; more are looked through by a job."""


def pairs_of(record: Record, snapshot_id: str) -> pl.DataFrame:
    """account_id, duplicate_id, score, reasons, survivor of every pair of a snapshot, best first; found if need be."""
    kept = _place(record.folder, snapshot_id)
    if not kept.is_file():
        frame = pl.read_parquet(snapshots.path_of(record, snapshot_id))
        write_whole(kept, _packed(find_duplicates(frame).pairs))
    return _read(kept)


def known_pairs(record: Record, snapshot_id: str, accounts: int) -> pl.DataFrame | None:
    """The pairs of a snapshot if they were looked for already, or are found quickly; else None."""
    if accounts > QUICK_ACCOUNTS and not _place(record.folder, snapshot_id).is_file():
        return None
    return pairs_of(record, snapshot_id)


def _place(folder: Path, snapshot_id: str) -> Path:
    return folder / FOLDER / f"duplicates-{snapshot_id}.parquet"


def _packed(pairs: pl.DataFrame) -> bytes:
    import io

    out = io.BytesIO()
    pairs.write_parquet(out, compression="zstd", compression_level=1)
    return out.getvalue()


@lru_cache(maxsize=4)
def _read(kept: Path) -> pl.DataFrame:
    return pl.read_parquet(kept, schema=PAIR_SCHEMA)
