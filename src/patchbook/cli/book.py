"""`patchbook book`: every account somebody has on a date."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import ANSWERS, app
from patchbook.cli.output import say_json, say_page
from patchbook.cli.owner import InRole
from patchbook.cli.record import Acting, After, AsJson, AsKnownOn, Data, Limit, On, reading


@app.command(rich_help_panel=ANSWERS)
def book(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")],
    on: On = None,
    as_known_on: AsKnownOn = None,
    role: InRole = "owner",
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List the accounts of a person: theirs, those they keep for a while, and those they cover for somebody."""
    from patchbook.ledger import actions as ledger

    with reading(data, acting) as (tx, who):
        page = ledger.book(
            tx, person, role=role, on=on or who["at"], as_known_on=as_known_on, after=after, limit=limit, **who
        )
    if as_json:
        say_json(page)
        return
    say_page(
        page,
        ("account", "territory", "because", "acting for", "acted by", "since", "until"),
        lambda row: (
            row.account_id, row.territory, row.because, row.acting_for, row.acting_id, row.since, row.until,
        ),
        empty=f"{person} has no account then.",
    )  # fmt: skip
