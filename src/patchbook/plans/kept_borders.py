"""Why territories of a recorded plan end where they do, as its carve said when it was kept; nothing is carved anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.people.permission import Deed, allow_somewhere, may
from patchbook.people.principal import Principal
from patchbook.plans import results, store
from patchbook.plans.in_force import carves_in_force
from patchbook.plans.journal import Draft
from patchbook.plans.life import NotCarved, RecordedPlan
from patchbook.plans.standing import standing


@dataclass(frozen=True, kw_only=True)
class KeptBorder:
    """One side of a border, as the carve left it, with territories called as they are now."""

    territory: str
    neighbour: str
    next_to_it: int
    """Accounts of the territory whose second best place is the neighbour."""
    held: int
    """Accounts of the territory that would suit the neighbour better, but for what the reason says."""
    reason: str
    is_older: bool
    """Whether accounts came to or left one of the two by hand since, so that it is said of the carve alone."""


@dataclass(frozen=True, kw_only=True)
class KeptBorders:
    """The borders of a plan, or of one of its territories."""

    plan_id: str
    plan: str
    borders: tuple[KeptBorder, ...]
    """Those that hold most accounts first."""
    are_kept: bool
    """Whether the carve's reasons were kept; they are since results hold them."""


def borders_of(
    tx: Connection, plan_id: str, *, territory: str | None = None, by: Principal, at: datetime
) -> KeptBorders:
    """
    Why the territories of a carved plan end where they do; those of one territory where it is named.

    Raises
    ------
    NotCarved
        The plan has no carve yet.
    """
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = store.get(tx, plan_id, by=by, at=at)
    if plan.result_id is None:
        raise NotCarved(plan)
    return _told(tx, plan, results.read(record_of(tx).folder, plan.result_id), territory)


def borders_in_force(tx: Connection, territory: str, *, by: Principal, at: datetime) -> tuple[KeptBorders, ...]:
    """What the carves of the active plans said of a territory's borders; nothing to who does not see everyone's."""
    if not may(by, Deed.SEE_EVERYONE):
        return ()
    told = (_told(tx, plan, kept, territory) for plan, kept in carves_in_force(tx, by=by, at=at))
    return tuple(one for one in told if one.borders)


def _told(tx: Connection, plan: RecordedPlan, kept: results.KeptResult, territory: str | None) -> KeptBorders:
    frame = kept.borders
    found: Iterable[KeptBorder] = () if frame is None else _as_now(frame, standing(tx, plan).draft, territory)
    return KeptBorders(plan_id=plan.plan_id, plan=plan.name, borders=tuple(found), are_kept=frame is not None)


def _as_now(frame: pl.DataFrame, draft: Draft, territory: str | None) -> Iterator[KeptBorder]:
    """The borders with territories called as they are now; of those taken away since nothing is told."""
    now = {
        name: draft.holdings[place].territory for place, name in enumerate(draft.first_names) if place not in draft.gone
    }
    if territory is not None:
        first = [name for name, called in now.items() if called == territory]
        frame = frame.filter(pl.col("territory").is_in(first))
    for row in frame.iter_rows(named=True):
        here, there = now.get(row["territory"]), now.get(row["neighbour"])
        called = {name: now.get(name, name) for name in (row["territory"], row["neighbour"])}
        if here is not None:
            yield KeptBorder(
                territory=here,
                neighbour=there or row["neighbour"],
                next_to_it=row["next_to_it"],
                held=row["held"],
                reason=_called(row["reason"], called),
                is_older=there is None or bool(draft.touched & {here, there}),
            )


def _called(sentence: str, names: Mapping[str, str]) -> str:
    """A sentence with territories by what they are called now; the longer name first, where one begins the other."""
    if all(name == now for name, now in names.items()):
        return sentence
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({either})(?![\w-])", lambda found: names[found.group(1)], sentence)
