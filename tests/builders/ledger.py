"""A small company in the record: two regions, three territories, three people, written as facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, cover, override, staffing
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.store import employment, person
from patchbook.period import FOREVER
from patchbook.territories.store import place, seat, territory

HIRED = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY = datetime(2027, 2, 1, tzinfo=UTC)
MARCH = datetime(2027, 3, 1, tzinfo=UTC)
APRIL = datetime(2027, 4, 1, tzinfo=UTC)
MAY = datetime(2027, 5, 1, tzinfo=UTC)
NOW = datetime(2027, 2, 10, tzinfo=UTC)

ADMIN = Principal(person_id="admin", grants=(Grant(Role.ADMIN),))
ANN = Principal(person_id="ann", grants=(Grant(Role.REP),))
EAST_MANAGER = Principal(person_id="eve", grants=(Grant(Role.MANAGER, "east"),))

PEOPLE = {"ann": "Ann Bell", "bob": "Bob Cole", "cyd": "Cyd Diaz", "eve": "Eve Frost"}
TREE = {"company": None, "west": "company", "east": "company", "north-west": "west", "south-west": "west"}
OWNERS = {"north-west": "ann", "south-west": "bob", "east": "cyd"}


def because(reason: str, *, cause: str = "publish", source: str = "publication-1") -> dict[str, str]:
    """The columns that say why."""
    return {"cause": cause, "source": source, "reason": reason}


def a_company(tx: Connection, *, at: datetime = HIRED) -> None:
    """People, tree and seats: Ann owns the north-west, Bob the south-west, Cyd the east."""
    tx.execute(insert(person), [{"person_id": key, "name": name} for key, name in PEOPLE.items()])
    lay(tx, employment, [{"person_id": key, "valid_from": HIRED, "reason": "hired"} for key in PEOPLE], at=at)
    tx.execute(insert(territory), [{"territory_id": key, "made_at": at} for key in TREE])
    names = {key: key.title() for key in TREE}
    places = [
        {"territory_id": key, "parent_id": above, "name": names[key], "kind": "geographic", "valid_from": HIRED}
        for key, above in TREE.items()
    ]
    lay(tx, place, [{**each, "reason": "founded"} for each in places], at=at)
    seats = [{"seat_id": f"{key}-owner", "territory_id": key, "role": "owner", "made_at": at} for key in OWNERS]
    tx.execute(insert(seat), seats)
    staff(tx, *({"seat_id": f"{key}-owner", "person_id": who} for key, who in OWNERS.items()), at=at)


def assign(tx: Connection, accounts: Mapping[str, str], *, since: datetime = FEBRUARY, at: datetime = NOW) -> None:
    """Assign accounts to territories."""
    facts = [{"account_id": key, "territory_id": to, "valid_from": since} for key, to in accounts.items()]
    lay(tx, assignment, [{**fact, **because("Plan 'Americas 2027'")} for fact in facts], at=at)


def staff(tx: Connection, *facts: Mapping[str, Any], at: datetime = NOW) -> None:
    """Fill or empty seats."""
    told = because("first staffing", cause="hire", source="")
    lay(tx, staffing, [{"valid_from": HIRED, **told, **fact} for fact in facts], at=at)


def overrule(tx: Connection, facts: Iterable[Mapping[str, Any]], *, at: datetime = NOW) -> None:
    """Give accounts to people whatever the territory says."""
    usual = {"role": "owner", "kind": "exception", "valid_from": FEBRUARY, "valid_to": FOREVER}
    told = because("knows them since school", cause="exception", source="exception-1")
    lay(tx, override, [{**usual, **told, **fact} for fact in facts], at=at)


def cover_for(
    tx: Connection, who: str, by: str, *, since: datetime, until: datetime = FOREVER, at: datetime = NOW
) -> None:
    """Let somebody act for somebody on leave."""
    fact = {"person_id": who, "cover_id": by, "valid_from": since, "valid_to": until}
    lay(tx, cover, [{**fact, **because("parental leave", cause="leave", source="")}], at=at)


def change(tx: Connection, deed: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """One deed, recorded at an instant of its own."""
    tx.info.pop("recording at", None)
    return deed(tx, *arguments, **named)


def ask(
    tx: Connection,
    question: Callable[..., Any],
    *arguments: Any,
    by: Principal = ADMIN,
    at: datetime = NOW,
    **named: Any,
) -> Any:
    """Ask the ledger, as an admin where nobody else is named."""
    return question(tx, *arguments, by=by, at=at, **named)
