"""How far an account is from the centre of its territory."""

from __future__ import annotations

import numpy as np

from patchbook.geography.distance import EARTH_RADIUS_KM
from patchbook.measures.division import Division, FloatArray, IntArray
from patchbook.measures.measure import Measure


def travel_km(
    territory: IntArray, latitude: FloatArray, longitude: FloatArray, territories: int, *, road_factor: float = 1.2
) -> FloatArray:
    r"""
    (territories,) the mean road distance from the centre to an account, in km; NaN where no account has a place.

    The centre is the accounts' mean point on the sphere. Road kilometres are great-circle kilometres times
    `road_factor`; 1.2 is near the ratio that Boscoe, Henry & Zdeb (2012), "A nationwide comparison of driving distance
    versus straight-line distance to hospitals", The Professional Geographer 64(2), measured on American roads over
    long distances.

    Examples
    --------
    Two accounts one degree apart on the equator, 111.2 km; each is half that from the middle, and 1.2 by road.

    >>> travel_km(np.array([0, 0]), np.array([0.0, 0.0]), np.array([10.0, 11.0]), 1).round(1).tolist()
    [66.7]
    """
    placed = (territory >= 0) & np.isfinite(latitude) & np.isfinite(longitude)
    owner = territory[placed]
    points = on_unit_sphere(latitude[placed], longitude[placed])
    count = np.bincount(owner, minlength=territories).astype(float)
    centres = np.stack(
        [np.bincount(owner, weights=points[:, axis], minlength=territories) for axis in range(3)], axis=1
    )
    length = np.linalg.norm(centres, axis=1)
    centres = np.divide(centres, length[:, None], out=np.zeros(centres.shape), where=length[:, None] > 0)
    chord = np.linalg.norm(points - centres[owner], axis=1)
    distance_km = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2.0, 0.0, 1.0)) * road_factor
    total_km = np.bincount(owner, weights=distance_km, minlength=territories)
    return np.asarray(np.divide(total_km, count, out=np.full(territories, np.nan), where=count > 0))


def centres(
    territory: IntArray, latitude: FloatArray, longitude: FloatArray, territories: int
) -> tuple[FloatArray, FloatArray]:
    """Latitude and longitude of each territory's centre: its accounts' mean point on the sphere, NaN without any."""
    placed = (territory >= 0) & np.isfinite(latitude) & np.isfinite(longitude)
    points = on_unit_sphere(latitude[placed], longitude[placed])
    x, y, z = (np.bincount(territory[placed], weights=points[:, axis], minlength=territories) for axis in range(3))
    present = np.bincount(territory[placed], minlength=territories) > 0
    north = np.degrees(np.arctan2(z, np.hypot(x, y)))
    east = np.degrees(np.arctan2(y, x))
    return np.where(present, north, np.nan), np.where(present, east, np.nan)


def of(division: Division) -> float:
    """The mean over accounts of the road distance to their territory's centre, in km."""
    placed = division.placed()
    if division.latitude is None or division.longitude is None or not placed.any():
        return float("nan")
    mean_km = travel_km(
        division.territory,
        division.latitude,
        division.longitude,
        division.territories,
        road_factor=division.road_factor,
    )
    count = np.bincount(division.territory[placed], minlength=division.territories)
    return float(np.nansum(mean_km * count) / count.sum())


def on_unit_sphere(latitude: FloatArray, longitude: FloatArray) -> FloatArray:
    """(places, 3) on a sphere of radius 1."""
    north, east = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)


TRAVEL = Measure(
    key="travel",
    title="Mean travel",
    unit="km",
    better="lower",
    by_quantity=False,
    compute=of,
    help="The mean road distance from an account to the centre of its territory.",
)
