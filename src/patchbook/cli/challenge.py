"""`patchbook challenge …`: reps see their coming books, and ask for accounts to be kept, dropped or added."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading, writing
from patchbook.period import instant

if TYPE_CHECKING:
    from patchbook.challenges.challenge import Challenge

group = typer.Typer(name="challenge", help="Let reps challenge a coming plan, and answer them.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=TOGETHER)

ChallengeId = Annotated[str, typer.Argument(metavar="CHALLENGE", help="The challenge's id.")]


@group.command("open")
def open_window(
    plan: Plan,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar="DATE", parser=instant, help="The end; else as set.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Open a plan to challenges: every rep may see their own coming book until then."""
    from patchbook.challenges import actions as challenges
    from patchbook.plans import actions as plans

    with writing(data, acting) as (tx, who):
        found = plan_named(tx, plan, who)
        challenges.open_window(tx, found.plan_id, until, **who)
        opened = plans.get(tx, found.plan_id, **who)
    if as_json:
        say_json(opened)
    else:
        typer.echo(f"{opened.name} is open to challenges until {opened.open_to_challenges_until:%Y-%m-%d}.")


@group.command()
def book(
    plan: Plan, limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the accounts you would have under a plan that is open to challenges."""
    from patchbook.challenges import actions as challenges

    with reading(data, acting) as (tx, who):
        page = challenges.preview(tx, plan_named(tx, plan, who).plan_id, after=after, limit=limit, **who)
    say_page(
        page,
        ("account", "territory", "change"),
        lambda one: (one.account_id, one.territory, one.change),
        empty="You would have no account.",
        as_json=as_json,
    )


@group.command()
def file(
    plan: Plan,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id.")],
    ask: Annotated[str, typer.Option("--ask", help="keep, drop or add.")],
    reason: Annotated[
        str, typer.Option("--reason", help="relationship, open_deal, wrong_data, geography, conflict or other.")
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What the manager should know.")] = "",
    wanted: Annotated[
        str | None, typer.Option("--wanted", metavar="TERRITORY", help="The territory it should be in.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Ask for an account to be kept, dropped or added."""
    from patchbook.challenges import actions as challenges

    with writing(data, acting) as (tx, who):
        made = challenges.challenge(
            tx, plan_named(tx, plan, who).plan_id, account, ask, reason, note, wanted=wanted, **who
        )
    _say(made, as_json)


@group.command()
def accept(
    challenge: ChallengeId,
    outcome: Annotated[str | None, typer.Option("--outcome", metavar="TEXT", help="A word to the rep.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="TERRITORY", help="Where the account goes instead.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Grant a challenge; it becomes an edit of the plan."""
    from patchbook.challenges import actions as challenges

    with writing(data, acting) as (tx, who):
        decided = challenges.decide(tx, challenge, "accept", outcome, to=to, **who)
    _say(decided, as_json)


@group.command("reject")
def turn_down(
    challenge: ChallengeId,
    outcome: Annotated[str, typer.Option("--outcome", metavar="TEXT", help="Why; the rep reads it.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Refuse a challenge, and say why."""
    from patchbook.challenges import actions as challenges

    with writing(data, acting) as (tx, who):
        decided = challenges.decide(tx, challenge, "reject", outcome, **who)
    _say(decided, as_json)


@group.command("list")
def list_challenges(
    plan: Annotated[str | None, typer.Argument(metavar="PLAN", help="Only those of this plan.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past the day they were due.")] = False,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List challenges you may see, and what came of them."""
    from patchbook.challenges import actions as challenges

    with reading(data, acting) as (tx, who):
        page = challenges.challenges(
            tx, plan_id=plan and plan_named(tx, plan, who).plan_id, overdue=overdue, after=after, limit=limit, **who
        )
    say_page(
        page,
        ("challenge", "account", "ask", "reason", "by", "due", "status", "outcome"),
        lambda one: (
            one.challenge_id, one.account_id, one.ask, one.reason_code, one.filed_by, one.due, one.status, one.outcome,
        ),
        empty="There is no challenge.",
        as_json=as_json,
    )  # fmt: skip


def _say(challenge: Challenge, as_json: bool) -> None:
    if as_json:
        say_json(challenge)
    else:
        typer.echo(f"{challenge.challenge_id} is {challenge.status}; it is due on {challenge.due:%Y-%m-%d}.")
