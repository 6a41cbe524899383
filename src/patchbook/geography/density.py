"""How densely accounts lie around each account: what a field rep's day depends on as much as on distance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patchbook.geography.distance import EARTH_RADIUS_KM, arc_km, chord_km, from_sphere_km, to_sphere_km

FloatArray = npt.NDArray[np.float64]

RADIUS_KM = 25.0
_CELL_KM = 5.0


def accounts_per_1000_km2(
    latitude: npt.ArrayLike, longitude: npt.ArrayLike, *, radius_km: float = RADIUS_KM
) -> FloatArray:
    """
    Accounts within `radius_km` of each account, itself included, for 1,000 km²; NaN without a place.

    Accounts are gathered into cells of about 5 km first, so a million of them take about a second.

    Examples
    --------
    >>> accounts_per_1000_km2([40.0, 40.0, 60.0], [0.0, 0.0, 0.0]).round(2).tolist()
    [1.02, 1.02, 0.51]
    """
    from scipy.spatial import cKDTree

    lat, lon = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    density = np.full(len(lat), np.nan)
    placed = np.isfinite(lat) & np.isfinite(lon)
    if not placed.any():
        return density
    cells, members, counts = np.unique(_cell(lat[placed], lon[placed]), return_inverse=True, return_counts=True)
    positions = to_sphere_km(lat[placed], lon[placed])
    centres = np.column_stack([np.bincount(members, positions[:, axis], len(cells)) for axis in range(3)])
    tree = cKDTree(to_sphere_km(*from_sphere_km(centres)))
    pairs = tree.query_pairs(float(chord_km(radius_km)), output_type="ndarray")
    near = counts.astype(float)
    near += np.bincount(pairs[:, 0], counts[pairs[:, 1]], len(cells))
    near += np.bincount(pairs[:, 1], counts[pairs[:, 0]], len(cells))
    cap_km2 = 2 * np.pi * EARTH_RADIUS_KM**2 * (1 - np.cos(radius_km / EARTH_RADIUS_KM))
    density[placed] = near[members] / cap_km2 * 1000
    return density


def nearest_neighbour_km(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> FloatArray:
    """
    How far each account's nearest other account is; NaN without a place or without another account.

    Examples
    --------
    >>> nearest_neighbour_km([0.0, 0.0], [0.0, 1.0]).round(1).tolist()
    [111.2, 111.2]
    """
    from scipy.spatial import cKDTree

    lat, lon = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    nearest = np.full(len(lat), np.nan)
    placed = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    if len(placed) < 2:
        return nearest
    positions = to_sphere_km(lat[placed], lon[placed])
    chord = np.asarray(cKDTree(positions).query(positions, k=2)[0])
    nearest[placed] = arc_km(chord[:, 1])
    return nearest


def _cell(latitude: FloatArray, longitude: FloatArray) -> npt.NDArray[np.int64]:
    """Bands of latitude, each parted into cells about as wide as the band is high."""
    band_degrees = np.degrees(_CELL_KM / EARTH_RADIUS_KM)
    band = np.floor((latitude + 90) / band_degrees)
    width = band_degrees / np.maximum(np.cos(np.radians((band + 0.5) * band_degrees - 90)), 0.01)
    column = np.floor((longitude + 180) / width)
    return np.asarray(band * 100_000 + column, dtype=np.int64)
