"""Plans and their scenarios as cards: what each comes to, and what can be done with it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response
from markupsafe import Markup
from sqlalchemy import Connection

from patchbook.db.page import Page
from patchbook.people import store as people
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan, Status
from patchbook.web.models import After, InPath
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.plan_figures import are_known, figures

NAV = (
    Nav(
        title="Plans",
        path="/plans",
        section="Plan",
        deed=Deed.SEE_EVERYONE,
        covers=("/comparison", "/reviews", "/publications"),
    ),
)
FAMILIES = 8
"""Plans, each with its scenarios, on a page."""
PATIENCE_SECONDS = 0.3

KINDS = {
    Status.DRAFT: "",
    Status.IN_REVIEW: "warn",
    Status.APPROVED: "good",
    Status.SCHEDULED: "good",
    Status.ACTIVE: "good",
    Status.SUPERSEDED: "",
    Status.WITHDRAWN: "bad",
}
"""Status → how its badge looks."""

NO_PICTURE = Markup()

router = Pages()


@dataclass(frozen=True, kw_only=True)
class CardMeasure:
    """How far the worst territory is from its share of one measure."""

    name: str
    deviation: float | None
    tolerance: float | None

    @property
    def is_off(self) -> bool:
        """Whether that is more than the plan allows."""
        return self.deviation is not None and self.tolerance is not None and self.deviation > self.tolerance + 1e-9


@dataclass(frozen=True, kw_only=True)
class PlanCard:
    """A plan or scenario."""

    plan_id: str
    name: str
    status: str
    kind: str
    revision: int
    effective: date | None
    owner: str
    made_at: datetime
    is_scenario: bool
    is_draft: bool
    may_be_withdrawn: bool
    is_confidential: bool
    has_figures: bool
    is_late: bool = False
    """Whether its figures are still to be worked out, which takes a while where there are many accounts."""
    accounts: int = 0
    territories: int = 0
    unassigned: int = 0
    moved_share: float | None = None
    gap: float | None = None
    measures: tuple[CardMeasure, ...] = ()
    picture: Markup = NO_PICTURE


@dataclass(frozen=True, kw_only=True)
class Family:
    """A plan and its scenarios; or, without a name, plans that have none, beside each other."""

    name: str
    cards: tuple[PlanCard, ...]


@dataclass(frozen=True, kw_only=True)
class PlansPage:
    """What the page of plans shows."""

    families: tuple[Family, ...]
    next: str | None
    status: str
    statuses: tuple[tuple[str, str], ...]
    may_edit: bool
    may_compare: bool


@dataclass(frozen=True, kw_only=True)
class CardPage:
    """One card by itself."""

    card: PlanCard
    may_edit: bool
    may_compare: bool


def load(
    tx: Connection,
    *,
    status: str = "",
    after: str | None = None,
    patience_seconds: float = math.inf,
    by: Principal,
    at: datetime,
) -> PlansPage:
    """
    The plans somebody may see, the family with the newest first.

    Parameters
    ----------
    patience_seconds
        When figures took longer than this, those still missing are left for later.
    """
    until = time.monotonic() + patience_seconds
    found: Page[tuple[RecordedPlan, ...]] = plans.families(
        tx, status=status or None, after=after, limit=FAMILIES, by=by, at=at
    )
    owners = people.find(tx, sorted({plan.owner_id for family in found.rows for plan in family}))
    names = {person_id: profile.name for person_id, profile in owners.items()}
    return PlansPage(
        families=_side_by_side(
            Family(name=_name(family), cards=tuple(_card(tx, plan, names, by, at, until) for plan in family))
            for family in found.rows
        ),
        next=found.next_cursor,
        status=status,
        statuses=(("", "All"), *((one.value, one.value.capitalize()) for one in Status)),
        may_edit=may(by, Deed.EDIT_PLAN),
        may_compare=may(by, Deed.SEE_EVERYONE),
    )


@router.page("/plans", Deed.SEE_EVERYONE)
def show(here: Looked, status: Annotated[str, Query(max_length=40)] = "", after: After = None) -> Response:
    """The plans one may see."""
    page = load(here.tx, status=status, after=after, patience_seconds=PATIENCE_SECONDS, by=here.person, at=here.at)
    return here.show("plans.html", page)


@router.page("/plans/{plan_id}/card", Deed.SEE_EVERYONE)
def show_card(plan_id: InPath, here: Looked) -> Response:
    """A card whose figures were still to be worked out."""
    return here.show("plan_card_alone.html", load_card(here.tx, plan_id, by=here.person, at=here.at))


@router.form("/plans/{plan_id}/scenarios", Deed.EDIT_PLAN)
def clone(plan_id: InPath, here: Looked, name: Annotated[str, Form(max_length=200)]) -> Response:
    """Start a scenario of a plan."""
    made = plans.clone(here.tx, plan_id, name, by=here.person, at=here.at)
    return here.done(f"/plans/{made.plan_id}", f"{made.name} is a scenario now; nothing done to it touches the plan.")


@router.form("/plans/{plan_id}/submission", Deed.EDIT_PLAN)
def submit(plan_id: InPath, here: Looked, revision: Annotated[int, Form(ge=1)]) -> Response:
    """Send a draft to its approvers."""
    sent = plans.submit(here.tx, plan_id, revision=revision, by=here.person, at=here.at)
    return here.done("/plans", f"{sent.name} is {sent.status.value}.")


@router.form("/plans/{plan_id}/withdrawal", Deed.EDIT_PLAN)
def withdraw(plan_id: InPath, here: Looked, revision: Annotated[int, Form(ge=1)]) -> Response:
    """Give a plan up."""
    given_up = plans.withdraw(here.tx, plan_id, revision=revision, by=here.person, at=here.at)
    return here.done("/plans", f"{given_up.name} is withdrawn; it stays readable.")


def load_card(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> CardPage:
    """One plan's card, with its figures."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    names = people.names(tx, [plan.owner_id])
    return CardPage(
        card=_card(tx, plan, names, by, at, math.inf),
        may_edit=may(by, Deed.EDIT_PLAN),
        may_compare=may(by, Deed.SEE_EVERYONE),
    )


def _side_by_side(families: Iterable[Family]) -> tuple[Family, ...]:
    """Families of one plan that follow each other as one, so that each does not take a line of its own."""
    put: list[Family] = []
    for family in families:
        if len(family.cards) == 1 and put and not put[-1].name:
            put[-1] = Family(name="", cards=put[-1].cards + family.cards)
        else:
            put.append(replace(family, name="") if len(family.cards) == 1 else family)
    return tuple(put)


def _name(family: tuple[RecordedPlan, ...]) -> str:
    """What a family is called: by the plan itself, or by its oldest scenario where that may not be seen."""
    return next((plan.name for plan in family if plan.scenario_of is None), family[0].name)


def _card(
    tx: Connection, plan: RecordedPlan, names: dict[str, str], by: Principal, at: datetime, until: float
) -> PlanCard:
    is_late = time.monotonic() > until and not are_known(tx, plan)
    told = None if is_late else figures(tx, plan, by=by, at=at)
    card = PlanCard(
        plan_id=plan.plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        revision=plan.revision,
        effective=plan.effective,
        owner=names.get(plan.owner_id, plan.owner_id),
        made_at=plan.made_at,
        is_scenario=plan.scenario_of is not None,
        is_draft=plan.is_draft,
        may_be_withdrawn=plan.status in (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED),
        is_confidential=plan.confidential,
        has_figures=told is not None,
        is_late=is_late,
    )
    if told is None:
        return card
    scenario = told.scenario
    return replace(
        card,
        accounts=scenario.accounts,
        territories=scenario.territories,
        unassigned=scenario.unassigned,
        moved_share=scenario.moved_share,
        gap=told.gap,
        measures=tuple(
            CardMeasure(
                name=spread.measure.replace("_", " "),
                deviation=spread.largest_deviation,
                tolerance=told.tolerances.get(spread.measure),
            )
            for spread in scenario.spreads
        ),
        picture=told.picture,
    )
