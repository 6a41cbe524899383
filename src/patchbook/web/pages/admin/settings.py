"""Every setting with its meaning, and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.access.rules import Rule, change_rule, rules
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal
from patchbook.web.models import InPath
from patchbook.web.page import Looked, Pages
from patchbook.web.pages.admin.tabs import tabs
from patchbook.web.pages.routing.tabs import Tab

router = Pages()


@dataclass(frozen=True, kw_only=True)
class SettingsPage:
    """What the page of settings shows."""

    tabs: tuple[Tab, ...]
    rules: tuple[Rule, ...]
    may_change: bool


def load(tx: Connection, *, by: Principal, at: datetime) -> SettingsPage:
    """Every setting."""
    return SettingsPage(tabs=tabs(by), rules=rules(tx, by=by, at=at), may_change=may(by, Deed.ADMINISTER))


@router.page("/admin/settings", Deed.SEE)
def show_settings(here: Looked) -> Response:
    """The page of settings."""
    return here.show("admin/settings.html", load(here.tx, by=here.person, at=here.at))


@router.form("/admin/settings/{name}", Deed.ADMINISTER)
def change_setting_by_form(
    here: Looked,
    name: InPath,
    value: Annotated[int, Form(ge=0, le=1_000_000_000)],
    read: Annotated[int | None, Form(ge=0, le=1_000_000_000)] = None,
) -> Response:
    """Change one."""
    changed = change_rule(here.tx, name, value, read=read, by=here.person, at=here.at)
    return here.done("/admin/settings", f"{changed.name} is {changed.value:,}, from the next deed on.")
