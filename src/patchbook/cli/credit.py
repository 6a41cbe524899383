"""`patchbook credit`: who gets how much of what an account or an opportunity brings."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import ANSWERS, app
from patchbook.cli.output import say_json, say_table
from patchbook.cli.record import Acting, AsJson, AsKnownOn, Data, On, reading
from patchbook.errors import BadInput


class NothingToCredit(BadInput):
    """Neither an account nor an opportunity was named, or both."""


@app.command(rich_help_panel=ANSWERS)
def credit(
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT", help="The account's id.")] = None,
    opportunity: Annotated[
        str | None, typer.Option("--opportunity", metavar="ID", help="An opportunity instead of an account.")
    ] = None,
    on: On = None,
    as_known_on: AsKnownOn = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Say who gets credit, role by role: splits, overlays and holdovers, each with its reason."""
    from patchbook.ledger import actions as ledger

    if (account is None) == (opportunity is None):
        raise NothingToCredit("Name an account, or an opportunity with --opportunity; one of the two.")
    with reading(data, acting) as (tx, who):
        shares = ledger.credit(
            tx, account_id=account, opportunity_id=opportunity, on=on or who["at"], as_known_on=as_known_on, **who
        )
    if as_json:
        say_json(shares)
    elif shares:
        say_table(
            ("who", "role", "percent", "because"),
            [(one.person_id or one.pool_id or "nobody", one.role, one.percent, one.because) for one in shares],
        )
    else:
        typer.echo("Nobody gets credit then.")
