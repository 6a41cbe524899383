"""What a command prints: JSON with the names the code has, or a table and sentences for people."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from patchbook.period import FOREVER, Period

if TYPE_CHECKING:
    from patchbook.db.page import Page

WIDEST = 240
"""Columns of a table that is not printed to a terminal."""


def say_json(value: Any) -> None:
    """Print anything the rooms hand out as JSON."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """
    A value in the kinds JSON has: keys are the names of the code, instants are ISO 8601 in UTC, an open end is null.

    Examples
    --------
    >>> plain({"since": datetime(2027, 2, 1, tzinfo=UTC), "until": FOREVER, "ids": ("A1", "A2")})
    {'since': '2027-02-01T00:00:00Z', 'until': None, 'ids': ['A1', 'A2']}
    """
    if isinstance(value, datetime):
        return None if value == FOREVER else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Period):
        return {"from": plain(value.start), "to": plain(value.end)}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, date | Path):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "to_dicts"):  # a Polars frame; naming it would import it
        return [plain(row) for row in value.to_dicts()]
    if isinstance(value, set | frozenset):
        return sorted(plain(one) for one in value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(one) for one in value]
    return value


def say_page(
    page: Page[Any],
    titles: Sequence[str],
    row: Callable[[Any], Sequence[Any]],
    *,
    empty: str,
    as_json: bool = False,
) -> None:
    """Print one page of a list as a table, and how to go on; or one sentence where there is nothing; or as JSON."""
    if as_json:
        say_json(page)
        return
    if page.rows:
        say_table(titles, [row(one) for one in page.rows])
    else:
        typer.echo(empty)
    if page.next_cursor is not None:
        typer.echo(f"There is more; go on with --after {page.next_cursor}")


def say_table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows below titles; a column of numbers stands to the right."""
    from rich.console import Console
    from rich.table import Table

    shown = [[cell(one) for one in row] for row in rows]
    table = Table(box=None, pad_edge=False)
    for number, title in enumerate(titles):
        figures = shown and all(_is_figure(row[number]) for row in shown)
        table.add_column(title, justify="right" if figures else "left", overflow="fold")
    for row in shown:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDEST  # nothing is folded on its way into a file or another program
    console.print(table)


def place(folder: Path) -> str:
    """A folder as somebody here would write it."""
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def cell(value: Any) -> str:
    """
    A value as a table shows it; instants in UTC to the minute.

    Examples
    --------
    >>> cell(None), cell(1234567), cell(datetime(2027, 2, 1, tzinfo=UTC)), cell(FOREVER), cell(["Ann", "Bob"])
    ('–', '1,234,567', '2027-02-01', 'open', 'Ann, Bob')
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        day = value.astimezone(UTC)
        return "open" if value == FOREVER else f"{day:%Y-%m-%d}" if day.time() == time() else f"{day:%Y-%m-%d %H:%M}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.1f}"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str):
        return ", ".join(cell(one) for one in value)
    return str(value)


def _is_figure(text: str) -> bool:
    return text == "–" or text.replace(",", "").replace(".", "").removeprefix("-").isdigit()
