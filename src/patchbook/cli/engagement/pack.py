"""`patchbook engagement pack`: what a new owner of an account needs to know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json
from patchbook.cli.owner import Account
from patchbook.cli.record import Acting, AsJson, Data, reading


@group.command()
def pack(
    account: Account,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write it there as a table instead of printing it.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Print what whoever takes over an account needs to know: deals, partners, warnings, what was done."""
    from patchbook.accounts.csv_out import write_csv
    from patchbook.engagement import transition

    with reading(data, acting) as (tx, who):
        found = transition.pack(tx, account, **who)
    if csv is not None:
        write_csv(found.table, csv)
    if as_json:
        say_json(found)
    elif csv is None:
        typer.echo(found.markdown)
    else:
        typer.echo(f"{len(found.lines)} lines are in {csv}.")
