"""The result of a carve kept in the data folder: tables in Parquet, each named by its content, and one list of them.

The same result gives the same files, byte for byte, on any day: nothing of the clock is in them, and no person's name.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from patchbook.accounts.csv_out import write_whole
from patchbook.errors import NotFound
from patchbook.plans.out import summary as figures
from patchbook.plans.out import tables
from patchbook.plans.result import Result

FOLDER = "results"

LEFT_OUT = ("seconds",)
"""Figures that differ from run to run."""


class NoResult(NotFound):
    """The files of a result are not in the data folder."""


@dataclass(frozen=True, kw_only=True)
class KeptResult:
    """A result read back."""

    result_id: str
    assignments: pl.DataFrame
    territories: pl.DataFrame
    accounts: pl.DataFrame
    before: pl.DataFrame
    problems: pl.DataFrame
    areas: pl.DataFrame
    summary: Mapping[str, Any]
    borders: pl.DataFrame | None = None
    """Why territories end where they do; None in a result that was kept before these were."""


def keep(result: Result, folder: Path) -> str:
    """The id of the result, whose files are in `<folder>/results` and on the disk when this returns."""
    place = folder / FOLDER
    told = figures.summary(result)
    told = {name: value for name, value in told.items() if name not in LEFT_OUT}
    listed = {
        "summary": json.loads(_nameless(figures.to_json(told), result.people)),
        "tables": {name: _keep_table(frame, place) for name, frame in _tables(result).items()},
    }
    content = (json.dumps(listed, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()
    result_id = f"result-{_digest(content)}"
    _write(place / f"{result_id}.json", content)
    return result_id


@lru_cache(maxsize=2)
def read(folder: Path, result_id: str) -> KeptResult:
    """The result of that id; kept in memory for a while, because a result never changes."""
    place = folder / FOLDER
    try:
        listed = json.loads((place / f"{result_id}.json").read_text(encoding="utf-8"))
        frames = {name: pl.read_parquet(place / file) for name, file in listed["tables"].items()}
    except FileNotFoundError as error:
        missing = Path(error.filename or result_id).name
        raise NoResult(f"{missing} is not in {place}; carve the plan again, or restore the data folder.") from None
    return KeptResult(result_id=result_id, summary=listed["summary"], **frames)


def files_of(folder: Path, result_id: str) -> list[Path]:
    """The files a result is kept in, the list first."""
    place = folder / FOLDER
    listed = json.loads((place / f"{result_id}.json").read_text(encoding="utf-8"))
    return [place / f"{result_id}.json", *(place / file for file in listed["tables"].values())]


def _tables(result: Result) -> dict[str, pl.DataFrame]:
    more = [name for name in ("family_id",) if name in result.accounts.columns]
    accounts = tables.accounts(result).drop("owner", strict=False).with_columns(result.accounts.select(more))
    problems = _nameless_column(result.problems, "message", result.people)
    return {
        "assignments": result.assignments,
        "territories": tables.territories(result),
        "accounts": accounts,
        "before": result.before,
        "problems": problems,
        "areas": result.areas,
        "borders": _nameless_column(result.borders, "reason", result.people),
    }


def _nameless_column(frame: pl.DataFrame, column: str, people: Mapping[str, str]) -> pl.DataFrame:
    """The table with people called by their ids in its sentences."""
    return frame.with_columns(pl.Series(column, [_nameless(text, people) for text in frame[column]], dtype=pl.String))


def _nameless(text: str, people: Mapping[str, str]) -> str:
    """The text with people called by their ids."""
    for person_id, name in people.items():
        if name != person_id and name in text:
            text = text.replace(name, person_id)
    return text


def _keep_table(frame: pl.DataFrame, place: Path) -> str:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    content = buffer.getvalue()
    name = f"table-{_digest(content)}.parquet"
    _write(place / name, content)
    return name


def _write(path: Path, content: bytes) -> None:
    if not path.exists():
        write_whole(path, content, durable=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
