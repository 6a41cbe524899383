"""Coverage: how many accounts, and how much potential, somebody active owns; and where that is lacking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, and_, select

from patchbook.db.believed import believed_at
from patchbook.db.record import Record, record_of
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.ledger import company
from patchbook.ledger.answers import OWNER
from patchbook.ledger.tables import staffing, tick
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.principal import Principal, system
from patchbook.territories import actions as territories
from patchbook.territories.store import seat

POTENTIAL = ("potential_usd", "potential", "open_pipeline_usd", "revenue_usd", "employees")
"""The column of the accounts that says what they are worth: the first of these there is."""

ACTIVE, INTERIM, NOBODY, UNASSIGNED = "active", "interim", "nobody", "unassigned"

LISTED = 50


@dataclass(frozen=True, kw_only=True)
class Covered:
    """How much of some accounts is covered."""

    accounts: int = 0
    active: int = 0
    interim: int = 0
    nobody: int = 0
    """Without anybody, assigned to a territory or not."""
    worth: float = 0.0
    active_worth: float = 0.0

    @property
    def share(self) -> float | None:
        """The share of accounts an active person or a pool owns."""
        return self.active / self.accounts if self.accounts else None

    @property
    def worth_share(self) -> float | None:
        """The share of the worth they own."""
        return self.active_worth / self.worth if self.worth else None

    def __add__(self, other: Covered) -> Covered:
        names = Covered.__dataclass_fields__
        return Covered(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class LeftAlone:
    """An account that nobody looks after."""

    account_id: str
    name: str | None
    territory_id: str | None
    worth: float | None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Who covers what, as far as one may see it."""

    total: Covered
    by_territory: Mapping[str, Covered]
    """Territory → its own accounts, without those of the territories below it."""
    by_segment: Mapping[str, Covered]
    worth: str | None
    """The column that says what accounts are worth; None where there is none."""
    gaps: tuple[LeftAlone, ...]
    """The accounts nobody looks after, those worth most first; at most `LISTED`."""


def coverage(tx: Connection, *, by: Principal, at: datetime) -> Coverage:
    """
    What is covered now: of the territories one may see, and for who sees everything of all imported accounts.

    Kept in memory until something is recorded, or another day begins.
    """
    allow_somewhere(by, Deed.SEE)
    frame, worth = record_of(tx).remembered(Everything).accounts(tx, at)
    if not by.is_everywhere:
        seen = [node.territory.territory_id for node in territories.tree(tx, on=at, by=by, at=at)]
        frame = frame.filter(pl.col("territory_id").is_in(seen))
    alone = frame.filter(pl.col("state").is_in([NOBODY, UNASSIGNED]))
    gaps = alone.sort(pl.col("worth").fill_null(0), "account_id", descending=[True, False]).head(LISTED)
    by_territory = _grouped(frame, "territory_id")
    return Coverage(
        total=sum(by_territory.values(), Covered()),
        by_territory={where: one for where, one in by_territory.items() if where is not None},
        by_segment={name or "none": one for name, one in _grouped(frame, "segment").items()}
        if frame["segment"].null_count() < frame.height
        else {},
        worth=worth,
        gaps=tuple(
            LeftAlone(account_id=row[0], name=row[1], territory_id=row[2], worth=row[3])
            for row in gaps.select("account_id", "name", "territory_id", "worth").iter_rows()
        ),
    )


def _grouped(frame: pl.DataFrame, column: str) -> dict[str | None, Covered]:
    worth = pl.col("worth").fill_null(0.0)
    state = pl.col("state")
    found = frame.group_by(column, maintain_order=True).agg(
        accounts=pl.len(),
        active=(state == ACTIVE).sum(),
        interim=(state == INTERIM).sum(),
        nobody=state.is_in([NOBODY, UNASSIGNED]).sum(),
        worth=worth.sum(),
        active_worth=worth.filter(state == ACTIVE).sum(),
    )
    return {row.pop(column): Covered(**row) for row in found.to_dicts()}


class Everything:
    """What this process last worked out of a record: every account, who covers it, and what it is worth."""

    def __init__(self, record: Record) -> None:
        self._lock = Lock()
        self._key: tuple[datetime | None, str | None, date] | None = None
        self._kept: tuple[pl.DataFrame, str | None] | None = None

    def accounts(self, tx: Connection, at: datetime) -> tuple[pl.DataFrame, str | None]:
        """account_id, name, segment, territory_id, worth and state; and what the worth is called."""
        newest = imports.latest(tx, Kind.ACCOUNTS)
        snapshot_id = newest.snapshot_id if newest is not None else None
        key = (tx.execute(select(tick.c.last)).scalar(), snapshot_id, at.date())
        with self._lock:
            if self._kept is not None and self._key == key:
                return self._kept
        made = _worked_out(tx, snapshot_id, at)
        with self._lock:
            self._key, self._kept = key, made
        return made


def _worked_out(tx: Connection, snapshot_id: str | None, at: datetime) -> tuple[pl.DataFrame, str | None]:
    batches = list(company.stream(tx, role=OWNER, on=at, known=None, by=system(), at=at))
    table = pa.Table.from_batches(batches, schema=company.SCHEMA)
    owned = pl.DataFrame(pl.from_arrow(table)).select("account_id", "territory_id", "person_id", "pool_id")
    known, worth = _imported(tx, snapshot_id)
    interims = _interims(tx, at)
    frame = owned.join(known, on="account_id", how="full", coalesce=True)
    held = pl.DataFrame(
        {"territory_id": list(interims), "_interim": list(interims.values())},
        schema={"territory_id": pl.String, "_interim": pl.String},
    )
    frame = frame.join(held, on="territory_id", how="left")
    state = (
        pl.when(pl.col("person_id").is_null() & pl.col("pool_id").is_null() & pl.col("territory_id").is_null())
        .then(pl.lit(UNASSIGNED))
        .when(pl.col("person_id").is_null() & pl.col("pool_id").is_null())
        .then(pl.lit(NOBODY))
        .when(pl.col("person_id").eq_missing(pl.col("_interim")) & pl.col("pool_id").is_null())
        .then(pl.lit(INTERIM))
        .otherwise(pl.lit(ACTIVE))
    )
    shown = frame.with_columns(state=state)
    return shown.select("account_id", "name", "segment", "territory_id", "worth", "state"), worth


def _interims(tx: Connection, at: datetime) -> dict[str, str]:
    """Territory → who looks after it while its owner seat is vacant."""
    query = (
        select(seat.c.territory_id, staffing.c.interim_id)
        .join(staffing, staffing.c.seat_id == seat.c.seat_id)
        .where(and_(seat.c.role == OWNER, seat.c.number == 1), staffing.c.interim_id.is_not(None))
        .where(*believed_at(staffing, at))
    )
    return {row.territory_id: row.interim_id for row in tx.execute(query)}


def _imported(tx: Connection, snapshot_id: str | None) -> tuple[pl.DataFrame, str | None]:
    schema = {"account_id": pl.String, "name": pl.String, "segment": pl.String, "worth": pl.Float64}
    path = record_of(tx).folder / snapshots.FOLDER / f"{snapshot_id}.parquet"
    if snapshot_id is None or not path.is_file():
        return pl.DataFrame(schema=schema), None
    there = pl.read_parquet_schema(path)
    worth = next((name for name in POTENTIAL if name in there and there[name].is_numeric()), None)
    wanted = [name for name in ("account_id", "name", "segment") if name in there]
    frame = pl.read_parquet(path, columns=[*wanted, *([worth] if worth else [])])
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in ("name", "segment") if name not in there]
    value = pl.col(worth).cast(pl.Float64) if worth else pl.lit(None, dtype=pl.Float64)
    return frame.with_columns(*absent, worth=value).select(list(schema)), worth
