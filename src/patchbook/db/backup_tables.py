"""Tables of the record to Parquet and back, alike for both databases: instants are microseconds, documents are text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, Table, text

from patchbook.db.metadata import Instant, Json

STRIDE = 50_000
"""Rows that are in memory at a time."""


def write(tx: Connection, table: Table, out: IO[bytes]) -> int:
    """Write a table's rows in the order of its key; how many there are."""
    schema = pa.schema([(column.name, _arrow(column)) for column in table.columns])
    rows = 0
    with pq.ParquetWriter(out, schema, compression="zstd", compression_level=1) as writer:
        for part in _parts(tx, table):
            columns = zip(*part, strict=True)
            arrays = [pa.array(_to_file(column, values)) for column, values in zip(table.columns, columns, strict=True)]
            writer.write_table(pa.table([a.cast(f.type) for a, f in zip(arrays, schema, strict=True)], schema=schema))
            rows += len(part)
    return rows


def read(tx: Connection, table: Table, source: IO[bytes]) -> int:
    """Put the rows of a file into an empty table; how many there are."""
    file = pq.ParquetFile(source)
    rows = 0
    if tx.dialect.name == "postgresql":
        rows = _copy(tx, table, file)
        _continue_numbers(tx, table)
        return rows
    tx.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # rows of one table refer to each other
    places = ", ".join("?" for _ in table.columns)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    for part in file.iter_batches(STRIDE):
        values = [_to_sqlite(column, part.column(column.name).to_pylist()) for column in table.columns]
        tx.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', list(zip(*values, strict=True)))
        rows += part.num_rows
    return rows


def _parts(tx: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows as the database holds them, without a trip through Python's dates."""
    shown = ", ".join(_sql(column, tx) for column in table.columns)
    order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    found = tx.execute(
        text(f'SELECT {shown} FROM "{table.name}" ORDER BY {order}'), execution_options={"yield_per": STRIDE}
    )
    yield from found.partitions(STRIDE)


def _sql(column: Column[Any], tx: Connection) -> str:
    name = f'"{column.name}"'
    if tx.dialect.name == "postgresql":
        if isinstance(column.type, Instant):
            return f"(extract(epoch FROM {name}) * 1000000)::bigint"
        if isinstance(column.type, Json | Date):
            return f"{name}::text"
    return name


def _arrow(column: Column[Any]) -> pa.DataType:
    if isinstance(column.type, Instant | Integer):
        return pa.int64()
    if isinstance(column.type, Boolean):
        return pa.bool_()
    return pa.float64() if isinstance(column.type, Float) else pa.string()


def _to_file(column: Column[Any], values: Sequence[Any]) -> Sequence[Any]:
    if isinstance(column.type, Boolean):
        return [None if value is None else bool(value) for value in values]
    return values


def _to_sqlite(column: Column[Any], values: list[Any]) -> list[Any]:
    """As `Json` writes it, whichever database it came from."""
    if isinstance(column.type, Json):
        return [None if value is None else _tight(value) for value in values]
    return values


def _tight(document: str) -> str:
    return json.dumps(json.loads(document), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _copy(tx: Connection, table: Table, file: pq.ParquetFile) -> int:
    """One COPY: the rows of a table may refer to each other, which is checked at the end of the statement."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = 0
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for part in file.iter_batches(STRIDE):
            values = [_to_postgresql(column, part.column(column.name)) for column in table.columns]
            for row in zip(*values, strict=True):
                copy.write_row(row)
            rows += part.num_rows
    return rows


def _to_postgresql(column: Column[Any], values: pa.Array) -> list[Any]:
    if isinstance(column.type, Instant):
        series = pl.Series(pl.from_arrow(values)).cast(pl.Datetime("us"))
        return series.dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00").to_list()
    found: list[Any] = values.to_pylist()
    return found


def _continue_numbers(tx: Connection, table: Table) -> None:
    """Let the next row be numbered after the last."""
    key = table.autoincrement_column
    if key is not None:
        tx.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{key.name}'),"
                f' (SELECT max("{key.name}") FROM "{table.name}"))'
                f" WHERE pg_get_serial_sequence('\"{table.name}\"', '{key.name}') IS NOT NULL"
                f' AND EXISTS (SELECT 1 FROM "{table.name}")'
            )
        )
