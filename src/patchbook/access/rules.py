"""The settings of the record, and changing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from patchbook.audit import actions as audit
from patchbook.db import settings
from patchbook.errors import Conflict
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal


class StaleSetting(Conflict):
    """Somebody changed a setting since it was read."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A setting, what it means, and what it is set to."""

    name: str
    value: int
    default: int
    meaning: str


def rules(tx: Connection, *, by: Principal, at: datetime) -> tuple[Rule, ...]:
    """Every setting and what it is set to."""
    allow_somewhere(by, Deed.SEE)
    return tuple(_rule(tx, name) for name in settings.SETTINGS)


def change_rule(tx: Connection, name: str, to: int, *, read: int | None = None, by: Principal, at: datetime) -> Rule:
    """
    Set a setting; it holds from the next deed on.

    Parameters
    ----------
    read
        Refuse where it is not set to this any more.

    Raises
    ------
    StaleSetting
        Somebody set it to something else since `read`.
    BadInput
        There is no such setting, or it is no whole number from 0.
    """
    allow(tx, by, Deed.ADMINISTER, at=at)
    before = settings.value(tx, name)
    if read is not None and read != before:
        raise StaleSetting(f"{name} is set to {before:,} by now, and you read {read:,}; look at it again.")
    settings.change(tx, name, to)
    if before != to:
        told, now = {"value": before}, {"value": to}
        audit.record(tx, "change setting", name, kind="setting", by=by.person_id, at=at, before=told, after=now)
    return _rule(tx, name)


def _rule(tx: Connection, name: str) -> Rule:
    known = settings.SETTINGS[name]
    return Rule(name=name, value=settings.value(tx, name), default=known.default, meaning=known.meaning)
