"""The rule book in order: each layer with its condition in words, what it takes now, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from patchbook.db.page import cursor_of, key_of
from patchbook.people.principal import Principal
from patchbook.plans import rule_actions
from patchbook.plans.inheritance import is_for_the_rest
from patchbook.plans.plan import CarveLayer, HouseLayer, NamedLayer, RuleLayer
from patchbook.plans.rule_change import kind_of, places_in_document
from patchbook.plans.rules_now import Standing, groups_of
from patchbook.rules.explain import in_words
from patchbook.rules.prove.finding import Finding
from patchbook.web.models import After, AnId, InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.frame import DEED, ROWS, Seen, Top, path_of, router, see, worst
from patchbook.words import counted, listed


@dataclass(frozen=True, kw_only=True)
class Row:
    """A layer in the list."""

    number: int
    kind: str
    name: str
    person: str | None
    words: str
    """Its condition as a sentence."""
    where: str | None
    """Its condition as it is written."""
    accounts: int | None
    """How many it takes now; None before accounts were imported."""
    share: float
    problems: int
    """Findings that are more than a note, and notes where there is nothing worse."""
    worst: str
    fault: str | None
    follows_group: str | None
    """The group whose catch-all it is, which is not moved by itself."""
    is_idle: bool
    """Whether it takes nothing, where it is not there for the rest."""
    is_first: bool
    is_last: bool


@dataclass(frozen=True, kw_only=True)
class BookPage:
    """What the list of a plan's rules shows."""

    top: Top
    rows: tuple[Row, ...]
    next: str | None
    find: str
    layers: int
    accounts: int | None
    by_rules: int
    by_carves: int
    by_house: int
    by_nobody: int


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A plan to choose."""

    plan_id: str
    name: str
    status: str
    path: str


@dataclass(frozen=True, kw_only=True)
class ChoicePage:
    """The plans whose rules one may look at."""

    choices: tuple[Choice, ...]


def load(tx: Connection, plan_id: str, *, after: str | None, find: str, by: Principal, at: datetime) -> BookPage:
    """A page of the list."""
    seen = see(tx, plan_id, by=by, at=at)
    standing = seen.now.standing
    plan = standing.plan
    first = 0 if after is None else key_of(after, int)[0]
    wanted = [number for number in range(len(plan.layers)) if not find or _holds(standing, number, find)]
    left = [number for number in wanted if number >= first]
    counts = standing.counts
    taken = dict.fromkeys(("named", "rule", "carve", "house"), 0)
    for number, layer in enumerate(plan.layers):
        taken[kind_of(layer)] += counts[number]
    return BookPage(
        top=seen.top,
        rows=tuple(_rows(seen, left[:ROWS])),
        next=cursor_of(left[ROWS]) if len(left) > ROWS else None,
        find=find,
        layers=len(plan.layers),
        accounts=None if standing.market is None else standing.market.frame.height,
        by_rules=taken["named"] + taken["rule"],
        by_carves=taken["carve"],
        by_house=taken["house"],
        by_nobody=counts[-1],
    )


def words_of(standing: Standing, number: int) -> str:
    """What a layer takes, as a sentence without its full stop."""
    layer = standing.plan.layers[number]
    if isinstance(layer, NamedLayer):
        lines = standing.lists[number]
        names = lines["territory"].drop_nulls().unique(maintain_order=True).to_list()
        to = f", for {listed(names, most=4)}" if names else ""
        return f"{counted(lines.height, 'account')} named in {layer.file.name}{to}"
    if isinstance(layer, HouseLayer):
        return "Whatever no layer took; nobody owns it"
    if isinstance(layer, RuleLayer) and layer.catches_all:
        return f"Whatever is of {layer.under} and no layer before took"
    if number in standing.faults:
        return "Its condition cannot be asked"
    own = standing.own(number)
    said = "everything that is left" if own is None else in_words(own)
    groups = groups_of(standing.plan, number)
    inside = f"In {listed([*reversed(groups)])}: " if groups else ""
    return inside + said if inside else said[:1].upper() + said[1:]


def findings_by_layer(seen: Seen) -> dict[int, list[Finding]]:
    """Layer number, from 1 → the findings that are about it first."""
    found: dict[int, list[Finding]] = {}
    for finding in seen.proof.findings if seen.proof is not None else ():
        if finding.rules:
            found.setdefault(finding.rules[0], []).append(finding)
    return found


def _rows(seen: Seen, numbers: Sequence[int]) -> list[Row]:
    standing = seen.now.standing
    layers = standing.plan.layers
    places = places_in_document(standing.plan)
    movable = [number for number, place in enumerate(places) if place is not None]
    if movable and isinstance(layers[movable[-1]], HouseLayer):
        movable.pop()
    by_layer = findings_by_layer(seen)
    counts = standing.counts
    height = 0 if standing.market is None else standing.market.frame.height
    rows = []
    for number in numbers:
        layer = layers[number]
        found = by_layer.get(number + 1, [])
        grave = [one for one in found if one.severity != "note"]
        catches = layer.under if isinstance(layer, RuleLayer) and layer.catches_all else None
        rows.append(
            Row(
                number=number + 1,
                kind=kind_of(layer),
                name=layer.name,
                person=layer.person if isinstance(layer, RuleLayer) else None,
                words=words_of(standing, number),
                where=layer.where if isinstance(layer, RuleLayer | CarveLayer) and catches is None else None,
                accounts=counts[number] if height else None,
                share=counts[number] / height if height else 0.0,
                problems=len(grave or found),
                worst=worst(found),
                fault=standing.faults.get(number),
                follows_group=catches,
                is_idle=bool(height) and not counts[number] and not is_for_the_rest(layer),
                is_first=number not in movable or number == movable[0],
                is_last=number not in movable or number == movable[-1],
            )
        )
    return rows


def _holds(standing: Standing, number: int, find: str) -> bool:
    layer = standing.plan.layers[number]
    told = [layer.name, str(number + 1), kind_of(layer)]
    if isinstance(layer, RuleLayer | CarveLayer):
        told += [layer.where or "", layer.under or ""]
    if isinstance(layer, RuleLayer):
        told.append(layer.person or "")
    return any(find.lower() in text.lower() for text in told)


@router.page("/rules", DEED)
def choose(here: Looked, plan_id: AnId = None) -> Response:
    """Go to the rules of the plan that holds or is being drafted, or of the one chosen."""
    plans = rule_actions.choices(here.tx, by=here.person, at=here.at)
    chosen = plan_id or (plans[0].plan_id if plans else None)
    if chosen is not None:
        return here.done(path_of(chosen))
    return here.show("rules_choice.html", ChoicePage(choices=()))


@router.page("/plans/{plan_id}/rules", DEED)
def show(
    here: Looked, plan_id: InPath, after: After = None, find: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The rules in order."""
    return here.show("rules.html", load(here.tx, plan_id, after=after, find=find.strip(), by=here.person, at=here.at))


@router.page("/plans/{plan_id}/rules/plans", DEED)
def other(here: Looked, plan_id: InPath) -> Response:
    """Choose the plan whose rules one looks at."""
    plans = rule_actions.choices(here.tx, by=here.person, at=here.at)
    choices = tuple(
        Choice(plan_id=plan.plan_id, name=plan.name, status=plan.status, path=path_of(plan.plan_id)) for plan in plans
    )
    return here.show("rules_choice.html", ChoicePage(choices=choices))


@router.page("/plans/{plan_id}/rules/proof", DEED)
def proof(here: Looked, plan_id: InPath) -> Response:
    """Whether the problems are known by now."""
    seen = see(here.tx, plan_id, by=here.person, at=here.at, wait_seconds=0.5)
    return JSONResponse({"done": seen.top.is_proved or seen.top.fault is not None})
