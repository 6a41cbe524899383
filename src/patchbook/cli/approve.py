"""`patchbook approve | reject`: answer a plan in review, or a proposal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.named import plan_named
from patchbook.cli.output import say_json
from patchbook.cli.record import Acting, AsJson, Data, writing

What = Annotated[str, typer.Argument(metavar="PLAN|PROPOSAL", help="A plan by name or id, or the id of a proposal.")]
Step = Annotated[str | None, typer.Option("--step", metavar="ID", help="Which step of the review, where several wait.")]


@app.command(rich_help_panel=TOGETHER)
def approve(
    what: What,
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="A word to go with it.")] = None,
    overrule: Annotated[
        str | None, typer.Option("--overrule", metavar="WHY", help="Accept although a guardrail refuses.")
    ] = None,
    step: Step = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Approve your part of a plan in review, or accept a proposal, whose moves become edits."""
    _answer(what, "accept", comment, overrule, step, data, acting, as_json)


@app.command(rich_help_panel=TOGETHER)
def reject(
    what: What,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="Why; whoever asked reads it.")],
    step: Step = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Send a plan back to its planner, or reject a proposal."""
    _answer(what, "reject", comment, None, step, data, acting, as_json)


def _answer(
    what: str, verdict: Literal["accept", "reject"], comment: str | None, overrule: str | None, step: str | None,
    data: Path | None, acting: str | None, as_json: bool,
) -> None:  # fmt: skip
    from patchbook.approvals import actions as approvals
    from patchbook.plans import actions as plans
    from patchbook.proposals import actions as proposals

    told: Any
    with writing(data, acting) as (tx, who):
        if what.startswith("proposal-"):
            decided = proposals.decide(tx, what, verdict, comment, overrule=overrule, **who)
            told, sentence = decided, f"{what} is {decided.status}."
        else:
            plan_id = plan_named(tx, what, who).plan_id
            deed = approvals.approve if verdict == "accept" else approvals.reject
            review = deed(tx, plan_id, step_id=step, comment=comment, **who)
            plan = plans.get(tx, plan_id, **who)
            told, sentence = {"plan": plan, "review": review}, f"{plan.name} is {plan.status}."
    if as_json:
        say_json(told)
    else:
        typer.echo(sentence)
