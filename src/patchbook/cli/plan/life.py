"""`patchbook plan start | clone | invite | submit | review | withdraw`: the steps a plan goes through."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json, say_table
from patchbook.cli.plan.group import group
from patchbook.cli.record import Acting, AsJson, Data, Revision, reading, text_of, writing
from patchbook.period import instant
from patchbook.words import counted

if TYPE_CHECKING:
    from patchbook.plans.life import RecordedPlan


@group.command()
def start(
    document: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="The plan file to begin with.")],
    name: Annotated[
        str | None, typer.Option("--name", help="What the plan is called, instead of as in the file.")
    ] = None,
    effective: Annotated[
        datetime | None, typer.Option("--effective", metavar="DATE", parser=instant, help="When it is meant to begin.")
    ] = None,
    confidential: Annotated[
        bool, typer.Option("--confidential", help="Only who is invited may see it, planners too.")
    ] = False,
    snapshot: Annotated[
        str | None,
        typer.Option("--snapshot", metavar="ID", help="The import of accounts to plan with; else the newest."),
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Start a draft in the record from a plan file and the lists it names."""
    from patchbook.plans import actions as plans
    from patchbook.plans.documents import files_named

    text = text_of(document)
    with writing(data, acting) as (tx, who):
        plan = plans.start(
            tx,
            name,
            text,
            files=files_named(text, document.parent),
            effective=effective and effective.date(),
            confidential=confidential,
            snapshot_id=snapshot,
            **who,
        )
    _say(plan, f"{plan.name} is started as {plan.plan_id}; carve it with: patchbook plan carve {plan.name!r}", as_json)


@group.command()
def clone(
    plan: Plan,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the scenario is called.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Copy a plan, with its carve and its edits, into a scenario to change and compare."""
    from patchbook.plans import actions as plans

    with writing(data, acting) as (tx, who):
        made = plans.clone(tx, plan_named(tx, plan, who).plan_id, name, **who)
    _say(made, f"{made.name} is a scenario of {plan}, as {made.plan_id}.", as_json)


@group.command()
def invite(
    plan: Plan,
    people: Annotated[list[str], typer.Argument(metavar="PERSON…", help="Ids of those who may see the draft.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Let people see a draft."""
    from patchbook.plans import actions as plans

    with writing(data, acting) as (tx, who):
        found = plan_named(tx, plan, who)
        plans.invite(tx, found.plan_id, people, **who)
    _say(found, f"{', '.join(people)} may see {found.name} now.", as_json)


@group.command()
def submit(
    plan: Plan, revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Send a draft to those who have to approve it."""
    from patchbook.plans import actions as plans

    with writing(data, acting) as (tx, who):
        sent = plans.submit(tx, plan_named(tx, plan, who).plan_id, revision=revision, **who)
    _say(sent, f"{sent.name} is {sent.status}; see who is asked with: patchbook plan review {sent.name!r}", as_json)


@group.command()
def review(plan: Plan, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Show who is asked about a submitted plan, level by level, and what they said."""
    from patchbook.approvals import actions as approvals

    with reading(data, acting) as (tx, who):
        found = approvals.review(tx, plan_named(tx, plan, who).plan_id, **who)
    if as_json:
        say_json(found)
        return
    typer.echo(f"{counted(found.moved, 'account')} would leave today's owner.")
    say_table(
        ("level", "asked", "accounts", "territories", "answer", "comment"),
        [
            (
                step.level,
                step.asks,
                step.accounts,
                len(step.territories),
                step.decision and step.decision.verdict,
                step.decision and step.decision.comment,
            )
            for step in found.steps
        ],
    )


@group.command()
def withdraw(
    plan: Plan, revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Give a plan up; it stays readable."""
    from patchbook.plans import actions as plans

    with writing(data, acting) as (tx, who):
        gone = plans.withdraw(tx, plan_named(tx, plan, who).plan_id, revision=revision, **who)
    _say(gone, f"{gone.name} is {gone.status}.", as_json)


def _say(plan: RecordedPlan, sentence: str, as_json: bool) -> None:
    if as_json:
        say_json(plan)
    else:
        typer.echo(sentence)
