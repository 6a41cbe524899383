"""Areas that accounts name themselves (a postal code, a state, a value of any field) and which of them touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_array

from patchbook.accounts.reading import CannotRead, read_table
from patchbook.errors import BadInput
from patchbook.geography import gazetteer
from patchbook.geography.adjacency import Graph, bridge, components, contract, graph_of, neighbour_graph
from patchbook.geography.first_level import first_level_codes, first_level_graph
from patchbook.geography.postal import postal_key, zip_key
from patchbook.words import counted

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class BadNeighbours(BadInput):
    """A file of touching areas, or the field that goes with it, cannot be used; the message says what would do."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """The area each account names, and the graph of the areas that are named."""

    area_of_row: pl.Series
    """(accounts,) name of the area, null where an account names none."""
    graph: Graph
    """Every named area; connected."""


def postal_areas(accounts: pl.DataFrame, known: BoolArray) -> Named:
    """
    Postal codes as areas: natural neighbours by Delaunay's triangles between their middles, cut at long edges.

    A code's middle is that of the shipped table, or of its own accounts where the table does not have it.
    """
    names = _postal_names(accounts)
    latitude, longitude = _middles(names, accounts, known)
    tables = [
        gazetteer.us_zips().select(pl.concat_str(pl.lit("US "), "zip").alias("name"), "latitude", "longitude"),
        gazetteer.postal_codes().select(
            pl.concat_str("country", pl.lit(" "), "postal_key").alias("name"), "latitude", "longitude"
        ),
    ]
    shipped = pl.concat(tables).unique("name", keep="first", maintain_order=True)
    own = pl.DataFrame({"name": list(latitude), "own_y": list(latitude.values()), "own_x": list(longitude.values())},
                       schema={"name": pl.String, "own_y": pl.Float64, "own_x": pl.Float64})  # fmt: skip
    found = own.join(shipped, on="name", how="left", maintain_order="left").with_columns(
        pl.coalesce("latitude", pl.col("own_y").fill_nan(None)),
        pl.coalesce("longitude", pl.col("own_x").fill_nan(None)),
    )
    placed = found.drop_nulls(["latitude", "longitude"])
    if placed.is_empty():
        raise BadNeighbours(
            "no account has a postal code with a known place; say contiguous: neighbours to go by the accounts' places"
        )
    graph = _named(
        neighbour_graph(placed["latitude"].to_numpy(), placed["longitude"].to_numpy()), tuple(placed["name"].to_list())
    )
    return Named(area_of_row=names.set(~names.is_in(placed["name"].implode()), None), graph=graph)


def state_areas(accounts: pl.DataFrame, known: BoolArray) -> Named:
    """
    States, provinces and regions as areas: they touch where the shipped shapes share a border.

    One that the shapes do not have (there are those of 27 countries) touches its natural neighbours, by the middles of
    what accounts lie in each.
    """
    country = _text(accounts, "country").fill_null("US")
    state = _text(accounts, "state")
    codes = first_level_codes(country, state)
    names = pl.select(pl.coalesce(codes, pl.concat_str(country, pl.lit(" "), state))).to_series()
    if names.null_count() == len(names):
        raise BadNeighbours("no account has a state; say contiguous: neighbours to go by the accounts' places")
    shipped = first_level_graph()
    unknown = sorted(set(names.drop_nulls()) - set(shipped.names))
    if not unknown:
        return Named(area_of_row=names, graph=_occupied(shipped, names))
    latitude, longitude = _middles(names, accounts, known)
    lost = [name for name in unknown if not np.isfinite(latitude[name])]
    names = names.set(names.is_in(pl.Series(lost, dtype=pl.String).implode()), None)
    with_place = [name for name in unknown if name not in lost]
    occupied = _occupied(shipped, names.set(names.is_in(pl.Series(unknown).implode()), None))
    graph = _joined(occupied, with_place, latitude, longitude)
    if not graph.names:
        raise BadNeighbours("no account has a state with a known place; say contiguous: neighbours to go by places")
    return Named(area_of_row=names, graph=bridge(graph))


def own_areas(field: str, file: Path, found: Path, accounts: pl.DataFrame, known: BoolArray) -> Named:
    """
    Areas of one's own, which touch as a file of pairs says.

    Parameters
    ----------
    file, found
        What the plan calls the file, and where it is.

    Raises
    ------
    BadNeighbours
        The accounts lack the field, the file cannot be read, an account's area has no neighbour in it, or areas are cut
        off from each other and have no place by which they could be bridged.
    """
    if field not in accounts.columns:
        raise BadNeighbours(f"the accounts have no field {field!r}; it must be a field they have")
    pairs = _pairs_in(file, found)
    names = _text(accounts, field)
    listed = pl.concat([pairs["a"], pairs["b"]]).unique().sort()
    strange = names.drop_nulls().filter(~names.drop_nulls().is_in(listed.implode()))
    if len(strange):
        many = counted(int((strange == strange[0]).sum()), "account")
        raise BadNeighbours(
            f"{file.name} has no pair with {strange[0]!r}, the {field} of {many}; add a line for each area it touches"
        )
    if not len(names.drop_nulls()):
        raise BadNeighbours(f"no account has a value of {field!r}, which names its area")
    latitude, longitude = _middles(names, accounts, known)
    everywhere = listed.to_list()
    position = {name: index for index, name in enumerate(everywhere)}
    ends = np.array([[position[a], position[b]] for a, b in pairs.iter_rows()], np.int64).reshape(-1, 2)
    graph = graph_of(
        everywhere, ends, *(np.array([at.get(name, np.nan) for name in everywhere]) for at in (latitude, longitude))
    )
    graph = _occupied(graph, names)
    if components(graph.adjacency) > 1:
        lost = [name for name, y in zip(graph.names, graph.latitude, strict=True) if not np.isfinite(y)]
        if lost:
            raise BadNeighbours(
                f"{file.name} does not connect all areas, and {lost[0]!r} has no account with a place to bridge them"
                " by; add the pairs that connect them"
            )
        graph = bridge(graph)
    return Named(area_of_row=names, graph=graph)


def _pairs_in(file: Path, found: Path) -> pl.DataFrame:
    try:
        frame = read_table(found).frame
    except CannotRead as error:
        raise BadNeighbours(str(error).rstrip(".")) from None
    if frame.width < 2:
        raise BadNeighbours(f"{file.name} has one column; it needs two, with the names of a pair of areas that touch")
    both = [frame[frame.columns[side]].cast(pl.String).str.strip_chars().alias("ab"[side]) for side in (0, 1)]
    pairs = pl.DataFrame(both).filter((pl.col("a") != "") & (pl.col("b") != "")).drop_nulls()
    if pairs.is_empty():
        raise BadNeighbours(f"{file.name} has no pair of areas; write two names that touch on each line")
    return pairs


def _postal_names(accounts: pl.DataFrame) -> pl.Series:
    """Country and key of each account's postal code; null where it has none."""
    frame = pl.DataFrame(
        {"code": _text(accounts, "postal_code"), "country": _text(accounts, "country").fill_null("US")}
    )
    key = (
        pl.when(pl.col("country") == "US")
        .then(zip_key(pl.col("code")))
        .otherwise(
            pl.coalesce(postal_key(pl.col("code"), pl.col("country")), pl.col("code").str.to_uppercase())
        )
    )  # fmt: skip
    return frame.select(pl.concat_str("country", pl.lit(" "), key)).to_series()


def _middles(names: pl.Series, accounts: pl.DataFrame, known: BoolArray) -> tuple[dict[str, float], dict[str, float]]:
    """Where the accounts of each area are in the middle; not a number where none has a place."""
    nowhere = pl.Series([None] * len(names), dtype=pl.Float64)
    has = {"latitude", "longitude"} <= set(accounts.columns)
    y, x = (accounts[name].cast(pl.Float64) if has else nowhere for name in ("latitude", "longitude"))
    frame = pl.DataFrame({"name": names, "y": y, "x": x, "known": pl.Series(known)}).drop_nulls("name")
    both = (
        frame.group_by("name")
        .agg(pl.col("y", "x").filter(pl.col("known")).median())
        .sort("name").with_columns(pl.col("y", "x").fill_null(float("nan")))
    )  # fmt: skip
    return dict(zip(both["name"], both["y"], strict=True)), dict(zip(both["name"], both["x"], strict=True))


def _occupied(graph: Graph, names: pl.Series) -> Graph:
    """The graph of the areas that accounts name; the others go to the nearest of them."""
    position = {name: index for index, name in enumerate(graph.names)}
    here = sorted(position[name] for name in set(names.drop_nulls()))
    if not here:
        return graph_of((), np.empty((0, 2), np.int64), np.empty(0), np.empty(0))
    return contract(graph, here).graph


def _joined(graph: Graph, more: list[str], latitude: dict[str, float], longitude: dict[str, float]) -> Graph:
    """The graph with further areas, each touching its natural neighbours."""
    names = (*graph.names, *more)
    y = np.concatenate([graph.latitude, [latitude[name] for name in more]])
    x = np.concatenate([graph.longitude, [longitude[name] for name in more]])
    if not names:
        return graph
    natural = np.stack(coo_array(neighbour_graph(y, x).adjacency).coords, axis=1)
    touching = np.stack(coo_array(graph.adjacency).coords, axis=1)
    pairs = np.concatenate([touching, natural[(natural >= len(graph.names)).any(axis=1)]]).astype(np.int64)
    return replace(graph_of(names, pairs, y, x), bridges=graph.bridges)


def _named(graph: Graph, names: tuple[str, ...]) -> Graph:
    return replace(graph, names=names)


def _text(accounts: pl.DataFrame, column: str) -> pl.Series:
    """A column as text without spaces at its ends; nothing where it is empty or missing."""
    if column not in accounts.columns:
        return pl.Series(column, [None] * accounts.height, dtype=pl.String)
    text = accounts[column].cast(pl.String).str.strip_chars()
    return text.set(text == "", None)


AREAS: dict[str, Callable[[pl.DataFrame, BoolArray], Named]] = {"postal codes": postal_areas, "states": state_areas}
"""What `contiguous` may say → the areas it means."""
