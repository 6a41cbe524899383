"""Somebody's book as a map needs it: the accounts they own or act on, where these are, and in which territory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.db.page import LONGEST
from patchbook.db.record import record_of
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import BookRow
from patchbook.people.principal import Principal
from patchbook.plans.report.colours import COLOURS

MOST = 20_000
"""More accounts than these nobody has in one book; a pool's is drawn in part, and says so."""


def book_map(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> dict[str, Any]:
    """
    `ids`, `names`, `places` (longitude and latitude in turn, null where unknown), `owners` and `territories` of a book.

    Raises
    ------
    UnknownPerson
        There is nobody of this id, or nobody this person may see.
    """
    rows = _book(tx, person_id, by=by, at=at)
    known = _places(tx, [row.account_id for row in rows])
    titles = [row.territory or row.because for row in rows]
    order = sorted(set(titles))
    index = {title: number for number, title in enumerate(order)}
    placed = [known.get(row.account_id, (row.account_id, None, None)) for row in rows]
    return {
        "ids": [row.account_id for row in rows],
        "names": [name for name, _, _ in placed],
        "places": [part for _, latitude, longitude in placed for part in (longitude, latitude)],
        "owners": [index[title] for title in titles],
        "territories": [
            {
                "index": number,
                "name": title,
                "layer": "",
                "person": person_id,
                "person_name": None,
                "colour": number % COLOURS,
                "accounts": titles.count(title),
                "latitude": _middle(placed, titles, title, 1),
                "longitude": _middle(placed, titles, title, 2),
            }
            for number, title in enumerate(order)
        ],
    }


def _book(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> list[BookRow]:
    rows: list[BookRow] = []
    after: str | None = None
    while len(rows) < MOST:
        page = ledger.book(tx, person_id, on=at, after=after, limit=LONGEST, by=by, at=at)
        rows += page.rows
        after = page.next_cursor
        if after is None:
            break
    return rows


def _places(tx: Connection, ids: Sequence[str]) -> dict[str, tuple[str, float | None, float | None]]:
    """Account → name, latitude and longitude in the newest snapshot."""
    newest = imports.latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None or not ids:
        return {}
    rows = _read(snapshots.path_of(record_of(tx), newest.snapshot_id), ids)
    return {account: (name or account, latitude, longitude) for account, name, latitude, longitude in rows.iter_rows()}


def _read(path: Path, ids: Sequence[str]) -> pl.DataFrame:
    there = pl.read_parquet_schema(path)
    wanted = {"account_id": pl.String, "name": pl.String, "latitude": pl.Float64, "longitude": pl.Float64}
    columns = [
        (pl.col(name) if name in there else pl.lit(None, dtype=kind).alias(name)).cast(kind)
        for name, kind in wanted.items()
    ]
    found = pl.scan_parquet(path).select(columns).filter(pl.col("account_id").is_in(list(ids))).collect()
    return found.with_columns(pl.col("latitude", "longitude").fill_nan(None))


def _middle(placed: Sequence[tuple[Any, ...]], titles: Sequence[str], title: str, part: int) -> float | None:
    found = [one[part] for one, of in zip(placed, titles, strict=True) if of == title and one[part] is not None]
    return sum(found) / len(found) if found else None
