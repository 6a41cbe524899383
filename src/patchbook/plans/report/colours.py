"""Colours for territories: few enough to tell apart, and never the same for two that touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import polars as pl

from patchbook.geography.distance import to_sphere_km

COLOURS = 10
"""How many colours the palette has; the style sheet gives them their light and dark values."""
NEAREST_CENTRES = 5
"""Without areas that touch, territories count as neighbours of this many others."""


def coloured(territories: int, touching: Iterable[tuple[int, int]]) -> list[int]:
    """
    A colour for each territory, different where two touch as far as the palette reaches.

    Greedy in the order of Brélaz (1979), "New methods to color the vertices of a graph": the territory with most
    colours around it goes first. Among the colours left, the least used one is taken, so that the whole palette shows.

    Examples
    --------
    >>> coloured(3, [(0, 1), (1, 2)])
    [1, 0, 2]
    """
    neighbours: list[set[int]] = [set() for _ in range(territories)]
    for one, other in touching:
        if one != other:
            neighbours[one].add(other)
            neighbours[other].add(one)
    colour = [-1] * territories
    used = [0] * COLOURS
    for _ in range(territories):
        around = [{colour[n] for n in neighbours[t]} - {-1} for t in range(territories)]
        following = max(
            (t for t in range(territories) if colour[t] < 0), key=lambda t: (len(around[t]), len(neighbours[t]), -t)
        )
        crowd = [sum(colour[n] == c for n in neighbours[following]) for c in range(COLOURS)]
        chosen = min(range(COLOURS), key=lambda c: (crowd[c], used[c], c))
        colour[following] = chosen
        used[chosen] += 1
    return colour


def colours_by_name(territories: pl.DataFrame) -> dict[str, int]:
    """The colour of each territory of a carve, by name."""
    names = territories["territory"].to_list()
    return dict(zip(names, coloured(len(names), near_centres(territories)), strict=True))


def colours_of(territories: pl.DataFrame, *, like: Mapping[str, int], houses: Collection[str] = ()) -> list[int]:
    """
    A colour for each row of a plan's territories, the same wherever the plan is shown; grey for what is nobody's.

    Parameters
    ----------
    like
        The colours of the carve, by name, so that an edit changes none. A territory that is not among them takes the
        colour used least.
    houses
        Layers nobody sells in.
    """
    chosen = dict(like)
    used = Counter(dict.fromkeys(range(COLOURS), 0))
    used.update(chosen.values())
    colours = []
    for name, layer in territories.select("territory", "layer").iter_rows():
        if name not in chosen:
            chosen[name] = min(range(COLOURS), key=lambda colour: (used[colour], colour))
            used[chosen[name]] += 1
        colours.append(COLOURS if layer in houses else chosen[name])
    return colours


def near_centres(territories: pl.DataFrame) -> frozenset[tuple[int, int]]:
    """Each territory with those whose centres are nearest, as rows of the table."""
    north = territories["latitude"].cast(pl.Float64).to_numpy()
    east = territories["longitude"].cast(pl.Float64).to_numpy()
    rows = np.flatnonzero(np.isfinite(north) & np.isfinite(east))
    points = to_sphere_km(north[rows], east[rows])
    pairs = set()
    for at, row in enumerate(rows):
        distance = np.linalg.norm(points - points[at], axis=1)
        for near in np.argsort(distance, kind="stable")[1 : NEAREST_CENTRES + 1]:
            pairs.add((min(int(row), int(rows[near])), max(int(row), int(rows[near]))))
    return frozenset(pairs)
