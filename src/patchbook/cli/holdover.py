"""`patchbook holdover …`: deals that stay with who had them although their account moved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from patchbook.cli.app import PUBLISHING, app
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, On, reading, writing
from patchbook.period import instant

group = typer.Typer(name="holdover", help="Deals that stay with who had them for a while.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=PUBLISHING)


@group.command("list")
def list_holdovers(
    on: On = None, limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the holdovers in force on a day."""
    from patchbook.holdovers import actions as holdovers

    with reading(data, acting) as (tx, who):
        page = holdovers.holdovers(tx, on=on or who["at"], after=after, limit=limit, **who)
    say_page(
        page,
        ("opportunity", "account", "person", "from", "until", "amount, USD"),
        lambda one: (one.opportunity_id, one.account_id, one.person_id, one.starts, one.expires, one.amount_usd),
        empty="No deal is held over then.",
        as_json=as_json,
    )


@group.command()
def extend(
    opportunity: Annotated[str, typer.Argument(metavar="OPPORTUNITY", help="The opportunity's id.")],
    until: Annotated[datetime, typer.Option("--until", metavar="DATE", parser=instant, help="The new end.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; whoever decides reads it.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Ask for more time."""
    from patchbook.holdovers import actions as holdovers

    with writing(data, acting) as (tx, who):
        asked = holdovers.ask_extension(tx, opportunity, until=until, why=why, **who)
    if as_json:
        say_json(asked)
    else:
        typer.echo(f"Asked as {asked.extension_id}.")


@group.command()
def decide(
    extension: Annotated[str, typer.Argument(metavar="EXTENSION", help="The id of the request.")],
    grant: Annotated[bool, typer.Option("--grant/--refuse", help="Give the time, or do not.")],
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="A word to go with it.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Answer a request for more time."""
    from patchbook.holdovers import actions as holdovers

    with writing(data, acting) as (tx, who):
        decided = holdovers.decide_extension(tx, extension, grant=grant, comment=comment, **who)
    if as_json:
        say_json(decided)
    else:
        typer.echo(f"{extension} is {'granted' if decided.is_granted else 'refused'}.")
