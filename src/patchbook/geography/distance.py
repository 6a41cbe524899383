"""Distances on the globe, and the globe as Cartesian kilometres for k-d trees and means. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG); a great-circle distance with it is within 0.6 % of the ellipsoid's."""


def great_circle_km(
    latitude_a: npt.ArrayLike, longitude_a: npt.ArrayLike, latitude_b: npt.ArrayLike, longitude_b: npt.ArrayLike
) -> FloatArray:
    """
    The shortest way over the globe between points a and b in kilometres; the arguments broadcast.

    Examples
    --------
    >>> round(float(great_circle_km(40.7128, -74.0060, 51.5074, -0.1278)))  # New York to London
    5570
    """
    phi_a, phi_b = np.radians(np.asarray(latitude_a, float)), np.radians(np.asarray(latitude_b, float))
    half_phi = (phi_b - phi_a) / 2
    half_lambda = np.radians(np.asarray(longitude_b, float) - np.asarray(longitude_a, float)) / 2
    # The haversine keeps its precision for near points, where the arc cosine loses it.
    haversine = np.sin(half_phi) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(haversine, 0.0, 1.0))))


def to_sphere_km(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> FloatArray:
    """
    (n, 3) positions in kilometres on the sphere of the Earth's radius; straight lines there are chords.

    Examples
    --------
    >>> to_sphere_km([0.0], [90.0]).round(4).tolist()
    [[0.0, 6371.0088, 0.0]]
    """
    phi, lam = (
        np.radians(np.atleast_1d(np.asarray(latitude, float))),
        np.radians(np.atleast_1d(np.asarray(longitude, float))),
    )
    cos_phi = np.cos(phi)
    return np.asarray(EARTH_RADIUS_KM * np.column_stack([cos_phi * np.cos(lam), cos_phi * np.sin(lam), np.sin(phi)]))


def from_sphere_km(positions: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """
    Latitude and longitude of (n, 3) positions; a point inside the globe (a mean) is taken to the surface.

    Examples
    --------
    >>> latitude, longitude = from_sphere_km(to_sphere_km([48.1], [11.6]))
    >>> round(float(latitude[0]), 6), round(float(longitude[0]), 6)
    (48.1, 11.6)
    """
    x, y, z = np.atleast_2d(np.asarray(positions, float)).T
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def chord_km(arc_km: npt.ArrayLike) -> FloatArray:
    """The straight line through the globe that belongs to an arc over it: what a k-d tree measures."""
    return np.asarray(2 * EARTH_RADIUS_KM * np.sin(np.asarray(arc_km, float) / (2 * EARTH_RADIUS_KM)))


def arc_km(chord: npt.ArrayLike) -> FloatArray:
    """The arc over the globe that belongs to a chord through it."""
    return np.asarray(
        2 * EARTH_RADIUS_KM * np.arcsin(np.clip(np.asarray(chord, float) / (2 * EARTH_RADIUS_KM), 0.0, 1.0))
    )
