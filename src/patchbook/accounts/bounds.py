"""Files made to fill the memory: small as they come in, and without bounds once they are unpacked."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import polars as pl

MOST_TIMES_UNPACKED = 100
"""A workbook that is larger than this unpacked, compared with its file, is no workbook anybody wrote."""

FREE_BYTES = 10_000_000
"""What any workbook may have unpacked, however small its file."""

MOST_PARTS = 1_000
MOST_CELLS = 1_000_000_000
"""Parquet can say the same value a billion times in a few bytes."""


def fault_of(path: Path) -> str | None:
    """What is wrong with the size of what a file holds, or None; a file that cannot be read is for its reader."""
    kind = path.suffix.lower()
    if kind in (".parquet", ".pq"):
        return _fault_of_parquet(path)
    return _fault_of_workbook(path) if kind in (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods") else None


def _fault_of_workbook(path: Path) -> str | None:
    """Counts what is unpacked, whatever the file says of itself."""
    if not zipfile.is_zipfile(path):
        return None
    allowed = max(FREE_BYTES, MOST_TIMES_UNPACKED * path.stat().st_size)
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > MOST_PARTS:
                return f"has {len(parts):,} parts; a workbook has at most {MOST_PARTS:,}"
            for part in parts:
                part.file_size, part.CRC = allowed + 1, None  # type: ignore[assignment]  # count on, whatever it says
                with book.open(part) as content:
                    while piece := content.read(1 << 20):
                        unpacked += len(piece)
                        if unpacked > allowed:
                            return (
                                f"would be more than {MOST_TIMES_UNPACKED} times as large unpacked; save it as CSV"
                                " instead"
                            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return f"is not a workbook that can be opened: {error}"
    return None


def _fault_of_parquet(path: Path) -> str | None:
    try:
        cells = pl.scan_parquet(path).select(pl.len()).collect().item() * len(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError):
        return None
    return f"has {cells:,} cells, more than the {MOST_CELLS:,} taken at once; split it" if cells > MOST_CELLS else None
