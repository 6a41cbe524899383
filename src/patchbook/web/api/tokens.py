"""API tokens: what programs act with."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import Field

from patchbook import access
from patchbook.access.tokens import DAYS, MOST_DAYS
from patchbook.people.permission import Deed
from patchbook.web.models import AnId, Id, In, InPath, Listed, Name, Out, whole
from patchbook.web.route import SECRET, Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["tokens"])


class TokenIn(In):
    """A token to be made."""

    name: Name = Field(description="What it is for.")
    scopes: list[Deed] = Field(min_length=1, max_length=len(Deed), description="The deeds it may do.")
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS, description="How long it is good.")
    person_id: Id | None = Field(default=None, description="In whose name, where an admin makes it for somebody else.")


class TokenOut(Out):
    """A token, without its secret."""

    token_id: str
    person_id: str
    name: str
    scopes: frozenset[str]
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    used_on: date | None


class NewTokenOut(Out):
    """A token just made. Keep the secret: it is shown once."""

    token: TokenOut
    secret: str


@router.get("/tokens")
def list_tokens(
    tx: Transaction,
    person: SignedIn,
    at: Now,
    person_id: AnId = None,
) -> Listed[TokenOut]:
    """One's own tokens, or for an admin somebody's."""
    found = access.tokens(tx, person_id=person_id, by=person, at=at)
    return whole(TokenOut, found)


@router.post("/tokens", status_code=201, openapi_extra={SECRET: True})
def make_token(what: TokenIn, tx: Transaction, person: SignedIn, at: Now) -> NewTokenOut:
    """Make a token. Its secret is in this answer and nowhere else."""
    made = access.make_token(tx, what.name, what.scopes, days=what.days, person_id=what.person_id, by=person, at=at)
    return NewTokenOut.of(made)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: InPath, tx: Transaction, person: SignedIn, at: Now) -> None:
    """Revoke a token, at once."""
    access.revoke_token(tx, token_id, by=person, at=at)
