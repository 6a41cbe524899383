"""`patchbook hire`: somebody fills a vacant seat on a date, or starts with a book taken off the neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import PEOPLE, app
from patchbook.cli.named import Person
from patchbook.cli.record import Acting, AsJson, Data, writing
from patchbook.cli.said import (
    From,
    KeepDeals,
    Preview,
    SeatRole,
    policy_of,
    say_change,
    seat_at,
    territory_named,
    territory_names,
)  # fmt: skip

if TYPE_CHECKING:
    from patchbook.people.person import Person as Newcomer


@app.command(rich_help_panel=PEOPLE)
def hire(
    person: Person,
    territory: Annotated[str, typer.Argument(metavar="TERRITORY", help="Whose vacant seat they fill, by name or id.")],
    on: From,
    name: Annotated[
        str | None, typer.Option("--name", help="Their name, where the record does not know them yet.")
    ] = None,
    email: Annotated[str | None, typer.Option("--email", help="Their e-mail address.")] = None,
    manager: Annotated[str | None, typer.Option("--manager", metavar="PERSON", help="Whom they report to.")] = None,
    role: SeatRole = "owner",
    below: Annotated[
        str | None,
        typer.Option(
            "--peel-below",
            metavar="PARENT",
            help="Make TERRITORY new below this one, with a starter book from its neighbours.",
        ),
    ] = None,
    share: Annotated[
        float, typer.Option("--share", min=0.0, max=1.0, help="How full a starter book is, beside the neighbours'.")
    ] = 1.0,
    keep_deals: KeepDeals = None,
    preview: Preview = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Let somebody begin on a day, in a vacant seat or with a new territory peeled off its neighbours."""
    from patchbook import changes

    newcomer = _newcomer(person, name, email, manager)
    with writing(data, acting) as (tx, who):
        if below is None:
            seat_id = seat_at(tx, territory, role, who, on)
            change = changes.hire(tx, newcomer, seat_id, on=on, preview=preview, **who)
        else:
            parent_id = territory_named(tx, below, who, on)
            change = changes.peel(
                tx,
                newcomer,
                name=territory,
                parent_id=parent_id,
                on=on,
                share=share,
                policy=policy_of(keep_deals),
                preview=preview,
                **who,
            )
        names = territory_names(tx, who, on)
    say_change(change, as_json, names)


def _newcomer(person: str, name: str | None, email: str | None, manager: str | None) -> str | Newcomer:
    from patchbook.people.person import Person as Newcomer

    if name is None:
        return person
    return Newcomer(person_id=person, name=name, email=email, manager_id=manager)
