"""Which types fields have, as far as conditions and expressions care."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

Schema = Mapping[str, str]
"""Field → name of its type: text, number, count, money, percentage, date, boolean or list."""

Family = Literal["text", "number", "date", "boolean", "list"]

FAMILY: Mapping[str, Family] = {
    "text": "text",
    "number": "number",
    "count": "number",
    "money": "number",
    "percentage": "number",
    "latitude": "number",
    "longitude": "number",
    "date": "date",
    "boolean": "boolean",
    "list": "list",
}


def family(type_name: str) -> Family:
    """How values of a type compare; a type of its own (a postal code, a phone) compares as text."""
    return FAMILY.get(type_name, "text")


def in_words(kind: Family) -> str:
    """A family as it reads in a message: `employees is a number`."""
    return {"text": "text", "boolean": "true or false"}.get(kind, f"a {kind}")


def schema_of(frame: pl.DataFrame) -> dict[str, str]:
    """
    The types of a frame's columns, for parsing conditions over it.

    Examples
    --------
    >>> schema_of(pl.DataFrame({"state": ["GA"], "employees": [420]}))
    {'state': 'text', 'employees': 'number'}
    """
    return {name: family_of(dtype) for name, dtype in frame.schema.items()}


def family_of(dtype: pl.DataType) -> Family:
    """How a column's values compare."""
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    if dtype == pl.Date:
        return "date"
    if dtype.is_nested():
        return "list"
    return "text"
