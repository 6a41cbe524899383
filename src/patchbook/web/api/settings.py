"""Settings of the record."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from patchbook.access.rules import change_rule, rules
from patchbook.web.models import In, InPath, Listed, Out, whole
from patchbook.web.route import Route
from patchbook.web.signed_in import Now, SignedIn, Transaction

router = APIRouter(route_class=Route, tags=["settings"])


class SettingIn(In):
    """What a setting is to be."""

    value: int = Field(ge=0, le=1_000_000_000)


class SettingOut(Out):
    """A setting, what it means, and what it is set to."""

    name: str
    value: int
    default: int
    meaning: str


@router.get("/settings")
def list_settings(tx: Transaction, person: SignedIn, at: Now) -> Listed[SettingOut]:
    """Every setting and what it is set to."""
    return whole(SettingOut, rules(tx, by=person, at=at))


@router.put("/settings/{name}")
def change_setting(name: InPath, what: SettingIn, tx: Transaction, person: SignedIn, at: Now) -> SettingOut:
    """Set a setting; it holds from the next deed on."""
    return SettingOut.of(change_rule(tx, name, what.value, by=person, at=at))
