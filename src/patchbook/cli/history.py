"""`patchbook history`: every owner an account ever had."""

from __future__ import annotations

import typer

from patchbook.cli.app import ANSWERS, app
from patchbook.cli.output import cell, say_json, say_page
from patchbook.cli.owner import Account
from patchbook.cli.record import Acting, After, AsJson, AsKnownOn, Data, Limit, reading


@app.command(rich_help_panel=ANSWERS)
def history(
    account: Account,
    as_known_on: AsKnownOn = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List who had an account from when to when, oldest first, with the reasons."""
    from patchbook.ledger import actions as ledger

    with reading(data, acting) as (tx, who):
        page = ledger.history(tx, account, as_known_on=as_known_on, after=after, limit=limit, **who)
    if as_json:
        say_json(page)
        return
    say_page(
        page,
        ("from", "to", "owner", "acting", "territory"),
        lambda row: (row.period.start, row.period.end, row.person or row.pool or "nobody", row.acting, row.territory),
        empty=f"The record has no owner of {account}.",
    )
    for row in page.rows:
        typer.echo(f"From {cell(row.period.start)}:")
        for step in row.chain:
            typer.echo(f"• {step.says}")
