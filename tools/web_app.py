"""Writes the page of the reference about the web app: every address of every page, what it does and who may."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from fastapi.routing import APIRoute

from patchbook.people.permission import MAY, Deed
from patchbook.people.principal import Role
from patchbook.web.page import Nav
from patchbook.web.pages import PAGES
from patchbook.web.policy import Anybody
from patchbook.web.route import DEED

HEAD = """# Pages of the web app

{made}

`patchbook serve` shows them to whoever is signed in. The menu has those one has a use for; the box at the top asks
for any account, person, territory, lead or deal from every page. What stands in braces is an id. An address with
`POST` is a form of the page above it, and works without script too. Lists that can be long come in pages, and as CSV.

The column *may* names the deed an address is, and the first table who may do it somewhere. What is out of one's reach
is answered as if it were not there; {{doc}}`../explanation/security` says how far each role reaches.
"""

ANYBODY = {Anybody.PUBLIC: "everybody", Anybody.SIGNED_IN: "whoever is signed in"}
"""What needs no role, in words."""

TITLES = {
    "set_up": "First admin",
    "start": "First steps",
    "maps": "What maps fetch",
    "plan_document": "A plan's file",
    "plan_history": "A plan's history",
    "plan_new": "New plan",
    "plan_sharing": "Sharing a plan",
    "publish": "Publishing",
}
"""Pages that are called otherwise than their file in words."""


def web_app_page(made: str) -> str:
    """Every page below the heading it has in the menu or in the code."""
    return "\n".join([HEAD.format(made=made), _deeds(), *(_section(page) for page in PAGES)])


def _deeds() -> str:
    """Every deed that some page is, with its roles."""
    used = {_deed(route) for page in PAGES for route in _routes(page)}
    rows = [f"| {deed} | {_roles(deed)} |" for deed in Deed if deed in used]
    return "\n".join(["| Deed | Roles |", "|---|---|", *rows, ""])


def _section(page: ModuleType) -> str:
    name = page.__name__.rpartition(".")[2]
    nav: tuple[Nav, ...] = getattr(page, "NAV", ())
    title = TITLES.get(name, name.replace("_", " ").capitalize())
    about = " ".join((page.__doc__ or "").split("\n\n")[0].split())
    where = "".join(f" In the menu: **{line.title}**." for line in nav)
    return "\n".join([f"## {title}\n", about + where + "\n", "| | | may |", "|---|---|---|", *_rows(page), ""])


def _rows(page: ModuleType) -> Iterator[str]:
    for route in _routes(page):
        (method,) = route.methods - {"HEAD"}
        address = route.path.replace(":path}", "}")
        shown = address if method == "GET" else f"{method} {address}"
        about = " ".join((route.endpoint.__doc__ or "").split())
        yield f"| `{shown}` | {about} | {ANYBODY.get(_deed(route), _deed(route))} |"


def _routes(page: ModuleType) -> list[APIRoute]:
    return [route for route in page.router.routes if isinstance(route, APIRoute)]


def _deed(route: APIRoute) -> Deed | Anybody:
    deed: Deed | Anybody = (route.openapi_extra or {})[DEED]
    return deed


def _roles(deed: Deed) -> str:
    roles = [role for role in Role if role in MAY[deed]]
    return "every role" if len(roles) == len(Role) else ", ".join(roles)
