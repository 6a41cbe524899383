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

NOT_TEXT = {
    b"\x1f\x8b": "is packed with gzip, not text; unpack it",
    b"PK\x03\x04": "is a ZIP archive or a workbook, not text; unpack it or give it its right ending",
    b"PAR1": "is a Parquet file, not text; give it its right ending",
    b"\x89PNG": "is a picture, not a table; choose a file with columns",
    b"\xff\xd8\xff": "is a picture, not a table; choose a file with columns",
    b"GIF8": "is a picture, not a table; choose a file with columns",
    b"%PDF": "is a PDF, not a table; export the table itself as CSV",
    b"\xd0\xcf\x11\xe0": "is an old workbook, not text; give it the ending .xls",
    b"\x7fELF": "is a program, not a table; choose a file with columns",
    b"MZ\x90": "is a program, not a table; choose a file with columns",
}
"""How files begin that are no text, and what to say of them."""

LOOKED_AT_BYTES = 65_536
ENOUGH_BYTES = 1_000
"""In less, a few odd signs say nothing; what is packed or encrypted has one in twelve."""

_CONTROLS = bytes(range(1, 9)) + bytes(range(14, 32))


def fault_of_text(content: bytes) -> str | None:
    """
    Why bytes cannot be a text with columns, or None.

    Examples
    --------
    >>> fault_of_text(b"\\x89PNG..."), fault_of_text(b"id,name")
    ('is a picture, not a table; choose a file with columns', None)
    """
    for beginning, fault in NOT_TEXT.items():
        if content.startswith(beginning):
            return fault
    head = content[:LOOKED_AT_BYTES]
    if not head.strip(b"\x00"):
        return "holds nothing but binary zeros; export it again"
    if len(head) >= ENOUGH_BYTES and len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 25:
        return "is not text: it is full of signs that no table is written with; choose another file"
    return None


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
