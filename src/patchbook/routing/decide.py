"""Who gets a lead, and why. Pure: the company is asked through a `World`, the time is an argument."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from patchbook.routing.decision import QUEUE, Decision, Outcome, Step, TurnTaken
from patchbook.routing.giving import counted_turn
from patchbook.routing.lead import Lead
from patchbook.routing.question import Once, World
from patchbook.routing.route import Route, Routing
from patchbook.routing.stages import ByTerritory, Case, Match, Owner, Pool, Result

DEFAULT = Routing(routes=(Route(name="default", stages=(Match(), Owner(), ByTerritory())),))
"""What holds without a routing document: the account's owner, then the territory, then the queue."""


def decide(lead: Lead, routing: Routing, world: World, *, at: datetime) -> Decision:
    """
    The routing answer for one lead: the first stage that finds somebody decides, and after the last comes the queue.

    The same lead, routing, answers of the world and time give the same decision, to the letter. The turns it took are
    in the decision with the counters after them; whoever keeps those and asks again decides many leads as one by one.

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
    case = Case(lead=lead, at=at, route=route, routing=routing, world=Once(world))
    steps: list[Step] = []
    territory_id: str | None = None
    for stage in route.stages:
        result = stage.decide(case)
        territory_id = result.territory_id or territory_id
        case = replace(
            case,
            account=result.account or case.account,
            skipped=tuple(dict.fromkeys((*case.skipped, *result.skipped))),
        )
        took = result.person_id is not None
        steps.append(Step(stage=stage.key, outcome=Outcome.TOOK if took else Outcome.PASSED, says=result.says))
        if took or result.ends:
            break
    else:
        result = Result(says="")
    if result.person_id is None:
        until = " until somebody works again" if result.holds_until is not None else ""
        says = f"Nobody could be given it, so it waits in the orphan queue{until}."
        steps.append(Step(stage=QUEUE, outcome=Outcome.TOOK, says=says))
    return Decision(
        lead_id=lead.lead_id,
        at=at,
        person_id=result.person_id,
        territory_id=territory_id,
        account_id=case.account.account_id if case.account is not None else None,
        route=route.name,
        stage=steps[-1].stage,
        steps=tuple(steps),
        skipped=case.skipped,
        turns=result.turns + _counted(case, result),
        holds_until=result.holds_until,
    )


def _counted(case: Case, result: Result) -> tuple[TurnTaken, ...]:
    """Turns of the route's pools that the decision counts as, though no pool decided."""
    if result.person_id is None or not result.counts_as or result.turns:
        return ()
    pools = dict.fromkeys(stage.pool for stage in case.route.stages if isinstance(stage, Pool))
    found = (counted_turn(case.routing, case.world, pool, result.person_id, result.counts_as) for pool in pools)
    return tuple(turn for turn in found if turn is not None)
