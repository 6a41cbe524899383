"""The first rows of a file and how it is written, however large it is: what one looks at before taking it in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from patchbook.accounts import bounds
from patchbook.accounts.reading import (
    CannotRead,
    Source,
    Table,
    delimited,
    json_lines,
    parquet,
    read_table,
    sniff_delimiter,
    workbook,
)
from patchbook.accounts.text import decode

HEAD_BYTES = 1 << 20
"""So much of a text is looked at."""

ROWS = 500
"""So many rows of a workbook or Parquet file are looked at."""

WORKBOOKS = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")
PARQUETS = (".parquet", ".pq")
JSONS = (".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, kw_only=True)
class Written:
    """How a file is written, as far as a person says so; the rest is found out."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    def table(self, source: Source) -> Table:
        """The table of a source written so."""
        return read_table(source, encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet)


AS_FOUND = Written()


@dataclass(frozen=True, kw_only=True)
class Peek:
    """The beginning of a table, and how it was found to be written."""

    table: Table
    is_whole: bool
    """Whether these are all its rows."""
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()


def peek(path: Path, written: Written = AS_FOUND) -> Peek:
    """
    The first rows of a file; its ending says what kind it is.

    Raises
    ------
    CannotRead
        It is empty, made to fill the memory, or not what its name says.
    """
    name, size = path.name, path.stat().st_size
    if size == 0:
        raise CannotRead(f"{name} is empty; it needs a header line and at least one row.")
    if fault := bounds.fault_of(path):
        raise CannotRead(f"{name} {fault}.")
    kind = path.suffix.lower()
    if kind in WORKBOOKS:
        table, sheets = workbook(path, written.sheet, name=name, rows=ROWS + 1)
        found = Peek(table=table, is_whole=table.frame.height < ROWS, sheets=sheets)
    elif kind in PARQUETS:
        table = parquet(path, name=name, rows=ROWS + 1)
        found = Peek(table=table, is_whole=table.frame.height <= ROWS)
    elif kind in JSONS:
        head = _head(path, whole=_is_list(path))
        table = json_lines(name, head, written.encoding)
        found = Peek(table=table, is_whole=len(head) == size)
    else:
        head = _head(path)
        table = delimited(name, head, written.encoding, written.delimiter)
        decoded = decode(head, name, written.encoding)
        mark = written.delimiter or sniff_delimiter(decoded.content[: 1 << 16].decode(errors="ignore").lstrip("\r\n "))
        found = Peek(table=table, is_whole=len(head) == size, encoding=decoded.encoding, delimiter=mark)
    if found.table.frame.height == 0 and found.is_whole and not found.table.rejected:
        raise CannotRead(f"{name} has a header but no rows; it needs at least one row below the header.")
    return found


def texts_of(frame: pl.DataFrame, rows: int) -> list[list[str]]:
    """The first rows as texts, as a person reads them; nothing where nothing is written."""
    shown = frame.head(rows)
    lists = [name for name, dtype in shown.schema.items() if isinstance(dtype, pl.List)]
    shown = shown.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join("; ") for name in lists)
    return [["" if cell is None else str(cell) for cell in row] for row in shown.iter_rows()]


def _head(path: Path, *, whole: bool = False) -> bytes:
    """The beginning of a text, up to the end of a line."""
    with path.open("rb") as file:
        written = file.read() if whole else file.read(HEAD_BYTES)
    if len(written) < HEAD_BYTES or whole:
        return written
    if b"\x00" in written[:4000]:
        return written  # two bytes a sign, and the size of the head is even
    end = written.rfind(b"\n")
    return written[: end + 1] if end > 0 else written


def _is_list(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(100).lstrip().startswith(b"[")
