"""How much a territory keeps to itself: the share of accounts inside its outline that are its own."""

from __future__ import annotations

import numpy as np

from patchbook.geography.hull import convex_hull
from patchbook.measures.division import BoolArray, Division, FloatArray, IntArray
from patchbook.measures.measure import Measure
from patchbook.measures.travel import centres

WIDEST_DEGREES = 89.0
"""An outline is drawn on a plane that touches the globe at the territory's centre; beyond this there is no plane."""


def compactness(territory: IntArray, latitude: FloatArray, longitude: FloatArray, territories: int) -> FloatArray:
    r"""
    (territories,) own accounts in the convex hull over all accounts in the hull: 1 when no other territory reaches in.

    This is the *population polygon* of Hofeller & Grofman (1990), "Comparing the compactness of California
    congressional districts under three different plans", in "Political Gerrymandering and the Courts", with accounts
    in the place of inhabitants. It needs no borders, so it judges territories made of points. The hull is drawn on the
    gnomonic projection about the territory's centre, where a straight line is a great circle. NaN where no account
    has a place, or where the territory spans half the globe.

    Examples
    --------
    A territory of two accounts with a stranger half-way between them:

    >>> compactness(np.array([0, 1, 0]), np.array([0.0, 0.0, 0.0]), np.array([0.0, 1.0, 2.0]), 2).round(3).tolist()
    [0.667, 1.0]
    """
    score = np.full(territories, np.nan)
    north, east = centres(territory, latitude, longitude, territories)
    held = (territory >= 0) & np.isfinite(latitude) & np.isfinite(longitude)
    places, place_of_account = np.unique(
        np.stack([latitude[held], longitude[held]], axis=1), axis=0, return_inverse=True
    )
    accounts_at = np.bincount(place_of_account, minlength=len(places))
    for row in np.flatnonzero(np.isfinite(north)):
        own = territory[held] == row
        points, in_sight = _gnomonic(places[:, 0], places[:, 1], float(north[row]), float(east[row]))
        own_places = np.unique(place_of_account[own])
        if not in_sight[own_places].all():
            continue
        inside = _inside(np.array(convex_hull(points[own_places])), points) & in_sight
        inside[own_places] = True
        # Strangers at the very same place are nobody's fault: a shared ZIP must not make a territory look ragged.
        strangers_only = inside.copy()
        strangers_only[own_places] = False
        score[row] = own.sum() / (own.sum() + accounts_at[strangers_only].sum())
    return score


def of(division: Division) -> float:
    """The mean compactness of territories that have places."""
    if division.latitude is None or division.longitude is None:
        return float("nan")
    score = compactness(division.territory, division.latitude, division.longitude, division.territories)
    return float(np.nanmean(score)) if np.isfinite(score).any() else float("nan")


def _gnomonic(
    latitude: FloatArray, longitude: FloatArray, centre_latitude: float, centre_longitude: float
) -> tuple[FloatArray, BoolArray]:
    """(places, 2) on the plane that touches the globe at the centre, and which of them that plane can see."""
    north, east = np.radians(latitude), np.radians(longitude - centre_longitude)
    at = np.radians(centre_latitude)
    cosine = np.sin(at) * np.sin(north) + np.cos(at) * np.cos(north) * np.cos(east)
    in_sight = cosine > np.cos(np.radians(WIDEST_DEGREES))
    depth = np.where(in_sight, cosine, 1.0)
    x = np.cos(north) * np.sin(east) / depth
    y = (np.cos(at) * np.sin(north) - np.sin(at) * np.cos(north) * np.cos(east)) / depth
    return np.stack([x, y], axis=1), np.asarray(in_sight)


def _inside(hull: FloatArray, points: FloatArray) -> BoolArray:
    """(points,) true where a point lies in the hull or on its edge."""
    nearly = 1e-9
    low, high = hull.min(axis=0) - nearly, hull.max(axis=0) + nearly
    inside = np.asarray(((points >= low) & (points <= high)).all(axis=1))
    if len(hull) < 2:
        return inside
    near = np.flatnonzero(inside)
    kept = np.ones(near.size, dtype=np.bool_)
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        edge = end - start
        length = float(np.hypot(edge[0], edge[1]))
        across = edge[0] * (points[near, 1] - start[1]) - edge[1] * (points[near, 0] - start[0])
        kept &= across >= -nearly * length
    inside[near] = kept
    return inside


COMPACTNESS = Measure(
    key="compactness",
    title="Compactness",
    unit="share",
    better="higher",
    by_quantity=False,
    compute=of,
    help="The share of accounts inside a territory's outline that are its own, mean over territories.",
)
