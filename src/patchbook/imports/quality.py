"""How good the newest accounts are, for the fields that plans look at and for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts import read as read_accounts
from patchbook.accounts.fields import FIELDS, FieldType
from patchbook.accounts.quality import Quality, assess, score_of
from patchbook.accounts.reading import REJECTED_SCHEMA
from patchbook.db.page import Page, cursor_of, key_of, limit_of
from patchbook.db.record import record_of
from patchbook.errors import NotFound
from patchbook.imports import snapshots, store
from patchbook.imports.changes import is_worked_out
from patchbook.imports.imported import Imported, Kind
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import store as plans
from patchbook.plans.documents import parsed
from patchbook.plans.fields_used import fields_used, people_fields_used
from patchbook.plans.life import Status
from patchbook.plans.plan import Plan
from patchbook.plans.problems import BadPlanFile

LIVE = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.SCHEDULED, Status.ACTIVE)
"""Plans that still have use for the accounts."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Where a plan looks at a field."""

    plan_id: str
    plan: str
    places: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DataQuality:
    """The quality of the newest accounts, and who asks for each of their fields."""

    made: Imported
    quality: Quality
    uses: Mapping[str, tuple[Use, ...]]
    """Field → the plans that look at it, among those the reader may see."""
    score: float | None
    """0 to 1, over the fields plans use."""


def quality(tx: Connection, *, by: Principal, at: datetime) -> DataQuality | None:
    """How good the newest accounts are; None before the first import."""
    allow(tx, by, Deed.IMPORT, at=at)
    made = store.latest(tx, Kind.ACCOUNTS)
    if made is None or made.snapshot_id is None:
        return None
    record = record_of(tx)
    uses = uses_of_accounts(tx, made, by=by, at=at)
    rejected = record.folder / "imports" / f"rejected-{made.import_id}.csv"
    found = _assessed(snapshots.path_of(record, made.snapshot_id), rejected, _columns(made))
    return DataQuality(made=made, quality=found, uses=uses, score=score_of(found.fields, tuple(uses)))


def without(
    tx: Connection, field: str, *, after: str | None = None, limit: int, by: Principal, at: datetime
) -> Page[dict[str, str | None]]:
    """Accounts of the newest import that have no value of a field, in order of id, as dicts of what lists show."""
    last = None if after is None else key_of(after, str)[0]
    frame = _lacking(tx, field, by=by, at=at)
    if last is not None:
        frame = frame.filter(pl.col("account_id") > last)
    rows = frame.sort("account_id").head(limit_of(limit) + 1).collect().to_dicts()
    more = cursor_of(rows[limit - 1]["account_id"]) if len(rows) > limit else None
    return Page(tuple(rows[:limit]), more)


def all_without(tx: Connection, field: str, *, by: Principal, at: datetime) -> pl.DataFrame:
    """Every account of the newest import that has no value of a field."""
    return _lacking(tx, field, by=by, at=at).sort("account_id").collect()


def _lacking(tx: Connection, field: str, *, by: Principal, at: datetime) -> pl.LazyFrame:
    allow(tx, by, Deed.IMPORT, at=at)
    made = store.latest(tx, Kind.ACCOUNTS)
    if made is None or made.snapshot_id is None:
        raise NotFound("No accounts have been imported yet.")
    table = pl.scan_parquet(snapshots.path_of(record_of(tx), made.snapshot_id))
    columns = table.collect_schema().names()
    shown = [name for name in snapshots.SHOWN if name in columns]
    if field not in columns:
        if not any(one.name == field for one in FIELDS) and field not in uses_of_accounts(tx, made, by=by, at=at):
            raise NotFound(f"The accounts of {made.name} have no field {field!r}.")
        return table.select(shown)
    return table.filter(pl.col(field).is_null()).select(shown)


def uses_of_accounts(tx: Connection, made: Imported, *, by: Principal, at: datetime) -> dict[str, tuple[Use, ...]]:
    """Field of an account → who looks at it; a plan may call a field by the column of the file."""
    allow_somewhere(by, Deed.SEE)
    field_of = {str(one["column"]): str(one["field"]) for one in made.mapping}
    fields = set(field_of.values()) | {field.name for field in FIELDS}
    return _uses(tx, fields_used, lambda told: told if told in fields else field_of.get(told, told), by=by, at=at)


def uses_of_people(tx: Connection, *, by: Principal, at: datetime) -> dict[str, tuple[Use, ...]]:
    """Field of a person → who looks at it."""
    allow_somewhere(by, Deed.SEE)
    return _uses(tx, people_fields_used, str, by=by, at=at)


def _uses(
    tx: Connection,
    used_by: Callable[[Plan], Mapping[str, tuple[str, ...]]],
    called: Callable[[str], str],
    *,
    by: Principal,
    at: datetime,
) -> dict[str, tuple[Use, ...]]:
    """Field → the live plans that look at it, and where; `called` says what the field is called here."""
    found: dict[str, list[Use]] = {}
    for plan in plans.live(tx, LIVE, by=by, at=at):
        try:
            used = used_by(parsed(plan.document))
        except BadPlanFile:
            continue  # an unfinished draft; its own page says what is wrong with it
        for told, places in used.items():
            found.setdefault(called(told), []).append(Use(plan_id=plan.plan_id, plan=plan.name, places=places))
    return {name: tuple(uses) for name, uses in found.items()}


def _columns(made: Imported) -> tuple[tuple[str, str], ...]:
    return tuple((str(one["column"]), str(one["field"])) for one in made.mapping)


@lru_cache(maxsize=4)
def _assessed(path: Path, rejected: Path, columns: tuple[tuple[str, str], ...]) -> Quality:
    """The figures of a snapshot, which never change; the sentence about used fields is said where they are used."""
    read = read_accounts(path)
    listed = pl.read_csv(rejected, schema=REJECTED_SCHEMA) if rejected.is_file() else read.rejected
    is_row = pl.col("column").is_null() | pl.col("expected").str.contains("row is left out", literal=True)
    field_of = dict(columns)
    cells = listed.filter(~is_row)["column"].drop_nulls().value_counts(name="times")
    invalid: dict[str, int] = {}
    for column, times in cells.iter_rows():
        if column in field_of:
            invalid[field_of[column]] = times
    accounts = replace(
        read,
        types=_types(read.frame, set(field_of.values())),
        invalid=invalid,
        rows_read=read.frame.height + listed.filter(is_row)["line"].n_unique(),
    )
    return assess(accounts)


def _types(frame: pl.DataFrame, told: set[str]) -> dict[str, FieldType]:
    """The type of each field a file told."""
    standard: dict[str, FieldType] = {field.name: field.type for field in FIELDS}
    own: dict[type[pl.DataType], FieldType] = {
        pl.Int64: "number",
        pl.Float64: "number",
        pl.Boolean: "boolean",
        pl.Date: "date",
        pl.List: "list",
    }
    return {
        name: standard.get(name) or own.get(type(dtype), "text")
        for name, dtype in frame.schema.items()
        if not is_worked_out(name) or name == "account_id" or name in told
    }
