"""What is going on in the demo workspace: drafts, a review, proposals, exceptions, leave, somebody who leaves soon."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from sqlalchemy import Connection

from patchbook import changes
from patchbook.challenges import actions as challenges
from patchbook.changes import LeaveVacant
from patchbook.comments import actions as comments
from patchbook.demo.scene import ADMIN, HEAD, PLANNER, Scene
from patchbook.demo.staff import newcomer
from patchbook.demo.year import THIS_FROM, as_groups, carve
from patchbook.exceptions import actions as exceptions
from patchbook.holdovers import actions as holdovers
from patchbook.period import FOREVER, Period
from patchbook.plans import actions as plans
from patchbook.plans.documents import files_named
from patchbook.plans.edits import Lock, Move
from patchbook.proposals import actions as proposals
from patchbook.territories import actions as territories
from patchbook.territories import seats
from patchbook.territories import store as territory_store

LEAVING, AWAY, COVER = "P110", "P105", "P104"
"""Who leaves in two weeks, who is on leave now, and who acts for them."""


def before(scene: Scene) -> None:
    """What happened between the publication and the last week."""
    with scene.record.writing() as tx:
        _a_house(scene, tx)
        _exception_in_force(scene, tx)
    _drafts(scene)
    with scene.record.writing() as tx:
        _people_change(scene, tx)


def lately(scene: Scene) -> None:
    """What waits for somebody's answer now."""
    with scene.record.writing() as tx:
        _in_review(scene, tx)
        _proposed(scene, tx)
        _asked(scene, tx)


def _a_house(scene: Scene, tx: Connection) -> None:
    """Where accounts go that nobody works on: this year's plan left nothing in it."""
    on = scene.day(THIS_FROM)
    if "House" in territory_store.by_name(tx, on):
        return
    company = territory_store.by_name(tx, on)["Company"]
    who = scene.acting(tx, PLANNER, scene.day(THIS_FROM, 9))
    reason = "For accounts that nobody works on"
    territories.add(tx, "House", kind="house", parent_id=company, since=on, reason=reason, **who)


def _exception_in_force(scene: Scene, tx: Connection) -> None:
    """An account of the east that goes to a rep of the west, for twenty days more."""
    account = _accounts(tx, scene, "field", "P101").head(1)["account_id"][0]
    made = exceptions.request(
        tx,
        account,
        "P121",
        kind="strategic",
        reason="Their new buyer sits in San Francisco",
        starts=scene.day(-20),
        expires=scene.at + timedelta(days=20),
        **scene.acting(tx, HEAD, scene.day(-23, 10)),
    )
    for number, step in enumerate(made.steps):
        who = scene.acting(tx, step.approver_id or PLANNER, scene.day(-22, 10 + number))
        made = exceptions.approve(tx, made.exception_id, "Until the deal is signed", **who)
    who = scene.acting(tx, "M01", scene.day(-22, 15))
    comments.comment(tx, "account", account, "Boston keeps the plant visits meanwhile.", **who)


def _drafts(scene: Scene) -> None:
    """The plan of the inside teams, and two scenarios of the field plan: one edited by hand, one with other weights."""
    document = as_groups((scene.data / "segments.yaml").read_text(encoding="utf-8"))
    with scene.record.writing() as tx:
        who = scene.acting(tx, PLANNER, scene.day(-19, 9))
        files = files_named(document, scene.data)
        scene.plans["segments"] = plans.start(tx, None, document, files=files, **who).plan_id
        who = scene.acting(tx, PLANNER, scene.day(-17, 9))
        scene.plans["by hand"] = plans.clone(tx, scene.plans["field"], "Field 2027, lighter Boston", **who).plan_id
        other = plans.clone(tx, scene.plans["field"], "Field 2027, potential first", **who)
        scene.plans["other weights"] = other.plan_id
        changed = other.document.replace("tolerance: 5%", "tolerance: 3%").replace("tolerance: 10%", "tolerance: 25%")
        plans.change_document(tx, other.plan_id, changed, revision=other.revision, **who)
        inside = as_groups((scene.data / "inside.yaml").read_text(encoding="utf-8"))
        who = scene.acting(tx, PLANNER, scene.day(-12, 9))
        files = files_named(inside, scene.data)
        scene.plans["inside"] = plans.start(tx, None, inside, files=files, **who).plan_id
    carve(scene, scene.plans["segments"], scene.day(-19, 10))
    carve(scene, scene.plans["other weights"], scene.day(-17, 10), fresh=True)
    carve(scene, scene.plans["inside"], scene.day(-12, 10))
    with scene.record.writing() as tx:
        _edited(scene, tx)


def _edited(scene: Scene, tx: Connection) -> None:
    """A few moves out of Boston to whoever is nearest besides, and three of its largest locked."""
    plan_id = scene.plans["by hand"]
    who = scene.acting(tx, PLANNER, scene.day(-11, 11))
    theirs = _accounts(tx, scene, "by hand", "P101")
    largest = tuple(theirs.tail(3)["account_id"])
    plans.edit(tx, plan_id, Lock(accounts=largest), why="Long relationships", revision=None, **who)
    away = theirs.head(8).filter(pl.col("runner_up").is_not_null()).head(3)
    for account, to in away.select("account_id", "runner_up").iter_rows():
        moved = Move(accounts=(account,), to=to)
        overrule = "We look at what it does first"
        plans.edit(tx, plan_id, moved, why="Boston is full", overrule=overrule, revision=None, **who)
    plans.invite(tx, plan_id, ["M01", "M02", HEAD], **who)
    comments.comment(tx, "plan", plan_id, "Is this light enough for Boston?", **who)
    who = scene.acting(tx, "M01", scene.day(-10, 16))
    comments.comment(tx, "plan", plan_id, "Yes, if the three locked ones stay.", **who)


def _people_change(scene: Scene, tx: Connection) -> None:
    """Somebody is on leave, somebody leaves in two weeks, and somebody is hired for the seat a little later."""
    who = scene.acting(tx, PLANNER, scene.day(-9, 10))
    changes.leave(tx, AWAY, COVER, period=Period(scene.day(-6), scene.day(10)), **who)
    (seat, *_) = seats.filled_by(tx, LEAVING, Period(scene.day(14), FOREVER))
    who = scene.acting(tx, PLANNER, scene.day(-8, 10))
    changes.departure(tx, LEAVING, on=scene.day(14), default=LeaveVacant("M01"), **who)
    who = scene.acting(tx, PLANNER, scene.day(-7, 10))
    changes.hire(tx, newcomer(scene), seat.seat.seat_id, on=scene.day(30), **who)


def _in_review(scene: Scene, tx: Connection) -> None:
    """The plan of rules waits for its managers, and reps may challenge it for nine days more."""
    plan_id = scene.plans["inside"]
    who = scene.acting(tx, PLANNER, scene.at - timedelta(minutes=4))
    plans.submit(tx, plan_id, revision=None, **who)
    challenges.open_window(tx, plan_id, scene.at + timedelta(days=9), **who)
    account = _accounts(tx, scene, "inside", "P205").head(1)["account_id"][0]
    who = scene.acting(tx, "P205", scene.at - timedelta(minutes=3))
    challenges.challenge(tx, plan_id, account, "drop", "wrong_data", "They sell to hospitals, not to industry.", **who)


def _proposed(scene: Scene, tx: Connection) -> None:
    """Two managers want accounts moved in the scenario, and nobody has answered yet."""
    asked = (("M01", "P103", "Their office moved"), ("M02", "P122", "One buyer for both"))
    for manager, rep, why in asked:
        theirs = _accounts(tx, scene, "by hand", rep).filter(pl.col("runner_up").is_not_null())
        account, to = theirs.select("account_id", "runner_up").row(0)
        who = scene.acting(tx, manager, scene.at - timedelta(minutes=3))
        made = proposals.propose(tx, scene.plans["by hand"], {account: to}, why, **who)
        comments.comment(tx, "proposal", made.proposal_id, "I have talked to both of them.", **who)


def _asked(scene: Scene, tx: Connection) -> None:
    """A manager asks for an exception, and a rep for more time on a deal held over."""
    account = _accounts(tx, scene, "field", "P107").head(1)["account_id"][0]
    exceptions.request(
        tx,
        account,
        "P108",
        kind="expansion",
        reason="Columbus knows their new head of purchasing",
        starts=scene.day(3),
        expires=scene.day(90),
        **scene.acting(tx, "M01", scene.at - timedelta(minutes=2)),
    )
    who = scene.acting(tx, ADMIN, scene.at - timedelta(minutes=2))
    held = holdovers.holdovers(tx, on=scene.at, **who).rows
    for one in held[:1]:
        who = scene.acting(tx, one.person_id, scene.at - timedelta(minutes=2))
        until = one.expires + timedelta(days=30)
        holdovers.ask_extension(tx, one.opportunity_id, until=until, why="They sign next month", **who)


def _accounts(tx: Connection, scene: Scene, plan: str, person_id: str) -> pl.DataFrame:
    """What a plan gives to somebody, the lightest first."""
    state = plans.state(tx, scene.plans[plan], **scene.acting(tx, ADMIN, scene.at))
    order = [f"measure_{name}" for name in state.measures]
    return state.assignments.filter(pl.col("person") == person_id).sort(*order, "account_id", nulls_last=True)
