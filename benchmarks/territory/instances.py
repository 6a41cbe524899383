"""Accounts scattered around the places of the US, repeatable by seed; nothing about them is real but the places."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from patchbook.errors import BadInput
from patchbook.geography.gazetteer import us_cities
from patchbook.geography.projection import albers

FloatArray = npt.NDArray[np.float64]

MEASURES = ("potential", "workload", "count")
ELSEWHERE = ("AK", "HI", "PR", "GU", "VI", "AS", "MP")
SMALLEST_PLACE = 500
"""Inhabitants."""
KM_A_DEGREE = 111.2


@dataclass(frozen=True, kw_only=True)
class Territories:
    """So many accounts to be split into so many equal territories."""

    positions: FloatArray
    """(units, 2) km on an equal-area plane."""
    weights: FloatArray
    """(units, 3) the three measures."""
    seats: int
    tolerance: float
    """Of every measure, as a fraction of an equal share."""

    @property
    def units(self) -> int:
        """How many accounts there are."""
        return len(self.weights)

    @property
    def workload(self) -> FloatArray:
        """(units,) what a kilometre to an account costs: the second measure."""
        return self.weights[:, 1]


@dataclass(frozen=True, kw_only=True)
class Towns:
    """Places to scatter accounts around."""

    latitude: FloatArray
    longitude: FloatArray
    population: FloatArray


def generate(units: int, seats: int, *, tolerance: float, seed: int, towns: Towns) -> Territories:
    """
    An instance: accounts where people are, with a heavy tail of potential and work that follows it.

    Larger towns have more accounts over a larger area; one account in twenty is out in the country. Potential is
    lognormal with sigma 1.5, so that the largest account of 5,000 is about a hundred times the mean.
    """
    rng = np.random.default_rng(seed)
    attraction = towns.population**0.95
    town = rng.choice(len(attraction), units, p=attraction / attraction.sum())
    away_km = rng.exponential(0.28 * np.sqrt(towns.population[town] / 1000) + 0.8)
    bearing = rng.uniform(0, 2 * np.pi, units)
    north, east = away_km * np.sin(bearing), away_km * np.cos(bearing)
    latitude = towns.latitude[town] + north / KM_A_DEGREE
    longitude = towns.longitude[town] + east / (KM_A_DEGREE * np.cos(np.radians(towns.latitude[town])))
    rural = rng.random(units) < 0.05
    latitude[rural] += rng.uniform(-0.7, 0.7, rural.sum())
    longitude[rural] += rng.uniform(-0.9, 0.9, rural.sum())

    potential = rng.lognormal(0, 1.5, units)
    workload = np.round(1 + 2 * np.sqrt(potential) * rng.lognormal(0, 0.35, units), 2)
    x, y = albers(latitude, longitude, parallels=(29.5, 45.5), origin=(37.5, -96.0))
    return Territories(
        positions=np.column_stack([x, y]),
        weights=np.column_stack([potential, workload, np.ones(units)]),
        seats=seats,
        tolerance=tolerance,
    )


def shipped_towns() -> Towns:
    """The towns of the 48 states in the gazetteer that ships with Patchbook, each point once."""
    places = (
        us_cities()
        .filter(~pl.col("state").is_in(ELSEWHERE) & (pl.col("population") >= SMALLEST_PLACE))
        .group_by("latitude", "longitude")
        .agg(pl.col("population").max())
        .sort("population", "latitude", "longitude", descending=[True, False, False])
    )
    return _towns(places, "latitude", "longitude")


def towns_in(file: Path) -> Towns:
    """The towns of a CSV with the columns lat, lon and population, in its order."""
    places = pl.read_csv(file, infer_schema_length=None)
    missing = sorted({"lat", "lon", "population"} - set(places.columns))
    if missing:
        raise BadInput(f"{file} has no column {missing[0]!r}; lat, lon and population are needed.")
    return _towns(places, "lat", "lon")


def _towns(places: pl.DataFrame, latitude: str, longitude: str) -> Towns:
    columns = (places[name].cast(pl.Float64).to_numpy().copy() for name in (latitude, longitude, "population"))
    return Towns(**dict(zip(("latitude", "longitude", "population"), columns, strict=True)))
