"""A record with a market of any size for the benchmarks of the web: accounts, people, a plan in force, a draft."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from patchbook import access
from patchbook.accounts.csv_out import write_csv
from patchbook.accounts.sample import sample_accounts, sample_people
from patchbook.approvals import actions as approvals
from patchbook.db.record import Record, create_record, open_record
from patchbook.imports import actions as imports
from patchbook.people.principal import Principal, Role, system
from patchbook.plans import actions as plans
from patchbook.publishing import actions as publishing

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
BEGAN = datetime(2027, 1, 4, 9, tzinfo=UTC)
HOLDS = date(2027, 2, 1)

TOLD = "market.json"

DOCUMENT = """
plan: Market
effective: 2027-02-01
accounts: accounts.csv
people: people.csv
seconds: {seconds}
measures:
  potential: {{from: revenue_usd, transform: sqrt, tolerance: 10%}}
layers:
  - rule: {{territory: Large, where: "employees > 20000"}}
  - carve: {{name: Field, people: "role = 'Field rep'", seats: from people, balance: [potential], compact: true}}
  - house: rest
"""


@dataclass(frozen=True, kw_only=True)
class Market:
    """A record, who plans in it, and its plans."""

    record: Record
    planner: Principal
    session: str
    """The secret of a session of the planner's."""
    active: str
    draft: str

    def examples(self) -> tuple[str, str]:
        """An account that is owned, and whose it is."""
        with self.record.reading() as tx:
            row = (
                plans.state(tx, self.active, by=self.planner, at=NOW)
                .assignments.drop_nulls("person")
                .row(0, named=True)
            )
        return str(row["account_id"]), str(row["person"])


def a_market(folder: Path, accounts: int, *, seats: int = 100, seconds: float = 5.0) -> Market:
    """Make it: import, a carve of so many seconds, publication, a scenario; minutes for a million accounts."""
    record = create_record(folder / "record")
    write_csv(sample_accounts(accounts).accounts, folder / "accounts.csv")
    people = sample_people(seats)
    write_csv(people, folder / "people.csv")
    with record.writing() as tx:
        admin = access.first_admin(tx, "Ada Admin", "ada@example.com", at=BEGAN)
        access.grant(tx, admin, Role.PLANNER, by=system(), at=BEGAN)
        by = access.principal(tx, admin, at=BEGAN)
        imports.accounts(tx, folder / "accounts.csv", by=by, at=BEGAN)
        imports.people(tx, folder / "people.csv", by=by, at=BEGAN)
        role = people["role"].mode()[0]
        document = DOCUMENT.format(seconds=seconds).replace("Field rep", role)
        active = plans.start(tx, None, document, effective=HOLDS, by=by, at=BEGAN).plan_id
    plans.carve_now(record, active, by=by, clock=lambda: BEGAN)
    with record.writing() as tx:
        plans.submit(tx, active, revision=None, by=by, at=BEGAN)
    with record.writing() as tx:
        for step in approvals.review(tx, active, by=by, at=BEGAN).open_steps:
            approvals.approve(tx, active, step_id=step.step_id, comment="Fine.", by=system(), at=BEGAN)
    with record.writing() as tx:
        publishing.publish(tx, active, on=datetime(2027, 2, 1, tzinfo=UTC), by=by, at=BEGAN)
    with record.writing() as tx:
        publishing.advance(tx, NOW)
        draft = plans.clone(tx, active, "A scenario", by=by, at=NOW).plan_id
        session = access.begin(tx, admin, how="benchmark", at=NOW).secret
    (folder / TOLD).write_text(json.dumps({"admin": admin, "session": session, "active": active, "draft": draft}))
    return Market(record=record, planner=by, session=session, active=active, draft=draft)


def kept_market(folder: Path) -> Market | None:
    """The market a folder has from before."""
    if not (folder / TOLD).is_file():
        return None
    told = json.loads((folder / TOLD).read_text())
    record = open_record(folder / "record")
    with record.reading() as tx:
        by = access.principal(tx, told.pop("admin"), at=NOW)
    return Market(record=record, planner=by, **told)
