"""What a plan is carved from: its accounts with a value for each measure, and its people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from patchbook.accounts import Accounts
from patchbook.accounts import read as read_accounts
from patchbook.accounts.fields import FIELDS
from patchbook.errors import BadInput
from patchbook.people.person import Person
from patchbook.plans.plan import Plan, PlanMeasure
from patchbook.rules.expression import parse_expression
from patchbook.rules.schema import schema_of
from patchbook.words import counted

MOSTLY = 0.5
"""A column counts as numbers when at least this share of its cells are."""


IMPOSSIBLE = r"(?i)^\s*(?:[-−–+]?\s*(?:inf|infinity|∞)|[-−–]\s*\D{0,4}\d.*|\(\D{0,4}\d.*\))\s*$"
"""A cell that is a number, but negative (also as accountants write it) or infinite."""


class BadMeasure(BadInput):
    """A measure has a value that cannot be balanced: negative, infinite, or none at all."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something a planner should look at."""

    kind: str
    message: str
    account_id: str | None = None
    territory: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A plan with its accounts and people read."""

    plan: Plan
    accounts: pl.DataFrame
    """The snapshot's accounts, with `measure_<name>` for each measure and `family_id`."""
    people: tuple[Person, ...]
    rejected: pl.DataFrame
    snapshot_id: str
    remarks: tuple[Remark, ...] = field(default=())


def prepare(plan: Plan, accounts: Accounts | None = None, people: Sequence[Person] | None = None) -> Prepared:
    """
    Read a plan's accounts and people and work out its measures.

    Parameters
    ----------
    accounts, people
        Accounts and people that were read already; otherwise the plan's files are read.

    Raises
    ------
    BadMeasure
        A measure is negative or infinite somewhere, or 0 everywhere.
    """
    if accounts is None:
        accounts = read_for(plan, types=plan.types)
        if spoilt := spoilt_numbers(plan, accounts):
            accounts = read_for(plan, types={**plan.types, **dict.fromkeys(spoilt, "number")})
    refuse_impossible(plan, accounts)
    rejected = accounts.rejected
    if plan.people is None:
        people = ()
    elif people is None:
        from patchbook.people.file import read_people

        people, bad = read_people(plan.beside(plan.people))
        rejected = (
            pl.concat([rejected, bad.select(rejected.columns)], how="vertical_relaxed") if bad.height else rejected
        )
    frame = with_own_columns(accounts)
    if "family_id" not in frame.columns:
        frame = frame.with_columns(pl.col("account_id").alias("family_id"))
    remarks = [
        Remark(kind=kind, account_id=account_id, message=message)
        for kind, account_id, message in accounts.problems.select("kind", "account_id", "message").iter_rows()
    ]
    for measure in plan.measures:
        values, missing = measured(frame, measure, plan)
        frame = frame.with_columns(values.alias(f"measure_{measure.name}"))
        if missing:
            remarks.append(
                Remark(
                    kind="measure missing",
                    message=f"{counted(missing, 'account counts', 'accounts count')} as 0 in {measure.name}"
                    f" because {measure.source} is empty.",
                )
            )
    return Prepared(
        plan=plan, accounts=frame, people=tuple(people), rejected=rejected, snapshot_id=accounts.snapshot_id,
        remarks=tuple(remarks),
    )  # fmt: skip


def with_own_columns(accounts: Accounts) -> pl.DataFrame:
    """The accounts with their fields also under the names of the file's columns, which a plan may use."""
    frame = accounts.frame
    return frame.with_columns(
        pl.col(m.field).alias(m.column)
        for m in accounts.mapping
        if m.field in frame.columns and m.column not in frame.columns
    )


def read_for(plan: Plan, *, types: Mapping[str, str]) -> Accounts:
    """The accounts of a plan's file, mapped and joined as the plan says."""
    return read_accounts(
        plan.beside(plan.accounts),
        columns=dict(plan.columns) or None,
        types=dict(types) or None,
        join=tuple(plan.beside(path) for path in plan.join),
        as_of=plan.effective,
    )


def refuse_impossible(plan: Plan, accounts: Accounts) -> None:
    """
    Stop when reading took a negative or infinite number out of a column that a measure computes with.

    Elsewhere such a cell is listed and its row goes on; in a measure it would quietly count as 0, and a territory
    would be called fair that is not.
    """
    column_of = {mapped.field: mapped.column for mapped in accounts.mapping}
    for measure in plan.measures:
        for name in parse_expression(measure.source).columns:
            cells = accounts.rejected.filter(
                (pl.col("column") == column_of.get(name, name)) & pl.col("found").str.contains(IMPOSSIBLE)
            )
            if cells.height:
                line, found = cells.row(0, named=True)["line"], cells.row(0, named=True)["found"]
                raise BadMeasure(
                    f"Measure {measure.name!r} ({measure.source}) is negative or infinite for "
                    f"{counted(cells.height, 'account')}, first in line {line} of {accounts.name}: found "
                    f"{found!r}; it must be 0 or more, so correct the cell, or empty it to count it as 0."
                )


def spoilt_numbers(plan: Plan, accounts: Accounts) -> set[str]:
    """
    Columns of the file's own that a measure computes with, and that a few odd cells turned into text.

    Read again as numbers, only the odd cells are rejected. A column that is mostly words is left as it is, and the
    measure says so.
    """
    used = {column for measure in plan.measures for column in parse_expression(measure.source).columns}
    return {
        column
        for column in used - {field.name for field in FIELDS} - set(plan.types)
        if accounts.frame.schema.get(column) == pl.String
        and (values := accounts.frame[column].drop_nulls()).len() > 0
        and values.cast(pl.Float64, strict=False).count() >= MOSTLY * values.len()
    }


def measured(frame: pl.DataFrame, measure: PlanMeasure, plan: Plan) -> tuple[pl.Series, int]:
    """The value of a measure for each account, and for how many it is missing (they count as 0)."""
    try:
        raw = parse_expression(measure.source, schema_of(frame)).evaluate(frame)
    except BadInput as error:
        raise BadMeasure(f"{plan.at(f'measures.{measure.name}')}: {error}") from error
    missing = raw.null_count() + int(raw.is_nan().sum() or 0)
    values = raw.fill_nan(None).fill_null(0.0)
    for wrong, word in ((values.is_infinite(), "infinite"), (values < 0, "negative")):
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            raise BadMeasure(
                f"Measure {measure.name!r} ({measure.source}) is {word}"
                f" for {counted(int(wrong.sum()), 'account')}, first {frame['account_id'][row]} with {values[row]:g};"
                f" it must be 0 or more, so correct the accounts "
                f"or the expression in {plan.at(f'measures.{measure.name}')}."
            )
    if measure.cap is not None:
        values = values.clip(upper_bound=measure.cap)
    if measure.transform == "sqrt":
        values = values.sqrt()
    elif measure.transform == "log":
        values = values.log1p()
    if not math.isfinite(float(values.sum())):
        raise BadMeasure(
            f"Measure {measure.name!r} ({measure.source}) is so large that its sum cannot be told, at most "
            f"{float(values.max()):g}; give it a cap or a larger unit in {plan.at(f'measures.{measure.name}')}."  # type: ignore[arg-type]
        )
    if frame.height and float(values.sum()) == 0.0:
        raise BadMeasure(
            f"Measure {measure.name!r} ({measure.source}) is 0 for all {frame.height:,} accounts, so nothing can be "
            f"balanced by it; name a column that has values in {plan.at(f'measures.{measure.name}')}."
        )
    return values, missing
