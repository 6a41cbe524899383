"""The demo signs whoever started it in, and lets them look at it as somebody else."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from patchbook import access
from patchbook.web.api.session import give_cookie
from patchbook.web.errors import NoSuchPage
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.policy import Anybody
from patchbook.web.signed_in import Now, Transaction, cookie_name

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Face:
    """Somebody the demo can be looked at as."""

    person_id: str
    title: str
    """What they are: planner, manager, rep, …"""


@dataclass(frozen=True, kw_only=True)
class DemoHouse:
    """What makes a served record a demo: a secret address to begin at, and whom to look as; the first at first."""

    secret: str
    faces: tuple[Face, ...]


@router.page("/demo/as/{person_id}", Anybody.SIGNED_IN)
def look_as(person_id: InPath, here: Looked) -> Response:
    """Look at the demo as somebody else."""
    return _in(here.request, here.tx, here.at, person_id)


@router.page("/demo/{secret}", Anybody.PUBLIC)
def enter(secret: InPath, request: Request, tx: Transaction, at: Now) -> Response:
    """Enter the demo by the address it printed."""
    house: DemoHouse | None = request.app.state.demo
    if house is None or not hmac.compare_digest(house.secret.encode(), secret.encode(errors="replace")):
        raise NoSuchPage("There is nothing at this address.")
    return _in(request, tx, at, house.faces[0].person_id)


def _in(request: Request, tx: Transaction, at: Now, person_id: str) -> Response:
    house: DemoHouse | None = request.app.state.demo
    if house is None or person_id not in {face.person_id for face in house.faces}:
        raise NoSuchPage("There is nothing at this address.")
    before = request.cookies.get(cookie_name(request))
    with request.app.state.record.writing() as writing:
        begun = access.begin(writing, person_id, how="demo", replaces=before, at=at)
    response = RedirectResponse("/", 303)
    give_cookie(request, response, begun)
    return response
