"""A plan on a card: a small map where it is about places, else a bar a territory."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from markupsafe import Markup, escape

from patchbook.plans.plan import CarveLayer
from patchbook.plans.state import PlanState, parsed
from patchbook.web.small_map import WIDE, small_map

HIGH = 176
MOST_BARS = 40
FEWEST_BARS = 12
"""Bars are as wide as if there were at least so many."""


def picture(state: PlanState, colours: Sequence[int]) -> Markup:
    """A picture of a plan as it stands, in the colours its territories have everywhere."""
    if any(isinstance(layer, CarveLayer) and layer.compact for layer in parsed(state.plan).layers):
        names = state.territories["territory"].to_list()
        title = f"{state.plan.name} on the map: {len(names):,} territories"
        if drawn := small_map(state.assignments, names, colours, title=title):
            return drawn
    return _bars(state, colours)


def _bars(state: PlanState, colours: Sequence[int]) -> Markup:
    """As long as what each territory carries of the first measure, or as many accounts as it has."""
    name = f"{state.measures[0]}_actual" if state.measures else "accounts"
    load = state.territories[name].cast(pl.Float64).fill_null(0.0).to_list()
    shown = sorted(zip(load, colours, strict=True), key=lambda pair: -pair[0])[:MOST_BARS]
    most = max((value for value, _ in shown), default=0.0) or 1.0
    wide = WIDE / max(len(shown), FEWEST_BARS)
    parts = []
    for place, (value, colour) in enumerate(shown):
        high = (HIGH - 8) * max(value, 0.0) / most
        parts.append(
            f'<rect class="load c{colour}" x="{place * wide + 0.5:.1f}" y="{HIGH - high:.1f}"'
            f' width="{max(wide - 2, 1):.1f}" height="{high:.1f}"/>'
        )
    what = state.measures[0] if state.measures else "accounts"
    title = f"{state.plan.name}: {what.replace('_', ' ')} of each of {state.territories.height:,} territories"
    return Markup(
        f'<svg class="small-map" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(title)}">'
        + "".join(parts)
        + "</svg>"
    )
