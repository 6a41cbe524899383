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
from patchbook.ledger.tables import assignment, staffing
from patchbook.people import actions as people
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.territories import store
from patchbook.territories.territory import Seat, SeatRole

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
    persons = [Person(person_id=name, name=name.title(), manager_id=manager) for name, manager in REPORTS.items()]
    people.take(tx, persons, employed_from=day(1, year=2020), **DEED)
    nodes = [("Company", None, "group", "manager", MANAGERS["Company"])]
    for team, leaves in TREE.items():
        nodes.append((team, "Company", "group", "manager", MANAGERS[team]))
        nodes += [(leaf, team, "geographic", "owner", who) for leaf, who in leaves.items()]
    made = Company(
        territory={name: f"territory-{name.replace(' ', '-').lower()}" for name, *_ in nodes},
        seat={who: f"seat-{who}" for *_, who in nodes},
    )
    store.insert_territories(tx, made.territory.values(), NOW)
    store.insert_seats(
        tx,
        [
            Seat(seat_id=made.seat[who], territory_id=made.territory[name], role=SeatRole(role))
            for name, _, _, role, who in nodes
        ],
        NOW,
    )
    since = {"valid_from": START, "reason": "as it began"}
    why = {**since, "cause": "publish", "source": "plan-1"}
    above = {name: made.territory.get(parent or "") for name, parent, *_ in nodes}
    places = [
        {"territory_id": made.territory[name], "parent_id": above[name], "name": name, "kind": kind, **since}
        for name, _, kind, *_ in nodes
    ]
    lay(tx, store.place, places, at=NOW)
    lay(tx, staffing, [{"seat_id": made.seat[who], "person_id": who, **why} for *_, who in nodes], at=NOW)
    many = {leaf: accounts if isinstance(accounts, int) else accounts.get(leaf, 0) for leaf, *_ in nodes}
    leaves_of = [leaf for leaves in TREE.values() for leaf in leaves]
    assign(tx, {f"{leaf}/{number}": made.territory[leaf] for leaf in leaves_of for number in range(many[leaf])})
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
