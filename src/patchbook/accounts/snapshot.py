"""A snapshot: accounts frozen in a Parquet file that is named by what it holds, so a carve can be repeated."""

from __future__ import annotations

import hashlib
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from patchbook.accounts.csv_out import write_whole
from patchbook.errors import BadInput, NotFound

if TYPE_CHECKING:
    from patchbook.accounts.accounts import Accounts

_MARK = b"patchbook accounts 1\n"
"""Hashed first: a change in what is hashed gives every snapshot another id instead of a false match."""


class NotASnapshot(BadInput):
    """A file is not a snapshot, or is not the one its name says."""


class NoSnapshot(NotFound):
    """There is no snapshot of that name."""


def save(accounts: Accounts, folder: Path | str, *, durable: bool = False) -> Path:
    """The snapshot's path, `<folder>/<snapshot_id>.parquet`; the same accounts give the same file, byte for byte."""
    path = Path(folder) / f"{accounts.snapshot_id}.parquet"
    buffer = io.BytesIO()
    accounts.frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    return write_whole(path, buffer.getbuffer(), durable=durable)


def load(path: Path | str) -> pl.DataFrame:
    """The accounts of a snapshot, refused if they are not what the name of the file says."""
    path = Path(path)
    if not path.exists():
        raise NoSnapshot(f"There is no snapshot {path}; save one first.")
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise NotASnapshot(f"{path.name} is not a Parquet file; a snapshot was not written there.") from error
    found = snapshot_id(frame)
    if found != path.stem:
        raise NotASnapshot(f"{path.name} holds {found}, not what its name says; it was changed after it was written.")
    return frame


def is_snapshot(source: object) -> bool:
    """
    Whether a source is a path with the name of a snapshot.

    Examples
    --------
    >>> is_snapshot("data/accounts-8619a4473afc5c38.parquet"), is_snapshot("accounts.parquet")
    (True, False)
    """
    return (
        isinstance(source, str | Path)
        and re.fullmatch(r"accounts-[0-9a-f]{16}\.parquet", Path(source).name) is not None
    )


def snapshot_id(frame: pl.DataFrame) -> str:
    """
    The name of this very data: column names, types, order of rows and every value, and nothing of the file.

    Examples
    --------
    >>> snapshot_id(pl.DataFrame({"account_id": ["A1"]})) == snapshot_id(pl.DataFrame({"account_id": ["A1"]}))
    True
    >>> snapshot_id(pl.DataFrame({"account_id": ["A1"]})) == snapshot_id(pl.DataFrame({"account_id": ["A2"]}))
    False
    """
    digest = hashlib.sha256(_MARK)
    shape = [frame.height, [[name, str(dtype)] for name, dtype in frame.schema.items()]]
    digest.update(json.dumps(shape).encode())
    with ThreadPoolExecutor(2) as ahead:  # the next columns are laid out while one is hashed
        for parts in ahead.map(_canonical, frame.iter_columns()):
            for part in parts:
                digest.update(part)
    return f"accounts-{digest.hexdigest()[:16]}"


def _canonical(column: pl.Series) -> list[memoryview | bytes]:
    """The column's values as bytes that do not depend on how memory happens to hold them."""
    if isinstance(column.dtype, pl.List):
        lengths = column.list.len().fill_null(2**32 - 1).cast(pl.Int64)
        return _canonical(lengths) + _canonical(column.list.explode(keep_nulls=False, empty_as_null=False))
    is_whole = column.null_count() == 0  # then there is nothing to fill and no bit to set
    nulls = np.zeros((column.len() + 7) // 8, np.uint8) if is_whole else np.packbits(column.is_null().to_numpy())
    if column.dtype == pl.String:
        filled = column if is_whole else column.fill_null("")
        return [nulls.data, filled.str.len_bytes().to_numpy().tobytes(), _text_bytes(filled)]
    if column.dtype == pl.Boolean:
        return [nulls.data, np.packbits(column.fill_null(False).to_numpy()).data]
    if column.dtype.is_temporal():
        column = column.to_physical()
    if column.dtype.is_numeric():
        return [
            nulls.data,
            np.ascontiguousarray((column if is_whole else column.fill_null(0)).to_numpy()).data.cast("B"),
        ]
    return _canonical(column.cast(pl.String))


def _text_bytes(filled: pl.Series) -> memoryview | bytes:
    """All texts behind each other, without a copy."""
    array = filled.to_arrow()
    _, offsets, data = array.buffers()
    if data is None or len(array) == 0:
        return b""
    ends = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    return memoryview(data)[int(ends[0]) : int(ends[-1])]
