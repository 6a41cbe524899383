"""Somebody's book as a map needs it: the accounts they own or act on, where these are, and in which territory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from markupsafe import Markup
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.engagement import calling
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.people.principal import Principal
from patchbook.plans import store as plan_store
from patchbook.plans.life import Status
from patchbook.plans.report.colours import COLOURS
from patchbook.web.geometry import geometry_urls
from patchbook.web.planned import planned_as
from patchbook.web.small_map import drawn


def book_map(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> dict[str, Any]:
    """
    `ids`, `names`, `places` (longitude and latitude in turn, null where unknown), `owners` and `territories` of a book.

    `geometry` says where the ground under them is.

    Raises
    ------
    UnknownPerson
        There is nobody of this id, or nobody this person may see.
    """
    rows = calling.whole_book(tx, person_id, by=by, at=at)
    known = _places(tx, [row.account_id for row in rows])
    titles = [row.territory or row.because for row in rows]
    order = sorted(set(titles))
    colours = _colours(tx)
    index = {title: number for number, title in enumerate(order)}
    placed = [known.get(row.account_id, (row.account_id, None, None)) for row in rows]
    return {
        "geometry": geometry_urls(),
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
                "colour": colours.get(title, number % COLOURS),
                "accounts": titles.count(title),
                "latitude": _middle(placed, titles, title, 1),
                "longitude": _middle(placed, titles, title, 2),
            }
            for number, title in enumerate(order)
        ],
    }


def _colours(tx: Connection) -> dict[str, int]:
    """Territory → its colour in the plans in force, so that it has that one here too."""
    found: dict[str, int] = {}
    for plan in plan_store.with_status(tx, Status.ACTIVE):
        if plan.result_id is not None:
            now = planned_as(tx, plan)
            found |= dict(zip(now.names, now.colours, strict=True))
    return found


def book_picture(tx: Connection, account_ids: Sequence[str], *, title: str) -> Markup:
    """These accounts as a small picture, for a page that is printed; nothing where no place is known."""
    known = _places(tx, account_ids)
    where = [(latitude, longitude) for _, latitude, longitude in known.values() if None not in (latitude, longitude)]
    if not where:
        return Markup("")
    places = np.array(where, dtype=np.float64)
    return drawn(places[:, 0], places[:, 1], np.zeros(len(places), dtype=np.int64), title=title)


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
