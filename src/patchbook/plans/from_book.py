"""A book of accounts turned into a plan: learned rules, and before them a list of those they get wrong."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from patchbook.accounts import read
from patchbook.accounts.csv_out import write_csv, write_whole
from patchbook.errors import BadInput
from patchbook.plans.out.folder import read as read_folder
from patchbook.plans.plan import HouseLayer, NamedLayer, Plan, RuleLayer
from patchbook.plans.prepare import with_own_columns
from patchbook.plans.writing import dump
from patchbook.rules.learn import Learned

HOUSE = HouseLayer()


class NoAssignment(BadInput):
    """It is not told where each account belongs, or told twice."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """Accounts and where each belongs."""

    name: str
    file: Path
    """The accounts."""
    accounts: pl.DataFrame
    territory: pl.Series


def book_of(source: Path, *, column: str | None = None, accounts: Path | None = None) -> Book:
    """
    The book in a file of accounts with a column that names territories, or in the folder of a carve.

    Parameters
    ----------
    column
        The column, or field, with each account's territory; for files only.
    accounts
        The accounts a folder's carve was made from, with all their fields; else those kept in the folder.
    """
    if source.is_dir():
        return _book_of_folder(source, column, accounts)
    if not source.exists():
        raise NoAssignment(f"There is no file and no folder {source} here; name one that is there.")
    if column is None:
        raise NoAssignment(f"{source.name} is a file of accounts; name the column with their territories: --territory.")
    if accounts is not None:
        raise NoAssignment("--accounts goes with the folder of a carve; a file of accounts has its own.")
    found = read(source)
    frame = with_own_columns(found)
    if column not in frame.columns:
        near = difflib.get_close_matches(column, frame.columns, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(frame.columns[:40])}."
        raise NoAssignment(f"{source.name} has no column {column!r}; {hint}")
    territory = frame[column].cast(pl.String)
    aliases = {column, *(each.field for each in found.mapping if each.column == column)}
    aliases |= {each.column for each in found.mapping if each.field == column}
    return Book(
        name=source.stem, file=source, accounts=frame.drop(name for name in aliases if name in frame.columns),
        territory=territory,
    )  # fmt: skip


def _book_of_folder(source: Path, column: str | None, accounts: Path | None) -> Book:
    if column is not None:
        raise NoAssignment(f"{source.name} is the folder of a carve, which has its territories; leave --territory out.")
    assignments = read_folder(source).assignments
    file = accounts or source / "accounts.csv"
    frame = with_own_columns(read(file))
    joined = frame.select("account_id").join(
        assignments.select("account_id", "territory").unique("account_id"),
        on="account_id", how="left", maintain_order="left",
    )  # fmt: skip
    return Book(name=source.name, file=file, accounts=frame, territory=joined["territory"])


def plan_of(book: Book, learned: Learned, *, beside: Path) -> tuple[Plan, pl.DataFrame]:
    """
    The plan that gives the book back exactly, and the lines of its list of exceptions.

    Accounts that belong nowhere are the house's in the plan.

    Parameters
    ----------
    beside
        Where the plan will be written; its files are told relative to there.
    """
    nobody = HOUSE.name
    exceptions = pl.DataFrame(
        {
            "account_id": book.accounts["account_id"].cast(pl.String)[learned.exceptions["row"]],
            "territory": learned.exceptions["territory"].fill_null(nobody),
        }
    )
    named = NamedLayer(file=Path(_exceptions_file(beside).name), name="Exceptions")
    rules = [RuleLayer(territory=rule.territory or nobody, where=rule.where) for rule in learned.rules]
    rest = HOUSE if learned.default is None else RuleLayer(territory=learned.default, where="TRUE")
    accounts = Path(os.path.relpath(book.file.resolve(), beside.resolve().parent))
    layers = (*([named] if exceptions.height else []), *rules, rest)
    return Plan(name=f"{book.name} as rules", accounts=accounts, layers=layers), exceptions


def write(book: Book, learned: Learned, out: Path) -> list[Path]:
    """The files written: the plan and, where there are exceptions, their list beside it."""
    plan, exceptions = plan_of(book, learned, beside=out)
    written = [write_whole(out, dump(plan).encode())]
    if exceptions.height:
        written.append(write_csv(exceptions, _exceptions_file(out)))
    return written


def _exceptions_file(out: Path) -> Path:
    return out.with_name(f"{out.stem}-exceptions.csv")
