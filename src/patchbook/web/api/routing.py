"""The routing document: how leads find their owner, and every version of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from patchbook.leads import routing
from patchbook.plans.tree import MAX_CHARACTERS
from patchbook.web.models import In, Listed, Out, Paged
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["leads"])

Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="An earlier version; the one in force else.")]


class RoutingIn(In):
    """A routing document to hold from now on."""

    document: str = Field(max_length=MAX_CHARACTERS, pattern=r"^[^\x00]*$", description="YAML.")
    why: str = Field(default="", max_length=2_000, pattern=r"^[^\x00]*$")
    read: int | None = Field(default=None, ge=0, le=2**31 - 1, description="Refused where another holds by now.")


class RoutingOut(Out):
    """A version of the routing document."""

    version: int
    document: str
    by: str
    at: datetime
    why: str
    warnings: list[str] = Field(description="People and pools it names that are not there; told when it is set.")


@router.get("/routing")
def get_routing(tx: Transaction, person: SignedIn, at: Now, version: Version = None) -> RoutingOut:
    """The routing document in force, or an earlier version of it."""
    return RoutingOut.of(routing.get_routing(tx, version, by=person, at=at))


@router.put("/routing")
def set_routing(what: RoutingIn, tx: Transaction, person: SignedIn, at: Now) -> RoutingOut:
    """Let a routing document hold from now on; every problem of it is told, and nothing is changed then."""
    return RoutingOut.of(routing.set_routing(tx, what.document, why=what.why, read=what.read, by=person, at=at))


@router.get("/routing/versions")
def list_routing_versions(tx: Transaction, person: SignedIn, at: Now, paging: Paged) -> Listed[RoutingOut]:
    """The versions there were, the newest first."""
    return paging.listed(RoutingOut, routing.versions(tx, after=paging.after, limit=paging.limit, by=person, at=at))
