"""A small market in the record: twenty-four accounts in twelve cities, three reps, their manager, and a plan."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from patchbook.db.record import Record
from patchbook.imports import actions as imports
from patchbook.people.principal import Grant, Principal, Role, system
from patchbook.plans import actions as plans
from patchbook.plans.life import RecordedPlan

HIRED = datetime(2026, 1, 1, tzinfo=UTC)
MONDAY = datetime(2027, 1, 4, 9, tzinfo=UTC)
TUESDAY = datetime(2027, 1, 5, 9, tzinfo=UTC)

ADA = Principal(person_id="ada", grants=(Grant(Role.PLANNER),))
PIA = Principal(person_id="pia", grants=(Grant(Role.PLANNER),))
ROOT = Principal(person_id="root", grants=(Grant(Role.ADMIN),))
MIA = Principal(person_id="mia", grants=(Grant(Role.MANAGER),))
ANN = Principal(person_id="ann", grants=(Grant(Role.REP),))

CITIES = (
    ("Boston", "MA"), ("Chicago", "IL"), ("Denver", "CO"), ("Houston", "TX"), ("Seattle", "WA"), ("Miami", "FL"),
    ("Atlanta", "GA"), ("Phoenix", "AZ"), ("Portland", "OR"), ("Austin", "TX"), ("New York", "NY"), ("San Diego", "CA"),
)  # fmt: skip

PEOPLE = (
    {"person_id": "ada", "name": "Ada Plan", "role": "Planner", "manager_id": "", "city": "Boston", "state": "MA"},
    {"person_id": "pia", "name": "Pia Plan", "role": "Planner", "manager_id": "", "city": "Boston", "state": "MA"},
    {"person_id": "mia", "name": "Mia Lead", "role": "Manager", "manager_id": "", "city": "Denver", "state": "CO"},
    {"person_id": "ann", "name": "Ann Able", "role": "Rep", "manager_id": "mia", "city": "Boston", "state": "MA"},
    {"person_id": "bob", "name": "Bob Best", "role": "Rep", "manager_id": "mia", "city": "Denver", "state": "CO"},
    {"person_id": "cy", "name": "Cy Core", "role": "Rep", "manager_id": "mia", "city": "Atlanta", "state": "GA"},
)

DOCUMENT = """plan: Field 2027
effective: 2027-02-01
accounts: accounts.csv
people: people.csv
measures:
  potential: {from: revenue_usd, tolerance: 30%}
layers:
  - named: strategic.csv
  - carve: {name: Field, people: "role = 'Rep'", balance: [potential], compact: true}
  - house: rest
seconds: 20
"""

STRATEGIC = "account_id,territory,person_id\nA1,Strategic,mia\nA2,Strategic,mia\n"


def some_accounts(number: int = 24, **more: str) -> bytes:
    """A CSV of accounts A1, A2, …, every fourth without an owner."""
    return as_csv(
        {
            "account_id": f"A{i + 1}",
            "name": f"Company {i + 1}",
            "city": CITIES[i % 12][0],
            "state": CITIES[i % 12][1],
            "country": "US",
            "owner": ("ann", "bob", "Cy Core", "")[i % 4],
            "revenue_usd": 100 + 3 * i,
            **more,
        }
        for i in range(number)
    )


def some_people() -> bytes:
    """A CSV of the people."""
    return as_csv({"country": "US", "email": f"{one['person_id']}@example.com", **one} for one in PEOPLE)


def as_csv(rows: Iterable[Mapping[str, object]]) -> bytes:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def a_market(record: Record, accounts: bytes | None = None) -> None:
    """The people and accounts, taken into a record."""
    with record.writing() as tx:
        imports.people(tx, some_people(), name="people.csv", employed_from=HIRED, by=system(), at=HIRED)
        imports.accounts(tx, accounts or some_accounts(), name="accounts.csv", by=system(), at=HIRED)


def a_draft(
    record: Record,
    document: str = DOCUMENT,
    *,
    name: str | None = None,
    confidential: bool = False,
    by: Principal = ADA,
) -> RecordedPlan:
    """A draft that is not carved yet."""
    files = {"strategic.csv": STRATEGIC} if "strategic.csv" in document else {}
    with record.writing() as tx:
        return plans.start(tx, name, document, files=files, confidential=confidential, by=by, at=MONDAY)


def a_carved_plan(record: Record, document: str = DOCUMENT, *, name: str | None = None) -> RecordedPlan:
    """A draft of the market, carved."""
    draft = a_draft(record, document, name=name)
    return plans.carve_now(record, draft.plan_id, by=ADA, clock=lambda: MONDAY).plan


def the_plan(record: Record, name: str = "Field 2027") -> RecordedPlan:
    """The plan of that name."""
    with record.reading() as tx:
        return next(plan for plan in plans.plans(tx, by=ROOT, at=TUESDAY).rows if plan.name == name)
