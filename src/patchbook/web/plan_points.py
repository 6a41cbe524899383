"""A plan as a map needs it: where its accounts are, which never changes, and who has each, a number an account."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeVar
from urllib.parse import urlencode

import numpy as np
import polars as pl
from sqlalchemy import Connection

from patchbook.db.memory import Memory
from patchbook.db.record import record_of
from patchbook.errors import NotFound
from patchbook.geography.counties import county_of_points
from patchbook.geography.shapes import shapes
from patchbook.people import store as people
from patchbook.plans import results
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.web.planned import NOBODY, planned_as

KEPT = 16
MEASURE = "measure_"

Part = Literal["points", "counties", "ids"]
MEDIA: dict[Part, tuple[str, str]] = {
    "points": ("bin", "application/octet-stream"),
    "counties": ("bin", "application/octet-stream"),
    "ids": ("json", "application/json"),
}

Made = TypeVar("Made")


class NoPoints(NotFound):
    """The accounts of the plan are others by now; the page that asked is older than its carve."""

    def __init__(self) -> None:
        super().__init__("The plan was carved again, and holds other accounts now; load the page again.")


@dataclass(frozen=True, kw_only=True)
class Points:
    """The accounts of a carve in the order of their ids, each part gzipped."""

    digest: str
    parts: dict[Part, bytes]
    """points: longitude and latitude as 32-bit floats, NaN where unknown; counties: 16-bit numbers of the county layer;
    ids: a list of account ids."""
    measures: dict[str, bytes]
    """Measure → its value for each account as a 32-bit float, NaN where unknown."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Something that changes with a plan, ready to be sent, and what it is known by."""

    digest: str
    gzipped: bytes


def map_urls(tx: Connection, plan: RecordedPlan) -> dict[str, str]:
    """
    Where a map finds a plan that is carved: `points`, `counties`, `ids`, `ownership` and `territories`.

    `measures` is JSON, where each of its measures is.
    """
    points = points_of(tx, plan)
    base = f"/plans/{plan.plan_id}"
    found: dict[str, str] = {part: f"{base}/{part}-{points.digest}.{ending}" for part, (ending, _) in MEDIA.items()}
    asked = f"revision={plan.revision}"
    measures = {name: f"{base}/measure-{points.digest}.bin?{urlencode({'name': name})}" for name in points.measures}
    return {
        **found,
        "ownership": f"{base}/ownership?{asked}",
        "territories": f"{base}/map-territories?{asked}",
        "measures": json.dumps(measures),
    }


def points_of(tx: Connection, plan: RecordedPlan) -> Points:
    """
    Where the accounts of a plan are.

    Raises
    ------
    NotCarved
        Before the first carve a plan has no accounts.
    """
    if plan.result_id is None:
        raise NotCarved(plan)
    folder, result_id = record_of(tx).folder, plan.result_id
    return _points.get((folder, result_id), lambda: made_points(results.read(folder, result_id).accounts))


def ownership_of(tx: Connection, plan: RecordedPlan) -> Sent:
    """The index of its territory for each account, as 16-bit numbers in the order of the points."""

    def make() -> Sent:
        return _sent(planned_as(tx, plan).in_order.astype("<u2").tobytes(), level=1)

    return _owned.get((record_of(tx).folder, plan.plan_id, plan.revision, plan.result_id), make)


def territories_of(tx: Connection, plan: RecordedPlan) -> Sent:
    """What a map says of each territory that `ownership_of` counts, as JSON; people are called as they are today."""
    now = planned_as(tx, plan)
    names = people.find(tx, sorted({person for person in now.people if person}))
    wanted = ("territory", "layer", "person", "accounts", "latitude", "longitude")
    rows = now.state.territories.select(wanted).with_columns(pl.col("latitude", "longitude").fill_nan(None))
    told = [
        {
            "index": number,
            "name": row["territory"],
            "layer": row["layer"],
            "person": row["person"],
            "person_name": names[row["person"]].name if row["person"] in names else row["person"],
            "colour": now.colours[number],
            "accounts": row["accounts"],
            "latitude": row["latitude"],
            "longitude": row["longitude"],
        }
        for number, row in enumerate(rows.iter_rows(named=True))
    ]
    return _sent(json.dumps(told, ensure_ascii=False, allow_nan=False).encode(), level=6)


def _sent(content: bytes, *, level: int) -> Sent:
    digest = hashlib.sha256(content).hexdigest()[:32]
    return Sent(digest=digest, gzipped=gzip.compress(content, compresslevel=level, mtime=0))


def made_points(accounts: pl.DataFrame) -> Points:
    """The accounts of a carve, ready to be sent."""
    sorted_accounts = accounts[accounts["account_id"].arg_sort()]
    if {"latitude", "longitude"} <= set(accounts.columns):
        placed = sorted_accounts.select(pl.col("longitude", "latitude").cast(pl.Float64)).fill_null(np.nan).to_numpy()
    else:
        placed = np.full((accounts.height, 2), np.nan)
    code = county_of_points(placed[:, 1], placed[:, 0])
    county = code.replace_strict(county_numbers(), default=NOBODY, return_dtype=pl.UInt16)
    raw: dict[Part, bytes] = {
        "points": placed.astype("<f4").tobytes(),
        "counties": county.fill_null(NOBODY).to_numpy().astype("<u2").tobytes(),
        "ids": json.dumps(sorted_accounts["account_id"].to_list(), ensure_ascii=False, separators=(",", ":")).encode(),
    }
    measures = {
        name.removeprefix(MEASURE): sorted_accounts[name].cast(pl.Float64).fill_null(np.nan).to_numpy().astype("<f4")
        for name in accounts.columns
        if name.startswith(MEASURE)
    }
    content = [*raw.values(), *(value for name in measures for value in (name.encode(), measures[name].tobytes()))]
    return Points(
        digest=hashlib.sha256(b"\0".join(content)).hexdigest()[:32],
        parts={name: _gzipped(content) for name, content in raw.items()},
        measures={name: _gzipped(values.tobytes()) for name, values in measures.items()},
    )


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)


@cache
def county_numbers() -> dict[str, int]:
    """County code → its id in the county layer."""
    return {shape.code: number for number, shape in enumerate(shapes("us-counties"))}


_points = Memory[Points](KEPT)
_owned = Memory[Sent](KEPT)
