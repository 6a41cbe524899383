"""What the workbench shows: the whole page, and the parts of it that follow a change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from patchbook.approvals.reach import is_company_wide, reach
from patchbook.db import settings
from patchbook.people import store as people_store
from patchbook.people.permission import Deed, allow_somewhere
from patchbook.people.permission import may as may_somewhere
from patchbook.people.principal import Principal
from patchbook.plans import edits
from patchbook.plans import store as plan_store
from patchbook.plans.life import NotCarved, RecordedPlan, Status
from patchbook.plans.plan import CarveLayer, Plan
from patchbook.plans.state import done
from patchbook.web.geometry import geometry_urls
from patchbook.web.models import InPath
from patchbook.web.page import Looked
from patchbook.web.pages.workbench import segments as grids
from patchbook.web.pages.workbench import table as tables
from patchbook.web.pages.workbench.router import router
from patchbook.web.pages.workbench.segments import Grid
from patchbook.web.pages.workbench.table import Asked, Table
from patchbook.web.pages.workbench.tree import Node, tree
from patchbook.web.plan_points import map_urls
from patchbook.web.planned import NOBODY, Planned, planned, planned_as

TEMPLATE = "workbench.html"
PARTS = "workbench_parts.html"


class Right(StrEnum):
    """What whoever looks may do with the moves they think of."""

    EDIT = "edit"
    COMMIT = "commit"
    """Move accounts inside their own territories."""
    PROPOSE = "propose"
    LOOK = "look"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of the plan as it stands."""

    name: str
    value: float | None
    kind: str = "number"
    """number or percent."""
    is_bad: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Seller:
    """Somebody who can be put on a seat."""

    person_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class WorkbenchPage:
    """What the workbench shows of a plan."""

    plan: RecordedPlan
    right: Right
    is_carved: bool
    figures: tuple[Figure, ...] = ()
    nodes: tuple[Node, ...] = ()
    measures: tuple[str, ...] = ()
    table: Table | None = None
    undo: str | None = None
    """The edit that would be taken back, in words."""
    redo: str | None = None
    map: Mapping[str, str] | None = None
    """Where a map finds the plan; nothing where it has no places, or the grid is asked for."""
    geometry: Mapping[str, str] | None = None
    grid: Grid | None = None
    has_places: bool = False

    @property
    def names(self) -> list[str]:
        """The territories, in the order of the tree."""
        return [node.name for node in self.nodes if node.is_territory]

    @property
    def layers(self) -> list[str]:
        """What a new territory can hang under."""
        return [node.name for node in self.nodes if not node.is_territory]

    @property
    def waits(self) -> str | None:
        """What is said of a plan that cannot be edited, and where to go on."""
        return {
            Status.DRAFT: None,
            Status.IN_REVIEW: "It is in review, so it is not edited now.",
            Status.APPROVED: "It is approved, so it is not edited now.",
            Status.SCHEDULED: "It is published and holds from its date on; make a scenario of it to change it.",
            Status.ACTIVE: "It holds now; make a scenario of it to change it.",
            Status.SUPERSEDED: "Another plan holds in its place.",
            Status.WITHDRAWN: "It was given up.",
        }[self.plan.status]


def asked(
    q: Annotated[str, Query(max_length=200)] = "",
    territory: Annotated[list[str] | None, Query(max_length=100)] = None,
    only: Annotated[str, Query(max_length=20)] = "",
    segment: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=100)] = "",
    down: Annotated[str, Query(max_length=5)] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Asked:
    """Which accounts an address asks for."""
    return Asked(
        search=q, territories=tuple(territory or ()), only=only, segment=segment, sort=sort or "account_id",
        down=bool(down), page=page,
    )  # fmt: skip


AsAsked = Annotated[Asked, Depends(asked)]
View = Annotated[str, Query(max_length=20, description="map, or grid for segments against territories.")]
By = Annotated[str, Query(max_length=100, description="The field of the grid.")]


def load(
    tx: Connection, plan_id: str, asked: Asked, *, view: str = "", field: str = "", by: Principal, at: datetime
) -> WorkbenchPage:
    """The workbench of a plan."""
    allow_somewhere(by, Deed.SEE_EVERYONE)
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    right = right_of(tx, plan, by)
    if plan.result_id is None:
        return WorkbenchPage(plan=plan, right=right, is_carved=False)
    found = planned_as(tx, plan)
    has_places = "latitude" in found.state.assignments.columns and bool(
        found.state.assignments["latitude"].is_not_null().any()
    )
    as_grid = view == "grid" or (view != "map" and not (has_places and is_by_place(found.document)))
    fields = grids.fields(tx, found) if as_grid or asked.segment else ()
    field = field if field in fields else next(iter(fields), "")
    shown = grids.grid(tx, found, field) if fields and as_grid else None
    last = plan_store.last_edit(tx, plan_id, plan.result_id)
    waiting = plan_store.first_undone(tx, plan_id, plan.result_id)
    people = _Names(tx, found)
    return WorkbenchPage(
        plan=plan,
        right=right,
        is_carved=True,
        figures=figures(found),
        nodes=tree(found, people=people.known, mine=mine(tx, found, right, by, at)),
        measures=found.state.measures,
        table=tables.table(
            found, asked, people=people, segments=grids.segments(tx, found, field) if asked.segment else None
        ),
        undo=people.said(last) if right is Right.EDIT and last is not None else None,
        redo=people.said(waiting) if right is Right.EDIT and waiting is not None else None,
        map=map_urls(tx, plan) if has_places and shown is None else None,
        geometry=geometry_urls() if has_places and shown is None else None,
        grid=shown,
        has_places=has_places,
    )


def load_rows(
    tx: Connection, plan_id: str, asked: Asked, *, field: str = "", by: Principal, at: datetime
) -> WorkbenchPage:
    """Only the accounts of the workbench of a plan that is carved."""
    found = planned(tx, plan_id, by=by, at=at)
    fields = grids.fields(tx, found) if asked.segment else ()
    field = field if field in fields else next(iter(fields), "")
    return WorkbenchPage(
        plan=found.plan,
        right=right_of(tx, found.plan, by),
        is_carved=True,
        measures=found.state.measures,
        table=tables.table(
            found, asked, people=_Names(tx, found), segments=grids.segments(tx, found, field) if field else None
        ),
    )


def right_of(tx: Connection, plan: RecordedPlan, by: Principal) -> Right:
    """What somebody may do in a plan."""
    if not plan.is_draft:
        return Right.LOOK
    if is_company_wide(by, Deed.EDIT_PLAN):
        return Right.EDIT
    if not may_somewhere(by, Deed.PROPOSE):
        return Right.LOOK
    return Right.COMMIT if settings.value(tx, "managers_commit") else Right.PROPOSE


def mine(tx: Connection, planned: Planned, right: Right, by: Principal, at: datetime) -> Collection[str] | None:
    """The territories somebody may change or ask to be changed; None for all."""
    if right is Right.LOOK:
        return frozenset()
    return reach(tx, planned.state.territories, by, Deed.PROPOSE, at=at)


def is_by_place(document: Plan) -> bool:
    """Whether places count in how a plan is carved, or nothing is; else its segments say more than a map."""
    layers = [layer for layer in document.layers if isinstance(layer, CarveLayer)]
    return not layers or any(
        not layer.similar and (layer.compact or layer.contiguous or not layer.by) for layer in layers
    )


def figures(planned: Planned) -> tuple[Figure, ...]:
    """The plan in a few numbers."""
    state = planned.state
    free = int((planned.owners == NOBODY).sum())
    found = [Figure(name="Accounts", value=len(planned.owners)), Figure(name="Territories", value=len(planned.names))]
    if free:
        found.append(Figure(name="Without territory", value=free, is_bad=True))
    vacant = int(state.territories["vacant"].fill_null(False).sum())
    if vacant:
        found.append(Figure(name="Vacant", value=vacant))
    for measure in state.measures:
        off = state.territories[f"{measure}_deviation"].abs().drop_nulls()
        if off.len():
            worst, allowed = float(off.max() or 0.0), planned.tolerances.get(measure)  # type: ignore[arg-type]
            found.append(
                Figure(
                    name=f"Furthest off {measure}", value=worst, kind="percent",
                    is_bad=allowed is not None and worst > allowed + 1e-9,
                    note="" if allowed is None else f"±{100 * allowed:g} % allowed",
                )
            )  # fmt: skip
    owned = state.assignments["previous_owner"].is_not_null()
    if had := int(owned.sum()):
        left = owned & state.assignments["person"].ne_missing(state.assignments["previous_owner"])
        found.append(Figure(name="Change owner", value=int(left.sum()) / had, kind="percent"))
    return tuple(found)


class _Names:
    """What people are called, asked for once for the territories and once for what else is shown."""

    def __init__(self, tx: Connection, planned: Planned) -> None:
        self.tx = tx
        interims = planned.state.territories["interim"].drop_nulls().to_list()
        self.known = self._find({person for person in planned.people if person} | set(interims))

    def __call__(self, person_ids: Collection[str]) -> Mapping[str, str]:
        """Everybody known, and these."""
        self.known |= self._find({one for one in person_ids if one not in self.known})
        return self.known

    def said(self, edit: plan_store.RecordedEdit) -> str:
        """An edit in a few words, with who made it."""
        return f"{self([edit.by]).get(edit.by, edit.by)} {edits.said_of([done(edit).edit])}"

    def _find(self, person_ids: Collection[str]) -> dict[str, str]:
        found = people_store.names(self.tx, sorted(person_ids)) if person_ids else {}
        return {person_id: found.get(person_id, person_id) for person_id in person_ids}


@router.page("/plans/{plan_id}", Deed.SEE_EVERYONE)
def show(plan_id: InPath, here: Looked, asked: AsAsked, view: View = "", by: By = "") -> Response:
    """The workbench of a plan."""
    page = load(here.tx, plan_id, asked, view=view, field=by, by=here.person, at=here.at)
    return here.show(TEMPLATE, page)


@router.page("/plans/{plan_id}/rows", Deed.SEE_EVERYONE)
def show_rows(plan_id: InPath, here: Looked, asked: AsAsked, by: By = "") -> Response:
    """One page of accounts, for a workbench that is open."""
    if not here.is_for_a_part:
        return here.show(TEMPLATE, load(here.tx, plan_id, asked, field=by, by=here.person, at=here.at))
    return here.show(PARTS, load_rows(here.tx, plan_id, asked, field=by, by=here.person, at=here.at), block="rows")


@router.page("/plans/{plan_id}/standing", Deed.SEE_EVERYONE)
def show_standing(plan_id: InPath, here: Looked, asked: AsAsked, view: View = "", by: By = "") -> Response:
    """Everything of an open workbench that follows a change: figures, tree, grid, accounts, and what can be undone."""
    page = load(here.tx, plan_id, asked, view=view, field=by, by=here.person, at=here.at)
    if not page.is_carved:
        raise NotCarved(page.plan)
    return here.show(PARTS if here.is_for_a_part else TEMPLATE, page, block="standing")


@router.page("/plans/{plan_id}/account-ids", Deed.SEE_EVERYONE)
def list_ids(plan_id: InPath, here: Looked, asked: AsAsked, by: By = "") -> Response:
    """The ids of all accounts as asked, to select them."""
    allow_somewhere(here.person, Deed.SEE_EVERYONE)
    found = planned_as(here.tx, plan_store.get(here.tx, plan_id, by=here.person, at=here.at))
    field = by or next(iter(grids.fields(here.tx, found)), "") if asked.segment else ""
    divided = grids.segments(here.tx, found, field) if field else None
    return JSONResponse({"ids": tables.ids(found, asked, segments=divided), "revision": found.plan.revision})
