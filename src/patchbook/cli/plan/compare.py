"""`patchbook plan compare | diff`: scenarios beside each other, and what differs between two plans."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json
from patchbook.cli.plan.group import group
from patchbook.cli.record import Acting, AsJson, Data, reading


@group.command()
def compare(
    plans: Annotated[list[str], typer.Argument(metavar="PLAN…", help="Names or ids of two or more plans.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Compare scenarios: balance, potential, workload, coverage, disruption and cost, side by side."""
    from patchbook.plans.scenario import compare as compare_scenarios

    with reading(data, acting) as (tx, who):
        found = compare_scenarios(tx, [plan_named(tx, plan, who).plan_id for plan in plans], **who)
    if as_json:
        say_json(found)
        return


@group.command()
def diff(
    first: Plan,
    second: Annotated[str, typer.Argument(metavar="OTHER", help="The other plan's name or id.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Say what differs between two plans: settings, layers, rules, territories, accounts, people."""
    from patchbook.plans.difference import difference

    with reading(data, acting) as (tx, who):
        found = difference(tx, *(plan_named(tx, plan, who).plan_id for plan in (first, second)), **who)
    if as_json:
        say_json(found)
        return
