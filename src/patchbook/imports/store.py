"""Imports in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from patchbook.db.believed import believed_at
from patchbook.db.chunks import chunks
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.imports.imported import Difference, Imported, Kind, NoImport
from patchbook.ledger.tables import assignment, opportunity
from patchbook.people.permission import account_scope
from patchbook.people.principal import Principal
from patchbook.people.store import person

import_run = Table(
    "import_run",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("import_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("snapshot_id", Text),
    Column("name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("gone", Integer, nullable=False, default=0),
    Column("notes", Json, nullable=False, default=list),
    Column("mapping", Json, nullable=False, default=list),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_import_run_kind", "kind", "number"),
)
"""One row an import: what kind, how many rows were taken and refused, and for accounts which snapshot holds them.

`gone` counts accounts of the snapshot before that are missing in this one; `mapping` says which column became which
field."""

import_difference = Table(
    "import_difference",
    metadata,
    Column("import_id", Text, primary_key=True),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("merged", Integer, nullable=False),
    Column("split_off", Integer, nullable=False),
    Column("decisions", Json, nullable=False),
    Column("told_as", Text),
)
"""One row an import of accounts: how it differs from the one before, and which decisions of people it honours.
`told_as` is the snapshot of the accounts as their source tells them, where those made another of it."""

CHUNK = 10_000


def add(tx: Connection, made: Imported) -> None:
    """Keep an import."""
    tx.execute(insert(import_run).values(**{**asdict(made), "notes": list(made.notes), "mapping": list(made.mapping)}))


def add_difference(tx: Connection, made: Difference) -> None:
    """Keep how an import differs from the one before."""
    tx.execute(insert(import_difference).values(**{**asdict(made), "decisions": list(made.decisions)}))


def difference(tx: Connection, import_id: str) -> Difference | None:
    """How an import differs from the one before, where that was looked at."""
    row = tx.execute(select(import_difference).where(import_difference.c.import_id == import_id)).first()
    return None if row is None else Difference(**{**row._mapping, "decisions": tuple(row.decisions)})


def get(tx: Connection, import_id: str) -> Imported:
    """The import of that id."""
    row = tx.execute(select(import_run).where(import_run.c.import_id == import_id)).first()
    if row is None:
        raise NoImport(f"There is no import {import_id!r}.")
    return _imported(row)


def latest(tx: Connection, kind: Kind, *, snapshot_id: str | None = None) -> Imported | None:
    """The newest import of a kind, or of one snapshot."""
    query = select(import_run).where(import_run.c.kind == kind)
    if snapshot_id is not None:
        query = query.where(import_run.c.snapshot_id == snapshot_id)
    row = tx.execute(query.order_by(import_run.c.number.desc()).limit(1)).first()
    return None if row is None else _imported(row)


def imports(tx: Connection, *, kind: Kind | None, before: int | None, limit: int) -> list[tuple[int, Imported]]:
    """Imports with their numbers, newest first."""
    query = select(import_run).order_by(import_run.c.number.desc()).limit(limit)
    if kind is not None:
        query = query.where(import_run.c.kind == kind)
    if before is not None:
        query = query.where(import_run.c.number < before)
    return [(row.number, _imported(row)) for row in tx.execute(query)]


def people_called(tx: Connection, names: Sequence[str]) -> dict[str, str]:
    """What a source calls people → their person_id, for every name that is somebody's id, name or e-mail alone."""
    wanted = {name.casefold() for name in names}
    found: dict[str, set[str]] = {}
    for row in tx.execute(select(person.c.person_id, person.c.name, person.c.email)):
        for called in (row.person_id, row.name, row.email):
            if called and called.casefold() in wanted:
                found.setdefault(called.casefold(), set()).add(row.person_id)
    return {name: next(iter(ids)) for name in names if len(ids := found.get(name.casefold(), set())) == 1}


def put_opportunities(tx: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep opportunities, in place of what was known of them."""
    rows = list(rows)
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(opportunity)
    told = {column.name: statement.excluded[column.name] for column in opportunity.columns if not column.primary_key}
    upsert = statement.on_conflict_do_update(index_elements=[opportunity.c.opportunity_id], set_=told)
    for start in range(0, len(rows), CHUNK):
        tx.execute(upsert, rows[start : start + CHUNK])


def closed_opportunities(tx: Connection) -> pl.DataFrame:
    """Every opportunity that was won or lost: account (its id), amount_usd, closed and won."""
    columns = (opportunity.c.account_id, opportunity.c.amount_usd, opportunity.c.closed, opportunity.c.won)
    query = select(*columns).where(opportunity.c.closed.is_not(None)).order_by(opportunity.c.opportunity_id)
    return pl.DataFrame(
        [tuple(row) for row in tx.execute(query)],
        schema={"account": pl.String, "amount_usd": pl.Float64, "closed": pl.Datetime("us", "UTC"), "won": pl.Int64},
        orient="row",
    )


def open_opportunities(tx: Connection) -> set[str]:
    """The ids of every opportunity that is open in the record."""
    return set(tx.execute(select(opportunity.c.opportunity_id).where(opportunity.c.closed.is_(None))).scalars())


def open_amounts(tx: Connection) -> dict[str, float]:
    """Account → what its open opportunities amount to together, in dollars."""
    amount = func.sum(opportunity.c.amount_usd)
    query = select(opportunity.c.account_id, amount).where(opportunity.c.closed.is_(None))
    rows = tx.execute(query.group_by(opportunity.c.account_id).having(amount.is_not(None)))
    return {account_id: float(total) for account_id, total in rows}


def has_assignments(tx: Connection) -> bool:
    """Whether anything was ever assigned."""
    return tx.execute(select(assignment.c.fact_id).limit(1)).first() is not None


def accounts_in_scope(tx: Connection, by: Principal, *, at: datetime, among: Sequence[str] | None = None) -> list[str]:
    """The accounts in territories somebody may see, and those given to them by name; of all, or of these."""
    now = believed_at(assignment, at)
    query = select(assignment.c.account_id).where(*now)
    account, territory = assignment.c.account_id, assignment.c.territory_id
    narrowed = account_scope(query, by, account=account, territory=territory, at=at)
    if among is None:
        return list(tx.execute(narrowed).scalars())
    return [found for some in chunks(among) for found in tx.execute(narrowed.where(account.in_(some))).scalars()]


def _imported(row: Row[Any]) -> Imported:
    told = {name: value for name, value in row._mapping.items() if name != "number"}
    return Imported(**{**told, "kind": Kind(row.kind), "notes": tuple(row.notes), "mapping": tuple(row.mapping)})
