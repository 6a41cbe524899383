"""Coordinates to a flat picture: equal areas, so that a territory looks as large as it is. Arrays in, arrays out."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from patchbook.geography.distance import EARTH_RADIUS_KM

FloatArray = npt.NDArray[np.float64]
Projection = Literal["us", "world"]

_US_BOXES = ((15.0, 72.0, -180.0, -64.0), (51.0, 56.0, 172.0, 180.0))
"""South, north, west, east of the states, Puerto Rico and the Aleutians beyond the date line."""


def project(
    latitude: npt.ArrayLike, longitude: npt.ArrayLike, projection: Projection | None = None
) -> tuple[FloatArray, FloatArray]:
    """
    x to the right and y up, in kilometres of the map, for drawing.

    The US is drawn by Albers with Alaska (at 35 %), Hawaii and Puerto Rico moved below the south-west; anything else by
    Equal Earth. Draw outlines and points with the same `projection`, from `fitting` where one picture holds several.

    Examples
    --------
    >>> x, y = project([39.0, 61.2], [-96.0, -149.9])
    >>> x.round().tolist(), y.round().tolist()  # the middle of the map, and Anchorage below the left
    ([0.0, -1823.0], [168.0, -1297.0])
    """
    lat, lon = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    chosen = projection or fitting(lat, lon)
    return _us(lat, lon) if chosen == "us" else equal_earth(lat, lon)


def fitting(latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Projection:
    """
    The projection for a picture of these points: `us` when at least 95 % lie in the boxes around it.

    Examples
    --------
    >>> fitting([40.7], [-74.0]), fitting([48.1], [11.6])
    ('us', 'world')
    """
    lat, lon = np.atleast_1d(np.asarray(latitude, float)), np.atleast_1d(np.asarray(longitude, float))
    known = np.isfinite(lat) & np.isfinite(lon)
    if not known.any():
        return "world"
    lat, lon = lat[known], lon[known]
    inside = np.zeros(len(lat), dtype=bool)
    for south, north, west, east in _US_BOXES:
        inside |= (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
    # Southern Canada and northern Mexico lie in the boxes too: most of their people live outside the lower 48's window.
    canada = (lat > 49.5) & (lon > -125.0)
    mexico = (lat < 24.3) & (lon > -115.0) & (lon < -82.0)
    return "us" if (inside & ~canada & ~mexico).mean() >= 0.95 else "world"


def albers(
    latitude: FloatArray, longitude: FloatArray, *, parallels: tuple[float, float], origin: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Albers' equal-area conic: true to area everywhere and to scale along two parallels (Snyder 1987, p. 98)."""
    phi_1, phi_2 = np.radians(parallels)
    phi_0, lambda_0 = np.radians(origin)
    cone = (np.sin(phi_1) + np.sin(phi_2)) / 2
    constant = np.cos(phi_1) ** 2 + 2 * cone * np.sin(phi_1)
    rho = EARTH_RADIUS_KM * np.sqrt(np.maximum(constant - 2 * cone * np.sin(np.radians(latitude)), 0)) / cone
    rho_0 = EARTH_RADIUS_KM * np.sqrt(constant - 2 * cone * np.sin(phi_0)) / cone
    turned = np.radians(longitude) - lambda_0
    # Across the date line the short way round, so the Aleutians stay in one piece.
    theta = cone * ((turned + np.pi) % (2 * np.pi) - np.pi)
    return rho * np.sin(theta), rho_0 - rho * np.cos(theta)


def equal_earth(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The whole world with equal areas and round sides (Šavrič, Patterson and Jenny 2019)."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(latitude)))
    power = theta**2
    slope = 9 * a4 * power**4 + 7 * a3 * power**3 + 3 * a2 * power + a1
    x = 2 * np.sqrt(3) * np.radians(longitude) * np.cos(theta) / (3 * slope)
    y = theta * (a4 * power**4 + a3 * power**3 + a2 * power + a1)
    return EARTH_RADIUS_KM * x, EARTH_RADIUS_KM * y


def _us(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    x, y = albers(latitude, longitude, parallels=(29.5, 45.5), origin=(37.5, -96.0))
    alaska = (latitude > 50.5) & ((longitude < -129.5) | (longitude > 170.0))
    hawaii = (latitude < 30.0) & (longitude < -150.0)
    puerto_rico = (latitude < 20.0) & (longitude > -70.0) & (longitude < -60.0)
    for inset, parallels, origin, scale, shift in (
        (alaska, (55.0, 65.0), (60.0, -152.0), 0.35, (-1862.0, -1344.0)),
        (hawaii, (8.0, 18.0), (20.7, -157.5), 1.0, (-1010.0, -1300.0)),
        (puerto_rico, (17.5, 18.5), (18.2, -66.2), 1.2, (1950.0, -1420.0)),
    ):
        inset_x, inset_y = albers(latitude, longitude, parallels=parallels, origin=origin)
        x = np.where(inset, inset_x * scale + shift[0], x)
        y = np.where(inset, inset_y * scale + shift[1], y)
    return x, y
