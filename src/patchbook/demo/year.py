"""Two years of field plans: last year's, made of the book the reps had, and this year's, carved and published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.access import grant
from patchbook.approvals import actions as approvals
from patchbook.changes import LeaveVacant, departure
from patchbook.demo.people import DEPARTED
from patchbook.demo.scene import ADMIN, HEAD, PLANNER, Scene
from patchbook.holdovers.holdover import MOVE_ALL, HoldoverRule, Policy, Treatment
from patchbook.people import store as people_store
from patchbook.people.principal import Role, system
from patchbook.plans import actions as plans
from patchbook.publishing import actions as publishing
from patchbook.territories import actions as territories
from patchbook.territories import seats
from patchbook.territories import store as territory_store

LAST_YEAR = """\
# Last year's field plan: the book every rep had by then, as it had grown.
plan: Field 2026
accounts: accounts.csv
people: people.csv

measures:
  potential: {from: potential_usd, transform: sqrt, tolerance: 5%}
  workload: {from: "visits * hours_per_visit", tolerance: 10%}

layers:
  - named: {file: strategic.csv, name: Strategic}
  - named: {file: book.csv, name: Field}
  - house: rest
"""
LAST_FROM, THIS_FROM = -304, -28
"""The days, from the day of the scene, since which the two plans hold."""

LEFT = -75
"""The day the departed reps left."""

TEAMS = {"Field East": "M01", "Field West": "M02"}
"""Groups below Field → who manages them."""

KEEP_DEALS = Policy(
    rules=(
        HoldoverRule(treatment=Treatment.KEEP, days=60, stages=("Negotiation",)),
        HoldoverRule(treatment=Treatment.KEEP, days=90, amount_from=250_000),
    )
)


def last_year(scene: Scene) -> None:
    """Publish last year's plan, hang its territories below their managers, and let three reps leave since."""
    with scene.record.writing() as tx:
        book = _book(scene, tx)
        files = {"book.csv": book, **_strategic(scene)}
        plan_id = _start(scene, tx, LAST_YEAR, files, begun=LAST_FROM - 15, holds=LAST_FROM)
    scene.plans["last year"] = plan_id
    carve(scene, plan_id, scene.day(LAST_FROM - 14, 10))
    publish(scene, plan_id, begun=LAST_FROM - 10, holds=LAST_FROM)
    with scene.record.writing() as tx:
        _teams(scene, tx, scene.day(LAST_FROM), scene.day(LAST_FROM - 5, 9))
    with scene.record.writing() as tx:
        publishing.advance(tx, scene.day(LAST_FROM))
        for person_id in DEPARTED:
            who = scene.acting(tx, PLANNER, scene.day(LEFT - 12, 14))
            departure(tx, person_id, on=scene.day(LEFT), default=LeaveVacant(), **who)


def this_year(scene: Scene) -> None:
    """Carve the field plan of the demo's file from what the ledger says, and publish it."""
    document = as_groups((scene.data / "field.yaml").read_text(encoding="utf-8"))
    with scene.record.writing() as tx:
        plan_id = _start(scene, tx, document, _strategic(scene), begun=THIS_FROM - 21, holds=THIS_FROM)
    scene.plans["field"] = plan_id
    carve(scene, plan_id, scene.day(THIS_FROM - 21, 11))
    publish(scene, plan_id, begun=THIS_FROM - 15, holds=THIS_FROM, policy=KEEP_DEALS)
    with scene.record.writing() as tx:
        _below_their_teams(scene, tx, scene.day(THIS_FROM), scene.day(THIS_FROM - 7, 9))
        publishing.advance(tx, scene.day(THIS_FROM))


def carve(scene: Scene, plan_id: str, at: datetime, *, fresh: bool = False) -> None:
    """Carve a plan as the planner does."""
    with scene.record.reading() as tx:
        who = scene.acting(tx, PLANNER, at)
    plans.carve_now(
        scene.record,
        plan_id,
        seed=scene.seed,
        seconds=scene.seconds,
        fresh=fresh,
        by=who["by"],
        clock=lambda: at,
    )


def publish(scene: Scene, plan_id: str, *, begun: int, holds: int, policy: Policy = MOVE_ALL) -> None:
    """Send a plan through everybody who is asked, a day each, and publish it."""
    with scene.record.writing() as tx:
        plans.submit(tx, plan_id, revision=None, **scene.acting(tx, PLANNER, scene.day(begun, 9)))
    approve(scene, plan_id, begun=begun)
    with scene.record.writing() as tx:
        who = scene.acting(tx, PLANNER, scene.day(begun + 4, 16))
        publishing.publish(tx, plan_id, on=scene.day(holds), policy=policy, **who)


def approve(scene: Scene, plan_id: str, *, begun: int) -> None:
    """Everybody who is asked says yes, those below first; the admin speaks for the planners."""
    hour = 10
    while True:
        with scene.record.writing() as tx:
            at = scene.day(begun + hour // 24, hour % 24)
            review = approvals.review(tx, plan_id, **scene.acting(tx, ADMIN, at))
            if review.is_approved:
                return
            step = review.open_steps[0]
            who = scene.acting(tx, step.approver_id or ADMIN, at)
            approvals.approve(tx, plan_id, step_id=step.step_id, comment="Fine with us.", **who)
        hour += 7


def as_groups(document: str) -> str:
    """A plan file of the demo whose hand-picked accounts hang below a group of their own name."""
    return document.replace("- named: strategic.csv", "- named: {file: strategic.csv, name: Strategic}")


def _strategic(scene: Scene) -> dict[str, str]:
    return {"strategic.csv": (scene.data / "strategic.csv").read_text(encoding="utf-8")}


def _start(scene: Scene, tx: Connection, document: str, files: Mapping[str, str], *, begun: int, holds: int) -> str:
    """Start a draft; its id."""
    who = scene.acting(tx, PLANNER, scene.day(begun, 9))
    effective = scene.day(holds).date()
    return plans.start(tx, None, document, files=files, effective=effective, **who).plan_id


def _book(scene: Scene, tx: Connection) -> str:
    """The accounts every rep had, those since departed too, each in a territory called after the rep's city."""
    cities = pl.read_csv(scene.data / "people.csv").select("person_id", territory="city")
    left = pl.DataFrame({"person_id": DEPARTED, "territory": ["Pittsburgh", "Phoenix", "Minneapolis"]})
    accounts = pl.read_csv(scene.data / "accounts.csv", infer_schema=False).select("account_id", person_id="owner")
    book = accounts.drop_nulls().join(pl.concat([cities, left]), on="person_id", maintain_order="left")
    return book.select("account_id", "territory", "person_id").write_csv()


def _teams(scene: Scene, tx: Connection, on: datetime, at: datetime) -> None:
    """A group for each field manager, seats for all managers, and the role each signs in with, for their part."""
    who = scene.acting(tx, PLANNER, at)
    named = territory_store.by_name(tx, on)
    groups = {"Company": HEAD, "Strategic": "M04"}
    for name, manager in TEAMS.items():
        made = territories.add(
            tx, name, kind="group", parent_id=named["Field"], since=on, reason="A team of its own", **who
        )
        named[name] = made.territory_id
        groups[name] = manager
    for name, manager in groups.items():
        seats.open_seat(tx, named[name], "manager", person_id=manager, since=on, **who)
        grant(tx, manager, Role.MANAGER, territory_id=named[name], by=system(), at=at)
    grant(tx, "M03", Role.MANAGER, by=system(), at=at)
    _below_their_teams(scene, tx, on, at)


def _below_their_teams(scene: Scene, tx: Connection, on: datetime, at: datetime) -> None:
    """Hang every field territory below the team of whoever has it."""
    who = scene.acting(tx, PLANNER, at)
    named = territory_store.by_name(tx, on)
    team_of = {manager: named[name] for name, manager in TEAMS.items()}
    for node in territories.tree(tx, on=on, **who):
        if node.territory.parent_id != named["Field"] or node.territory.kind == "group":
            continue
        (held, *_) = seats.seats(tx, node.territory.territory_id, on=on, **who)
        holder = held.filler.person_id
        manager = people_store.find(tx, [holder])[holder].manager_id if holder else None
        if manager in team_of:
            territories.move_subtree(tx, node.territory.territory_id, team_of[manager], on=on, **who)
