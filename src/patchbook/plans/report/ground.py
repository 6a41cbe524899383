"""The ground a map is drawn on: which shapes lie under the territories, and how degrees become points on the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from patchbook.geography.projection import Projection, fitting, project
from patchbook.geography.shapes import Shape, shapes

FloatArray = npt.NDArray[np.float64]

WIDTH = 960.0
MARGIN = 12.0
TOLERANCE_DEGREES = 0.04
"""Borders are drawn to about four kilometres: less than a point on the page."""
LAST_STATE = "56"
"""FIPS codes above this are territories; of these Puerto Rico is drawn where it has accounts."""
PUERTO_RICO = "72"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A page to draw on."""

    shapes: tuple[Shape, ...]
    """Land, to be drawn below everything."""
    projection: Projection
    scale: float
    west: float
    north: float
    height: float

    @property
    def is_us(self) -> bool:
        """Whether states and counties lie below, rather than countries."""
        return self.projection == "us"

    def place(self, latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        """(n, 2) where on the page a place is; y grows downwards."""
        x, y = project(latitude, longitude, self.projection)
        return np.stack([MARGIN + (x - self.west) * self.scale, MARGIN + (self.north - y) * self.scale], axis=1)

    def path(self, rings: tuple[FloatArray, ...] | list[FloatArray]) -> str:
        """An SVG path of rings of latitude and longitude, without what would be smaller than a point."""
        return "".join(self._ring(ring) for ring in rings)

    def _ring(self, ring: FloatArray) -> str:
        points = np.round(self.place(ring[:, 0], ring[:, 1]), 1)
        if (points[:, 0].max() < 0) or (points[:, 0].min() > WIDTH):
            return ""
        if (points[:, 1].max() < 0) or (points[:, 1].min() > self.height):
            return ""
        changed = np.concatenate([[True], (np.abs(np.diff(points, axis=0)) > 0).any(axis=1)])
        kept = points[changed]
        if len(kept) < 4:
            return ""
        return "M" + "L".join(f"{x:g},{y:g}" for x, y in kept[:-1]) + "Z"


def ground_for(latitude: FloatArray, longitude: FloatArray) -> Ground:
    """The United States where nearly all places are there, else the part of the world that holds them."""
    if fitting(latitude, longitude) == "us":
        in_puerto_rico = bool(((latitude < 20) & (longitude > -70)).any())
        land = tuple(
            shape
            for shape in shapes("us-states", TOLERANCE_DEGREES)
            if shape.code <= LAST_STATE or (in_puerto_rico and shape.code == PUERTO_RICO)
        )
        corners = np.concatenate([ring for shape in land for ring in shape.rings])
        return _ground(land, "us", corners[:, 0], corners[:, 1], padding=0.0)
    return _ground(shapes("countries", TOLERANCE_DEGREES), "world", latitude, longitude, padding=0.08)


def _ground(
    land: tuple[Shape, ...], projection: Projection, latitude: FloatArray, longitude: FloatArray, *, padding: float
) -> Ground:
    x, y = project(latitude, longitude, projection)
    wide, high = max(float(np.ptp(x)), 400.0), max(float(np.ptp(y)), 300.0)
    middle_x, middle_y = float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2
    wide, high = wide * (1 + 2 * padding), high * (1 + 2 * padding)
    # Neither a ribbon nor a tower: the page is between 9:4 and 4:3.
    wide, high = max(wide, high * 4 / 3), max(high, wide * 4 / 9)
    scale = (WIDTH - 2 * MARGIN) / wide
    return Ground(
        shapes=land,
        projection=projection,
        scale=scale,
        west=middle_x - wide / 2,
        north=middle_y + high / 2,
        height=round(high * scale + 2 * MARGIN),
    )
