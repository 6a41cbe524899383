"""How large a record is: rows by what they are of, and bytes on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Table, func, select, text

from patchbook.db.metadata import metadata


def rows_of(tx: Connection, tables: Mapping[str, str]) -> dict[str, int]:
    """
    How many rows some tables have, in one query.

    Parameters
    ----------
    tables
        What to call each → the table's name.
    """
    counts = [_count(metadata.tables[table]).label(f"n{place}") for place, table in enumerate(tables.values())]
    row = tx.execute(select(*counts)).one()
    return {name: int(row[place]) for place, name in enumerate(tables)}


def bytes_of_database(tx: Connection) -> int:
    """How many bytes the database takes."""
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = tx.execute(text("PRAGMA page_count")).scalar_one()
    return int(pages) * int(tx.execute(text("PRAGMA page_size")).scalar_one())


def bytes_of_files(folder: Path) -> int:
    """How many bytes the files beside the database take: what was imported, snapshots, results."""
    return sum(file.stat().st_size for part in _BESIDE for file in (folder / part).rglob("*") if file.is_file())


_BESIDE = ("imports", "snapshots", "results")


def _count(table: Table) -> ScalarSelect[Any]:
    return select(func.count()).select_from(table).scalar_subquery()
