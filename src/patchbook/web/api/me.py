"""Who is asking, and what they may do."""

from __future__ import annotations

from fastapi import APIRouter

from patchbook.people.permission import MAY
from patchbook.web.models import Out
from patchbook.web.route import Route
from patchbook.web.signed_in import SignedIn

router = APIRouter(route_class=Route, tags=["me"])


class GrantOut(Out):
    """A role, everywhere or below a territory."""

    role: str
    territory_id: str | None


class MeOut(Out):
    """The person signed in, the roles they hold, and the deeds these allow somewhere."""

    person_id: str
    grants: list[GrantOut]
    deeds: list[str]


@router.get("/me")
def get_me(person: SignedIn) -> MeOut:
    """Who is signed in."""
    deeds = [
        str(deed)
        for deed, roles in MAY.items()
        if person.roles & roles and (person.token_scopes is None or deed in person.token_scopes)
    ]
    return MeOut(
        person_id=person.person_id, grants=[GrantOut.of(grant) for grant in person.grants], deeds=sorted(deeds)
    )
