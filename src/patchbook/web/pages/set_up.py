"""The first admin of an empty record: by an address only whoever started the server was told."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from patchbook import access
from patchbook.access.passwords import set_password
from patchbook.access.store import anybody_holds_a_role
from patchbook.people.principal import system
from patchbook.web.api.session import give_cookie
from patchbook.web.errors import NoSuchPage
from patchbook.web.models import InPath
from patchbook.web.page import HEADERS, Pages
from patchbook.web.policy import Anybody
from patchbook.web.signed_in import Now, Transaction, refuse_from_elsewhere
from patchbook.web.templating import rendered

router = Pages()


@router.page("/set-up/{secret}", Anybody.PUBLIC)
def show(secret: InPath, request: Request, tx: Transaction) -> Response:
    """Ask who the first admin is."""
    _refuse(request, tx, secret)
    return HTMLResponse(rendered("set_up.html", {"secret": secret}), 200, HEADERS)


@router.form("/set-up/{secret}", Anybody.PUBLIC)
def set_up(
    secret: InPath,
    request: Request,
    tx: Transaction,
    at: Now,
    name: Annotated[str, Form(min_length=1, max_length=200)],
    email: Annotated[str, Form(min_length=3, max_length=320)],
    password: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Make the first admin, signed in."""
    refuse_from_elsewhere(request)
    _refuse(request, tx, secret)
    admin = access.first_admin(tx, name, email, at=at)
    set_password(tx, admin, password, by=system(), at=at)
    begun = access.begin(tx, admin, how="set-up", at=at)
    response = RedirectResponse("/start", 303)
    give_cookie(request, response, begun)
    return response


def _refuse(request: Request, tx: Transaction, secret: str) -> None:
    known: str = request.app.state.set_up_secret
    if anybody_holds_a_role(tx) or not hmac.compare_digest(known.encode(), secret.encode(errors="replace")):
        raise NoSuchPage("There is nothing at this address, or not any more: the first admin is made once.")
