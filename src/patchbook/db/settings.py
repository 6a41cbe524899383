"""Settings of the record that people with the right may change, each with its default and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from patchbook.db.metadata import Json, metadata
from patchbook.errors import BadInput

setting = Table("setting", metadata, Column("name", Text, primary_key=True), Column("value", Json, nullable=False))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing that can be set."""

    default: int
    meaning: str


SETTINGS: dict[str, Setting] = {
    "two_person_above": Setting(
        default=100, meaning="Plans that move more accounts than this are approved by somebody other than who made them"
    ),
    "challenge_days": Setting(default=14, meaning="Days reps have to challenge a plan once it is open to challenges"),
    "exception_budget_percent": Setting(
        default=5, meaning="Exceptions in force are at most this share of all assigned accounts before a warning"
    ),
    "exception_days": Setting(default=365, meaning="Longest time an exception may last"),
    "accounts_per_territory": Setting(default=10_000, meaning="Accounts a territory of a plan may hold after an edit"),
    "managers_commit": Setting(
        default=0, meaning="1 where managers may move accounts inside their own territories of a draft without asking"
    ),
    "challenge_answer_days": Setting(default=7, meaning="Days there are to decide on a challenge once it is filed"),
    "challenge_rule_open_deal": Setting(
        default=0,
        meaning="1 where a challenge to keep an account for an open deal is decided at once by whether there is one",
    ),
    "queue_alarm_minutes": Setting(
        default=60, meaning="Minutes a lead may wait in the orphan queue before there is an alarm; 0 for never"
    ),
}
"""Name → default and meaning; whole numbers."""


def value(tx: Connection, name: str) -> int:
    """What a setting is set to."""
    known = _known(name)
    found = tx.execute(select(setting.c.value).where(setting.c.name == name)).scalar()
    return known.default if found is None else int(found)


def change(tx: Connection, name: str, to: int) -> None:
    """Set a setting; who may and the audit event are the caller's."""
    _known(name)
    if isinstance(to, bool) or not isinstance(to, int) or to < 0:
        raise BadInput(f"{name} is set to {to!r}; it must be a whole number from 0.")
    tx.execute(delete(setting).where(setting.c.name == name))
    tx.execute(insert(setting).values(name=name, value=to))


def _known(name: str) -> Setting:
    if name not in SETTINGS:
        raise BadInput(f"There is no setting {name!r}; there are {', '.join(SETTINGS)}.")
    return SETTINGS[name]
