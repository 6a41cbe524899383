"""What the record believes now: the conditions that pick it out of a table of facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from patchbook.period import FOREVER, Period


def believed_at(table: Any, on: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions: a fact is believed, and true at an instant."""
    return table.c.recorded_to == FOREVER, table.c.valid_from <= on, table.c.valid_to > on


def believed_during(table: Any, within: Period) -> tuple[ColumnElement[bool], ...]:
    """Conditions: a fact is believed, and true at some instant of a period."""
    return table.c.recorded_to == FOREVER, table.c.valid_from < within.end, table.c.valid_to > within.start
