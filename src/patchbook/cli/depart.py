"""`patchbook depart`: somebody leaves for good, and every account of theirs stays covered."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import PEOPLE, app
from patchbook.cli.named import Person
from patchbook.cli.record import Acting, AsJson, Data, writing
from patchbook.cli.said import From, Interim, Preview, ReplaceBy, SplitUp, handover, say_change, territory_names


@app.command(rich_help_panel=PEOPLE)
def depart(
    person: Person,
    on: From,
    replace_by: ReplaceBy = None,
    split: SplitUp = False,
    interim: Interim = None,
    overrides_to: Annotated[
        str | None,
        typer.Option("--exceptions-to", metavar="PERSON", help="Who gets accounts they hold by exception or holdover."),
    ] = None,
    reports_to: Annotated[
        str | None, typer.Option("--reports-to", metavar="PERSON", help="Whom their reports report to from then on.")
    ] = None,
    preview: Preview = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody leave on a day: their seats are taken over, split over the team, or left vacant with an interim."""
    from patchbook import changes

    with writing(data, acting) as (tx, who):
        change = changes.departure(
            tx,
            person,
            on=on,
            default=handover(replace_by, split, interim),
            overrides_to=overrides_to,
            reports_to=reports_to,
            preview=preview,
            **who,
        )
        names = territory_names(tx, who, on)
    say_change(change, as_json, names)
