"""A plan as a map needs it: where its accounts are, which never changes, and who has each, a number an account."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

import numpy as np
import polars as pl
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.errors import NotFound
from patchbook.geography.counties import county_of_points
from patchbook.geography.shapes import shapes
from patchbook.people import store as people
from patchbook.plans import results
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.plan import HouseLayer
from patchbook.plans.report.colours import colours_of
from patchbook.plans.state import PlanState, parsed

NOBODY = 65_535
"""The territory of an account without one, and the county of an account outside every county."""
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
    order: tuple[int, ...]
    """Rows of the carve's accounts, which are those of the plan's assignments, in the order of their ids."""


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Who has each account, after some edits."""

    digest: str
    owners: bytes
    """Gzipped: the index of its territory for each account, as 16-bit numbers in the order of the points."""
    territories: bytes
    """Gzipped JSON: what a map says of each territory."""


def map_urls(tx: Connection, plan: RecordedPlan) -> dict[str, str]:
    """Where a map finds a plan that is carved: `points`, `counties`, `ids`, `ownership` and `territories`."""
    points = points_of(tx, plan)
    base = f"/plans/{plan.plan_id}"
    found: dict[str, str] = {part: f"{base}/{part}-{points.digest}.{ending}" for part, (ending, _) in MEDIA.items()}
    asked = f"revision={plan.revision}"
    return {**found, "ownership": f"{base}/ownership?{asked}", "territories": f"{base}/map-territories?{asked}"}


def measure_urls(tx: Connection, plan: RecordedPlan) -> dict[str, str]:
    """Measure → where a map finds its value for each account."""
    points = points_of(tx, plan)
    return {
        name: f"/plans/{plan.plan_id}/measure-{points.digest}.bin?{urlencode({'name': name})}"
        for name in points.measures
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


def ownership_of(tx: Connection, plan: RecordedPlan, state: Callable[[], PlanState]) -> Ownership:
    """Who has each account; worked out once for each revision."""
    points = points_of(tx, plan)
    folder, result_id = record_of(tx).folder, str(plan.result_id)

    def make() -> Ownership:
        now = state()
        staff = [one for one in now.territories["person"].unique().to_list() if one]
        names = {found: profile.name for found, profile in people.find(tx, staff).items()}
        carved = results.read(folder, result_id).territories
        return made_ownership(now, points, carved=carved, names=names)

    return _owned.get((folder, plan.plan_id, plan.revision, result_id), make)


def made_points(accounts: pl.DataFrame) -> Points:
    """The accounts of a carve, ready to be sent."""
    order = accounts["account_id"].arg_sort()
    sorted_accounts = accounts[order]
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
        order=tuple(order.to_list()),
    )


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)


def made_ownership(state: PlanState, points: Points, *, carved: pl.DataFrame, names: dict[str, str]) -> Ownership:
    """Who has each account and what is said of each territory, ready to be sent."""
    territories = state.territories
    index = {name: number for number, name in enumerate(territories["territory"])}
    order = np.array(points.order, dtype=np.int64)
    owner = state.assignments["territory"].replace_strict(index, default=NOBODY, return_dtype=pl.UInt16)
    owners = owner.fill_null(NOBODY).to_numpy()[order].astype("<u2").tobytes()
    told = json.dumps(told_territories(state, carved=carved, names=names), ensure_ascii=False, allow_nan=False).encode()
    return Ownership(
        digest=hashlib.sha256(owners + told).hexdigest()[:32],
        owners=gzip.compress(owners, compresslevel=1, mtime=0),
        territories=gzip.compress(told, compresslevel=6, mtime=0),
    )


def told_territories(state: PlanState, *, carved: pl.DataFrame, names: dict[str, str]) -> list[dict[str, Any]]:
    """What a map says of each territory."""
    houses = {layer.name for layer in parsed(state.plan).layers if isinstance(layer, HouseLayer)}
    colours = colours_of(state.territories, houses=houses, like=carved)
    wanted = ("territory", "layer", "person", "accounts", "latitude", "longitude")
    rows = state.territories.select(wanted).with_columns(pl.col("latitude", "longitude").fill_nan(None))
    return [
        {
            "index": number,
            "name": row["territory"],
            "layer": row["layer"],
            "person": row["person"],
            "person_name": names.get(row["person"], row["person"]) if row["person"] else None,
            "colour": colours[number],
            "accounts": row["accounts"],
            "latitude": row["latitude"],
            "longitude": row["longitude"],
        }
        for number, row in enumerate(rows.iter_rows(named=True))
    ]


@cache
def county_numbers() -> dict[str, int]:
    """County code → its id in the county layer."""
    return {shape.code: number for number, shape in enumerate(shapes("us-counties"))}


class _Kept(Generic[Made]):
    """The last few things made, each made once; what is asked for twice at once is made for both."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.found: OrderedDict[Hashable, Made] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        with self.lock:
            if key in self.found:
                self.found.move_to_end(key)
                return self.found[key]
        made = make()
        with self.lock:
            self.found[key] = made
            while len(self.found) > self.most:
                self.found.popitem(last=False)
        return made


_points = _Kept[Points](KEPT)
_owned = _Kept[Ownership](KEPT)
