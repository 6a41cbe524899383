"""The ground of the maps: outlines that no plan changes, named by what they are made from and kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from fastapi import Request
from fastapi.responses import Response

import patchbook
from patchbook.errors import NotFound
from patchbook.geography.shapes import Layer, Shape, shapes

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How exactly a layer is drawn."""

    tolerance_degrees: float
    decimals: int


RECIPES: dict[Layer, Recipe] = {
    "us-states": Recipe(tolerance_degrees=0.02, decimals=3),
    "us-counties": Recipe(tolerance_degrees=0.02, decimals=3),
    "countries-coarse": Recipe(tolerance_degrees=0.12, decimals=2),
    "countries": Recipe(tolerance_degrees=0.04, decimals=2),
    "admin1": Recipe(tolerance_degrees=0.02, decimals=2),
}
"""A first view loads the states and the coarse countries; the others come when one looks closer. States are simplified
as counties are, so that their borders run together."""

_making = Lock()


class NoGeometry(NotFound):
    """There is no such geometry, or not any more; the page that asked for it is older than the server."""

    def __init__(self, layer: str) -> None:
        super().__init__(f"There is no geometry {layer!r} of that make; load the page again.")


def geometry_urls() -> dict[str, str]:
    """Where each layer is, for a map on a page; an address that has changed holds something that has changed."""
    return {layer: f"/geometry/{layer}-{digest(layer)}.json" for layer in RECIPES}


@cache
def digest(layer: Layer) -> str:
    """What a layer is made from, in short: the shipped outlines, the recipe, and the program."""
    data = files("patchbook.geography") / "data"
    made_from = hashlib.sha256(f"{patchbook.__version__} {layer} {RECIPES[layer]}".encode())
    for file in sorted(data.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json.gz"):
            made_from.update(file.read_bytes())
    return made_from.hexdigest()[:16]


def layer_called(name: str, made: str) -> Layer:
    """
    The layer of that name and digest.

    Raises
    ------
    NoGeometry
        There is none, or its digest is another by now.
    """
    found = next((one for one in RECIPES if one == name), None)
    if found is None or made != digest(found):
        raise NoGeometry(name)
    return found


def packed(layer: Layer) -> bytes:
    """A layer as gzipped GeoJSON, made once."""
    with _making:
        return _packed(layer)


def make_ready() -> None:
    """Make every layer, so that who asks first need not wait for it."""
    for layer in RECIPES:
        packed(layer)


def kept_response(request: Request, gzipped: bytes, media_type: str, *, cache_control: str, etag: str = "") -> Response:
    """The answer that gives what is kept gzipped, unpacked for the few who cannot do that themselves."""
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if etag:
        headers["ETag"] = f'"{etag}"'
        if f'"{etag}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(gzipped, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(gzipped), media_type=media_type, headers=headers)


@cache
def _packed(layer: Layer) -> bytes:
    recipe = RECIPES[layer]
    features = [
        _feature(number, shape, recipe.decimals)
        for number, shape in enumerate(shapes(layer, recipe.tolerance_degrees))
        if shape.rings
    ]
    collection = {"type": "FeatureCollection", "features": features}
    written = json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return gzip.compress(written.encode(), compresslevel=9, mtime=0)


def _feature(number: int, shape: Shape, decimals: int) -> dict[str, Any]:
    polygons = [[_written(ring, decimals) for ring in polygon] for polygon in polygons_of(shape)]
    one = len(polygons) == 1
    return {
        "type": "Feature",
        "id": number,
        "properties": {"code": shape.code, "name": shape.name},
        "geometry": {
            "type": "Polygon" if one else "MultiPolygon",
            "coordinates": polygons[0] if one else polygons,
        },
    }


def polygons_of(shape: Shape) -> list[list[FloatArray]]:
    """The rings of a shape as polygons, each an outer ring and its holes, which turn the other way."""
    areas = [_area(ring) for ring in shape.rings]
    outwards = max(areas, key=abs, default=1.0) > 0
    # From large to small: the last polygon around a hole is its own.
    order = sorted(range(len(areas)), key=lambda index: -abs(areas[index]))
    polygons = [[shape.rings[index]] for index in order if (areas[index] > 0) == outwards]
    for index in order:
        if (areas[index] > 0) != outwards:
            around = [polygon for polygon in polygons if _is_inside(shape.rings[index], polygon[0])]
            # What a simplified border no longer encloses is left out, not drawn as land.
            for polygon in around[-1:]:
                polygon.append(shape.rings[index])
    return polygons


def _area(ring: FloatArray) -> float:
    y, x = ring.T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2


def _is_inside(hole: FloatArray, ring: FloatArray) -> bool:
    y, x = (hole[0] + hole[1]) / 2
    (y1, x1), (y2, x2) = ring[:-1].T, ring[1:].T
    with np.errstate(divide="ignore", invalid="ignore"):
        crosses = ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return bool(crosses.sum() % 2)


def _written(ring: FloatArray, decimals: int) -> list[list[float]]:
    """Longitude first, as GeoJSON has it; points that fall together are written once."""
    rounded = np.round(ring[:, ::-1], decimals)
    apart = np.concatenate([[True], (np.diff(rounded, axis=0) != 0).any(axis=1)])
    kept = rounded[apart]
    chosen = kept if len(kept) >= 4 else np.round(ring[:, ::-1], 4)
    return [[_plain(x), _plain(y)] for x, y in chosen.tolist()]


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number
