"""`patchbook engagement outreach` and `note`: who else is at an account, and what was done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json
from patchbook.cli.owner import Account
from patchbook.cli.record import Acting, AsJson, Data, reading, writing
from patchbook.period import instant

if TYPE_CHECKING:
    from patchbook.engagement.activity import Outreach


@group.command()
def outreach(account: Account, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Say who else is at an account, before you contact it."""
    from patchbook.engagement import outreach as contacts

    with reading(data, acting) as (tx, who):
        found = contacts.check(tx, account, **who)
    if as_json:
        say_json(found)
    else:
        _say(found)


@group.command()
def note(
    account: Account,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="call, mail, meeting, visit or other.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A word about it.")] = "",
    on: Annotated[
        datetime | None, typer.Option("--on", metavar="DATE", parser=instant, help="When it was; else now.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Note what you did about an account, which keeps it from going back."""
    from patchbook.engagement import outreach as contacts

    with writing(data, acting) as (tx, who):
        made, found = contacts.note(tx, account, kind, text, on=on, **who)
    if as_json:
        say_json({"activity": made, "outreach": found})
    else:
        typer.echo(f"Noted as {made.activity_id}.")
        _say(found)


def _say(found: Outreach) -> None:
    for warning in found.warnings:
        typer.echo(warning)
    if found.is_clear:
        typer.echo(f"Nobody else is at {found.account_id}.")
