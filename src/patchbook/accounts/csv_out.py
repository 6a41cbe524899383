"""CSV that is safe to open in a spreadsheet, and whole or not there at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import polars as pl

from patchbook.errors import BadInput

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that begins with one of these would run as a formula when a spreadsheet opens the file."""

_PLAIN_NUMBER = r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"


class FolderNotWritable(BadInput):
    """A result cannot be written where it was asked for."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"Cannot write {path}: {reason}; name a folder you may write to.")
        self.path = path


def write_csv(frame: pl.DataFrame, path: Path | str, *, durable: bool = False) -> Path:
    """
    The path written: the frame as UTF-8 CSV with a header, lists joined by `;`.

    Text cells that a spreadsheet would run as a formula get a leading apostrophe; numbers, also negative ones,
    stay as they are. The file is written beside its name and renamed, so a reader sees the old file or the new
    one and never half of one; with `durable` a power cut does not undo it.
    """
    return write_whole(Path(path), as_csv(frame), durable=durable)


def as_csv(frame: pl.DataFrame) -> bytes:
    """What `write_csv` writes."""
    return frame.select(_safe(name, dtype) for name, dtype in frame.schema.items()).write_csv().encode()


def write_whole(path: Path, content: bytes | memoryview, *, durable: bool = False) -> Path:
    """
    The path written: all of the content, or the file as it was before.

    With `durable`, content and name are on the disk when this returns, and a power cut does not undo them.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise FolderNotWritable(path, error.strerror or "the folder refuses") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise FolderNotWritable(path, error.strerror or "the folder refuses") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def escape_formula(text: str) -> str:
    """
    The text as a spreadsheet shows it without running it.

    Examples
    --------
    >>> escape_formula("=1+1"), escape_formula("-12.5"), escape_formula("Müller & Söhne")
    ("'=1+1", '-12.5', 'Müller & Söhne')
    """
    return str(pl.select(_escaped(pl.lit(text))).item())


def _safe(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        column = column.cast(pl.List(pl.String)).list.join(";")
    elif isinstance(dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    elif dtype != pl.String:
        return column
    return _escaped(column).alias(name)


def _escaped(column: pl.Expr) -> pl.Expr:
    dangerous = column.str.head(1).is_in(FORMULA_STARTS) & ~column.str.contains(_PLAIN_NUMBER)
    return pl.when(dangerous).then(pl.concat_str(pl.lit("'"), column)).otherwise(column)
