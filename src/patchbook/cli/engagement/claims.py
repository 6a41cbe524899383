"""`patchbook engagement claim` and the rest about accounts nobody works on."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.named import account_names
from patchbook.cli.output import say_json, say_page
from patchbook.cli.owner import Account
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, Why, reading, writing
from patchbook.cli.said import territory_names
from patchbook.period import told


@group.command()
def claimable(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List the accounts that may be claimed."""
    from patchbook.engagement import claiming

    with reading(data, acting) as (tx, who):
        page = claiming.claimable(tx, after=after, limit=limit, **who)
        called = {} if as_json else account_names(tx, [one.account_id for one in page.rows])
        territories = {} if as_json else territory_names(tx, who, who["at"])
    say_page(
        page,
        ("account", "name", "territory"),
        lambda one: (one.account_id, called.get(one.account_id), territories.get(one.territory_id, one.territory_id)),
        empty="No account may be claimed.",
        as_json=as_json,
    )


@group.command()
def claim(
    account: Account,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the record keeps it.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Take an account nobody works on, within the limits."""
    from patchbook.engagement import claiming

    with writing(data, acting) as (tx, who):
        made = claiming.claim(tx, account, reason, **who)
    if as_json:
        say_json(made)
    else:
        typer.echo(f"{account} is yours until {told(made.ends)}, as {made.claim_id}.")


@group.command("return")
def return_claim(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id.")],
    why: Why,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Give an account back that was claimed."""
    from patchbook.engagement import claiming

    with writing(data, acting) as (tx, who):
        done = claiming.give_back(tx, claim, why, **who)
    if as_json:
        say_json(done)
    else:
        typer.echo(f"{done.account_id} is given back.")


@group.command()
def claims(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List claims, the oldest first."""
    from patchbook.engagement import claiming

    with reading(data, acting) as (tx, who):
        page = claiming.claims(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("claim", "account", "person", "from", "until", "status"),
        lambda one: (one.claim_id, one.account_id, one.person_id, one.claimed_at, one.ends, one.status),
        empty="Nothing was claimed.",
        as_json=as_json,
    )


@group.command()
def warnings(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List accounts that go back for want of activity, and when."""
    from patchbook.engagement import timing_out

    with reading(data, acting) as (tx, who):
        page = timing_out.notices(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("account", "person", "idle since", "goes back on", "to"),
        lambda one: (one.account_id, one.person_id, one.idle_since, one.due_at, one.returns_to),
        empty="No account is about to go back.",
        as_json=as_json,
    )
