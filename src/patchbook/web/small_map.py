"""A plan as a picture the size of a card: land, and its accounts as dots in the colours of their territories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl
from markupsafe import Markup, escape

from patchbook.geography.shapes import Shape, shapes
from patchbook.plans.report.colours import COLOURS
from patchbook.plans.report.ground import LAST_STATE, WIDTH, Ground, ground_for

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

WIDE = 320
MOST_DOTS = 1_600
CELLS = (1, 3, 4, 5, 6, 8, 10, 12)
"""Sides of the squares that share a dot, in points of the picture; the smallest that gives few enough dots is taken."""
TOLERANCE_DEGREES = 0.2
FAR_SHARE = 0.005
NOBODY = COLOURS + 1
"""The colour of an account without a territory: that of the text."""


def small_map(assignments: pl.DataFrame, territories: Sequence[str], colours: Sequence[int], *, title: str) -> Markup:
    """
    The picture as SVG; nothing where no account has a place.

    Its colours are those of the page's style sheets (`tokens.css`, `map.css`), light or dark.

    Parameters
    ----------
    assignments
        territory, latitude and longitude of each account, as in `PlanState.assignments`.
    territories
        Their names, in the order of `colours`.
    title
        What the picture shows, for who does not see it.
    """
    if not {"latitude", "longitude"} <= set(assignments.columns):
        return Markup("")
    placed = assignments.select(
        "territory", pl.col("latitude", "longitude").cast(pl.Float64).fill_nan(None)
    ).drop_nulls(["latitude", "longitude"])
    if not placed.height:
        return Markup("")
    of = dict(zip(territories, colours, strict=True))
    colour = placed["territory"].replace_strict(of, default=NOBODY, return_dtype=pl.Int64).fill_null(NOBODY)
    return drawn(
        placed["latitude"].to_numpy(), placed["longitude"].to_numpy(), colour.to_numpy().astype(np.int64), title=title
    )


def drawn(latitude: FloatArray, longitude: FloatArray, colour: IntArray, *, title: str) -> Markup:
    """The picture of places, each with the number of its colour."""
    ground = ground_for(*_without_far_ones(latitude, longitude))
    shrink = WIDE / WIDTH
    where = ground.place(latitude, longitude) * shrink
    inside = (where >= 0).all(axis=1) & (where[:, 0] <= WIDE) & (where[:, 1] <= ground.height * shrink)
    side, dots = _dots(where[inside], colour[inside])
    width = 3.2 if side == 1 else side * 0.85
    groups = "".join(
        f'<path class="dots {_style(number)}" stroke-width="{width:g}" d="{_path(dots[dots[:, 2] == number, :2])}"/>'
        for number in np.unique(dots[:, 2]).tolist()
    )
    return Markup(
        f'<svg class="small-map" viewBox="0 0 {WIDE} {round(ground.height * shrink)}" role="img"'
        f' aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
        f'<path class="land" d="{_land(ground)}"/>{groups}</svg>'
    )


def _without_far_ones(latitude: FloatArray, longitude: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The places without the few at the edges, which would make everything else small."""
    if len(latitude) < 1 / FAR_SHARE:
        return latitude, longitude
    near = np.ones(len(latitude), dtype=bool)
    for values in (latitude, longitude):
        low, high = np.quantile(values, [FAR_SHARE, 1 - FAR_SHARE])
        near &= (values >= low) & (values <= high)
    return latitude[near], longitude[near]


def _style(number: int) -> str:
    return "nobody" if number == NOBODY else f"c{number}"


def _dots(where: FloatArray, colour: IntArray) -> tuple[int, IntArray]:
    """The side of a square, and (dots, 3): x, y and the colour that most accounts in the square have."""
    for side in CELLS:
        cells = (where // side).astype(np.int64)
        found = (
            pl.DataFrame({"x": cells[:, 0], "y": cells[:, 1], "colour": colour})
            .group_by("x", "y", "colour")
            .len()
            .sort("len", "colour", descending=[True, False])
            .unique(["x", "y"], keep="first", maintain_order=True)
            .sort("y", "x")
        )
        if found.height <= MOST_DOTS:
            break
    middle = side // 2
    x, y = (found[name].to_numpy() * side + middle for name in ("x", "y"))
    return side, np.stack([x, y, found["colour"].to_numpy()], axis=1)


def _path(places: IntArray) -> str:
    """A dot is a line of no length with round ends; each is told by how far it is from the last."""
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return "".join(f"m{x}{'' if y < 0 else ' '}{y}h0" for x, y in steps.tolist())


def _land(ground: Ground) -> str:
    drawn_shapes = (
        tuple(one for one in shapes("us-states", TOLERANCE_DEGREES) if one.code <= LAST_STATE)
        if ground.is_us
        else shapes("countries-coarse", TOLERANCE_DEGREES / 2)
    )
    return _outlines(ground.projection, round(ground.scale, 6), round(ground.west, 3), round(ground.north, 3),
                     ground.height, drawn_shapes)  # fmt: skip


@lru_cache(maxsize=32)
def _outlines(
    projection: str, scale: float, west: float, north: float, height: float, shapes_drawn: tuple[Shape, ...]
) -> str:
    """Kept, because every card of a plan has the same land."""
    ground = Ground(
        shapes=shapes_drawn,
        projection="us" if projection == "us" else "world",
        scale=scale,
        west=west,
        north=north,
        height=height,
    )
    return "".join(_ring(ground, ring) for shape in shapes_drawn for ring in shape.rings)


def _ring(ground: Ground, ring: FloatArray) -> str:
    shrink = WIDE / WIDTH
    points = np.round(ground.place(ring[:, 0], ring[:, 1]) * shrink).astype(np.int64)
    if points[:, 0].max() < 0 or points[:, 0].min() > WIDE:
        return ""
    if points[:, 1].max() < 0 or points[:, 1].min() > ground.height * shrink:
        return ""
    steps = np.diff(points, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if len(steps) < 3:
        return ""
    walked = "".join(f"{'' if x < 0 else ' '}{x}{'' if y < 0 else ' '}{y}" for x, y in steps[:-1].tolist())
    return f"M{points[0, 0]} {points[0, 1]}l{walked.strip()}z"
