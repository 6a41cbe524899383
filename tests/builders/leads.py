"""A company that leads come to: people who sell, accounts they have, a published plan of rules, and a pool.

    West (ann)   accounts of the US with 500 people and more: Acme, Bolt
    East (bob)   other accounts of the US: Cog
    Abroad (the pool Desk: cyd, dan, eve)   what is in Germany

Pat plans, Mia manages ann and bob, Root is admin. Everybody has worked since 2026, and the plan holds since then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from builders import publishing as plans
from patchbook.access.store import role_held
from patchbook.approvals import actions as approvals
from patchbook.db.metadata import new_id
from patchbook.db.record import Record
from patchbook.imports import actions as imports
from patchbook.imports.imported import Kind
from patchbook.imports.store import latest
from patchbook.leads import actions
from patchbook.leads.fields import read_fields
from patchbook.leads.lane import deciding
from patchbook.leads.lead import Answered, Received
from patchbook.people import actions as people
from patchbook.people.person import Person
from patchbook.people.principal import Grant, Principal, Role
from patchbook.period import Period
from patchbook.plans import results
from patchbook.plans import store as plan_store
from patchbook.plans.life import RecordedPlan
from patchbook.plans.plan import Plan, RuleLayer
from patchbook.publishing import actions as publishing
from patchbook.territories import pools, seats, store
from patchbook.territories.territory import Member

HIRED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 3, 3, 15, tzinfo=UTC)
"""A Wednesday, at work in Europe and on the east coast."""

PAT = Principal(person_id="pat", grants=(Grant(Role.PLANNER),))
ROOT = Principal(person_id="root", grants=(Grant(Role.ADMIN),))
MIA = Principal(person_id="mia", grants=(Grant(Role.MANAGER),))
ANN = Principal(person_id="ann", grants=(Grant(Role.REP),))
BOB = Principal(person_id="bob", grants=(Grant(Role.REP),))

ACCOUNTS = """\
account_id,name,domain,country,employees
A1,Acme,acme.com,US,1200
A2,Bolt,bolt.io,US,800
A3,Cog,cog.com,US,40
"""
MANAGERS = {"ann": "mia", "bob": "mia"}
EVERYBODY = ("ann", "bob", "cyd", "dan", "eve", "pat", "mia", "root")


def a_company(record: Record, *, accounts: str = ACCOUNTS) -> str:
    """Put the company into an empty record; the id of its pool."""
    with record.writing() as tx:
        persons = [
            Person(person_id=name, name=f"{name.title()} Archer", manager_id=MANAGERS.get(name)) for name in EVERYBODY
        ]
        people.take(tx, persons, employed_from=HIRED, by=PAT, at=HIRED)
        roles = {"pat": "planner", "root": "admin", "mia": "manager", "ann": "rep", "bob": "rep"}
        held = {"territory_id": None, "source": "", "by": "system", "at": HIRED}
        tx.execute(
            role_held.insert(),
            [{"held_id": f"role-{who}", "person_id": who, "role": role, **held} for who, role in roles.items()],
        )
        imports.accounts(tx, accounts.encode(), name="accounts.csv", by=PAT, at=HIRED)
        pool = pools.add_pool(tx, "Desk", [Member(person_id=one) for one in ("cyd", "dan", "eve")], by=PAT, at=HIRED)
    publish(record, "First", {"West": "ann", "East": "bob", "Abroad": None}, on=HIRED, at=HIRED)
    with record.writing() as tx:
        seat_id = seat_of(tx, "Abroad")
        seats.staff(tx, seat_id, pool_id=pool.pool_id, period=Period(HIRED), reason="A pool", by=PAT, at=HIRED)
    return pool.pool_id


def publish(
    record: Record,
    name: str,
    staffed: dict[str, str | None],
    *,
    on: datetime,
    at: datetime,
    least: int = 500,
    placed: dict[str, str] | None = None,
) -> str:
    """Publish a plan of rules with these people; the id of its publication."""
    with record.writing() as tx:
        plan_id = approved(tx, name, staffed, at=at, least=least, placed=placed)
    with record.writing() as tx:
        return publishing.publish(tx, plan_id, on=on, by=PAT, at=at).publication_id


def approved(
    tx: Connection,
    name: str,
    staffed: dict[str, str | None],
    *,
    at: datetime,
    least: int = 500,
    placed: dict[str, str] | None = None,
) -> str:
    """A plan of rules, approved; the id of it."""
    where = placed or {"A1": "West", "A2": "West", "A3": "East"}
    west = f"country = 'US' AND employees >= {least}"
    conditions = {"West": west, "East": "country = 'US'", "Abroad": "country = 'DE'"}
    return approved_of(tx, name, staffed, where, conditions, at=at)


def approved_of(
    tx: Connection,
    name: str,
    staffed: dict[str, str | None],
    where: dict[str, str] | pl.DataFrame,
    conditions: dict[str, str],
    *,
    at: datetime,
) -> str:
    """A plan of any rules over the accounts there are, approved; the id of it."""
    result = plans.carved(name, staffed, where, {})
    layers = pl.col("territory").alias("layer")
    result = replace(
        result,
        assignments=result.assignments.with_columns(layers),
        territories=result.territories.with_columns(layers),
        plan=Plan(
            name=name,
            accounts=Path("accounts.csv"),
            layers=tuple(RuleLayer(territory=one, where=condition) for one, condition in conditions.items()),
        ),
    )
    newest = latest(tx, Kind.ACCOUNTS)
    assert newest is not None
    rules = "".join(f'  - rule: {{territory: {one}, where: "{text}"}}\n' for one, text in conditions.items())
    made = plan_store.add(
        tx,
        RecordedPlan(
            plan_id=new_id("plan"),
            name=name,
            document=f"plan: {name}\naccounts: accounts.csv\nlayers:\n{rules}",
            owner_id="pat",
            made_by="pat",
            made_at=at,
            result_id=results.keep(result, tx.info["record"].folder),
            snapshot_id=newest.snapshot_id,
        ),
        what="started it",
    )
    plan_store.save(tx, made.submit(by="pat", at=at), what="submitted it", by="pat", at=at)
    review = approvals.open_review(tx, made.plan_id, by=PAT, at=at)
    while not review.is_approved:
        (step, *_) = review.open_steps
        review = approvals.approve(tx, made.plan_id, step_id=step.step_id, comment="yes", by=ROOT, at=at)
    return made.plan_id


def seat_of(tx: Connection, territory: str) -> str:
    """The owner seat of a territory by its name."""
    territory_id = store.by_name(tx, NOW)[territory]
    return next(one.seat_id for one in store.seats(tx, territory_ids=[territory_id]) if one.role == "owner")


def nobody_in_the_pool(record: Record, *, until: datetime) -> None:
    """From now on the pool has one member, who begins to work here then."""
    with record.writing() as tx:
        people.take(tx, [Person(person_id="zed", name="Zed Archer")], employed_from=until, by=PAT, at=NOW)
        (pool,) = pools.pools(tx, by=PAT, at=NOW).rows
        pools.change_pool(tx, pool.pool_id, pool.revision, members=[Member(person_id="zed")], by=PAT, at=NOW)


def a_lead(number: int | str = 1, *, source: str = "form", **fields: Any) -> Received:
    """A lead as a form sends it."""
    told = read_fields(fields or {"company": "Acme", "email": "carl@acme.com", "country": "US"})
    return Received(source=source, source_id=f"{number}", fields=told.fields, unread=told.unread)


def receive(record: Record, what: Received, *, at: datetime = NOW, by: Principal = PAT) -> Answered:
    """Take one lead in, in a turn of its own."""
    with deciding(record) as lane:
        return actions.receive(lane, what, by=by, at=at)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
