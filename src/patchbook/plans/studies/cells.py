"""The cells of a study's tables as people read them, and as files have them. Pure."""

from __future__ import annotations

import math

import polars as pl

from patchbook.accounts.csv_out import as_csv
from patchbook.plans.report import words
from patchbook.plans.studies.study import Cell, Table, Unit

FIGURES: frozenset[Unit] = frozenset({"count", "share", "km", "money", "number", "seconds"})
"""Units whose columns stand to the right."""


def shown(value: Cell, unit: Unit) -> str:
    """
    A cell in its unit; a dash where there is nothing.

    Examples
    --------
    >>> print(shown(0.031, "share"), shown(1200, "count"), shown(12.3, "km"), shown(1.5e6, "money"), sep=", ")
    3.1 %, 1,200, 12 km, 1,500,000
    >>> print(shown(0.12345, "number"), shown(18312.4, "number"), shown(2.0, "seconds"), sep=", ")
    0.123, 18,312, 2.0 s
    >>> print(shown(True, "yes_no"), shown(None, "text"), sep=", ")
    yes, –
    """
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool) or unit == "yes_no":
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if unit == "text":
        return str(value)
    if math.isinf(value):
        return "∞"
    match unit:
        case "share":
            return words.percent(value)
        case "km":
            return _kilometres(value)
        case "count" | "money":
            return words.count(value)
        case "seconds":
            return f"{value:,.1f}{words.SPACE}s"
        case _:
            return words.count(value) if abs(value) >= 1_000 else words.amount(value)


def _kilometres(value: float) -> str:
    """
    A distance, also a short or a negative one.

    Examples
    --------
    >>> print(_kilometres(0.0342), _kilometres(-3.21), _kilometres(1234.5), sep=", ")
    0.034 km, −3.2 km, 1,234 km
    """
    if 0 < abs(value) < 1:
        told = f"{abs(value):.2g}"
        return f"{words.MINUS if value < 0 else ''}{told}{words.SPACE}km"
    told = words.distance(abs(value))
    return f"{words.MINUS}{told}" if value < 0 else told


def csv_of(table: Table) -> bytes:
    """A table as CSV that is safe to open in a spreadsheet: plain numbers, shares as fractions."""
    return as_csv(frame_of(table))


def frame_of(table: Table) -> pl.DataFrame:
    """A table as a frame, for whoever goes on with the figures."""
    columns = [
        pl.Series(column.name, _of_one_kind([row[number] for row in table.rows], column.unit))
        for number, column in enumerate(table.columns)
    ]
    return pl.DataFrame(columns)


def _of_one_kind(cells: list[Cell], unit: Unit) -> list[Cell]:
    if unit == "text":
        return [None if cell is None else str(cell) for cell in cells]
    if unit == "yes_no" or not any(isinstance(cell, float) for cell in cells):
        return cells
    return [None if cell is None else float(cell) for cell in cells]
