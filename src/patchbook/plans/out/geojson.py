"""Territories as GeoJSON (RFC 7946): melted counties in the US, else the hull around the accounts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from patchbook.geography.shapes import shapes
from patchbook.plans.out import tables
from patchbook.plans.outlines import Polygon, hull, melted
from patchbook.plans.result import Result

DECIMALS = 5
"""About one metre."""


def to_text(result: Result) -> str:
    """The territories as one FeatureCollection, a feature a line."""
    features = [json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in features_of(result)]
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"


def features_of(result: Result) -> list[dict[str, Any]]:
    """One feature a territory: the row of territories.csv as properties, and how its outline was made."""
    features = []
    for row in tables.territories(result).iter_rows(named=True):
        outline, geometry = _outline(result, row["territory"])
        properties = {key: _finite(value) for key, value in row.items()}
        features.append({"type": "Feature", "properties": {**properties, "outline": outline}, "geometry": geometry})
    return features


def territory_polygons(result: Result, territory: str) -> list[Polygon]:
    """The territory's counties melted into polygons of (longitude, latitude); empty outside the US."""
    codes = set(result.areas.filter(pl.col("territory") == territory)["county_fips"]) if result.areas.height else set()
    if not codes:
        return []
    # GeoJSON writes longitude first.
    return melted(ring[:, ::-1] for shape in shapes("us-counties") if shape.code in codes for ring in shape.rings)


def _outline(result: Result, territory: str) -> tuple[str, dict[str, Any] | None]:
    polygons = territory_polygons(result, territory)
    if polygons:
        return "counties", {"type": "MultiPolygon", "coordinates": [[_rounded(r) for r in p] for p in polygons]}
    points = _points(result, territory)
    ring = hull(points)
    if ring:
        return "hull", {"type": "Polygon", "coordinates": [_rounded(ring)]}
    if len(points):
        return "point", {"type": "Point", "coordinates": _rounded([(points[0, 0], points[0, 1])])[0]}
    return "none", None


def _points(result: Result, territory: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    if not {"latitude", "longitude"} <= set(result.accounts.columns):
        return np.empty((0, 2))
    own = result.assignments.filter(pl.col("territory") == territory).select("account_id")
    placed = result.accounts.join(own, on="account_id", how="semi", maintain_order="left")
    return placed.select(pl.col("longitude", "latitude").cast(pl.Float64)).drop_nulls().drop_nans().to_numpy()


def _rounded(ring: list[tuple[float, float]]) -> list[list[float]]:
    return [[round(float(x), DECIMALS), round(float(y), DECIMALS)] for x, y in ring]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
