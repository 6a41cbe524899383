"""`patchbook proposals`: what was proposed, and what came of it."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.named import plan_named, plan_names
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading


@app.command(rich_help_panel=TOGETHER)
def proposals(
    plan: Annotated[str | None, typer.Argument(metavar="PLAN", help="Only those for this plan, by name or id.")] = None,
    status: Annotated[
        str | None, typer.Option("--status", help="Only these: open, accepted, rejected or withdrawn.")
    ] = None,
    ids: Annotated[bool, typer.Option("--ids", help="Print only their ids, one a line.")] = False,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List proposals you may see."""
    from patchbook.proposals import actions
    from patchbook.proposals.proposal import Status

    with reading(data, acting) as (tx, who):
        page = actions.proposals(
            tx,
            plan_id=plan and plan_named(tx, plan, who).plan_id,
            status=None if status is None else Status(status),
            after=after,
            limit=limit,
            **who,
        )
        plans = plan_names(tx, (one.plan_id for one in page.rows), who)
    if as_json:
        say_json(page)
        return
    if ids:
        for one in page.rows:
            typer.echo(one.proposal_id)
        return
    say_page(
        page,
        ("proposal", "plan", "status", "accounts", "why", "by", "at"),
        lambda one: (
            one.proposal_id, plans.get(one.plan_id, one.plan_id), one.status, len(one.moves), one.why, one.made_by,
            one.made_at,
        ),
        empty="There is no proposal.",
    )  # fmt: skip
