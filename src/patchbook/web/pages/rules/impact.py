"""What the rules as they are would place elsewhere than the last carve did, or than another plan does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.people.principal import Principal
from patchbook.plans import rule_actions
from patchbook.plans.life import Status
from patchbook.plans.rule_moves import RuleMoves, Way
from patchbook.web.as_csv import safe_csv
from patchbook.web.models import AnId, InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.change import Moved
from patchbook.web.pages.rules.frame import DEED, Seen, Top, router, see

SHOWN = 50
CARVE = "carve"


@dataclass(frozen=True, kw_only=True)
class Against:
    """What the rules can be held to."""

    value: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What a place gains and loses."""

    place: str
    gains: int
    loses: int


@dataclass(frozen=True, kw_only=True)
class ImpactPage:
    """What the rules would place elsewhere."""

    top: Top
    against: str
    against_title: str
    choices: tuple[Against, ...]
    sentence: str | None
    """None where there is nothing to hold them to."""
    ways: tuple[Way, ...]
    balances: tuple[Balance, ...]
    accounts: tuple[Moved, ...]
    hidden: int
    most: int
    """The most that a place gains or loses, for the chart."""


def load(tx: Connection, plan_id: str, *, against: str | None, by: Principal, at: datetime) -> ImpactPage:
    """The rules held to the last carve, or to another plan."""
    seen = see(tx, plan_id, by=by, at=at, wait_seconds=0)
    choices = _choices(tx, seen, by, at)
    chosen = against if against is not None else choices[0].value
    moves = _moves(tx, seen, chosen, by, at)
    title = next((one.title for one in choices if one.value == chosen), "another plan")
    table = None if moves is None else moves.seen(seen.may_see)
    balances = () if moves is None else _balances(moves)
    return ImpactPage(
        top=seen.top,
        against=chosen,
        against_title=title,
        choices=choices,
        sentence=None if moves is None else moves.says,
        ways=() if moves is None else moves.ways[:SHOWN],
        balances=balances,
        accounts=() if table is None else tuple(Moved(**row) for row in table.head(SHOWN).iter_rows(named=True)),
        hidden=0 if moves is None or table is None else moves.moved - min(SHOWN, table.height),
        most=max((max(one.gains, one.loses) for one in balances), default=1),
    )


def _choices(tx: Connection, seen: Seen, by: Principal, at: datetime) -> tuple[Against, ...]:
    mine = seen.top.plan_id
    others = [plan for plan in rule_actions.choices(tx, by=by, at=at) if plan.plan_id != mine]
    told = [Against(value=plan.plan_id, title=f"{plan.name} ({plan.status})") for plan in others]
    carve = Against(value=CARVE, title="its own last carve")
    active = [one for one, plan in zip(told, others, strict=True) if plan.status is Status.ACTIVE]
    rest = [one for one in told if one not in active]
    return (carve, *active, *rest) if seen.now.recorded.result_id is not None else (*active, *rest, carve)


def _moves(tx: Connection, seen: Seen, against: str, by: Principal, at: datetime) -> RuleMoves | None:
    return rule_actions.impact(tx, seen.now, against=None if against == CARVE else against, by=by, at=at)


def _balances(moves: RuleMoves) -> tuple[Balance, ...]:
    gains: dict[str, int] = {}
    loses: dict[str, int] = {}
    for way in moves.ways:
        loses[way.before] = loses.get(way.before, 0) + way.accounts
        gains[way.after] = gains.get(way.after, 0) + way.accounts
    places = dict.fromkeys([*gains, *loses])
    found = [Balance(place=place, gains=gains.get(place, 0), loses=loses.get(place, 0)) for place in places]
    return tuple(sorted(found, key=lambda one: -(one.gains + one.loses))[:SHOWN])


@router.page("/plans/{plan_id}/rules/impact", DEED)
def show(here: Looked, plan_id: InPath, against: AnId = None) -> Response:
    """What the rules would place elsewhere."""
    return here.show("rules_impact.html", load(here.tx, plan_id, against=against, by=here.person, at=here.at))


@router.page("/plans/{plan_id}/rules/impact.csv", DEED)
def as_csv(here: Looked, plan_id: InPath, against: AnId = None) -> Response:
    """Every account that would go elsewhere, as CSV."""
    seen = see(here.tx, plan_id, by=here.person, at=here.at, wait_seconds=0)
    chosen = against if against is not None else _choices(here.tx, seen, here.person, here.at)[0].value
    moves = _moves(here.tx, seen, chosen, here.person, here.at)
    columns = ("account_id", "name", "before", "after")
    rows = () if moves is None else moves.seen(seen.may_see).iter_rows()
    headers = {"Content-Disposition": 'attachment; filename="rules-impact.csv"'}
    return Response(safe_csv(rows, columns), 200, headers, "text/csv; charset=utf-8")
