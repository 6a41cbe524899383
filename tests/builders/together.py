"""Two teams over a draft of the 3×3 grid: everybody who plans together, and a plan that needs no carve.

    hal ── mia ── ann (West: A1 A4 A7), bo (Middle: A2 A5 A8)
        └─ max ── cem (East: A3 A6 A9), zoe (nothing)

Today ann has the first two columns (A1 A2 A4 A5 A7 A8), cem has A3 and A6, and nobody has A9. ada and pia plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, insert

from builders.results import COUNTIES, result_of
from patchbook.access.store import role_held
from patchbook.db.record import record_of
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import assignment, opportunity, staffing
from patchbook.people.principal import Grant, Principal, Role
from patchbook.people.store import employment, person
from patchbook.plans import actions as plans
from patchbook.plans import results
from patchbook.plans import store as plan_store
from patchbook.plans.file import loads
from patchbook.plans.life import RecordedPlan
from patchbook.territories.store import place, seat, territory

HIRED = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
TUESDAY = datetime(2027, 1, 5, 9, tzinfo=UTC)
WEDNESDAY = datetime(2027, 1, 6, 9, tzinfo=UTC)

ROLES = {
    "root": Role.ADMIN,
    "ada": Role.PLANNER,
    "pia": Role.PLANNER,
    "hal": Role.MANAGER,
    "mia": Role.MANAGER,
    "max": Role.MANAGER,
    "ann": Role.REP,
    "bo": Role.REP,
    "cem": Role.REP,
    "zoe": Role.REP,
    "fin": Role.FINANCE,
    "vic": Role.VIEWER,
}
REPORTS = {"mia": "hal", "max": "hal", "ann": "mia", "bo": "mia", "cem": "max", "zoe": "max"}
ROOT, ADA, PIA, HAL, MIA, MAX, ANN, BO, CEM, ZOE, FIN, VIC = (
    Principal(person_id=name, grants=(Grant(role),)) for name, role in ROLES.items()
)

DOCUMENT = """plan: Grid
effective: 2027-02-01
accounts: accounts.csv
measures:
  potential: {from: potential, tolerance: 40%}
layers:
  - carve: {name: Field, seats: 3, balance: [potential], keep: {moved_at_most: 60%}}
"""
COLUMNS = {"West": ("A1", "A4", "A7"), "Middle": ("A2", "A5", "A8"), "East": ("A3", "A6", "A9")}
PERSONS = {"West": "ann", "Middle": "bo", "East": "cem"}
OWNERS = ["ann", "ann", "cem", "ann", "ann", "cem", "ann", "ann", None]
POTENTIAL = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
FAMILIES = ["A1", "A2", "A3", "A1", "A5", "A6", "A7", "A8", "A6"]
"""A1 and A4 are one family, whole in the West; A6 and A9 another, whole in the East."""


def the_teams(tx: Connection) -> None:
    """Everybody, employed from 2026 on, with their roles."""
    managers_first = sorted(ROLES, key=lambda name: (name in REPORTS, name not in ("mia", "max")))
    tx.execute(
        insert(person),
        [{"person_id": name, "name": name.title(), "manager_id": REPORTS.get(name)} for name in managers_first],
    )
    lay(tx, employment, [{"person_id": name, "valid_from": HIRED, "reason": "hired"} for name in ROLES], at=HIRED)
    held = {"territory_id": None, "source": "", "by": "root", "at": HIRED}
    tx.execute(
        insert(role_held),
        [{"held_id": f"{name}-role", "person_id": name, "role": role.value, **held} for name, role in ROLES.items()],
    )


def the_territories(tx: Connection) -> None:
    """The territories of today, who fills them, and their accounts."""
    parents = {"field": None, "west": "field", "middle": "field", "east": "field"}
    tx.execute(insert(territory), [{"territory_id": name, "made_at": HIRED} for name in parents])
    usual = {"kind": "geographic", "valid_from": HIRED, "reason": "founded"}
    places = [
        {"territory_id": name, "parent_id": parent, "name": name.title(), **usual} for name, parent in parents.items()
    ]
    lay(tx, place, places, at=HIRED)
    fillers = {"west": "ann", "middle": "bo", "east": "cem"}
    tx.execute(
        insert(seat),
        [{"seat_id": f"{name}-owner", "territory_id": name, "role": "owner", "made_at": HIRED} for name in fillers],
    )
    told = {"valid_from": HIRED, "cause": "hire", "source": "", "reason": "first staffing"}
    lay(
        tx,
        staffing,
        [{"seat_id": f"{name}-owner", "person_id": who, **told} for name, who in fillers.items()],
        at=HIRED,
    )
    where = {"ann": "west", "cem": "east"}
    facts = [
        {"account_id": f"A{n}", "territory_id": where[owner], **told, "cause": "publish"}
        for n, owner in enumerate(OWNERS, start=1)
        if owner is not None
    ]
    lay(tx, assignment, facts, at=HIRED)


def a_grid_plan(
    tx: Connection,
    *,
    plan_id: str = "plan-grid",
    territory_of: Mapping[str, str] | None = None,
    person: Mapping[str, str | None] = PERSONS,
    document: str = DOCUMENT,
    **changes: Any,
) -> RecordedPlan:
    """A draft that ada made: each column of the grid a territory, unless told otherwise."""
    accounts = pl.DataFrame(
        {
            "account_id": [f"A{n}" for n in range(1, 10)],
            "name": [f"Company {n}" for n in range(1, 10)],
            "county_fips": list(COUNTIES),
            "latitude": [43.0, 43.0, 43.0, 42.0, 42.0, 42.0, 41.0, 41.0, 41.0],
            "longitude": [-95.0, -94.0, -93.0] * 3,
            "owner": OWNERS,
            "family_id": FAMILIES,
            "measure_potential": POTENTIAL,
        }
    )
    usual = {account: name for name, members in COLUMNS.items() for account in members}
    places = {**usual, **(territory_of or {})}
    plan = loads(document, file=Path("plan.yaml"), files=False)
    result = result_of(plan, accounts, [places[account] for account in accounts["account_id"]], dict(person))
    made = RecordedPlan(
        plan_id=plan_id,
        name="Grid",
        document=document,
        owner_id="ada",
        made_by="ada",
        made_at=MONDAY,
        effective=date(2027, 2, 1),
        result_id=results.keep(result, record_of(tx).folder),
    )
    return plan_store.add(tx, replace(made, **changes), what="made it")


def a_submitted_plan(tx: Connection, **changes: Any) -> RecordedPlan:
    """The grid plan, sent to its approvers by ada."""
    draft = a_grid_plan(tx, **changes)
    return plans.submit(tx, draft.plan_id, revision=None, by=ADA, at=MONDAY)


def invite(tx: Connection, plan_id: str, *people: str) -> None:
    """Let these people see a draft."""
    plan_store.invite(tx, plan_id, people)


def a_deal(tx: Connection, account_id: str, owner: str, *, closed: datetime | None = None) -> None:
    """An opportunity of somebody with an account."""
    tx.execute(
        insert(opportunity).values(
            opportunity_id=f"deal-{account_id}", account_id=account_id, owner_id=owner, opened=HIRED, closed=closed
        )
    )
