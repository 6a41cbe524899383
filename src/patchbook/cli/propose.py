"""`patchbook propose`: ask for accounts of a draft to move, after seeing what that does to the balance."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json
from patchbook.cli.plan.edit import Accounts
from patchbook.cli.record import Acting, AsJson, Data, Revision, Why, reading, writing


@app.command(rich_help_panel=TOGETHER)
def propose(
    plan: Plan,
    accounts: Accounts,
    to: Annotated[str, typer.Option("--to", metavar="TERRITORY", help="The territory of the plan they go to.")],
    why: Why = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Only say what it would do to the balance; send nothing.")
    ] = False,
    revision: Revision = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Propose to move accounts to another territory of a draft, with the effect on every measure."""
    from patchbook.proposals import actions as proposals

    moves = dict.fromkeys(accounts, to)
    if preview:
        with reading(data, acting) as (tx, who):
            seen = proposals.effect_of(tx, plan_named(tx, plan, who).plan_id, moves, **who)
        if as_json:
            say_json(seen)
            return
        typer.echo(seen.effect.says)
        for refusal in seen.refusals:
            typer.echo(f"• {refusal.says}")
        return
    with writing(data, acting) as (tx, who):
        made = proposals.propose(tx, plan_named(tx, plan, who).plan_id, moves, why, revision=revision, **who)
    if as_json:
        say_json(made)
        return
    typer.echo(f"Proposed as {made.proposal_id}. {made.effect.says}")
    for warning in made.warnings:
        typer.echo(f"• {warning}")
