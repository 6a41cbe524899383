"""What pages are made of: an address with the deed it is, whoever looks, and the ways to answer them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from patchbook.errors import PatchbookError
from patchbook.people import store as people
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal, Role
from patchbook.proposals import inbox
from patchbook.web.errors import PROBLEM, NotSignedIn, answer, request_id, status_of
from patchbook.web.policy import Anybody
from patchbook.web.route import DEED, UPLOAD, Route
from patchbook.web.signed_in import Now, SignedIn, Transaction
from patchbook.web.templating import rendered

FORM = "Patchbook-Form"
"""The header by which <safe-form> asks where to go next, rather than to be sent there."""

SAID = "patchbook-said"
"""The cookie that carries one sentence over a redirect: what was done."""

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    ),
    "Vary": "Accept, HX-Request",
}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Nav:
    """A line of the menu, for those who may do the deed somewhere."""

    title: str
    path: str
    section: str
    """Plan, Own, Run or Data: the headings of the menu."""
    deed: Deed | Anybody = Deed.SEE
    roles: frozenset[Role] = frozenset()
    """Whose it is, where not of everybody who may do the deed."""
    covers: tuple[str, ...] = ()
    """Other addresses that it stands for, with what is beneath them; a star is any one part."""

    def is_for(self, person: Principal) -> bool:
        """Whether somebody has a use for it."""
        if self.roles and not self.roles & person.roles:
            return False
        return not isinstance(self.deed, Deed) or may(person, self.deed)

    def nearness(self, path: str) -> int:
        """
        How many parts of an address the line stands for; zero where the address is not one of its own.

        Examples
        --------
        >>> rules = Nav(title="Rules", path="/rules", section="Plan", covers=("/plans/*/rules",))
        >>> rules.nearness("/plans/plan-1/rules/test"), rules.nearness("/rules"), rules.nearness("/rules-of-engagement")
        (3, 1, 0)
        """
        asked = path.strip("/").split("/")
        return max(_common(one.strip("/").split("/"), asked) for one in (self.path, *self.covers))


def _common(mine: list[str], asked: list[str]) -> int:
    """How many parts there are, where an address begins with all of them."""
    is_there = len(mine) <= len(asked) and all(one in ("*", other) for one, other in zip(mine, asked, strict=False))
    return len(mine) if is_there else 0


class Pages(APIRouter):
    """The addresses of one page: each says which deed asking for it is."""

    def __init__(self) -> None:
        super().__init__(route_class=Route, include_in_schema=False, default_response_class=HTMLResponse)

    def page(self, path: str, deed: Deed | Anybody) -> Callable[[Endpoint], Endpoint]:
        """What is read at an address: a page, or a part of one."""
        return self.get(path, openapi_extra={DEED: deed}, response_model=None)

    def form(self, path: str, deed: Deed | Anybody, *, upload: bool = False) -> Callable[[Endpoint], Endpoint]:
        """What is sent to an address; `upload` where the body itself is a file."""
        extra = {DEED: deed} | ({UPLOAD: True} if upload else {})
        return self.post(path, openapi_extra=extra, response_model=None)


class Here:
    """A request for a page: its transaction, who looks, when; and the answers there are."""

    def __init__(self, request: Request, tx: Transaction, person: SignedIn, at: Now) -> None:
        self.request = request
        self.tx: Connection = tx
        self.person: Principal = person
        self.at: datetime = at

    def show(self, template: str, page: object, *, block: str | None = None, status: int = 200) -> Response:
        """
        A page, with the frame around it.

        Parameters
        ----------
        page
            What `load` gave; the template calls it `page`.
        block
            The part to answer with where htmx asks, instead of all of it.
        """
        values = {"page": page, "here": self}
        if block is not None and self.is_for_a_part:
            return HTMLResponse(rendered(template, values, block=block), status, HEADERS)
        said = self.said
        response = HTMLResponse(rendered(template, values), status, HEADERS)
        if said is not None:
            response.delete_cookie(SAID, path="/", httponly=True, samesite="lax")
        return response

    def done(self, path: str, said: str | None = None) -> Response:
        """Go on to a page of ours after something was done, and say there what."""
        return sent_on(self.request, path, said)

    def can(self, deed: Deed) -> bool:
        """Whether the person may do this somewhere, for what is shown only to those who could."""
        return may(self.person, deed)

    def has(self, role: Role | str) -> bool:
        """Whether the person holds a role anywhere."""
        return role in self.person.roles

    @cached_property
    def is_for_a_part(self) -> bool:
        """Whether htmx asks, which puts the answer into a page that is there."""
        return "hx-request" in self.request.headers and "hx-history-restore-request" not in self.request.headers

    @cached_property
    def path(self) -> str:
        """The address of the page shown."""
        return self.request.url.path

    @cached_property
    def name(self) -> str:
        """What the person is called."""
        whom = self.person.person_id
        return people.names(self.tx, [whom]).get(whom, whom)

    @cached_property
    def waiting(self) -> int:
        """How many things wait for the person."""
        return inbox.total(self.tx, by=self.person, at=self.at)

    @cached_property
    def menu(self) -> dict[str, list[Nav]]:
        """The menu, by section, as far as the person has a use for it."""
        from patchbook.web.pages import MENU

        sections: dict[str, list[Nav]] = {}
        for line in MENU:
            if line.is_for(self.person):
                sections.setdefault(line.section, []).append(line)
        return sections

    @cached_property
    def line(self) -> str:
        """The address of the line of the menu that the page shown belongs to, the nearest; empty where none does."""
        lines = [one for section in self.menu.values() for one in section]
        nearest = max(lines, key=lambda one: one.nearness(self.path), default=None)
        return nearest.path if nearest is not None and nearest.nearness(self.path) else ""

    @cached_property
    def faces(self) -> tuple[Any, ...]:
        """Whom a demo can be looked at as; nobody where it is none."""
        house = self.request.app.state.demo
        return house.faces if house is not None else ()

    @cached_property
    def said(self) -> str | None:
        """What was just done, told once."""
        return said_in(self.request)

    @cached_property
    def key(self) -> str:
        """A new name for a write, so that a form sent twice is done once."""
        return secrets.token_urlsafe(16)


Looked = Annotated[Here, Depends()]
"""How an address of a page gets what it needs."""


async def posted(request: Request) -> FormData:
    """The fields of a form whose names depend on what it is about."""
    return await request.form()


Posted = Annotated[FormData, Depends(posted)]


def sent_on(request: Request, path: str, said: str | None = None) -> Response:
    """The answer of a form: on to a page of ours, which says what was done; for deeds that have no `Here`."""
    response: Response = RedirectResponse(inside(path), 303)
    if FORM in request.headers:
        response = JSONResponse({"location": inside(path)})
    if said:
        text = base64.urlsafe_b64encode(said[:1000].encode()).decode()
        is_secure = request.url.scheme == "https"
        response.set_cookie(SAID, text, max_age=60, path="/", httponly=True, samesite="lax", secure=is_secure)
    return response


def inside(path: str) -> str:
    """
    The same path if it is one of ours, else the first page: no redirect leads elsewhere.

    Examples
    --------
    >>> inside("/plans?after=x"), inside("//elsewhere.example"), inside("https://elsewhere.example/")
    ('/plans?after=x', '/', '/')
    """
    told = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not told.scheme and not told.netloc
    return path if is_ours and path.isprintable() and "\\" not in path else "/"


def said_in(request: Request) -> str | None:
    """The sentence a redirect carried."""
    found = request.cookies.get(SAID)
    if not found or len(found) > 6000:
        return None
    try:
        return base64.urlsafe_b64decode(found.encode("ascii", "replace")).decode()
    except ValueError:
        return None


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, not a script of ours or a program."""
    if request.url.path.startswith("/api/") or "hx-request" in request.headers:
        return False
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and PROBLEM not in accepted


def refused(error: PatchbookError, request: Request) -> Response:
    """The answer to what was refused: a page for a person's browser, a problem document for everybody else."""
    return _refusal_page(error, request) if wants_page(request) else answer(error, request)


def _refusal_page(error: PatchbookError, request: Request) -> Response:
    """A refusal as a page: the sentence, and the way on; who is not signed in goes to sign in and comes back."""
    if isinstance(error, NotSignedIn) and request.method == "GET":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(asked, safe='')}" if asked != "/" else "/sign-in", 303)
    status = status_of(error)
    values: Mapping[str, Any] = {
        "sentence": str(error),
        "status": status,
        "signed_out": isinstance(error, NotSignedIn),
        "request_id": request_id(request),
        "method": request.method,
    }
    return HTMLResponse(rendered("refusal.html", values), status, HEADERS)


def broken_page(name: str) -> Response:
    """The page for a fault of ours."""
    values = {
        "sentence": f"Something went wrong inside Patchbook, and nothing was changed; its log has more under {name}.",
        "status": 500,
        "signed_out": False,
        "request_id": name,
        "method": "GET",
    }
    return HTMLResponse(rendered("refusal.html", values), 500, HEADERS)
