"""A small company in the record: a tree of two teams, people in its seats, and accounts in its territories.

    Company (mia manages)
      North (nora manages): North 1 (ann), North 2 (bob), North 3 (cyd)
      South (sam manages):  South 1 (dan), South 2 (eve)

Everybody also works with `zoe`, who has no seat. Everything holds from the first day of 2027.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection

from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment
from patchbook.people import actions as people
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.period import Period
from patchbook.territories import actions as territories
from patchbook.territories.seats import open_seat

START = datetime(2027, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
PLANNER = Principal(person_id="pat", grants=(Grant(Role.PLANNER),))
DEED: dict[str, object] = {"by": PLANNER, "at": NOW}

REPORTS = {"mia": None, "nora": "mia", "sam": "mia", "pat": None, "zoe": "mia"} | {
    **dict.fromkeys(("ann", "bob", "cyd"), "nora"),
    **dict.fromkeys(("dan", "eve"), "sam"),
}
TREE = {"North": {"North 1": "ann", "North 2": "bob", "North 3": "cyd"}, "South": {"South 1": "dan", "South 2": "eve"}}
MANAGERS = {"Company": "mia", "North": "nora", "South": "sam"}


@dataclass
class Company:
    """The ids of what was made."""

    territory: dict[str, str] = field(default_factory=dict)
    seat: dict[str, str] = field(default_factory=dict)
    """Who fills it on the first day → the seat."""


def day(month: int, number: int = 1, year: int = 2027) -> datetime:
    """A day, in UTC."""
    return datetime(year, month, number, tzinfo=UTC)


def a_company(tx: Connection, accounts: Mapping[str, int] | int = 3) -> Company:
    """Make it, with so many accounts in each leaf: `North 1/0`, `North 1/1`, …"""
    made = Company()
    for name, manager in REPORTS.items():
        person = Person(person_id=name, name=name.title(), manager_id=manager)
        people.add(tx, person, employed=Period(day(1, year=2020)), **DEED)

    def add(name: str, parent: str | None, kind: str, role: str, who: str) -> None:
        above = made.territory.get(parent) if parent else None
        new = territories.add(tx, name, kind=kind, parent_id=above, since=START, **DEED)
        made.territory[name] = new.territory_id
        made.seat[who] = open_seat(tx, new.territory_id, role, person_id=who, since=START, **DEED).seat_id

    add("Company", None, "group", "manager", MANAGERS["Company"])
    for team, leaves in TREE.items():
        add(team, "Company", "group", "manager", MANAGERS[team])
        for name, who in leaves.items():
            add(name, team, "geographic", "owner", who)
            many = accounts if isinstance(accounts, int) else accounts.get(name, 0)
            assign(tx, {f"{name}/{number}": made.territory[name] for number in range(many)})
    return made


def assign(tx: Connection, accounts: Mapping[str, str], since: datetime = START) -> None:
    """Assign accounts to territories from a day on."""
    why = {"cause": "publish", "source": "plan-1", "reason": "published"}
    lay(
        tx,
        assignment,
        [
            {"account_id": account, "territory_id": where, "valid_from": since, **why}
            for account, where in accounts.items()
        ],
        at=NOW,
    )
