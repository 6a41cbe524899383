"""A result as a folder: written beside its name and swapped in, so that nobody ever sees half of one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from patchbook.accounts.csv_out import FolderNotWritable, write_csv
from patchbook.errors import BadInput, NotFound
from patchbook.plans.out import geojson, tables
from patchbook.plans.out import summary as figures
from patchbook.plans.result import BORDERS, Result


class ForeignFolder(BadInput):
    """The folder holds something Patchbook did not write, and is left as it is."""

    def __init__(self, folder: Path, found: str) -> None:
        super().__init__(
            f"{folder} holds {found}, which is not part of a result; name a new folder, or one with an earlier result."
        )
        self.folder = folder


class NotAResult(NotFound):
    """The folder does not hold the result of a carve."""

    def __init__(self, folder: Path, missing: str) -> None:
        super().__init__(
            f"{folder} is not the result of a carve: it has no {missing}; run `patchbook carve` into it first."
        )
        self.folder = folder


@dataclass(frozen=True, kw_only=True)
class Writer:
    """One kind of file in a result folder."""

    file: str
    holds: str
    write: Callable[[Result, Path], None]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A result read back from its folder; the columns are those of `docs/reference/results.md`."""

    folder: Path
    assignments: pl.DataFrame
    territories: pl.DataFrame
    accounts: pl.DataFrame
    before: pl.DataFrame
    rejected: pl.DataFrame
    problems: pl.DataFrame
    people: pl.DataFrame
    summary: Mapping[str, Any]
    borders: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict(BORDERS)))
    """Empty in a result of before they were told."""

    @property
    def names(self) -> dict[str, str]:
        """person_id → name."""
        return dict(self.people.select("person_id", "name").iter_rows())

    def explain(self, account: str) -> str:
        """Why an account is where it is, who nearly got it, and what would have to change."""
        from patchbook.plans.why import why

        return why(self.assignments, account, people=self.names, accounts=self.accounts, summary=self.summary)

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures the plan balances."""
        return tables.measure_names(self.territories)


def write(result: Result, folder: Path | str) -> Path:
    """
    The folder written: every file of the result, or the folder as it was before.

    An earlier result in the folder is replaced; a folder with anything else in it is refused.
    """
    folder = Path(folder).absolute()
    refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or "it refuses") from error
    try:
        new = beside / "new"
        new.mkdir()
        for writer in WRITERS:
            writer.write(result, new / writer.file)
        _swap(new, folder, beside / "old")
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or "it refuses") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def read(folder: Path | str) -> Stored:
    """A result folder, read back."""
    folder = Path(folder)
    for needed in ("summary.json", *(f"{name}.parquet" for name in TABLES if name != "borders")):
        if not (folder / needed).is_file():
            raise NotAResult(folder, needed)
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        frames = {
            name: pl.read_parquet(file)
            for name in TABLES
            if (file := folder / f"{name}.parquet").exists() or name != "borders"
        }
    except (ValueError, OSError, pl.exceptions.PolarsError) as error:
        raise BadInput(f"{folder} holds a damaged result ({error}); carve it again.") from error
    return Stored(folder=folder, summary=summary, **frames)


def refuse_foreign(folder: Path) -> None:
    """Stop when the folder holds anything but an earlier result."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file; a result needs a folder.")
    _refuse_closed(folder.absolute().parent)
    if not folder.exists():
        return
    try:
        found = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or "it refuses") from error
    own = {writer.file for writer in WRITERS}
    foreign = [name for name in found if name not in own]
    if foreign:
        raise ForeignFolder(folder, foreign[0])


def _refuse_closed(folder: Path) -> None:
    """Stop when no folder can be made here: the nearest that is there is a file, or may not be written."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir():
        raise FolderNotWritable(folder, f"{there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise FolderNotWritable(folder, f"{there} may not be written")


def _swap(new: Path, folder: Path, old: Path) -> None:
    """Put the new folder in the place of the old; the old one comes back when that fails."""
    new.chmod(0o755)
    if folder.exists():
        os.rename(folder, old)
    try:
        os.rename(new, folder)
    except BaseException:
        if old.exists() and not folder.exists():
            os.rename(old, folder)
        raise


def _table(name: str) -> tuple[Writer, Writer]:
    table, holds = TABLES[name]

    def as_csv(result: Result, path: Path) -> None:
        write_csv(tables.in_words(table(result)), path)

    def as_parquet(result: Result, path: Path) -> None:
        table(result).write_parquet(path, compression="zstd", statistics=False)

    return (
        Writer(file=f"{name}.csv", holds=holds, write=as_csv),
        Writer(file=f"{name}.parquet", holds=f"The same as `{name}.csv`, typed.", write=as_parquet),
    )


def _accounts(result: Result) -> pl.DataFrame:
    """The accounts with what their expected sales are reckoned from, so that two folders can be compared in money."""
    from patchbook.plans.sales.kept import kept_of_accounts

    return tables.accounts(result).with_columns(kept_of_accounts(result).get_columns())


def _people(result: Result) -> pl.DataFrame:
    """The people with how much of a full-time seat each can carry."""
    seats = {person.person_id: person.share for person in result.staff}
    people = tables.people(result)
    return people.with_columns(
        pl.Series("seats", [seats.get(person) for person in people["person_id"]], dtype=pl.Float64)
    )


def _summary(result: Result, path: Path) -> None:
    from patchbook.plans.sales.kept import COSTS, costs_of

    costs = costs_of(result)
    told = figures.summary(result) | ({} if costs is None else {COSTS: costs})
    path.write_text(figures.to_json(told), encoding="utf-8")


def _geojson(result: Result, path: Path) -> None:
    path.write_text(geojson.to_text(result), encoding="utf-8")


def _report(result: Result, path: Path) -> None:
    from patchbook.plans.report import render

    path.write_text(render(result), encoding="utf-8")


TABLES: Mapping[str, tuple[Callable[[Result], pl.DataFrame], str]] = {
    "assignments": (tables.assignments, "Who has each account, and why."),
    "territories": (tables.territories, "What each territory holds, and how near it is to its target."),
    "accounts": (_accounts, "Places, measures and worth of the accounts, as the carve saw them."),
    "before": (tables.before, "The same accounts by the owner they had before."),
    "people": (_people, "The names behind the ids of people, and what each can carry."),
    "rejected": (tables.rejected, "Rows that could not be read."),
    "problems": (tables.problems, "What a planner should look at."),
    "borders": (tables.borders, "Why the territories end where they do."),
}

WRITERS: tuple[Writer, ...] = (
    *(writer for name in TABLES for writer in _table(name)),
    Writer(file="summary.json", holds="The figures of the plan.", write=_summary),
    Writer(file="territories.geojson", holds="The territories for a map.", write=_geojson),
    Writer(file="report.html", holds="Everything on one page, for people.", write=_report),
)
"""Every file of a result folder."""
