"""The tables of a result: territories with their balance, the same accounts by today's owner, and counties for maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.geography.adjacency import contract, us_county_graph
from patchbook.measures import centres as centres_of
from patchbook.measures import compactness, travel_km
from patchbook.plans.plan import Plan

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Holding:
    """One territory before its accounts are counted."""

    territory: str
    layer: str
    seat: str | None
    person: str | None
    vacant: bool
    targets: tuple[float | None, ...]
    """For each measure of the plan what it should carry; None where the territory has no target."""
    oversized: bool = False
    contiguous: bool | None = None
    interim: str | None = None
    """Who looks after it while nobody fills it."""


def territories_frame(plan: Plan, accounts: pl.DataFrame, owner: IntArray, holdings: Sequence[Holding]) -> pl.DataFrame:
    """
    One row a territory; see `Result.territories`.

    Parameters
    ----------
    owner
        (accounts,) row of `holdings`, or -1.
    """
    figures = figures_of(plan, accounts, owner, len(holdings))
    figures["compactness"] = compactness(owner, *coordinates(accounts), len(holdings))
    return held_frame(plan, figures, holdings)


def figures_of(
    plan: Plan, accounts: pl.DataFrame, owner: IntArray, number: int, *, only: IntArray | None = None
) -> dict[str, FloatArray]:
    """
    What each territory comes to by its accounts, a number a territory: how many, their measures, place and travel.

    Parameters
    ----------
    only
        The territories it is worked out for; the figures of the others say nothing.
    """
    if only is not None:
        mine = np.zeros(number + 1, bool)  # one more, for accounts without a territory
        mine[only] = True
        rows = np.flatnonzero(mine[owner])
        accounts, owner = accounts[rows], owner[rows]
    latitude, longitude = coordinates(accounts)
    north, east = centres_of(owner, latitude, longitude, number)
    return {
        "accounts": np.bincount(owner[owner >= 0], minlength=number).astype(float),
        **{f"{measure.name}_actual": _sums(accounts, measure.name, owner, number) for measure in plan.measures},
        "travel_km": travel_km(owner, latitude, longitude, number, road_factor=plan.road_factor),
        "latitude": north,
        "longitude": east,
    }


def held_frame(plan: Plan, figures: Mapping[str, FloatArray], holdings: Sequence[Holding]) -> pl.DataFrame:
    """Territories and their figures as one table; see `Result.territories`. Compactness is null where not told."""
    columns: dict[str, object] = {
        "territory": [h.territory for h in holdings],
        "layer": [h.layer for h in holdings],
        "seat": [h.seat for h in holdings],
        "person": [h.person for h in holdings],
        "vacant": [h.vacant for h in holdings],
        "accounts": figures["accounts"].astype(np.int64),
    }
    for m, measure in enumerate(plan.measures):
        actual = figures[f"{measure.name}_actual"]
        target = [h.targets[m] for h in holdings]
        columns[f"{measure.name}_target"] = pl.Series(target, dtype=pl.Float64)
        columns[f"{measure.name}_actual"] = actual
        columns[f"{measure.name}_deviation"] = pl.Series(
            [a / t - 1 if t else None for a, t in zip(actual, target, strict=True)], dtype=pl.Float64
        )
    columns |= {
        "compactness": figures.get("compactness", np.full(len(holdings), np.nan)),
        "travel_km": figures["travel_km"],
        "contiguous": pl.Series([h.contiguous for h in holdings], dtype=pl.Boolean),
        "latitude": figures["latitude"],
        "longitude": figures["longitude"],
        "oversized": [h.oversized for h in holdings],
        "interim": [h.interim for h in holdings],
    }
    texts = dict.fromkeys(("territory", "layer", "seat", "person", "interim"), pl.String)
    return pl.DataFrame(columns, schema_overrides=texts, strict=False).with_columns(pl.selectors.float().fill_nan(None))


def before_frame(plan: Plan, accounts: pl.DataFrame, previous: Sequence[str | None]) -> pl.DataFrame:
    """The same accounts by today's owner; deviations from an equal share for every owner."""
    names = sorted({name for name in previous if name})
    row = {name: index for index, name in enumerate(names)}
    owner = np.array([row.get(name or "", -1) for name in previous], np.int64)
    latitude, longitude = coordinates(accounts)
    columns: dict[str, object] = {
        "previous_owner": pl.Series(names, dtype=pl.String),
        "accounts": np.bincount(owner[owner >= 0], minlength=len(names)),
    }
    for measure in plan.measures:
        actual = _sums(accounts, measure.name, owner, len(names))
        mean = float(actual.mean()) if len(names) else 0.0
        columns[f"{measure.name}_actual"] = actual
        columns[f"{measure.name}_deviation"] = actual / mean - 1 if mean else np.full(len(names), np.nan)
    columns["travel_km"] = travel_km(owner, latitude, longitude, len(names), road_factor=plan.road_factor)
    return pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))


def areas_frame(accounts: pl.DataFrame, territory: Sequence[str | None]) -> pl.DataFrame:
    """
    For each US county the territory with most of its accounts.

    Counties without accounts go with the nearest that has some (accounts 0, share 0), so that a map has no holes.
    """
    empty = pl.DataFrame(
        schema={"county_fips": pl.String, "territory": pl.String, "accounts": pl.Int64, "share": pl.Float64}
    )
    if "county_fips" not in accounts.columns:
        return empty
    held = (
        pl.DataFrame({"county_fips": accounts["county_fips"].cast(pl.String), "territory": list(territory)},
                     schema_overrides={"territory": pl.String})
        .drop_nulls().group_by("county_fips", "territory").len(name="accounts")
        .with_columns((pl.col("accounts") / pl.col("accounts").sum().over("county_fips")).alias("share"))
        .sort(["county_fips", "accounts", "territory"], descending=[False, True, False])
        .unique("county_fips", keep="first", maintain_order=True)
        .with_columns(pl.col("accounts").cast(pl.Int64))
    )  # fmt: skip
    counties = us_county_graph()
    held = held.filter(pl.col("county_fips").is_in(counties.names))
    if not held.height:
        return empty
    place = {code: index for index, code in enumerate(counties.names)}
    near = contract(counties, np.array([place[code] for code in held["county_fips"]]))
    position = {code: index for index, code in enumerate(held["county_fips"])}
    filled = [
        (code, held["territory"][position[near.graph.names[given]]])
        for code, given in zip(counties.names, near.owner, strict=True)
        if given >= 0 and code not in position
    ]
    rest = pl.DataFrame(filled, schema={"county_fips": pl.String, "territory": pl.String}, orient="row").with_columns(
        pl.lit(0, pl.Int64).alias("accounts"), pl.lit(0.0).alias("share")
    )
    return pl.concat([held, rest]).sort("county_fips")


def coordinates(accounts: pl.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Latitude and longitude of each account, NaN where there is none."""
    if not {"latitude", "longitude"} <= set(accounts.columns):
        nowhere = np.full(accounts.height, np.nan)
        return nowhere, nowhere
    return tuple(  # type: ignore[return-value]
        accounts[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("latitude", "longitude")
    )


def _sums(accounts: pl.DataFrame, measure: str, owner: IntArray, number: int) -> FloatArray:
    held = owner >= 0
    return np.bincount(owner[held], accounts[f"measure_{measure}"].to_numpy()[held], number).astype(float)
