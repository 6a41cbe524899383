"""How much a territory keeps to itself: the share of accounts inside its outline that are its own."""

from __future__ import annotations

import numpy as np

from patchbook.geography.hull import convex_hull
from patchbook.measures.division import BoolArray, Division, FloatArray, IntArray
from patchbook.measures.measure import Measure
from patchbook.measures.travel import centres, on_unit_sphere

NEARLY = 1e-9
"""How far beyond an edge or a circle a point may lie and still count as on it, because numbers are rounded."""

WIDEST_DEGREES = 89.0
"""An outline is drawn on a plane that touches the globe at the territory's centre; beyond this there is no plane."""


def compactness(
    territory: IntArray,
    latitude: FloatArray,
    longitude: FloatArray,
    territories: int,
    *,
    only: IntArray | None = None,
) -> FloatArray:
    r"""
    (territories,) own accounts in the convex hull over all accounts in the hull: 1 when no other territory reaches in.

    This is the *population polygon* of Hofeller & Grofman (1990), "Comparing the compactness of California
    congressional districts under three different plans", in "Political Gerrymandering and the Courts", with accounts
    in the place of inhabitants. It needs no borders, so it judges territories made of points. The hull is drawn on the
    gnomonic projection about the territory's centre, where a straight line is a great circle. NaN where no account
    has a place, or where the territory spans half the globe.

    Parameters
    ----------
    only
        The territories it is worked out for; NaN for the others.

    Examples
    --------
    A territory of two accounts with a stranger half-way between them:

    >>> compactness(np.array([0, 1, 0]), np.array([0.0, 0.0, 0.0]), np.array([0.0, 1.0, 2.0]), 2).round(3).tolist()
    [0.667, 1.0]
    """
    score = np.full(territories, np.nan)
    north, east = centres(territory, latitude, longitude, territories)
    held = np.flatnonzero((territory >= 0) & np.isfinite(latitude) & np.isfinite(longitude))
    owner, north_of, east_of = territory[held], latitude[held], longitude[held]
    points_on_sphere = on_unit_sphere(north_of, east_of)
    by_owner = np.argsort(owner, kind="stable")
    ends = np.searchsorted(owner[by_owner], np.arange(territories + 1))
    for row in np.arange(territories) if only is None else only:
        own = by_owner[ends[row] : ends[row + 1]]
        if not len(own):
            continue
        centre = on_unit_sphere(north[row : row + 1], east[row : row + 1])[0]
        # No outline reaches beyond the circle about its centre through its farthest account.
        nearness = points_on_sphere @ centre
        near = np.flatnonzero(nearness >= nearness[own].min() - NEARLY)
        places, place_of_account = np.unique(north_of[near] + 1j * east_of[near], return_inverse=True)
        points, in_sight = _gnomonic(places.real, places.imag, float(north[row]), float(east[row]))
        own_places = np.unique(place_of_account[owner[near] == row])
        if not in_sight[own_places].all():
            continue
        inside = _inside(np.array(convex_hull(points[own_places])), points) & in_sight
        # Strangers at the very same place are nobody's fault: a shared ZIP must not make a territory look ragged.
        inside[own_places] = False
        strangers = np.bincount(place_of_account, minlength=len(places))[inside].sum()
        score[row] = len(own) / (len(own) + strangers)
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
    low, high = hull.min(axis=0) - NEARLY, hull.max(axis=0) + NEARLY
    inside = np.asarray(((points >= low) & (points <= high)).all(axis=1))
    if len(hull) < 2:
        return inside
    near = np.flatnonzero(inside)
    kept = np.ones(near.size, dtype=np.bool_)
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        edge = end - start
        length = float(np.hypot(edge[0], edge[1]))
        across = edge[0] * (points[near, 1] - start[1]) - edge[1] * (points[near, 0] - start[0])
        kept &= across >= -NEARLY * length
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
