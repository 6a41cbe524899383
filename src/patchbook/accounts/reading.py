"""A table from whatever holds it — CSV of any dialect, Excel, Parquet, JSON lines, a frame — with the line of each row.

Nothing is understood here yet: cells stay as they were written. A row that does not fit the header is rejected with
its line, and no row is dropped without saying so.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from patchbook.accounts import bounds
from patchbook.accounts.text import Decoded, decode
from patchbook.errors import BadInput

Source = Any
"""A path, or a frame of pandas, Polars, PyArrow or any library Narwhals knows."""

REJECTED_SCHEMA = {"line": pl.Int64(), "column": pl.String(), "found": pl.String(), "expected": pl.String()}
"""The columns of every table of rejected cells and rows."""

DELIMITERS = (",", ";", "\t", "|", ":")
DEFAULT_MAX_BYTES = 4 << 30


class CannotRead(BadInput):
    """A file is not there, is empty, too large, or not what its name says."""


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """One cell or row that could not be taken, and what would have been right."""

    line: int | None
    column: str | None
    found: str
    expected: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as it was written, before anything is understood."""

    name: str
    frame: pl.DataFrame
    lines: pl.Series
    """The line of the file each row begins on; for frames and Parquet the number of the row."""
    rejected: tuple[Rejection, ...] = ()
    notes: tuple[str, ...] = field(default=())


def read_table(
    source: Source,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Table:
    """
    The rows of a source with the line each stands on.

    Parameters
    ----------
    source
        A path ending in .csv, .tsv, .txt, .xlsx, .xls, .ods, .parquet, .jsonl or .ndjson; or a frame.
    encoding, delimiter
        How the text is written; found out when None.
    sheet
        Name of the sheet of a workbook; the first when None.
    max_bytes
        Larger files are refused instead of filling the memory.
    """
    if not isinstance(source, str | Path):
        return _from_frame(source)
    path = Path(source)
    size = _size(path)
    if size > max_bytes:
        raise CannotRead(
            f"{path.name} has {size:,} bytes, more than the {max_bytes:,} allowed; split it or allow more."
        )
    if size == 0:
        raise CannotRead(f"{path.name} is empty; it needs a header line and at least one row.")
    if fault := bounds.fault_of(path):
        raise CannotRead(f"{path.name} {fault}.")
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods"):
        table, _ = workbook(path, sheet, name=path.name)
    elif kind in (".parquet", ".pq"):
        table = parquet(path, name=path.name)
    elif kind in (".jsonl", ".ndjson", ".json"):
        table = json_lines(path.name, _content(path), encoding)
    else:
        table = delimited(path.name, _content(path), encoding, delimiter)
    if table.frame.height == 0:
        broken = len(table.rejected)
        raise CannotRead(
            f"{path.name} has no readable row: all {broken:,} are broken, the first on line {table.rejected[0].line} "
            f"(expected {table.rejected[0].expected})."
            if broken
            else f"{path.name} has a header but no rows; it needs at least one row below the header."
        )
    return table


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            raise CannotRead(f"{path} is a folder; name a file such as accounts.csv.")
        return path.stat().st_size
    except FileNotFoundError:
        near = _similar_names(path)
        raise CannotRead(f"There is no file {path}{f'; did you mean {near}?' if near else '.'}") from None
    except OSError as error:
        raise CannotRead(f"Cannot read {path}: {error.strerror}.") from error


def _similar_names(path: Path) -> str | None:
    import difflib

    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return None
    close = difflib.get_close_matches(path.name, names, n=1)
    return close[0] if close else None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotRead(f"Cannot read {path}: {error.strerror}.") from error


# ── delimited text ──────────────────────────────────────────────────────────────────────────────────────────────────


def delimited(name: str, written: bytes, encoding: str | None, delimiter: str | None) -> Table:
    """The table that a text with columns is."""
    if fault := bounds.fault_of_text(written):
        raise CannotRead(f"{name} {fault}.")
    decoded = decode(written, name, encoding)
    content = decoded.content
    if b"\n" not in content:
        # Line ends of old Macintosh programs, which some exports still write.
        content = content.replace(b"\r", b"\n")
    start, line = _first_written_line(content)
    if start == len(content):
        raise CannotRead(f"{name} holds only blank lines; it needs a header line and at least one row.")
    if delimiter is not None and len(delimiter.encode()) != 1:
        raise CannotRead(f"The delimiter {delimiter!r} is not one character; use for example ';'.")
    mark = delimiter or sniff_delimiter(content[start : start + 65536].decode(errors="ignore"))
    header, header_bytes, header_lines = _header(content, start, mark)
    if not any(cell.strip() for cell in header):
        raise CannotRead(f"{name} has no column names on line {line}; the first line must name the columns.")
    names = _distinct_names(header)
    body_start, first_line = start + header_bytes, line + header_lines
    table = _read_fast(name, content, names, mark, body_start, first_line)
    if table is None:
        table = _read_carefully(name, content, names, mark, body_start, first_line)
    return Table(
        name=table.name,
        frame=table.frame,
        lines=table.lines,
        rejected=table.rejected,
        notes=(*_decoding_notes(name, decoded), *table.notes),
    )


def sniff_delimiter(text: str) -> str:
    """
    The mark that cuts the lines of a text into the most, and the most even, columns.

    Examples
    --------
    >>> sniff_delimiter('id;name\\n1;"Müller, Söhne"\\n'), sniff_delimiter("id,name\\n1,x;y\\n")
    (';', ',')
    """
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if len(text) >= 65000 and len(lines) > 1:
        lines.pop()

    def evenness(mark: str) -> tuple[float, int]:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=mark)]
        most = max(set(widths), key=lambda width: (widths.count(width), width)) if widths else 1
        return (widths.count(most) / len(widths) if most > 1 else 0.0) * (widths[0] > 1), most

    best = max(DELIMITERS, key=lambda mark: (*evenness(mark), -DELIMITERS.index(mark)))
    return best if evenness(best)[0] > 0 else ","


def _first_written_line(content: bytes) -> tuple[int, int]:
    """Where the first line that is not blank begins, and its number."""
    start, line = 0, 1
    while start < len(content):
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        if content[start:end].strip():
            return start, line
        start, line = end + 1, line + 1
    return len(content), line


def _header(content: bytes, start: int, mark: str) -> tuple[list[str], int, int]:
    """The names of the columns, and how many bytes and lines the header takes."""
    physical: list[str] = []
    position = start
    for _ in range(50):
        end = content.find(b"\n", position)
        end = len(content) if end < 0 else end + 1
        physical.append(content[position:end].decode())
        position = end
        try:
            cells = next(csv.reader(physical, delimiter=mark, strict=True))
        except csv.Error:
            if position >= len(content):
                break
            continue
        return cells, position - start, len(physical)
    # A quote in the header that never ends: take the first line for what it is.
    return physical[0].rstrip("\r\n").split(mark), len(physical[0].encode()), 1


def _distinct_names(header: list[str]) -> list[str]:
    """The names stripped, empty ones numbered, repeated ones told apart: `Name`, `Name (2)`."""
    seen: dict[str, int] = {}
    names = []
    for position, cell in enumerate(header, start=1):
        name = " ".join(cell.split()) or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _read_fast(
    name: str, content: bytes, columns: list[str], mark: str, body_start: int, first_line: int
) -> Table | None:
    """The table read by Polars, or None where the file needs the careful reader."""
    body = memoryview(content)[body_start:]
    if not content[body_start : body_start + 4096].strip() and not content[body_start:].strip():
        return Table(name=name, frame=pl.DataFrame(schema=dict.fromkeys(columns, pl.String())), lines=_numbers(0, 0))
    if content.find(b"\x00", body_start) >= 0 or content[body_start : body_start + 1] in (b"\n", b"\r"):
        return None
    if content.find(b"\r", body_start) >= 0 and content.count(b"\r", body_start) != content.count(b"\r\n", body_start):
        return None
    try:
        frame = pl.read_csv(
            content,
            skip_lines=content.count(b"\n", 0, body_start),
            has_header=False,
            new_columns=columns,
            schema=dict.fromkeys(columns, pl.String()),
            separator=mark,
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        return None
    quoted = content.find(b'"', body_start) >= 0
    newlines = _times(b"\n", body) + (not content.endswith(b"\n"))
    marks = _times(mark.encode(), body)
    inner_newlines: pl.Series | None = None
    if quoted:
        within = frame.select(
            pl.sum_horizontal(pl.all().str.count_matches(mark, literal=True).sum()).alias("marks"),
        )
        marks -= int(within["marks"][0])
        if newlines != frame.height:
            inner_newlines = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))).to_series()
            newlines -= int(inner_newlines.sum())
            if int(inner_newlines.max() or 0) > _LONGEST_RECORD:  # type: ignore[arg-type]
                return None
    # Polars fills rows that are too short and refuses rows that are too long, so if every row has its newline
    # and the delimiters add up, every row fitted.
    if newlines != frame.height or marks != frame.height * (len(columns) - 1):
        return None
    if inner_newlines is None:
        return Table(name=name, frame=frame, lines=_numbers(first_line, frame.height))
    begins = (
        first_line + pl.Series(range(frame.height), dtype=pl.Int64) + inner_newlines.cum_sum().shift(1, fill_value=0)
    )
    return Table(name=name, frame=frame, lines=begins.cast(pl.Int64))


def _times(mark: bytes, content: memoryview) -> int:
    """How often a byte occurs; NumPy counts four times as fast as `bytes.count` where it occurs often."""
    numbers = np.frombuffer(content, dtype=np.uint8)
    step = 1 << 20
    return sum(int(np.count_nonzero(numbers[at : at + step] == mark[0])) for at in range(0, numbers.size, step))


_LONGEST_RECORD = 100
"""A quoted cell may hold this many line ends; more is a quote somebody forgot to close."""


def _read_carefully(
    name: str, content: bytes, columns: list[str], mark: str, body_start: int, first_line: int
) -> Table:
    """The table read line by line: every row that fits is kept, every other is rejected with its line."""
    rows: list[list[str]] = []
    lines: list[int] = []
    rejected: list[Rejection] = []
    width = len(columns)
    for line, cells, broken in _records(content[body_start:].decode(), mark, first_line):
        if broken is not None:
            rejected.append(
                Rejection(line=line, column=None, found=_shown(broken), expected="a closing quote on the same row")
            )
        elif len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
            rows.append(cells[:width])
            lines.append(line)
        else:
            rejected.append(
                Rejection(
                    line=line,
                    column=None,
                    found=_shown(mark.join(cells)),
                    expected=f"{width} columns, as in the header, and not {len(cells)}",
                )
            )
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")
    return Table(name=name, frame=frame, lines=pl.Series("line", lines, dtype=pl.Int64), rejected=tuple(rejected))


def _records(text: str, mark: str, first_line: int) -> Iterator[tuple[int, list[str], str | None]]:
    """Each record: its line, its cells, and its text where a quote in it is never closed."""
    physical = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    position = 0
    while position < len(physical):
        line = physical[position]
        number = first_line + position
        position += 1
        if not line.strip():
            continue
        if '"' not in line:
            yield number, line.split(mark), None
            continue
        record = line
        taken = 0
        while True:
            try:
                cells = next(csv.reader(record.splitlines(keepends=True), delimiter=mark, strict=True))
            except csv.Error as error:
                unclosed = "unexpected end" in str(error)
                if not unclosed or taken >= _LONGEST_RECORD or position + taken >= len(physical):
                    yield (number, [], line) if unclosed else (number, next(csv.reader([line], delimiter=mark)), None)
                    break
                record = f"{record}\n{physical[position + taken]}"
                taken += 1
                continue
            yield number, cells, None
            position += taken
            break


def _shown(text: str) -> str:
    """As much of a broken row as a person needs to find it."""
    return text if len(text) <= 120 else f"{text[:117]}…"


def _numbers(first: int, count: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.Int64, eager=True).alias("line")


def _decoding_notes(name: str, decoded: Decoded) -> tuple[str, ...]:
    if decoded.other_lines:
        return (
            f"{decoded.other_lines:,} lines of {name} are not {decoded.encoding} and were read as "
            f"{decoded.other_encoding}, the first on line {decoded.first_other_line}.",
        )
    return () if decoded.encoding in ("UTF-8", "ASCII") else (f"{name} was read as {decoded.encoding}.",)


# ── other sources ───────────────────────────────────────────────────────────────────────────────────────────────────


def workbook(path: Path, sheet: str | None, *, name: str, rows: int | None = None) -> tuple[Table, tuple[str, ...]]:
    """The table on a sheet of a workbook, and the names of its sheets; `rows` bounds how much of it is read."""
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
    except Exception as error:  # fastexcel has one exception class for everything
        raise CannotRead(f"{name} is not a workbook that can be opened: {_first_sentence(error)}.") from error
    if sheet is not None and sheet not in book.sheet_names:
        raise CannotRead(f"{name} has no sheet {sheet!r}; its sheets are {', '.join(book.sheet_names)}.")
    loaded = book.load_sheet(sheet or 0, header_row=None, dtypes="string", n_rows=rows)
    frame = loaded.to_polars()
    blank = frame.select(pl.all_horizontal(pl.all().is_null() | (pl.all().str.strip_chars() == ""))).to_series()
    numbers = _numbers(1, frame.height).filter(~blank)
    frame = frame.filter(~blank)
    if frame.height == 0:
        raise CannotRead(f"The sheet {loaded.name!r} of {name} is empty; it needs a header row and rows below it.")
    header = [cell or "" for cell in frame.row(0)]
    body = frame.slice(1)
    body.columns = _distinct_names(header)
    return Table(name=name, frame=body, lines=numbers.slice(1)), tuple(book.sheet_names)


def parquet(path: Path, *, name: str, rows: int | None = None) -> Table:
    """The table in a Parquet file, or its first rows."""
    try:
        frame = pl.read_parquet(path, n_rows=rows)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CannotRead(f"{name} is not a Parquet file that can be read: {_first_sentence(error)}.") from error
    return Table(name=name, frame=frame, lines=_numbers(1, frame.height))


def json_lines(name: str, written: bytes, encoding: str | None) -> Table:
    """The table that JSON objects, one a line or in a list, are."""
    decoded = decode(written, name, encoding)
    text = decoded.content.decode()
    rejected: list[Rejection] = []
    rows: list[dict[str, str | None]] = []
    lines: list[int] = []
    for number, row, found in _json_rows(text):
        if row is None:
            rejected.append(
                Rejection(line=number, column=None, found=_shown(found), expected='one JSON object, as in {"id": "A1"}')
            )
            continue
        rows.append(row)
        lines.append(number)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()))
    return Table(
        name=name,
        frame=frame,
        lines=pl.Series("line", lines, dtype=pl.Int64),
        rejected=tuple(rejected),
        notes=_decoding_notes(name, decoded),
    )


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, str | None] | None, str]]:
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except ValueError as error:
            raise CannotRead(f"The JSON cannot be read: {error}.") from error
        for number, item in enumerate(items, start=1):
            yield number, _flat(item) if isinstance(item, dict) else None, str(item)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        yield number, _flat(item) if isinstance(item, dict) else None, line.strip()


def _flat(item: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """One level of names: objects within become `address.city`, lists one text with `|` between."""
    flat: dict[str, str | None] = {}
    for name, value in item.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            flat[f"{prefix}{name}"] = "|".join(str(part) for part in value)
        elif value is None:
            flat[f"{prefix}{name}"] = None
        else:
            flat[f"{prefix}{name}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return flat


def _from_frame(source: Source) -> Table:
    import narwhals as nw

    if isinstance(source, pl.DataFrame):
        frame = source
    elif isinstance(source, pl.LazyFrame):
        frame = source.collect()
    else:
        try:
            frame = nw.from_native(source, eager_only=True).to_polars()
        except TypeError as error:
            raise CannotRead(
                f"{type(source).__name__} is neither a path nor a table; pass a path, or a frame of pandas or Polars."
            ) from error
    if frame.width == 0:
        raise CannotRead("The frame has no columns; it needs at least a column that identifies each account.")
    if frame.height == 0:
        raise CannotRead("The frame has no rows; it needs at least one.")
    return Table(name="the frame", frame=frame, lines=_numbers(1, frame.height))


def _first_sentence(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
