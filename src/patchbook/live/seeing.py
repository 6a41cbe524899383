"""Which accounts the plan in force would put elsewhere, now that their fields changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.imports import snapshots
from patchbook.leads.compiled import held_at, placer_of
from patchbook.live import store
from patchbook.live.change import Status
from patchbook.live.policy import told
from patchbook.plans import store as plans
from patchbook.plans.placing import Placer
from patchbook.plans.prepare import with_own_columns
from patchbook.territories import store as territories

PLACE = ("latitude", "longitude", "family_id", "postal_code", "county_fips", "state", "country")
"""What joins an account to a carved territory beside the fields of conditions."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An account the plan would put elsewhere."""

    account_id: str
    from_territory_id: str | None
    to_territory_id: str
    layer: str | None
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    says: str
    was_moved_otherwise: bool = False
    """Whether it is not where the plan had put it: somebody moved it since."""

    @property
    def is_new(self) -> bool:
        """Whether it had no territory."""
        return self.from_territory_id is None


@dataclass(frozen=True, kw_only=True)
class SeenAll:
    """All that was looked at."""

    plan_id: str | None
    changed: int = 0
    elsewhere: tuple[Seen, ...] = ()


def seen_at(tx: Connection, snapshot_id: str | None, *, at: datetime) -> SeenAll:
    """The accounts that would be elsewhere, of those that changed since the plan was carved and those that are new."""
    held = held_at(tx, at)
    wanted = snapshot_id or held.snapshot_id
    if held.plan_id is None or wanted is None:
        return SeenAll(plan_id=held.plan_id)
    made_of = plans.get(tx, held.plan_id).snapshot_id
    assert made_of is not None  # what is published was carved
    placer = placer_of(tx, held.plan_id)
    assert isinstance(placer, Placer)
    placer = placer.on(at.date())
    before, now = (with_own_columns(snapshots.taken(tx, one)) for one in (made_of, wanted))
    moved = {one.account_id: one for one in store.of_plan(tx, held.plan_id) if one.status is Status.MOVED}
    frame, columns = _changed(before, now, placer, moved=list(moved))
    assigned = store.all_assigned(tx, at=at)
    frame = pl.concat([frame, _new(now, before, assigned)]).unique("account_id", keep="first", maintain_order=True)
    ids = frame["account_id"].to_list()
    where = store.territories_of(tx, ids, at=at)
    names = territories.leaves_by_name(tx, at)
    old = {row["account_id"]: row for row in before.filter(pl.col("account_id").is_in(ids)).iter_rows(named=True)}
    found = []
    for row, placing in zip(frame.iter_rows(named=True), placer.place_all(frame), strict=True):
        account_id = row["account_id"]
        to = names.get(placing.territory) if placing.territory is not None else None
        here = where.get(account_id)
        if to is None or to == here:
            continue
        was = moved[account_id].to_territory_id if account_id in moved else None
        if was is None and account_id in old:
            placed = placer.place(old[account_id]).territory
            was = names.get(placed) if placed is not None else None
        if was == to and here is not None:
            continue  # not its fields but somebody put it where it is
        then = dict(old.get(account_id, {}))
        if account_id in moved:  # what it was like when it moved, not when the plan was carved
            then |= {name: value for name, (_, value) in moved[account_id].fields.items()}
        changed = {name: (told(then[name]), told(row[name])) for name in columns if name in then}
        found.append(
            Seen(
                account_id=account_id,
                from_territory_id=here,
                to_territory_id=to,
                layer=placing.layer,
                fields={name: two for name, two in changed.items() if two[0] != two[1]},
                says=placing.says,
                was_moved_otherwise=here is not None and here != was,
            )
        )
    return SeenAll(plan_id=held.plan_id, changed=len(ids), elsewhere=tuple(found))


def _changed(
    before: pl.DataFrame, now: pl.DataFrame, placer: Placer, *, moved: list[str]
) -> tuple[pl.DataFrame, list[str]]:
    """The accounts that differ in a field that matters, or that moved before, and the fields compared."""
    both = [name for name in dict.fromkeys([*placer.fields, *PLACE]) if name in before.columns and name in now.columns]
    joined = now.select("account_id", *both).join(before.select("account_id", *both), on="account_id", suffix=" before")
    differs = pl.any_horizontal([pl.col(name).ne_missing(pl.col(f"{name} before")) for name in both])
    ids = joined.filter(differs | pl.col("account_id").is_in(moved))["account_id"] if both else joined["account_id"][:0]
    return now.filter(pl.col("account_id").is_in(ids.implode())), both


def _new(now: pl.DataFrame, before: pl.DataFrame, assigned: set[str]) -> pl.DataFrame:
    """The accounts that are new since the plan, and have no territory."""
    fresh = now.join(before.select("account_id"), on="account_id", how="anti", maintain_order="left")
    return fresh.filter(~pl.col("account_id").is_in(sorted(assigned)))
