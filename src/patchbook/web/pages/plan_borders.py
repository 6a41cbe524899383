"""Why the territories of a plan end where they do: what its carve said, kept with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.kept_borders import KeptBorder, KeptBorders, borders_of
from patchbook.web.models import InPath
from patchbook.web.names import ids_in, names_of, with_names
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.plans import KINDS

MOST = 25
"""Borders of a whole plan on the page; of one territory all are shown."""

router = Pages()


@dataclass(frozen=True, kw_only=True)
class BordersPage:
    """What the page of a plan's borders shows."""

    plan_id: str
    name: str
    status: str
    kind: str
    is_carved: bool
    territory: str
    """The one looked at; empty for all."""
    names: tuple[str, ...]
    """Territories that have a border."""
    kept: KeptBorders | None
    hidden: int
    """Borders that are not shown, which hold fewer accounts than those that are."""


def load(tx: Connection, plan_id: str, *, territory: str = "", by: Principal, at: datetime) -> BordersPage:
    """The borders of a plan, those that hold most accounts first."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    kept = borders_of(tx, plan_id, by=by, at=at) if plan.result_id is not None else None
    shown = [one for one in kept.borders if territory in ("", one.territory)] if kept is not None else []
    some = shown if territory else shown[:MOST]
    return BordersPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        is_carved=plan.result_id is not None,
        territory=territory,
        names=tuple(sorted({one.territory for one in kept.borders})) if kept is not None else (),
        kept=replace(kept, borders=told(tx, some, by=by, at=at)) if kept is not None else None,
        hidden=len(shown) - len(some),
    )


def told(tx: Connection, borders: list[KeptBorder], *, by: Principal, at: datetime) -> tuple[KeptBorder, ...]:
    """Borders with people called by their names, as far as whoever looks may see them."""
    names = names_of(tx, ids_in(one.reason for one in borders), seen_by=by, at=at)
    return tuple(replace(one, reason=with_names(one.reason, names)) for one in borders)


@router.page("/plans/{plan_id}/borders", Deed.SEE_EVERYONE)
def show(plan_id: InPath, here: Looked, territory: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Why the territories of a plan, or one of them, end where they do."""
    page = load(here.tx, plan_id, territory=territory, by=here.person, at=here.at)
    return here.show("plan_borders.html", page, block="borders")
