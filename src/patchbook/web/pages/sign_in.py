"""Signing in and out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Connection

from patchbook import access
from patchbook.access.oidc import providers
from patchbook.access.passwords import TooManyTries, WrongPassword
from patchbook.access.store import anybody_holds_a_role
from patchbook.db.record import record_of
from patchbook.web.api.session import give_cookie, take_cookie
from patchbook.web.errors import status_of
from patchbook.web.page import HEADERS, Looked, Pages, inside, said_in
from patchbook.web.policy import Anybody
from patchbook.web.signed_in import Clock, Served, Transaction, cookie_name, refuse_from_elsewhere
from patchbook.web.templating import rendered

router = Pages()


@dataclass(frozen=True, kw_only=True)
class ProviderButton:
    """A provider one may sign in through."""

    name: str
    title: str


@dataclass(frozen=True, kw_only=True)
class SignInPage:
    """What the page of signing in shows."""

    next: str
    email: str = ""
    refusal: str | None = None
    said: str | None = None
    nobody: bool = False
    """Whether nobody can sign in yet, because nobody holds a role."""
    providers: tuple[ProviderButton, ...] = ()


def load(
    tx: Connection, *, next: str, email: str = "", refusal: str | None = None, said: str | None = None
) -> SignInPage:
    """Who may sign in how."""
    known = tuple(ProviderButton(name=name, title=name.title()) for name in sorted(providers(record_of(tx).folder)))
    nobody = not anybody_holds_a_role(tx)
    return SignInPage(next=inside(next), email=email, refusal=refusal, said=said, nobody=nobody, providers=known)


@router.page("/sign-in", Anybody.PUBLIC)
def show(request: Request, tx: Transaction, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Ask who one is."""
    page = load(tx, next=next, said=said_in(request))
    return HTMLResponse(rendered("sign_in.html", {"page": page}), 200, HEADERS)


@router.form("/sign-in", Anybody.PUBLIC)
def sign_in(
    request: Request,
    record: Served,
    at: Clock,
    email: Annotated[str, Form(max_length=320)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Begin a session, and go where one wanted to."""
    refuse_from_elsewhere(request)
    before = request.cookies.get(cookie_name(request))
    try:
        begun = access.sign_in(record, email, password, replaces=before, at=at)
    except (WrongPassword, TooManyTries) as error:
        with record.reading() as tx:
            page = load(tx, next=next, email=email, refusal=str(error))
        return HTMLResponse(rendered("sign_in.html", {"page": page}), status_of(error), HEADERS)
    response = RedirectResponse(inside(next), 303)
    give_cookie(request, response, begun)
    return response


@router.form("/sign-out", Anybody.SIGNED_IN)
def sign_out(here: Looked) -> Response:
    """End the session."""
    secret = here.request.cookies.get(cookie_name(here.request))
    if secret is not None:
        access.sign_out(here.tx, secret, at=here.at)
    response = here.done("/sign-in", "You are signed out.")
    take_cookie(here.request, response)
    return response


@router.page("/signed-in", Anybody.SIGNED_IN)
def signed_in(here: Looked) -> Response:
    """Tell who signed in again in another tab to go back to the first."""
    return here.show("signed_in.html", None)
