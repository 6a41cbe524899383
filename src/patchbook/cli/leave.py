"""`patchbook leave`: somebody is away, and somebody else acts for them until they are back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from patchbook.cli.app import PEOPLE, app
from patchbook.cli.named import Person
from patchbook.cli.record import Acting, AsJson, Data, writing
from patchbook.cli.said import Preview, say_change, territory_names
from patchbook.errors import BadInput
from patchbook.period import Period, instant


class UnclearLeave(BadInput):
    """A leave lacks its days or a cover, or is to begin and to end in one command."""


@app.command(rich_help_panel=PEOPLE)
def leave(
    person: Person,
    cover: Annotated[str | None, typer.Option("--cover", metavar="PERSON", help="Who acts for them.")] = None,
    starts: Annotated[
        datetime | None, typer.Option("--from", metavar="DATE", parser=instant, help="The first day away.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar="DATE", parser=instant, help="The first day back.")
    ] = None,
    back: Annotated[
        datetime | None, typer.Option("--back", metavar="DATE", parser=instant, help="End a leave early, on this day.")
    ] = None,
    preview: Preview = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Put somebody on leave: one fact, whatever the number of accounts; it ends by itself."""
    from patchbook import changes

    if back is not None:
        if cover or starts or until:
            raise UnclearLeave("--back ends a leave; it stands without --cover, --from and --until.")
        with writing(data, acting) as (tx, who):
            change = changes.come_back(tx, person, on=back, preview=preview, **who)
            names = territory_names(tx, who, back)
    else:
        if cover is None or starts is None or until is None:
            raise UnclearLeave("A leave needs --cover, --from and --until; --back ends one.")
        with writing(data, acting) as (tx, who):
            change = changes.leave(tx, person, cover, period=Period(starts, until), preview=preview, **who)
            names = territory_names(tx, who, starts)
    say_change(change, as_json, names)
