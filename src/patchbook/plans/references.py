"""What the conditions of a plan refer to: the day it takes effect, its lists, look-up tables and areas, families."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import polars as pl

from patchbook.accounts.hierarchy import Hierarchy
from patchbook.accounts.reading import CannotRead, read_table
from patchbook.accounts.values.postal_codes import read_postal_codes
from patchbook.geography.areas import Area, BadArea, area_from_text
from patchbook.plans.inheritance import conditions_of
from patchbook.plans.plan import BadPlan, CarveLayer, Layer, NamedLayer, Plan, TableFile, Touching
from patchbook.rules.context import BadTable, Context, LookupTable, ValueList

MOST_VALUES = 2_000_000
"""Rows of a list or look-up table."""

Made = TypeVar("Made")


def context_of(plan: Plan, accounts: pl.DataFrame | None = None, *, today: date | None = None) -> Context:
    """
    What the plan's conditions refer to.

    Parameters
    ----------
    accounts
        All accounts of the plan, for who belongs under whom.
    today
        The day the conditions are asked on, where it is not the day the plan takes effect.

    Raises
    ------
    BadPlan
        A file cannot be read as what it is named for; with its line of the plan.
    """
    return Context(
        today=today or plan.effective,
        lists=_each(plan, "lists", plan.lists, read_list),
        tables=_each(plan, "tables", plan.tables, read_lookup),
        areas=_each(plan, "areas", plan.areas, _read_area),
        hierarchy=Hierarchy.of(accounts) if accounts is not None and _asks_for_families(plan) else None,
    )


def no_today(plan: Plan, place: str) -> BadPlan:
    """What is said of a condition that asks for today in a plan that does not say when it takes effect."""
    return BadPlan(f"{plan.at(place)}: today is the day a plan takes effect; say it, as in effective: 2027-02-01.")


def files_of(plan: Plan) -> Iterator[tuple[str, Path]]:
    """The files that layers and conditions need, each with its place in the plan."""
    for index, layer in enumerate(plan.layers):
        if isinstance(layer, NamedLayer):
            yield f"layers[{index}]", layer.file
        elif isinstance(layer, CarveLayer) and isinstance(layer.contiguous, Touching):
            yield f"layers[{index}].contiguous", layer.contiguous.file
    for name, table in plan.lists.items():
        yield f"lists.{name}", table.file
    for name, table in plan.tables.items():
        yield f"tables.{name}", table.file
    for name, path in plan.areas.items():
        yield f"areas.{name}", path


def with_files(plan: Plan, place: Mapping[str, Path]) -> Plan:
    """The plan reading those files elsewhere, by the name the plan has for each."""

    def moved(tables: Mapping[str, TableFile]) -> dict[str, TableFile]:
        return {name: replace(table, file=place[str(table.file)]) for name, table in tables.items()}

    return replace(
        plan,
        layers=tuple(_layer_reading(layer, place) for layer in plan.layers),
        lists=moved(plan.lists),
        tables=moved(plan.tables),
        areas={name: place[str(path)] for name, path in plan.areas.items()},
    )


def _layer_reading(layer: Layer, place: Mapping[str, Path]) -> Layer:
    """The layer reading its file, where it has one, at its place."""
    if isinstance(layer, NamedLayer):
        return replace(layer, file=place[str(layer.file)])
    if isinstance(layer, CarveLayer) and isinstance(layer.contiguous, Touching):
        return replace(layer, contiguous=replace(layer.contiguous, file=place[str(layer.contiguous.file)]))
    return layer


def read_list(source: TableFile, path: Path) -> ValueList:
    """The values of a list: one column of a table with a header, or the lines of a .txt."""
    if path.suffix.lower() == ".txt":
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadTable(f"{path.name} cannot be read as UTF-8 text ({type(error).__name__})") from None
        values = pl.Series("value", [line.strip() or None for line in lines], dtype=pl.String)
    else:
        frame = read_table(path).frame
        values = frame[_key(source, frame)].cast(pl.String).str.strip_chars()
    return ValueList.of(_bounded(_as_codes(source, values)))


def read_lookup(source: TableFile, path: Path) -> LookupTable:
    """A look-up table: its keys each once, and every other column of numbers as numbers."""
    frame = read_table(path).frame
    key = _key(source, frame)
    keys = _as_codes(source, frame[key].cast(pl.String).str.strip_chars())
    others = [_typed(frame[name]) for name in frame.columns if name != key]
    table = pl.DataFrame([keys.alias(key), *others]).filter(pl.col(key).is_not_null() & (pl.col(key) != ""))
    _bounded(table[key])
    distinct = table.unique(maintain_order=True)
    twice = distinct[key].is_duplicated()
    if twice.any():
        raise BadTable(
            f"{path.name} has the key {distinct.filter(twice)[key][0]!r} twice with different values; keep one"
        )
    return LookupTable(distinct)


def _read_area(path: Path, found: Path) -> Area:
    try:
        return area_from_text(found.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadArea(f"{path.name} cannot be read as UTF-8 text ({type(error).__name__})") from None


def _each(plan: Plan, setting: str, sources: Mapping[str, object], read: Callable[..., Made]) -> dict[str, Made]:
    found: dict[str, Made] = {}
    for name, source in sources.items():
        path = source.file if isinstance(source, TableFile) else source
        assert isinstance(path, Path)
        try:
            found[name] = read(source, plan.beside(path))
        except (BadTable, BadArea, CannotRead) as error:
            raise BadPlan(f"{plan.at(f'{setting}.{name}')}: {str(error).rstrip('.')}.") from error
    return found


def _key(source: TableFile, frame: pl.DataFrame) -> str:
    if source.key is None:
        return frame.columns[0]
    for column in frame.columns:
        if column.strip().lower() == source.key.lower():
            return column
    raise BadTable(f"{source.file.name} has no column {source.key!r}, only {', '.join(frame.columns[:8])}")


def _as_codes(source: TableFile, values: pl.Series) -> pl.Series:
    """Postal codes in the spelling that accounts have them in."""
    if source.country is None:
        return values
    country = pl.Series([source.country]).new_from_index(0, len(values))
    return read_postal_codes(values, country).values


def _typed(values: pl.Series) -> pl.Series:
    """A column of numbers as numbers; `007` is no number, but a code."""
    texts = values.cast(pl.String).str.strip_chars()
    texts = texts.set(texts == "", None)
    there = texts.drop_nulls()
    is_plain = there.str.contains(r"^-?(0|[1-9]\d{0,14})(\.\d+)?$")
    return texts.cast(pl.Float64) if len(there) and is_plain.all() else texts


def _bounded(values: pl.Series) -> pl.Series:
    if len(values) > MOST_VALUES:
        raise BadTable(f"it has {len(values):,} rows, and at most {MOST_VALUES:,} are read")
    return values


def _asks_for_families(plan: Plan) -> bool:
    return any("within_family" in text.lower() for _, text in conditions_of(plan))
