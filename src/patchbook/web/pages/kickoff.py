"""The kickoff pack of a rep, to print and to say one has read; and for managers, who has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.engagement import kickoff
from patchbook.engagement.kickoff import Pack, Read
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans.life import RecordedPlan
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.home.team import active_plan

NAV = (Nav(title="Kickoff packs", path="/kickoff", section="Own", deed=Deed.PROPOSE),)
TOP = 15

router = Pages()


@dataclass(frozen=True, kw_only=True)
class PacksPage:
    """Who has a pack, and who has read it."""

    plan: RecordedPlan | None
    readers: tuple[Read, ...]

    @property
    def read(self) -> int:
        """How many have read theirs as it is."""
        return sum(one.at is not None for one in self.readers)


@dataclass(frozen=True, kw_only=True)
class PackPage:
    """A pack, and whether the reader is whom it is for."""

    pack: Pack
    is_mine: bool
    top: int = TOP


def load_all(tx: Connection, *, by: Principal, at: datetime) -> PacksPage:
    """The packs of the plan in force."""
    plan = active_plan(tx, by=by, at=at)
    return PacksPage(plan=plan, readers=kickoff.readers(tx, plan.plan_id, by=by, at=at) if plan is not None else ())


def load(tx: Connection, person_id: str, *, by: Principal, at: datetime) -> PackPage:
    """The pack of somebody."""
    return PackPage(pack=kickoff.pack(tx, person_id, by=by, at=at), is_mine=person_id == by.person_id)


@router.page("/kickoff", Deed.PROPOSE)
def show_all(here: Looked) -> Response:
    """Who has a pack, and who has read it."""
    return here.show("kickoffs.html", load_all(here.tx, by=here.person, at=here.at))


@router.page("/kickoff/{person_id}", Deed.SEE)
def show(person_id: InPath, here: Looked) -> Response:
    """A pack."""
    return here.show("kickoff.html", load(here.tx, person_id, by=here.person, at=here.at))


@router.form("/kickoff/{person_id}/acknowledgement", Deed.SEE)
def acknowledge(person_id: InPath, here: Looked, digest: Annotated[str, Form(max_length=64)]) -> Response:
    """Say that one has read it."""
    kickoff.acknowledge(here.tx, person_id, digest, by=here.person, at=here.at)
    return here.done(f"/kickoff/{person_id}", "Noted: you have read your kickoff pack.")
