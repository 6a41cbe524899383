"""The shipped tables, each read once and only when somebody asks for it; `data/SOURCE.md` says where they come from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from patchbook.geography.distance import from_sphere_km, great_circle_km, to_sphere_km


@cache
def us_zips() -> pl.DataFrame:
    """ZIP codes: zip, state, county_fips, latitude, longitude, population, time_zone, radius_km."""
    return _table("us_zip").with_columns(pl.col("radius_km").fill_null(ZIP_RADIUS_KM))


@cache
def us_cities() -> pl.DataFrame:
    """Places in the US: city_key, state, latitude, longitude, population, county_fips, time_zone, radius_km."""
    return _table("us_city")


@cache
def postal_codes() -> pl.DataFrame:
    """Postal codes of 18 other countries: country, postal_key, latitude, longitude, time_zone, radius_km."""
    return _table("postal").with_columns(pl.lit(POSTAL_RADIUS_KM).alias("radius_km"))


@cache
def cities() -> pl.DataFrame:
    """Cities: country, city_key, state (US, Canada), latitude, longitude, population, time_zone, radius_km."""
    return _table("city")


@cache
def us_counties() -> pl.DataFrame:
    """Counties: county_fips, county_name, state, latitude, longitude, time_zone (null if it has two), population."""
    return _table("us_county")


@cache
def us_county_edges() -> pl.DataFrame:
    """Pairs of touching US counties: fips_a, fips_b, shared_border_km (0 or null over water)."""
    return _table("us_county_adjacency")


@cache
def country_table() -> pl.DataFrame:
    """Countries: country (ISO 3166 alpha-2), alpha3, numeric, name, keys (of the name in seven languages)."""
    return _table("country")


@cache
def state_centres() -> pl.DataFrame:
    """Where the people of a US state or Canadian province are, on average, and half of them within radius_km."""
    united_states = us_zips().filter(pl.col("population") > 0).with_columns(pl.lit("US").alias("country"))
    canada = cities().filter(pl.col("country") == "CA", pl.col("state").is_not_null(), pl.col("population") > 0)
    columns = ["country", "state", "latitude", "longitude", "population", "time_zone"]
    return _centres(pl.concat([united_states.select(columns), canada.select(columns)]), ["country", "state"])


@cache
def country_centres() -> pl.DataFrame:
    """Where the people of a country are, on average, and half of them within radius_km."""
    return _centres(cities().filter(pl.col("population") > 0), ["country"])


ZIP_RADIUS_KM = 1.8
POSTAL_RADIUS_KM = 3.0
"""Where the table holds no area: the median error measured on known addresses (docs/reference/geography.md)."""


def _table(name: str) -> pl.DataFrame:
    with (files("patchbook.geography") / "data" / f"{name}.parquet").open("rb") as file:
        return pl.read_parquet(file)


def _centres(places: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    rows = []
    for key, group in places.group_by(by, maintain_order=True):
        latitude, longitude = group["latitude"].to_numpy(), group["longitude"].to_numpy()
        weight = group["population"].to_numpy().astype(float)
        mean = (to_sphere_km(latitude, longitude) * weight[:, None]).sum(axis=0) / weight.sum()
        (centre_latitude,), (centre_longitude,) = from_sphere_km(mean)
        distance_km = great_circle_km(latitude, longitude, centre_latitude, centre_longitude)
        order = np.argsort(distance_km)
        below = np.cumsum(weight[order])
        median_km = distance_km[order][np.searchsorted(below, below[-1] / 2)]
        zone = (
            group.group_by("time_zone").agg(pl.col("population").sum()).sort("population", "time_zone")["time_zone"][-1]
        )
        rows.append((*key, float(centre_latitude), float(centre_longitude), zone, max(5.0, round(float(median_km), 1))))
    columns = [*by, "latitude", "longitude", "time_zone", "radius_km"]
    return pl.DataFrame(rows, schema=columns, orient="row").sort(by)
