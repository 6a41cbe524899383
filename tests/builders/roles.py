"""A company everybody knows by heart: two regions with two and one territories, and who works where.

world ─ americas (Mia manages) ─ east (Rob) · west (Rita)
      └ emea (Eva manages)     ─ north (Emil)
Max manages Mia and Eva. Ada is admin, Paul planner, Fay finance, Vic viewer. Account a1 is in east, a2 west, a3 north.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from patchbook.access import store
from patchbook.access.grants import principal
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, staffing
from patchbook.people.principal import Principal, Role
from patchbook.people.store import employment, person
from patchbook.territories.store import place, seat, territory

START = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)

TREE = {"world": None, "americas": "world", "east": "americas", "west": "americas", "emea": "world", "north": "emea"}
PEOPLE = {
    "ada": (Role.ADMIN, None),
    "paul": (Role.PLANNER, None),
    "fay": (Role.FINANCE, None),
    "vic": (Role.VIEWER, None),
    "max": (Role.MANAGER, None),
    "mia": (Role.MANAGER, "max"),
    "eva": (Role.MANAGER, "max"),
    "rob": (Role.REP, "mia"),
    "rita": (Role.REP, "mia"),
    "emil": (Role.REP, "eva"),
}
SEATS = {"east": "rob", "west": "rita", "north": "emil"}
ACCOUNTS = {"a1": "east", "a2": "west", "a3": "north"}


def a_company(tx: Connection) -> None:
    """Everybody of it, employed and seated since the start of 2026."""
    tx.execute(
        insert(person),
        [
            {"person_id": who, "name": f"{who.title()} Canary", "email": f"{who}@example.com", "manager_id": boss}
            for who, (_, boss) in PEOPLE.items()
        ],
    )
    said = {"valid_from": START, "reason": "the company began"}
    lay(tx, employment, [{"person_id": who, **said} for who in PEOPLE], at=START)
    for number, (who, (role, _)) in enumerate(PEOPLE.items()):
        held = {"held_id": f"role-{number}", "person_id": who, "role": role.value, "territory_id": None, "source": ""}
        store.add_held(tx, **held, by="system", at=START)
    tx.execute(insert(territory), [{"territory_id": name, "made_at": START} for name in TREE])
    kinds = [
        {"territory_id": name, "parent_id": above, "name": name.title(), "kind": "geographic"}
        for name, above in TREE.items()
    ]
    lay(tx, place, [{**one, **said} for one in kinds], at=START)
    seats = [
        {"seat_id": f"seat-{name}", "territory_id": name, "role": "owner", "number": 1, "made_at": START}
        for name in SEATS
    ]
    tx.execute(insert(seat), seats)
    why = {**said, "cause": "start", "source": "company"}
    lay(tx, staffing, [{"seat_id": f"seat-{name}", "person_id": who, **why} for name, who in SEATS.items()], at=START)
    lay(tx, assignment, [{"account_id": a, "territory_id": name, **why} for a, name in ACCOUNTS.items()], at=START)


def somebody(tx: Connection, who: str) -> Principal:
    """One of them, signed in on a Monday."""
    return principal(tx, who, at=MONDAY)
