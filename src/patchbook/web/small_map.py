"""A plan on a stamp: the ground and its accounts in the colours of their territories, or bars without places.

An SVG for cards, of presentation attributes and classes only, so that light and dark are the style sheet's; at most
some thirty kilobytes, however many accounts there are: accounts that lie together are one dot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
from markupsafe import Markup

from patchbook.geography.shapes import shapes
from patchbook.plans.plan import CarveLayer, HouseLayer
from patchbook.plans.report.colours import COLOURS, coloured
from patchbook.plans.report.ground import WIDTH, Ground, ground_for
from patchbook.plans.state import PlanState, parsed

CELL = 13.0
"""Accounts of one cell of so many points of the page are one dot, in the colour most of them have."""
MOST_DOTS = 1_500
MOST_BARS = 40
COARSE_DEGREES = 0.5


def small_map(state: PlanState) -> Markup:
    """A picture of a plan as it stands."""
    is_about_places = any(isinstance(layer, CarveLayer) and layer.compact for layer in parsed(state.plan).layers)
    colours = dict(zip(state.territories["territory"], colours_for(state), strict=True))
    frame = state.assignments
    if not is_about_places or not {"latitude", "longitude"} <= set(frame.columns):
        return _bars(state, list(colours.values()))
    placed = frame.select(
        pl.col("latitude", "longitude").cast(pl.Float64).fill_nan(None), pl.col("territory")
    ).drop_nulls(["latitude", "longitude"])
    if not placed.height:
        return _bars(state, list(colours.values()))
    latitude, longitude = placed["latitude"].to_numpy(), placed["longitude"].to_numpy()
    ground = ground_for(latitude, longitude)
    where = ground.place(latitude, longitude)
    chosen = [colours.get(name, COLOURS) for name in placed["territory"]]
    parts = [f'<path class="land" d="{_land(ground)}"/>']
    for colour, path in _dots(where, np.array(chosen)):
        parts.append(f'<path class="dots c{colour}" d="{path}"/>')
    title = f"{state.plan.name} on the map: {state.territories.height:,} territories"
    return Markup(
        '<svg class="small-map" viewBox="0 0 {} {}" preserveAspectRatio="xMidYMid meet" role="img" aria-label="{}">'
    ).format(round(WIDTH), round(ground.height), title) + Markup("".join(parts) + "</svg>")


def colours_for(state: PlanState) -> list[int]:
    """The colour of each territory; grey for what is the house's."""
    houses = {layer.name for layer in parsed(state.plan).layers if isinstance(layer, HouseLayer)}
    chosen = coloured(state.territories.height, ())
    return [
        COLOURS if layer in houses else colour for colour, layer in zip(chosen, state.territories["layer"], strict=True)
    ]


def _dots(where: npt.NDArray[np.float64], colours: npt.NDArray[np.int64]) -> list[tuple[int, str]]:
    """Colour → a path of dots, each a line without length that round ends make a point."""
    frame = pl.DataFrame({"x": where[:, 0], "y": where[:, 1], "colour": colours})
    cells = (
        frame.group_by((pl.col("x") // CELL).alias("column"), (pl.col("y") // CELL).alias("line"), "colour")
        .agg(pl.col("x", "y").mean(), accounts=pl.len())
        .sort("accounts", "colour", "column", "line", descending=[True, False, False, False])
        .unique(["column", "line"], keep="first", maintain_order=True)
        .head(MOST_DOTS)
    )
    paths: dict[int, list[str]] = {}
    for colour, x, y in cells.select("colour", "x", "y").iter_rows():
        paths.setdefault(int(colour), []).append(f"M{x:.0f},{y:.0f}h0")
    return [(colour, "".join(dots)) for colour, dots in sorted(paths.items())]


def _land(ground: Ground) -> str:
    if ground.is_us:
        return _us_land(ground)
    coarse = replace(ground, shapes=shapes("countries-coarse"))
    return "".join(_path(coarse, shape.rings) for shape in coarse.shapes)


@lru_cache(maxsize=2)
def _us_outline(codes: tuple[str, ...], scale: float, west: float, north: float, height: float) -> str:
    land = tuple(shape for shape in shapes("us-states", COARSE_DEGREES) if shape.code in codes)
    ground = Ground(shapes=land, projection="us", scale=scale, west=west, north=north, height=height)
    return "".join(_path(ground, shape.rings) for shape in land)


def _us_land(ground: Ground) -> str:
    codes = tuple(shape.code for shape in ground.shapes)
    return _us_outline(codes, ground.scale, ground.west, ground.north, ground.height)


def _path(ground: Ground, rings: Sequence[npt.NDArray[np.float64]]) -> str:
    """The outline in whole points, without what would not be seen."""
    drawn = []
    for ring in rings:
        points = np.round(ground.place(ring[:, 0], ring[:, 1])).astype(int)
        if points[:, 0].max() < 0 or points[:, 0].min() > WIDTH:
            continue
        if points[:, 1].max() < 0 or points[:, 1].min() > ground.height:
            continue
        if np.ptp(points[:, 0]) < 6 or np.ptp(points[:, 1]) < 6:
            continue
        kept = points[np.concatenate([[True], (np.diff(points, axis=0) != 0).any(axis=1)])]
        steps = " ".join(f"{x},{y}" for x, y in np.diff(kept[:-1], axis=0))
        drawn.append(f"M{kept[0][0]},{kept[0][1]}l{steps}z")
    return "".join(drawn)


def _bars(state: PlanState, colours: Sequence[int]) -> Markup:
    """A bar a territory, as long as what it carries of the first measure, or as many accounts as it has."""
    name = f"{state.measures[0]}_actual" if state.measures else "accounts"
    load = state.territories[name].cast(pl.Float64).fill_null(0.0).to_list()
    shown = sorted(zip(load, colours, strict=True), key=lambda pair: -pair[0])[:MOST_BARS]
    most = max((value for value, _ in shown), default=0.0) or 1.0
    wide = WIDTH / max(len(shown), 12)
    parts = []
    for place, (value, colour) in enumerate(shown):
        high = 500 * max(value, 0.0) / most
        parts.append(
            f'<rect class="load c{colour}" x="{place * wide + 1:.0f}" y="{540 - high:.0f}"'
            f' width="{max(wide - 6, 2):.0f}" height="{high:.0f}"/>'
        )
    what = state.measures[0] if state.measures else "accounts"
    title = f"{state.plan.name}: {what.replace('_', ' ')} of each of {state.territories.height:,} territories"
    return Markup(
        '<svg class="small-map" viewBox="0 0 {} 552" preserveAspectRatio="xMidYMid meet" role="img" aria-label="{}">'
    ).format(round(WIDTH), title) + Markup("".join(parts) + "</svg>")
