"""`patchbook book`: every account somebody has on a date."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import ANSWERS, app
from patchbook.cli.named import account_names
from patchbook.cli.output import plain, say_json, say_page
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
        names = account_names(tx, [row.account_id for row in page.rows])
    if as_json:
        say_json(
            {
                "rows": [{**plain(row), "name": names.get(row.account_id)} for row in page.rows],
                "next_cursor": page.next_cursor,
            }
        )
        return
    say_page(
        page,
        ("account", "name", "territory", "because", "acting for", "acted by", "since", "until"),
        lambda row: (
            row.account_id, names.get(row.account_id), row.territory, row.because, row.acting_for, row.acting_id,
            row.since, row.until,
        ),
        empty=f"{person} has no account then.",
    )  # fmt: skip
