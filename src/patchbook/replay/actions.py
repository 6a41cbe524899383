"""Replay the past through a plan and its routing: who would have had what, when, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from patchbook.imports import store as imports
from patchbook.leads.company import read_company, stamp_of
from patchbook.leads.compiled import finder_of, held_at, placer_of
from patchbook.leads.document import loads
from patchbook.leads.knowledge import document_in, routing_of
from patchbook.people.permission import Deed, allow
from patchbook.people.principal import Principal
from patchbook.period import BEGINNING, FOREVER, told
from patchbook.plans import state as plan_state
from patchbook.plans import store as plans
from patchbook.plans.state import PlanState
from patchbook.replay import store
from patchbook.replay.past import NothingHappened, Past, in_order
from patchbook.replay.replayed import Answer, Replayed, shown
from patchbook.replay.world import ReplayWorld, Under
from patchbook.routing.calendars import Calendars
from patchbook.routing.decide import decide

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


class NoPlanHolds(NothingHappened):
    """No plan is named, and none is published that holds now."""


def replay(
    tx: Connection,
    plan_id: str | None = None,
    *,
    since: datetime = BEGINNING,
    until: datetime = FOREVER,
    past: Iterable[Past] | None = None,
    routing: str | None = None,
    progress: Progress = lambda done, of: None,
    by: Principal,
    at: datetime,
) -> Replayed:
    """
    Decide about the leads and deals of the past, in the order they came, as if this plan and routing had held.

    Nothing is drawn by lot, so the same past, plan and routing always give the same answer.

    Parameters
    ----------
    plan_id
        A plan that has been carved, published or not; the one that holds now without it.
    past
        What came in; without it the leads of the record and the deals imported, from `since` until `until`.
    routing
        The text of a routing document to try; the one in force without it.

    Raises
    ------
    NothingHappened
        Nothing came in within that time.
    """
    allow(tx, by, Deed.EDIT_PLAN, at=at)
    held = held_at(tx, at)
    plan_id = plan_id or held.plan_id
    if plan_id is None:
        raise NoPlanHolds("No plan is published that holds now; name one that has been carved.")
    plans.get(tx, plan_id, by=by, at=at)
    found = [*store.leads(tx, since, until), *store.deals(tx, since, until)] if past is None else list(past)
    found = [one for one in in_order(found) if since <= one.lead.received_at < until]
    if not found:
        start = f" from {told(since)} on" if since > BEGINNING else ""
        end = f" until {told(until)}" if until < FOREVER else ""
        instead = "name another period" if past is not None else "import some, or name a file of leads"
        raise NothingHappened(f"No lead came in and no deal was opened{start}{end}; {instead}.")
    document = document_in(tx) if routing is None else loads(routing)
    rules = routing_of(document)
    state = plan_state.state(tx, plan_id)
    under = Under(
        owners={account: (person, territory) for account, person, territory in _assigned(state)},
        holders=dict(state.territories.select("territory", "person").iter_rows()),
        places=placer_of(tx, plan_id),
        finds=finder_of(tx, held.snapshot_id),
        free_mail=rules.free_mail,
    )
    company = read_company(tx, stamp_of(tx), known=None, at=found[0].lead.received_at)
    world = ReplayWorld(tx, under, company, document.sections["calendars"] or Calendars())
    answers = []
    for number, one in enumerate(found):
        world.at, world.account_id = one.lead.received_at, one.account_id
        decision = decide(one.lead, rules, world, at=one.lead.received_at)
        world.keep(one, decision)
        works_at = None if decision.person_id is None else world.works_at(decision.person_id, decision.at)
        answers.append(Answer(past=one, decision=decision, territory=decision.territory_id, works_at=works_at))
        progress(number + 1, len(found))
    return shown(answers)


def with_people(tx: Connection, past: Iterable[Past]) -> list[Past]:
    """The same past with owners by their ids, where a file calls them by id, name or address."""
    found = list(past)
    called = imports.people_called(tx, sorted({one.person_id for one in found if one.person_id is not None}))
    return [
        one if one.person_id is None else replace(one, person_id=called.get(one.person_id, one.person_id))
        for one in found
    ]


def _assigned(state: PlanState) -> Iterator[tuple[str, str | None, str]]:
    """Account, person and territory of all that the plan assigns."""
    assigned = state.assignments.filter(pl.col("territory").is_not_null())
    return assigned.select("account_id", "person", "territory").iter_rows()
