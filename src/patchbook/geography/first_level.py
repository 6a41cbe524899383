"""Which states, provinces and regions touch: the first-order parts of 27 countries, by the borders they share."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from patchbook.geography.adjacency import Graph, bridge, graph_of
from patchbook.geography.names import name_key
from patchbook.geography.shapes import shapes, topology


@cache
def first_level_graph() -> Graph:
    """
    The first-order parts of the countries in the shipped shapes, by ISO 3166-2 code; islands are bridged.

    Two parts touch when a line of their outlines is the same. Countries that were drawn together touch as well.

    Examples
    --------
    >>> graph = first_level_graph()
    >>> near = graph.adjacency[[graph.position("US-NV")]].indices
    >>> sorted(graph.names[index] for index in near)
    ['US-AZ', 'US-CA', 'US-ID', 'US-OR', 'US-UT']
    """
    parts = {shape.code: shape for shape in shapes("admin1") if shape.rings}
    names = tuple(parts)
    position = {name: index for index, name in enumerate(names)}
    sides: dict[int, set[int]] = defaultdict(set)
    for geometry in topology("admin1")["objects"]["admin1"]["geometries"]:
        here = position.get(str(geometry["properties"].get("iso")))
        if here is not None:
            for arc in _arcs_in(geometry.get("arcs", [])):
                sides[arc if arc >= 0 else ~arc].add(here)
    pairs = sorted({pair for both in sides.values() for pair in combinations(sorted(both), 2)})
    largest = [max(parts[name].rings, key=len) for name in names]
    middle = np.array([ring[:-1].mean(axis=0) for ring in largest])
    return bridge(graph_of(names, np.array(pairs, np.int64).reshape(-1, 2), middle[:, 0], middle[:, 1]))


def first_level_codes(country: pl.Series, state: pl.Series) -> pl.Series:
    """
    The ISO 3166-2 code of each state as accounts have it, null where the shipped shapes have no such part.

    Examples
    --------
    >>> first_level_codes(pl.Series(["US", "DE", "DE", "FJ"]), pl.Series(["CA", "Bayern", "by", "Ba"])).to_list()
    ['US-CA', 'DE-BY', 'DE-BY', None]
    """
    frame = pl.DataFrame({"country": country, "state": state}, schema={"country": pl.String, "state": pl.String})
    keyed = frame.with_columns(name_key(pl.col("state")).alias("key"))
    return keyed.join(_keys(), on=["country", "key"], how="left", maintain_order="left")["code"]


@cache
def _keys() -> pl.DataFrame:
    """Country and key of a name or of the code's own part → code."""
    known = first_level_graph().names
    frame = pl.DataFrame(
        [(shape.code, shape.name) for shape in shapes("admin1") if shape.code in known],
        schema={"code": pl.String, "name": pl.String}, orient="row",
    ).with_columns(
        pl.col("code").str.extract(r"^([^-]+)-", 1).alias("country"),
        name_key(pl.col("code").str.extract(r"-(.+)$", 1)).alias("short"),
        name_key(pl.col("name")).alias("long"),
    )  # fmt: skip
    both = [frame.select("country", pl.col(column).alias("key"), "code") for column in ("short", "long")]
    return pl.concat(both).drop_nulls().unique(["country", "key"], keep="first", maintain_order=True)


def _arcs_in(node: Any) -> list[int]:
    """All arc numbers of a geometry, however deep."""
    return [node] if isinstance(node, int) else [arc for item in node for arc in _arcs_in(item)]
