"""`patchbook engagement deals` and `choose`: the territories of opportunities."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, Why, reading, writing


@group.command()
def deals(
    review: Annotated[bool, typer.Option("--review", help="Only those that wait for somebody to choose.")] = False,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List opportunities with their territories, and why."""
    from patchbook.engagement import deals as territories
    from patchbook.engagement.deal import Status

    status = Status.REVIEW if review else None
    with reading(data, acting) as (tx, who):
        page = territories.deals(tx, status=status, after=after, limit=limit, **who)
    say_page(
        page,
        ("opportunity", "territory", "status", "because"),
        lambda one: (one.opportunity_id, one.territory_id, one.status, one.because),
        empty="No opportunity waits for somebody." if review else "No opportunity has a territory yet.",
        as_json=as_json,
    )


@group.command()
def choose(
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="The opportunity's id.")],
    territory: Annotated[str, typer.Argument(metavar="TERRITORY", help="Name or id of the territory that gets it.")],
    why: Why,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Choose the territory of an opportunity that several rules take."""
    from patchbook.engagement import deals as territories

    with writing(data, acting) as (tx, who):
        done = territories.choose(tx, opportunity, territory, why, **who)
    if as_json:
        say_json(done)
    else:
        typer.echo(f"{opportunity} belongs to {done.territory_id}.")
