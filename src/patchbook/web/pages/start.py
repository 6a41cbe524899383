"""The first run, guided: what is done, and what is next, from the first file to a published plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.imports import actions as imports
from patchbook.imports.imported import Imported, Kind
from patchbook.people import actions as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans.life import FIXED, RecordedPlan, Status
from patchbook.web.page import Looked, Nav, Pages
from patchbook.words import counted

NAV = (Nav(title="First steps", path="/start", section="", deed=Deed.EDIT_PLAN),)

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the way."""

    name: str
    says: str
    """What is done, or what there is to do."""
    is_done: bool
    path: str
    link: str
    is_next: bool = False


@dataclass(frozen=True, kw_only=True)
class StartPage:
    """The steps in order; one of them is next, unless all are done."""

    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(step.is_done for step in self.steps)


def load(tx: Connection, *, by: Principal, at: datetime) -> StartPage:
    """How far this record is."""
    accounts, staff = imports.latest(tx, Kind.ACCOUNTS), imports.latest(tx, Kind.PEOPLE)
    newest = _newest(tx, by, at)
    others = len(people.people(tx, on=at, limit=2, by=by, at=at).rows) > 1
    published = _is_published(tx, by, at)
    steps = (
        _accounts(accounts),
        _people(staff, others=others),
        _clean(accounts),
        _define(newest),
        _carve(newest),
        _compare(newest),
        _approve(newest),
        _publish(newest, is_done=published),
    )
    first = next((step.name for step in steps if not step.is_done), None)
    return StartPage(steps=tuple(Step(**{**vars(step), "is_next": step.name == first}) for step in steps))


def _accounts(made: Imported | None) -> Step:
    says = (
        f"{counted(made.rows, 'account')} from {made.name}."
        if made
        else "A file of the companies you sell to: CSV, Excel or Parquet, as it comes from your CRM."
    )
    return Step(name="Import accounts", says=says, is_done=made is not None, path="/data", link="Import a file")


def _people(made: Imported | None, *, others: bool) -> Step:
    says = "A file of who sells: a name or id each, and where they live if territories are on a map."
    if others:
        says = "There are people to plan for."
    if made is not None:
        says = f"{counted(made.rows, 'person', 'people')} from {made.name}."
    return Step(name="Import people", says=says, is_done=others or made is not None, path="/data", link="Import a file")


def _clean(made: Imported | None) -> Step:
    if made is None:
        says = "What is missing, what is twice, and which accounts would land nowhere: known once there are accounts."
    elif made.rejected:
        says = f"{counted(made.rejected, 'cell or row', 'cells and rows')} could not be taken; the list says why."
    else:
        says = made.notes[0] if made.notes else "Every cell could be read."
    return Step(name="Clean", says=says, is_done=made is not None, path="/data/quality", link="See the quality")


def _define(plan: RecordedPlan | None) -> Step:
    says = (
        f"{plan.name}, {plan.status}."
        if plan
        else "A name, a date, what to balance. The simple model asks for no more; everything can be changed later."
    )
    return Step(name="Define a plan", says=says, is_done=plan is not None, path="/plans/new", link="Start a plan")


def _carve(plan: RecordedPlan | None) -> Step:
    is_done = plan is not None and plan.result_id is not None
    says = "Carved." if is_done else "Patchbook divides the accounts, and says how far from the best possible it is."
    path = f"/plans/{plan.plan_id}" if plan else "/plans"
    return Step(name="Carve", says=says, is_done=is_done, path=path, link="Carve it")


def _compare(plan: RecordedPlan | None) -> Step:
    is_done = plan is not None and (plan.scenario_of is not None or plan.status is not Status.DRAFT)
    says = (
        "There is a scenario, or the plan has gone on."
        if is_done
        else "See whom it disrupts, and try it another way: a scenario is a copy to change. You may leave this out."
    )
    path = f"/plans/{plan.plan_id}/disruption" if plan else "/plans"
    return Step(name="Compare", says=says, is_done=is_done, path=path, link="See whom it disrupts")


def _approve(plan: RecordedPlan | None) -> Step:
    is_done = plan is not None and plan.status not in (Status.DRAFT, Status.IN_REVIEW)
    says = "Approved." if is_done else "Send it to whoever has to agree; each manager sees what changes below them."
    path = "/plans" if plan is None else f"/reviews/{plan.plan_id}"
    if plan is not None and plan.is_draft:
        path = f"/plans/{plan.plan_id}"
    return Step(name="Approve", says=says, is_done=is_done, path=path, link="Have it approved")


def _publish(plan: RecordedPlan | None, *, is_done: bool) -> Step:
    says = (
        "Published: the record answers who owns what, since when and why."
        if is_done
        else "A dry run first shows every change of owner; then the plan holds from its date, and there is a way back."
    )
    path = f"/plans/{plan.plan_id}/publish" if plan else "/plans"
    return Step(name="Publish", says=says, is_done=is_done, path=path, link="Publish it")


def _newest(tx: Connection, by: Principal, at: datetime) -> RecordedPlan | None:
    """The plan that is worked on: the newest."""
    found = plans.plans(tx, limit=1, by=by, at=at).rows
    return found[0] if found else None


def _is_published(tx: Connection, by: Principal, at: datetime) -> bool:
    return any(plans.plans(tx, status=status, limit=1, by=by, at=at).rows for status in sorted(FIXED))


@router.page("/start", Deed.EDIT_PLAN)
def show(here: Looked) -> Response:
    """The steps."""
    return here.show("start.html", load(here.tx, by=here.person, at=here.at))
