"""A company to be served: a tree of territories, who works in it, and what roles they hold.

    world ─┬─ north ─┬─ north-1   ron
     boss  │  nora   └─ north-2   rita
           └─ south ──  south-1   sam
              sven

Each territory has a seat, filled by the person named with it, three accounts, and a deal with the first of them.

Ada is admin, Pia planner, Finn finance, Vera viewer. Every name holds a canary: a word found nowhere else, so that an
answer which tells of something its reader may not see is known by it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from patchbook.access.store import role_held
from patchbook.db.record import Record
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, opportunity, staffing
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.store import employment, person
from patchbook.territories.store import place, seat, territory

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)

PEOPLE: dict[str, tuple[str | None, Role, str | None]] = {
    "ada": (None, Role.ADMIN, None),
    "pia": (None, Role.PLANNER, None),
    "finn": (None, Role.FINANCE, None),
    "vera": (None, Role.VIEWER, None),
    "boss": (None, Role.MANAGER, "world"),
    "nora": ("boss", Role.MANAGER, "north"),
    "sven": ("boss", Role.MANAGER, "south"),
    "ron": ("nora", Role.REP, None),
    "rita": ("nora", Role.REP, None),
    "sam": ("sven", Role.REP, None),
}
"""Person → manager, role, and the territory it is held for."""

TREE: dict[str, str | None] = {
    "world": None,
    "north": "world",
    "south": "world",
    "north-1": "north",
    "north-2": "north",
    "south-1": "south",
}
STAFFED = {"world": "boss", "north": "nora", "south": "sven", "north-1": "ron", "north-2": "rita", "south-1": "sam"}


def accounts_of(name: str) -> list[str]:
    """The accounts of a territory."""
    return [f"{name}-account-{number}" for number in (1, 2, 3)]


def canary(what: str) -> str:
    """A word that stands in one name only."""
    return f"zq{what.replace('-', '')}qz"


def a_company(record: Record) -> None:
    """Put the company into an empty record."""
    with record.writing() as tx:
        _people(tx)
        _territories(tx)
        _ownership(tx)


def principal_of(who: str) -> Principal:
    """Somebody of the company, as the actions are given them."""
    _, role, where = PEOPLE[who]
    return Principal(person_id=who, grants=(Grant(role, where),))


def _people(tx: Connection) -> None:
    rows = [
        {"person_id": who, "name": f"{who.title()} {canary(who)}", "email": f"{who}@example.com", "manager_id": manager}
        for who, (manager, _, _) in PEOPLE.items()
    ]
    tx.execute(insert(person), rows)
    lay(tx, employment, [{"person_id": who, "valid_from": BEGAN, "reason": "hired"} for who in PEOPLE], at=BEGAN)
    tx.execute(insert(territory), [{"territory_id": name, "made_at": BEGAN} for name in TREE])
    held = [
        {"held_id": f"role-{who}", "person_id": who, "role": role.value, "territory_id": where, "source": ""}
        for who, (_, role, where) in PEOPLE.items()
    ]
    tx.execute(insert(role_held), [{**row, "by": "system", "at": BEGAN} for row in held])


def _territories(tx: Connection) -> None:
    places = [
        {
            "territory_id": name,
            "parent_id": parent,
            "name": f"{name.title()} {canary(name)}",
            "kind": "named",
            "valid_from": BEGAN,
            "reason": "began",
        }
        for name, parent in TREE.items()
    ]
    lay(tx, place, places, at=BEGAN)
    seats = [
        {
            "seat_id": f"seat-{name}",
            "territory_id": name,
            "role": "owner",
            "number": 1,
            "made_at": BEGAN,
        }
        for name in TREE
    ]
    tx.execute(insert(seat), seats)


def _ownership(tx: Connection) -> None:
    because = {"valid_from": BEGAN, "cause": "publish", "source": "plan-first", "reason": "The first plan"}
    lay(tx, staffing, [{"seat_id": f"seat-{at}", "person_id": who, **because} for at, who in STAFFED.items()], at=BEGAN)
    facts = [{"account_id": account, "territory_id": name, **because} for name in TREE for account in accounts_of(name)]
    lay(tx, assignment, facts, at=BEGAN)
    deals = [
        {"opportunity_id": f"deal-{name}", "account_id": accounts_of(name)[0], "name": canary(f"deal{name}")}
        for name in TREE
    ]
    tx.execute(insert(opportunity), [{**deal, "stage": "proposal", "amount_usd": 50_000.0} for deal in deals])
