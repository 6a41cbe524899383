"""`patchbook plan compare | diff`: scenarios beside each other, and what differs between two plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json, say_table
from patchbook.cli.plan.group import group
from patchbook.cli.record import Acting, AsJson, Data, reading
from patchbook.words import counted

if TYPE_CHECKING:
    from patchbook.plans.scenario import Scenario

MOST_REPS = 5
"""Reps told of for each scenario; --json has all."""


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
    sides = found.scenarios
    say_table(("", *(one.name for one in sides)), list(_rows(sides)))
    for one in sides:
        for rep in one.disruption[:MOST_REPS]:
            typer.echo(
                f"{one.name}: {rep.person} keeps {counted(rep.keeps, 'account')},"
                f" loses {rep.loses:,}, gains {rep.gains:,}."
            )


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
        found = difference(tx, plan_named(tx, first, who).plan_id, plan_named(tx, second, who).plan_id, **who)
    if as_json:
        say_json(found)
        return
    for sentence in found.says:
        typer.echo(sentence)
    if found.is_empty:
        typer.echo("The two plans mean the same.")


def _rows(sides: Sequence[Scenario]) -> Iterator[tuple[object, ...]]:
    yield "status", *(one.status for one in sides)
    yield "accounts", *(one.accounts for one in sides)
    yield "territories", *(one.territories for one in sides)
    for number, spread in enumerate(sides[0].spreads):
        yield f"{spread.measure}, total", *(one.spreads[number].total for one in sides)
        yield (
            f"{spread.measure}, furthest off target",
            *(_share(one.spreads[number].largest_deviation) for one in sides),
        )
    yield "accounts without an owner", *(one.accounts_without_owner for one in sides)
    yield "vacant seats", *(one.vacant_seats for one in sides)
    yield "accounts that change owner", *(one.moved for one in sides)
    yield "seats", *(one.seats for one in sides)
    yield "cost a year, USD", *(one.cost_usd for one in sides)


def _share(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.1f} %"
