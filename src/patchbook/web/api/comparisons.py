"""Plans side by side: scenarios, differences, whom a plan disrupts; and plans as files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import Field

from patchbook.plans import difference as differences
from patchbook.plans import exchange, scenario
from patchbook.web.api.plans import Document, PlanOut
from patchbook.web.models import AnId, In, InPath, Listed, Name, Out, Paged
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["comparisons"])

YAML = "application/yaml"


class TakenIn(In):
    """An exported plan."""

    text: Document
    name: Name | None = None
    fresh: bool = Field(default=False, description="Take the newest accounts and people, not those it names.")


class SettingOut(Out):
    """A setting the two plans have otherwise."""

    place: str
    before: Any
    after: Any


class RenamedOut(Out):
    """A territory that is called otherwise."""

    before: str
    after: str


class MovedOut(Out):
    """Accounts that are in another territory."""

    before: str | None
    after: str | None
    accounts: int
    measures: dict[str, float]
    examples: list[str]


class RestaffedOut(Out):
    """A territory with somebody else."""

    territory: str
    before: str | None
    after: str | None


class DifferenceOut(Out):
    """What the second plan has otherwise than the first."""

    first: str
    second: str
    is_empty: bool
    accounts_moved: int
    says: list[str]
    settings: list[SettingOut]
    files: list[str]
    territories_added: list[str]
    territories_removed: list[str]
    territories_renamed: list[RenamedOut]
    moved: list[MovedOut]
    staffing: list[RestaffedOut]
    only_first: int
    only_second: int


class SpreadOut(Out):
    """How one measure is spread over the territories."""

    measure: str
    total: float
    least: float
    mean: float
    most: float
    largest_deviation: float | None


class DisruptionOut(Out):
    """What one person keeps, loses and gains."""

    person: str
    keeps: int
    loses: int
    gains: int
    lost: dict[str, float]
    gained: dict[str, float]


class ScenarioOut(Out):
    """One plan's figures."""

    plan_id: str
    name: str
    status: str
    accounts: int
    territories: int
    spreads: list[SpreadOut]
    figures: dict[str, float | None]
    vacant_seats: int
    vacant_share: float
    unassigned: int
    accounts_without_owner: int
    moved: int
    moved_share: float | None
    disruption: list[DisruptionOut]
    seats: int
    cost_usd: float | None


class ComparisonOut(Out):
    """Plans side by side."""

    scenarios: list[ScenarioOut]
    territories: list[dict[str, Any]]


@router.get("/comparison")
def compare_plans(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    plan_id: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]],
        Query(min_length=2, max_length=10, description="Once for each plan."),
    ],
) -> ComparisonOut:
    """Plans side by side: balance, potential, workload, coverage, disruption, cost."""
    found = scenario.compare(tx, plan_id, by=person, at=at)
    return ComparisonOut(
        scenarios=[ScenarioOut.of(one) for one in found.scenarios], territories=found.territories.to_dicts()
    )


@router.get("/plans/{plan_id}/difference")
def get_difference(
    plan_id: InPath,
    tx: Transaction,
    person: SignedIn,
    at: Now,
    other: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="The second plan.")],
) -> DifferenceOut:
    """What another plan has otherwise than this one."""
    return DifferenceOut.of(differences.difference(tx, plan_id, other, by=person, at=at))


@router.get("/plans/{plan_id}/disruption")
def list_disruption(
    plan_id: InPath, tx: Transaction, person: SignedIn, at: Now, paging: Paged, person_id: AnId = None
) -> Listed[dict[str, Any]]:
    """The accounts that would change owner, with what they are worth."""
    return paging.frame(scenario.moved_accounts(tx, plan_id, person=person_id, by=person, at=at), key="account_id")


@router.get(
    "/plans/{plan_id}/export",
    response_class=PlainTextResponse,
    responses={200: {"content": {YAML: {"schema": {"type": "string"}}}, "description": "The plan as YAML."}},
)
def export_plan(plan_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> PlainTextResponse:
    """The plan as one YAML file, for a repository, a review or another record."""
    return PlainTextResponse(exchange.export(tx, plan_id, by=person, at=at), media_type=YAML)


@router.post("/exported-plans", status_code=201)
def take_plan(what: TakenIn, tx: Transaction, person: SignedIn, at: Now) -> PlanOut:
    """A draft from an exported plan; its edits are worked in when it is carved."""
    return PlanOut.of(exchange.take(tx, what.text, name=what.name, fresh=what.fresh, by=person, at=at))
