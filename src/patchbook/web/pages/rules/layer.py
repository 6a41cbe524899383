"""One layer by itself: written, changed, moved or taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.people import actions as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans.inheritance import asked_by
from patchbook.plans.plan import CarveLayer, RuleLayer
from patchbook.plans.rule_change import NoSuchLayer, called, kind_of, places_in_document
from patchbook.web.models import InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.book import words_of
from patchbook.web.pages.rules.change import LONGEST
from patchbook.web.pages.rules.completion import Checked, check
from patchbook.web.pages.rules.frame import DEED, Top, router, see
from patchbook.web.pages.rules.problems import Problem, problems_of

MOST_PEOPLE = 300


@dataclass(frozen=True, kw_only=True)
class Inherited:
    """A condition that holds for a layer since it stands under a group."""

    group: str
    where: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A person to choose."""

    person_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LayerPage:
    """What the page of one layer shows."""

    top: Top
    number: int | None
    """None for one that is being written."""
    title: str
    kind: str
    name: str
    person: str
    where: str
    words: str
    before: int | None
    can_change: bool
    follows_group: str | None
    inherits: tuple[Inherited, ...]
    accounts: int | None
    checked: Checked | None
    problems: tuple[Problem, ...]
    people: tuple[Somebody, ...]
    layers: int
    fault: str | None


def load(tx: Connection, plan_id: str, number: int, *, by: Principal, at: datetime) -> LayerPage:
    """A layer of the plan, by its number from 1."""
    seen = see(tx, plan_id, by=by, at=at)
    standing = seen.now.standing
    plan = standing.plan
    title = called(plan, number)
    layer = plan.layers[number - 1]
    where = layer.where or "" if isinstance(layer, RuleLayer | CarveLayer) else ""
    catches = layer.under if isinstance(layer, RuleLayer) and layer.catches_all else None
    stands = places_in_document(plan)[number - 1] is not None
    inherits = [asked for asked in asked_by(plan, number - 1) if asked.place.startswith("groups.")]
    return LayerPage(
        top=seen.top,
        number=number,
        title=title[:1].upper() + title[1:],
        kind=kind_of(layer),
        name=layer.name,
        person=layer.person or "" if isinstance(layer, RuleLayer) else "",
        where=where,
        words=words_of(standing, number - 1),
        before=None,
        can_change=seen.top.can_edit and stands,
        follows_group=catches,
        inherits=tuple(
            Inherited(
                group=asked.whose,
                where=asked.where,
                words=(check(standing, asked.where, number=None).words or asked.where),
            )
            for asked in inherits
        ),
        accounts=None if standing.market is None else standing.counts[number - 1],
        checked=check(standing, where, number=number) if where and not catches else None,
        problems=tuple(one for one in problems_of(seen) if number in one.rules),
        people=_people(tx, by, at) if seen.top.can_edit and isinstance(layer, RuleLayer) else (),
        layers=len(plan.layers),
        fault=standing.faults.get(number - 1),
    )


def begin(
    tx: Connection, plan_id: str, *, kind: str, where: str, before: int | None, by: Principal, at: datetime
) -> LayerPage:
    """A layer that is yet to be written."""
    seen = see(tx, plan_id, by=by, at=at, wait_seconds=0)
    standing = seen.now.standing
    if kind not in ("rule", "carve", "house"):
        raise NoSuchLayer(f"A {kind!r} is not written here; a new layer is a rule, a carve or a house.")
    if before is not None:
        called(standing.plan, before)
    return LayerPage(
        top=seen.top,
        number=None,
        title=f"A new {kind}",
        kind=kind,
        name="House" if kind == "house" else "",
        person="",
        where=where,
        words="",
        before=before,
        can_change=seen.top.can_edit,
        follows_group=None,
        inherits=(),
        accounts=None,
        checked=check(standing, where, number=before) if where else None,
        problems=(),
        people=_people(tx, by, at) if kind == "rule" else (),
        layers=len(standing.plan.layers),
        fault=None,
    )


def _people(tx: Connection, by: Principal, at: datetime) -> tuple[Somebody, ...]:
    found = people.people(tx, limit=MOST_PEOPLE, by=by, at=at)
    return tuple(Somebody(person_id=one.person_id, name=one.name) for one in found.rows)


@router.page("/plans/{plan_id}/rules/layers/{number}", DEED)
def show(here: Looked, plan_id: InPath, number: int) -> Response:
    """One layer."""
    return here.show("rules_layer.html", load(here.tx, plan_id, number, by=here.person, at=here.at))


@router.page("/plans/{plan_id}/rules/new", Deed.EDIT_PLAN)
def write(
    here: Looked,
    plan_id: InPath,
    kind: Annotated[str, Query(max_length=20)] = "rule",
    where: Annotated[str, Query(max_length=LONGEST)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Write a new layer."""
    page = begin(here.tx, plan_id, kind=kind, where=where, before=before, by=here.person, at=here.at)
    return here.show("rules_layer.html", page)
