"""The first page: what somebody's day begins with, by what they are."""

from __future__ import annotations

from fastapi.responses import Response

from patchbook.people.principal import Role
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.home import manager, planner, rep, viewer
from patchbook.web.policy import Anybody

NAV = (Nav(title="Home", path="/", section="", deed=Anybody.SIGNED_IN),)

router = Pages()


@router.page("/", Anybody.SIGNED_IN)
def show(here: Looked) -> Response:
    """The first page of somebody: whoever plans sees the console, a manager their team, a rep their book."""
    if here.has(Role.ADMIN) or here.has(Role.PLANNER):
        page = planner.load(here.tx, by=here.person, at=here.at)
        if page.is_empty:
            return here.done("/start")
        here.waiting = page.inbox.total  # the bar need not count again
        return here.show("home/planner.html", page)
    if here.has(Role.MANAGER):
        team = manager.load(here.tx, by=here.person, at=here.at)
        here.waiting = team.inbox.total
        return here.show("home/manager.html", team)
    if here.has(Role.REP):
        return here.show("home/rep.html", rep.load(here.tx, by=here.person, at=here.at))
    return here.show("home/viewer.html", viewer.load(here.tx, by=here.person, at=here.at))
