"""The map of a result as SVG: territories painted over counties, an account a point, a name at each centre."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise

import numpy as np
import polars as pl

from patchbook.geography.shapes import shapes
from patchbook.plans.outlines import hull, melted
from patchbook.plans.plan import CarveLayer, HouseLayer, Plan
from patchbook.plans.report import words
from patchbook.plans.report.colours import COLOURS, coloured, near_centres
from patchbook.plans.report.ground import TOLERANCE_DEGREES, WIDTH, FloatArray, Ground, ground_for
from patchbook.plans.result import Result

MOST_POINTS = 5_000
"""More accounts than this are drawn as one circle a neighbourhood."""
CELL = 12.0
"""The side of such a neighbourhood, in points of the page."""


@dataclass(frozen=True, kw_only=True)
class TerritoryMap:
    """A map that stands on its own: a notebook shows it, a page inlines it."""

    svg: str
    colours: tuple[int, ...]
    """The colour of each territory, in the order of the territories table."""
    note: str | None
    """What the map leaves out or puts together, in one sentence."""

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return self.svg


def territory_map(result: Result) -> TerritoryMap:
    """The territories of a result on the ground they cover."""
    names = result.territories["territory"].to_list()
    latitude, longitude, territory = _points(result, names)
    if not latitude.size or not is_about_places(result.plan):
        return TerritoryMap(svg="", colours=_with_house(result, coloured(len(names), ())), note=None)
    ground = ground_for(latitude, longitude)
    areas = _Areas.of(result, names, ground) if ground.is_us and result.areas.height else None
    touching = areas.touching if areas else near_centres(result.territories)
    colours = _with_house(result, coloured(len(names), touching))
    aggregated = latitude.size > MOST_POINTS
    layers = [
        f'<g class="land">{_paths(ground.path(shape.rings) for shape in ground.shapes)}</g>',
        areas.drawn(names, colours) if areas else _hulls(ground, latitude, longitude, territory, names, colours),
        f'<g class="borders">{_paths(ground.path(shape.rings) for shape in ground.shapes)}</g>' if areas else "",
        _cells(ground, latitude, longitude, territory, names, colours)
        if aggregated
        else _accounts(result, ground, names, colours),
        _labels(result, ground),
    ]
    title = f"Map of the territories of {result.plan.name}"
    svg = (
        f'<svg class="patchbook-map" viewBox="0 0 {WIDTH:g} {ground.height:g}" role="img" '
        f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
        f"<style>{stylesheet()}</style>{''.join(layers)}</svg>"
    )
    return TerritoryMap(svg=svg, colours=colours, note=_note(areas is not None, aggregated))


def is_about_places(plan: Plan) -> bool:
    """
    Whether any layer divides accounts by where they are; a plan without carve layers is shown on a map too.

    Examples
    --------
    >>> from pathlib import Path
    >>> sectors = CarveLayer(name="Inside", by="industry", travel=0.0)
    >>> is_about_places(Plan(name="2027", accounts=Path("accounts.csv"), layers=(sectors,)))
    False
    """
    layers = [layer for layer in plan.layers if isinstance(layer, CarveLayer)]
    return not layers or any(layer.is_on_the_ground for layer in layers)


def stylesheet() -> str:
    """The style of the map, with the palette in light and dark."""
    return (files("patchbook.plans.report") / "map.css").read_text(encoding="utf-8")


def _with_house(result: Result, colours: Sequence[int]) -> tuple[int, ...]:
    """Grey for what is nobody's."""
    houses = {layer.name for layer in result.plan.layers if isinstance(layer, HouseLayer)}
    layers = result.territories["layer"].to_list()
    return tuple(COLOURS if layer in houses else colour for layer, colour in zip(layers, colours, strict=True))


@dataclass(frozen=True, kw_only=True)
class _Areas:
    """Counties by territory: those that hold accounts, and all of them."""

    held: tuple[str, ...]
    around: tuple[str, ...]
    touching: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, result: Result, names: Sequence[str], ground: Ground) -> _Areas:
        row_of = {name: row for row, name in enumerate(names)}
        holder = {
            fips: (row_of[name], accounts > 0)
            for fips, name, accounts in result.areas.select("county_fips", "territory", "accounts").iter_rows()
            if name in row_of
        }
        drawn = {state.code for state in ground.shapes}
        held: list[list[FloatArray]] = [[] for _ in names]
        around: list[list[FloatArray]] = [[] for _ in names]
        for shape in shapes("us-counties", TOLERANCE_DEGREES):
            if shape.code[:2] not in drawn or shape.code not in holder:
                continue
            row, has_accounts = holder[shape.code]
            around[row].extend(shape.rings)
            if has_accounts:
                held[row].extend(shape.rings)
        return cls(
            held=tuple(_outline(ground, rings) for rings in held),
            around=tuple(_outline(ground, rings) for rings in around),
            touching=_touching(around),
        )

    def drawn(self, names: Sequence[str], colours: Sequence[int]) -> str:
        """The painted territories, the empty counties paler."""
        parts = []
        for row, name in enumerate(names):
            if not self.around[row]:
                continue
            parts.append(
                f'<g class="territory c{colours[row]}" data-territory="{row}"><title>{escape(name)}</title>'
                f'<path class="around" d="{self.around[row]}"/><path class="held" d="{self.held[row]}"/></g>'
            )
        return f'<g class="territories">{"".join(parts)}</g>'


def _outline(ground: Ground, rings: list[FloatArray]) -> str:
    polygons = melted(rings)
    return ground.path([np.array(ring) for polygon in polygons for ring in polygon])


def _touching(rings_of: Sequence[list[FloatArray]]) -> frozenset[tuple[int, int]]:
    """Territories that share an edge of a county."""
    walked: dict[tuple[tuple[float, float], tuple[float, float]], int] = {}
    for row, rings in enumerate(rings_of):
        for ring in rings:
            corners = [(float(y), float(x)) for y, x in ring]
            walked.update(dict.fromkeys(pairwise(corners), row))
    pairs = set()
    for (start, end), row in walked.items():
        other = walked.get((end, start), row)
        if other != row:
            pairs.add((min(row, other), max(row, other)))
    return frozenset(pairs)


def _placed(result: Result) -> pl.DataFrame:
    if not {"latitude", "longitude"} <= set(result.accounts.columns):
        return pl.DataFrame(schema={"account_id": pl.String, "territory": pl.String})
    kept = [name for name in ("account_id", "name", "latitude", "longitude") if name in result.accounts.columns]
    return (
        result.accounts.select(kept)
        .join(result.assignments.select("account_id", "territory", "person"), on="account_id", maintain_order="left")
        .with_columns(pl.col("latitude", "longitude").cast(pl.Float64).fill_nan(None))
        .drop_nulls(["latitude", "longitude"])
    )


def _points(result: Result, names: Sequence[str]) -> tuple[FloatArray, FloatArray, FloatArray]:
    placed = _placed(result)
    if not placed.height:
        nothing = np.empty(0)
        return nothing, nothing, nothing
    row_of = {name: row for row, name in enumerate(names)}
    rows = np.array([row_of.get(name, -1) for name in placed["territory"]], dtype=np.float64)
    return placed["latitude"].to_numpy(), placed["longitude"].to_numpy(), rows


def _accounts(result: Result, ground: Ground, names: Sequence[str], colours: Sequence[int]) -> str:
    row_of = {name: row for row, name in enumerate(names)}
    placed = _placed(result)
    if "name" not in placed.columns:
        placed = placed.with_columns(name=pl.col("account_id"))
    where = ground.place(placed["latitude"].to_numpy(), placed["longitude"].to_numpy())
    parts = []
    for (x, y), name, territory in zip(where, placed["name"], placed["territory"], strict=True):
        row = row_of.get(territory, -1)
        style = f"c{colours[row]}" if row >= 0 else "nobody"
        told = f"{name} – {territory or 'nobody'}"
        parts.append(
            f'<circle class="{style}" data-territory="{row}" cx="{x:.1f}" cy="{y:.1f}" r="2.1">'
            f"<title>{escape(told)}</title></circle>"
        )
    return f'<g class="accounts">{"".join(parts)}</g>'


def _hulls(
    ground: Ground,
    latitude: FloatArray,
    longitude: FloatArray,
    territory: FloatArray,
    names: Sequence[str],
    colours: Sequence[int],
) -> str:
    """Where there are no areas to paint, the outline around each territory's accounts."""
    where = ground.place(latitude, longitude)
    parts = []
    for row, name in enumerate(names):
        corners = "L".join(f"{x:.1f},{y:.1f}" for x, y in hull(where[territory == row])[:-1])
        if corners:
            parts.append(
                f'<g class="territory c{colours[row]}" data-territory="{row}"><title>{escape(name)}</title>'
                f'<path class="hull" d="M{corners}Z"/></g>'
            )
    return f'<g class="territories">{"".join(parts)}</g>'


def _cells(
    ground: Ground,
    latitude: FloatArray,
    longitude: FloatArray,
    territory: FloatArray,
    names: Sequence[str],
    colours: Sequence[int],
) -> str:
    where = ground.place(latitude, longitude)
    frame = pl.DataFrame({"x": where[:, 0], "y": where[:, 1], "row": territory.astype(np.int64)})
    cells = (
        frame.group_by((pl.col("x") // CELL).alias("column"), (pl.col("y") // CELL).alias("line"), "row")
        .agg(pl.col("x", "y").mean(), accounts=pl.len())
        .sort("accounts", "row", "x", "y", descending=[True, False, False, False])
    )
    largest = float(cells["accounts"].max() or 1)  # type: ignore[arg-type]
    parts = []
    for row, x, y, accounts in cells.select("row", "x", "y", "accounts").iter_rows():
        radius = max(1.2, CELL * 0.9 * (accounts / largest) ** 0.5)
        style = f"c{colours[row]}" if row >= 0 else "nobody"
        told = f"{words.accounts(accounts)} – {names[row] if row >= 0 else 'nobody'}"
        parts.append(
            f'<circle class="{style}" data-territory="{row}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
            f"<title>{escape(told)}</title></circle>"
        )
    return f'<g class="accounts">{"".join(parts)}</g>'


def _labels(result: Result, ground: Ground) -> str:
    """Names at the centres, the largest territories first; one that would cover another moves, or is left out."""
    rows = (
        result.territories.with_row_index("row").drop_nulls(["latitude", "longitude"]).sort("accounts", descending=True)
    )
    taken: list[tuple[float, float, float, float]] = []
    parts = []
    for row, name, latitude, longitude in rows.select("row", "territory", "latitude", "longitude").iter_rows():
        [(x, y)] = ground.place(np.array([latitude]), np.array([longitude]))
        half = 3.4 * len(name) + 2
        for down in (0, -13, 13, -26, 26):
            box = (x - half, y + down - 8, x + half, y + down + 5)
            inside = box[0] > 0 and box[2] < WIDTH and box[1] > 0 and box[3] < ground.height
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                parts.append(f'<text data-territory="{row}" x="{x:.1f}" y="{y + down + 2:.1f}">{escape(name)}</text>')
                break
    return f'<g class="names" aria-hidden="true">{"".join(parts)}</g>'


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _paths(shapes_drawn: Iterable[str]) -> str:
    return f'<path d="{"".join(shapes_drawn)}"/>'


def _note(has_areas: bool, aggregated: bool) -> str | None:
    sentences = []
    if has_areas:
        sentences.append(
            "A county has the colour of the territory with most of its accounts; "
            "a pale county has none, and goes with the nearest that has."
        )
    if aggregated:
        sentences.append("A circle is a neighbourhood, the larger the more accounts it holds.")
    return " ".join(sentences) or None
