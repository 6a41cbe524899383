"""The shipped tables, each read once and only when somebody asks for it; `data/SOURCE.md` says where they come from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import polars as pl


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
    return _table("state_centre")


@cache
def country_centres() -> pl.DataFrame:
    """Where the people of a country are, on average, and half of them within radius_km."""
    return _table("country_centre")


ZIP_RADIUS_KM = 1.8
POSTAL_RADIUS_KM = 3.0
"""Where the table holds no area: the median error measured on known addresses (docs/reference/geography.md)."""


def _table(name: str) -> pl.DataFrame:
    with (files("patchbook.geography") / "data" / f"{name}.parquet").open("rb") as file:
        return pl.read_parquet(file)
