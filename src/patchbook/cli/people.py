"""`patchbook people`: who is in the record."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import PEOPLE, app
from patchbook.cli.output import say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, On, reading


@app.command(rich_help_panel=PEOPLE)
def people(
    search: Annotated[str | None, typer.Argument(metavar="TEXT", help="Part of a name, an id or an address.")] = None,
    on: On = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List people you may see, with their manager and employment."""
    from patchbook.people import actions

    with reading(data, acting) as (tx, who):
        page = actions.people(tx, search=search, on=on, after=after, limit=limit, **who)
    say_page(
        page,
        ("person", "name", "role", "segment", "manager", "employed"),
        lambda one: (
            one.person_id, one.name, one.role, one.segment, one.manager_id, [period.says for period in one.employed],
        ),
        empty="There is nobody; bring people in with `patchbook import people FILE`.",
        as_json=as_json,
    )  # fmt: skip
