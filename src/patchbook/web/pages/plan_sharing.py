"""Who may see a draft: those invited, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.errors import BadInput
from patchbook.people import actions as people
from patchbook.people import store as people_store
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.people.profile import Profile
from patchbook.plans import actions as plans
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.plans import KINDS
from patchbook.words import listed

router = Pages()


class WhichPerson(BadInput):
    """A name fits nobody, or more than one person."""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Somebody who may see the draft."""

    person_id: str
    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class SharingPage:
    """What the page of sharing shows."""

    plan_id: str
    name: str
    status: str
    kind: str
    is_confidential: bool
    invited: tuple[Invited, ...]


def load(tx: Connection, plan_id: str, *, by: Principal, at: datetime) -> SharingPage:
    """Who is invited to a plan."""
    plan = plans.get(tx, plan_id, by=by, at=at)
    ids = plans.invited(tx, plan_id, by=by, at=at)
    known = people_store.find(tx, ids)
    invited = [
        Invited(
            person_id=one,
            name=known[one].name if one in known else one,
            role=(known[one].role if one in known else None) or "",
        )
        for one in ids
    ]
    return SharingPage(
        plan_id=plan_id,
        name=plan.name,
        status=plan.status.value,
        kind=KINDS[plan.status],
        is_confidential=plan.confidential,
        invited=tuple(sorted(invited, key=lambda one: one.name.lower())),
    )


def person_called(tx: Connection, text: str, *, by: Principal, at: datetime) -> Profile:
    """
    The one person whose id, e-mail address or name that is, or the only one whose name holds it.

    Raises
    ------
    WhichPerson
        It fits nobody, or several; the message names those.
    """
    wanted = text.strip()
    if not wanted:
        raise WhichPerson("Write a name, an e-mail address or an id.")
    found = people.people(tx, search=wanted, limit=10, by=by, at=at).rows
    exact = [
        one
        for one in found
        if wanted.casefold() in (one.person_id.casefold(), one.name.casefold(), (one.email or "").casefold())
    ]
    if len(exact) == 1 or len(found) == 1:
        return (exact or list(found))[0]
    if not found:
        raise WhichPerson(f"Nobody is called {wanted!r}; look among the people for how the name is written.")
    names = [f"{one.name} ({one.person_id})" for one in found]
    raise WhichPerson(f"{wanted!r} fits {listed(names, most=6)}; write the id of one.")


@router.page("/plans/{plan_id}/sharing", Deed.EDIT_PLAN)
def show(plan_id: InPath, here: Looked) -> Response:
    """Who is invited to a plan."""
    return here.show("plan_sharing.html", load(here.tx, plan_id, by=here.person, at=here.at))


@router.form("/plans/{plan_id}/sharing", Deed.EDIT_PLAN)
def invite(plan_id: InPath, here: Looked, who: Annotated[str, Form(max_length=320)]) -> Response:
    """Let somebody see a draft."""
    person = person_called(here.tx, who, by=here.person, at=here.at)
    plans.invite(here.tx, plan_id, [person.person_id], by=here.person, at=here.at)
    return here.done(f"/plans/{plan_id}/sharing", f"{person.name} may see it now.")


@router.form("/plans/{plan_id}/sharing/removal", Deed.EDIT_PLAN)
def uninvite(plan_id: InPath, here: Looked, person_id: Annotated[str, Form(max_length=200)]) -> Response:
    """No longer let somebody see a draft."""
    plans.uninvite(here.tx, plan_id, person_id, by=here.person, at=here.at)
    return here.done(f"/plans/{plan_id}/sharing", "They may no longer see it.")
