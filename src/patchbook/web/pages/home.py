"""The first page: what somebody's day begins with."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.policy import Anybody

NAV = (Nav(title="Home", path="/", section="", deed=Anybody.SIGNED_IN),)

router = Pages()


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """What the first page shows."""

    waiting: int


@router.page("/", Anybody.SIGNED_IN)
def show(here: Looked) -> Response:
    """The first page."""
    return here.show("home.html", HomePage(waiting=here.waiting))
