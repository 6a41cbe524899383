"""How people come in: the sign-in providers that are set up, and how to set one up. No secret is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.access.providers import FILE, SECRET_SETTING, BadProvider, Provider, providers
from patchbook.access.users import Which, users
from patchbook.db.record import record_of
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab

router = Pages()


@dataclass(frozen=True, kw_only=True)
class SignInWaysPage:
    """What the page of ways to sign in shows."""

    tabs: tuple[Tab, ...]
    providers: tuple[Provider, ...]
    problem: str
    """What is wrong with the file of providers; empty where nothing is."""
    address: str
    """Of this server, as whoever looks reaches it."""
    somebody: bool
    """Whether anybody can sign in at all."""
    file: str = FILE
    setting: str = SECRET_SETTING


def load(tx: Connection, *, address: str, by: Principal, at: datetime) -> SignInWaysPage:
    """The ways there are."""
    allow(tx, by, Deed.ADMINISTER, at=at)
    problem, found = "", {}
    try:
        found = providers(record_of(tx).folder)
    except BadProvider as refusal:
        problem = str(refusal)
    return SignInWaysPage(
        tabs=tabs(by),
        providers=tuple(found[name] for name in sorted(found)),
        problem=problem,
        address=address,
        somebody=bool(users(tx, which=Which.SIGNING_IN, limit=1, by=by, at=at).rows),
    )


@router.page("/admin/sign-in", Deed.ADMINISTER)
def show_sign_in_ways(here: Looked) -> Response:
    """The page of ways to sign in."""
    address = f"{here.request.url.scheme}://{here.request.url.netloc}"
    return here.show("admin/sign_in.html", load(here.tx, address=address, by=here.person, at=here.at))
