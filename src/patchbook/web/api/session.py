"""Signing in with a password or through a provider, and signing out."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from patchbook import access
from patchbook.access import oidc
from patchbook.access.oidc import SignInFailed
from patchbook.access.session import LONGEST
from patchbook.access.session import SignedIn as Begun
from patchbook.errors import BadInput
from patchbook.web.models import In, InPath, Out
from patchbook.web.route import SECRET, Route
from patchbook.web.signed_in import Clock, Now, Served, SignedIn, Transaction, cookie_name, refuse_from_elsewhere

router = APIRouter(route_class=Route, tags=["session"])


class SignInIn(In):
    """Who one is, and what proves it."""

    email: str = Field(min_length=3, max_length=320)
    password: str = Field(min_length=1, max_length=1000)


class SessionOut(Out):
    """Signed in; the session itself is in the cookie."""

    person_id: str
    ends_at: datetime


@router.post("/session", status_code=201, openapi_extra={SECRET: True})
def sign_in(what: SignInIn, request: Request, response: Response, record: Served, at: Clock) -> SessionOut:
    """Sign in with a password; the answer sets a session cookie. Writes with it must come from the same origin."""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        refuse_from_elsewhere(request)
    before = request.cookies.get(cookie_name(request))
    begun = access.sign_in(record, what.email, what.password, replaces=before, at=at)
    give_cookie(request, response, begun)
    return SessionOut(person_id=begun.person_id, ends_at=begun.ends_at)


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, tx: Transaction, person: SignedIn, at: Now) -> None:
    """Sign out: the session ends now."""
    secret = request.cookies.get(cookie_name(request))
    if secret is None:
        raise BadInput("An API token is not signed in and cannot sign out; revoke it instead.")
    access.sign_out(tx, secret, at=at)
    take_cookie(request, response)


@router.get("/single-sign-on/{provider}", status_code=303, response_class=RedirectResponse)
def begin_single_sign_on(provider: InPath, request: Request, record: Served, at: Clock) -> RedirectResponse:
    """Go to a provider to sign in there."""
    begun = oidc.begin(record, provider, _comes_back_to(request, provider), at=at)
    response = RedirectResponse(begun.url, 303)
    name = state_cookie_name(request)
    response.set_cookie(
        name, begun.state, max_age=600, path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )
    return response


@router.get("/single-sign-on/{provider}/return", status_code=303, response_class=RedirectResponse)
def finish_single_sign_on(
    provider: InPath,
    request: Request,
    record: Served,
    at: Clock,
    state: Annotated[str, Query(min_length=1, max_length=500)],
    code: Annotated[str, Query(min_length=1, max_length=5000)],
    iss: Annotated[str | None, Query(max_length=1000)] = None,
) -> RedirectResponse:
    """Come back from a provider, signed in."""
    begun_here = request.cookies.get(state_cookie_name(request), "")
    if not hmac.compare_digest(begun_here.encode(), state.encode()):
        raise SignInFailed("This sign-in did not begin in this browser; begin it again.")
    before = request.cookies.get(cookie_name(request))
    begun = oidc.finish(record, provider, state, code, issuer=iss, replaces=before, at=at)
    response = RedirectResponse("/", 303)
    give_cookie(request, response, begun)
    response.delete_cookie(
        state_cookie_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="lax"
    )
    return response


def state_cookie_name(request: Request) -> str:
    """The cookie that says a sign-in through a provider began in this browser."""
    return f"{cookie_name(request)}-begun"


def _comes_back_to(request: Request, provider: str) -> str:
    return str(request.url_for("finish_single_sign_on", provider=provider))


def give_cookie(request: Request, response: Response, begun: Begun) -> None:
    """Let the browser remember the session, and no script read it."""
    response.set_cookie(
        cookie_name(request),
        begun.secret,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def take_cookie(request: Request, response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(cookie_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="lax")


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
