"""API tokens: one's own; the secret of a new one is shown once, and never in an address or a log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from patchbook import access
from patchbook.access.session import Token
from patchbook.access.tokens import DAYS, MOST_DAYS
from patchbook.people.permission import MAY, Deed
from patchbook.people.principal import Principal
from patchbook.web.models import InPath
from patchbook.web.page import FORM, Looked, Pages
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab
from patchbook.web.policy import Anybody
from patchbook.web.route import DEED, SECRET

router = Pages()


@dataclass(frozen=True, kw_only=True)
class TokenLine:
    """A token, and how it is."""

    token: Token
    state: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class TokensPage:
    """What the page of tokens shows."""

    tabs: tuple[Tab, ...]
    tokens: tuple[TokenLine, ...]
    scopes: tuple[Deed, ...]
    """What one may do, and so a token of one's own."""
    secret: str | None = None
    days: int = DAYS
    most_days: int = MOST_DAYS


def load(tx: Connection, *, secret: str | None = None, by: Principal, at: datetime) -> TokensPage:
    """One's own tokens."""
    return TokensPage(
        tabs=tabs(by),
        tokens=tuple(_line(one, at) for one in access.tokens(tx, by=by, at=at)),
        scopes=tuple(deed for deed in Deed if by.roles & MAY[deed]),
        secret=secret,
    )


def _line(token: Token, at: datetime) -> TokenLine:
    if token.revoked_at is not None:
        return TokenLine(token=token, state="revoked", kind="bad")
    if token.ends_at <= at:
        return TokenLine(token=token, state="over", kind="")
    return TokenLine(token=token, state="good", kind="good")


@router.page("/admin/tokens", Anybody.SIGNED_IN)
def show_tokens(here: Looked) -> Response:
    """The page of tokens."""
    return here.show("admin/tokens.html", load(here.tx, by=here.person, at=here.at))


@router.post("/admin/tokens", openapi_extra={DEED: Anybody.SIGNED_IN, SECRET: True}, response_model=None)
def make_token_by_form(
    here: Looked,
    name: Annotated[str, Form(max_length=200)] = "",
    scopes: Annotated[list[Deed], Form(max_length=len(Deed))] = [],  # noqa: B006 - FastAPI copies it
    days: Annotated[int, Form(ge=1, le=MOST_DAYS)] = DAYS,
) -> Response:
    """Make one; its secret is in this answer and nowhere else."""
    made = access.make_token(here.tx, name, scopes, days=days, by=here.person, at=here.at)
    if FORM in here.request.headers:
        return JSONResponse({"secret": made.secret}, headers={"Cache-Control": "no-store"})
    response = here.show("admin/tokens.html", load(here.tx, secret=made.secret, by=here.person, at=here.at))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.form("/admin/tokens/{token_id}/revocation", Anybody.SIGNED_IN)
def revoke_token_by_form(here: Looked, token_id: InPath) -> Response:
    """Revoke one, at once."""
    access.revoke_token(here.tx, token_id, by=here.person, at=here.at)
    return here.done("/admin/tokens", "The token is revoked; whatever used it is refused from now on.")


@router.form("/admin/password", Anybody.SIGNED_IN)
def change_password_by_form(
    here: Looked,
    old: Annotated[str, Form(min_length=1, max_length=1000)],
    new: Annotated[str, Form(min_length=1, max_length=1000)],
) -> Response:
    """Change one's own password, which ends one's sessions."""
    access.set_password(here.tx, here.person.person_id, new, old=old, by=here.person, at=here.at)
    return here.done("/sign-in", "Your password is set, and your sessions have ended; sign in with the new one.")
