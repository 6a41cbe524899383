"""What the ledger says of a publication: what of it still stands, what was believed before, what came since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, or_, select

from patchbook.ledger.lay import KEYS
from patchbook.ledger.tables import assignment, staffing
from patchbook.period import FOREVER, Period
from patchbook.publishing.publication import ChangedSince, Publication
from patchbook.publishing.store import INSTANT, frame, places, publication
from patchbook.territories.store import place, seat

Fact = dict[str, Any]

_VALUES = {
    "assignment": ("territory_id", "reason"),
    "staffing": ("person_id", "pool_id", "interim_id", "reason"),
    "override": ("person_id", "kind", "reason"),
    "place": ("parent_id", "name", "kind", "steward_id", "review_on"),
}
"""Table → what a fact says beside its key and its source."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A publication's facts that still stand from an instant on, and what was believed of their periods before."""

    key: tuple[str, ...]
    values: tuple[str, ...]
    now: pl.DataFrame
    """number, the key, now_from, now_to: one row a fact that stands."""
    past: pl.DataFrame
    """number, the key, the values, valid_from, valid_to: pieces of former facts, clipped to those."""

    def before(self) -> Iterator[Fact]:
        """What to believe again."""
        return self.past.drop("number").iter_rows(named=True)

    def gaps(self) -> list[Fact]:
        """Periods of which nothing was believed before."""
        length = pl.col("valid_to") - pl.col("valid_from")
        covered = self.past.group_by("number").agg(covered=length.sum())
        whole = pl.col("now_to") - pl.col("now_from")
        short = self.now.join(covered, on="number", how="left").filter(
            pl.col("covered").is_null() | (pl.col("covered") < whole)
        )
        taken: dict[int, list[Period]] = {}
        partly = self.past.join(short.select("number"), on="number", how="semi")
        for number, start, end in partly.select("number", "valid_from", "valid_to").iter_rows():
            taken.setdefault(number, []).append(Period(start, end))
        found = []
        for row in short.iter_rows(named=True):
            free = [Period(row["now_from"], row["now_to"])]
            for one in taken.get(row["number"], ()):
                free = [piece for period in free for piece in period.without(one)]
            key = {name: row[name] for name in self.key}
            found += [{**key, "valid_from": piece.start, "valid_to": piece.end} for piece in free]
        return found


def standing(tx: Connection, table: Table, made: Publication, starts: datetime) -> Standing:
    """
    What still stands of a publication from `starts` on, in one table, and what was believed of it before.

    Where a plan published since for an earlier date ran up to this one, it goes on instead.
    """
    former = table.alias("former")
    mine = and_(table.c.source == made.publication_id, table.c.recorded_to == FOREVER)
    found = _meeting(
        tx,
        table,
        former,
        mine,
        and_(former.c.recorded_from < made.recorded, former.c.recorded_to >= made.recorded),
        starts,
    )
    sooner = select(publication.c.publication_id).where(
        publication.c.recorded > made.recorded, publication.c.effective < made.effective
    )
    runs_up = select(table.c.fact_id, *(former.c[name] for name in (*found.key, *found.values))).select_from(
        table.join(former, and_(*(former.c[name] == table.c[name] for name in found.key)))
    )
    runs_up = runs_up.where(
        mine,
        table.c.valid_to > starts,
        former.c.recorded_to == FOREVER,
        former.c.valid_to == table.c.valid_from,
        former.c.source.in_(sooner),
    )
    goes_on = frame(tx, runs_up, {"number": pl.Int64, **dict.fromkeys((*found.key, *found.values), pl.String)})
    if goes_on.is_empty():
        return found
    longer = goes_on.join(found.now.select("number", valid_from="now_from", valid_to="now_to"), on="number")
    rest = found.past.join(goes_on, on="number", how="anti")
    return replace(found, past=pl.concat([rest, longer.select(rest.columns)]))


def count_standing(tx: Connection, table: Table, made: Publication, starts: datetime) -> int:
    """How many facts of a publication still stand from `starts` on, in one table."""
    query = select(func.count()).select_from(table)
    query = query.where(table.c.source == made.publication_id, table.c.recorded_to == FOREVER)
    return int(tx.execute(query.where(table.c.valid_to > starts)).scalar_one())


def _meeting(
    tx: Connection, table: Table, other: Any, mine: ColumnElement[bool], its: ColumnElement[bool], starts: datetime
) -> Standing:
    """Some facts of a table from `starts` on, and the pieces of others of the same key that meet them."""
    key, values = KEYS[table.name], _VALUES[table.name]
    texts = dict.fromkeys(key, pl.String)
    ends = {"now_from": INSTANT, "now_to": INSTANT}
    columns = [table.c[name] for name in key]
    from_now_on = and_(mine, table.c.valid_to > starts)
    begin = pl.lit(starts, INSTANT)
    now = frame(
        tx,
        select(table.c.fact_id, *columns, table.c.valid_from, table.c.valid_to).where(from_now_on),
        {"number": pl.Int64, **texts, **ends},
    ).with_columns(now_from=pl.max_horizontal("now_from", begin))
    query = (
        select(
            table.c.fact_id,
            *columns,
            *(other.c[name] for name in values),
            other.c.valid_from,
            other.c.valid_to,
            table.c.valid_from,
            table.c.valid_to,
        )
        .select_from(table.join(other, and_(*(other.c[name] == table.c[name] for name in key))))
        .where(
            from_now_on,
            its,
            other.c.valid_from < table.c.valid_to,
            other.c.valid_to > table.c.valid_from,
            other.c.valid_to > starts,
        )
    )
    told = {**texts, **dict.fromkeys(values, pl.String)}
    past = frame(tx, query, {"number": pl.Int64, **told, "valid_from": INSTANT, "valid_to": INSTANT, **ends})
    past = past.select(
        "number",
        *told,
        valid_from=pl.max_horizontal("valid_from", "now_from", begin),
        valid_to=pl.min_horizontal("valid_to", "now_to"),
    )
    return Standing(key=key, values=values, now=now, past=past)


def ended(tx: Connection, table: Table, made: Publication, starts: datetime) -> list[Fact]:
    """Facts a publication ended without putting another in their place, from `starts` on, where nothing is now."""
    key = KEYS[table.name]
    columns = [table.c[name] for name in (*key, *_VALUES[table.name], "valid_from", "valid_to")]
    closed = select(*columns).where(
        table.c.recorded_from < made.recorded,
        table.c.recorded_to.between(made.recorded, made.recorded_to),
        table.c.valid_to > starts,
    )
    facts = [dict(row) for row in tx.execute(closed.order_by(table.c.fact_id)).mappings()]
    if not facts:
        return []
    believed: dict[tuple[Any, ...], list[Period]] = {}
    present = select(*(table.c[name] for name in key), table.c.valid_from, table.c.valid_to).where(
        table.c.recorded_to == FOREVER
    )
    for *names, start, end in tx.execute(present):
        believed.setdefault(tuple(names), []).append(Period(start, end))
    found = []
    for fact in facts:
        before = believed.get(tuple(fact[name] for name in key), ())
        if table is place and not any(period.end == made.effective for period in before):
            continue  # another plan closed it for an earlier date
        free = [Period(max(fact["valid_from"], starts), fact["valid_to"])]
        for one in before:
            free = [piece for period in free for piece in period.without(one)]
        found += [{**fact, "valid_from": piece.start, "valid_to": piece.end} for piece in free]
    return found


def changed_since(tx: Connection, table: Table, made: Publication, starts: datetime) -> Iterator[ChangedSince]:
    """What people put in the place of a publication's facts, or ended; other publications are not people."""
    names = {fact["territory_id"]: fact["name"] for fact in places(tx)}
    now = table.alias("now")
    key = KEYS[table.name]
    written = and_(
        table.c.source == made.publication_id,
        table.c.recorded_from.between(made.recorded, made.recorded_to),
        table.c.recorded_to > made.recorded_to,
        table.c.recorded_to < FOREVER,
    )
    meets = and_(
        *(now.c[name] == table.c[name] for name in key),
        now.c.recorded_to == FOREVER,
        now.c.valid_from < table.c.valid_to,
        now.c.valid_to > table.c.valid_from,
        now.c.valid_to > starts,
    )
    by_people = now.c.source.not_in(select(publication.c.publication_id))
    where = _territory(tx, table)
    instead = select(now).distinct().select_from(table.join(now, meets)).where(written, by_people)
    for row in _rows(tx, instead.where(table.c.valid_to > starts).order_by(now.c.fact_id)):
        yield _changed(table, row, names.get(where(row), ""), starts)
    lost = _meeting(tx, table, now, written, now.c.recorded_to == FOREVER, starts).gaps()
    for gap in lost:
        yield _changed(table, {**gap, "cause": "ended", "source": ""}, "", starts)


def _rows(tx: Connection, query: Select[Any]) -> list[Fact]:
    return [dict(row) for row in tx.execute(query).mappings()]


def _changed(table: Table, row: Fact, territory: str, starts: datetime) -> ChangedSince:
    return ChangedSince(
        table=table.name,
        key=row[KEYS[table.name][0]],
        territory=territory,
        valid_from=max(row["valid_from"], starts),
        valid_to=row["valid_to"],
        cause=row["cause"],
        source=row["source"],
        why="Ended since" if row["cause"] == "ended" else "Changed since",
    )


def _territory(tx: Connection, table: Table) -> Any:
    """How to tell which territory a fact is about."""
    if table is assignment:
        return lambda row: row["territory_id"]
    if table is staffing:
        seats = dict(tx.execute(select(seat.c.seat_id, seat.c.territory_id)).all())
        return lambda row: seats[row["seat_id"]]
    return lambda row: None


def relied_on(tx: Connection, made: Publication, starts: datetime) -> dict[str, list[Period]]:
    """Seat → when accounts that came to its territory since the publication have whom the publication put there."""
    met = (
        select(
            staffing.c.seat_id,
            staffing.c.valid_from,
            staffing.c.valid_to,
            assignment.c.valid_from,
            assignment.c.valid_to,
        )
        .distinct()
        .select_from(
            staffing.join(seat, seat.c.seat_id == staffing.c.seat_id).join(
                assignment, assignment.c.territory_id == seat.c.territory_id
            )
        )
        .where(
            staffing.c.source == made.publication_id,
            staffing.c.recorded_to == FOREVER,
            staffing.c.valid_to > starts,
            _SOMEBODY,
            assignment.c.source != made.publication_id,
            assignment.c.recorded_from > made.recorded_to,
            assignment.c.recorded_to == FOREVER,
            assignment.c.valid_to > starts,
            assignment.c.valid_from < staffing.c.valid_to,
            assignment.c.valid_to > staffing.c.valid_from,
        )
    )
    found: dict[str, list[Period]] = {}
    for seat_id, here, gone, came, left in tx.execute(met):
        found.setdefault(seat_id, []).append(Period(max(here, came, starts), min(gone, left)))
    return found


def kept(tx: Connection, made: Publication, seats: list[tuple[str, Period]]) -> tuple[ChangedSince, ...]:
    """Seats a roll back leaves staffed, told like all else it leaves."""
    if not seats:
        return ()
    names = {fact["territory_id"]: fact["name"] for fact in places(tx)}
    where = _territory(tx, staffing)
    return tuple(
        ChangedSince(
            table=staffing.name,
            key=seat_id,
            territory=names.get(where({"seat_id": seat_id}), ""),
            valid_from=period.start,
            valid_to=period.end,
            cause="kept",
            source=made.publication_id,
            why="Kept: accounts that came here since would have nobody",
        )
        for seat_id, period in seats
    )


_SOMEBODY = or_(staffing.c.person_id.is_not(None), staffing.c.pool_id.is_not(None), staffing.c.interim_id.is_not(None))


def emptied(tx: Connection, made: Publication, starts: datetime) -> list[str]:
    """Territories and groups a publication made, in which by now is no account, nobody on a seat, and nothing below."""
    first = place.alias("first")
    new = (
        select(place.c.territory_id)
        .distinct()
        .where(
            place.c.recorded_from.between(made.recorded, made.recorded_to),
            place.c.recorded_to == FOREVER,
            place.c.valid_to > starts,
            ~exists().where(first.c.territory_id == place.c.territory_id, first.c.recorded_from < made.recorded),
            ~exists().where(
                assignment.c.territory_id == place.c.territory_id,
                assignment.c.recorded_to == FOREVER,
                assignment.c.valid_to > starts,
            ),
            ~exists()
            .where(
                seat.c.territory_id == place.c.territory_id,
                staffing.c.seat_id == seat.c.seat_id,
                staffing.c.recorded_to == FOREVER,
                staffing.c.valid_to > starts,
                _SOMEBODY,
            )
            .correlate(place),
        )
    )
    gone = set(tx.execute(new).scalars())
    above = [(fact["territory_id"], fact["parent_id"]) for fact in places(tx) if fact["valid_to"] > starts]
    while kept := gone & {parent for child, parent in above if child not in gone}:
        gone -= kept
    return sorted(gone)
