"""Who gets a lead, and why. Pure: the company is asked through a `World`, the time is an argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from patchbook.routing.decision import QUEUE, Decision, Outcome, Step
from patchbook.routing.lead import Lead
from patchbook.routing.question import World
from patchbook.routing.route import Route, Routing
from patchbook.routing.stages import ByTerritory, Case, Match, Owner

DEFAULT = Routing(routes=(Route(name="default", stages=(Match(), Owner(), ByTerritory())),))
"""What holds without a routing document: the account's owner, then the territory, then the queue."""


def decide(lead: Lead, routing: Routing, world: World, *, at: datetime) -> Decision:
    """
    The routing answer for one lead: the first stage that finds somebody decides, and after the last comes the queue.

    Parameters
    ----------
    lead
        What came in.
    routing
        Routes, pools, caps.
    world
        Who knows the company at `at`.
    at
        The time it is.
    """
    route = routing.route_of(lead)
    if route is None:
        step = Step(stage=QUEUE, outcome=Outcome.TOOK, says="No route takes it, so it waits in the orphan queue.")
        return Decision(lead_id=lead.lead_id, at=at, route="", stage=QUEUE, steps=(step,))
    case = Case(lead=lead, at=at, route=route, routing=routing, world=world)
    steps: list[Step] = []
    holds_until: datetime | None = None
    for stage in route.stages:
        result = stage.decide(case)
        account = result.account or case.account
        case = replace(case, account=account, skipped=case.skipped + result.skipped)
        if result.person_id is not None:
            steps.append(Step(stage=stage.key, outcome=Outcome.TOOK, says=result.says))
            return Decision(
                lead_id=lead.lead_id,
                at=at,
                person_id=result.person_id,
                territory_id=result.territory_id,
                account_id=account.account_id if account is not None else None,
                route=route.name,
                stage=stage.key,
                steps=tuple(steps),
                skipped=case.skipped,
                turns=result.turns,
            )
        steps.append(Step(stage=stage.key, outcome=Outcome.PASSED, says=result.says))
        if result.ends:
            holds_until = result.holds_until
            break
    steps.append(Step(stage=QUEUE, outcome=Outcome.TOOK, says="It waits in the orphan queue."))
    return Decision(
        lead_id=lead.lead_id,
        at=at,
        account_id=case.account.account_id if case.account is not None else None,
        route=route.name,
        stage=QUEUE,
        steps=tuple(steps),
        skipped=case.skipped,
        holds_until=holds_until,
    )
