"""`patchbook transfer | promote | reorganise`: people and territories move to another place on a date."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import PEOPLE, app
from patchbook.cli.named import Person
from patchbook.cli.record import Acting, AsJson, Data, writing
from patchbook.cli.said import (
    From,
    Interim,
    KeepDeals,
    Preview,
    ReplaceBy,
    SeatRole,
    SplitUp,
    handover,
    policy_of,
    say_change,
    seat_at,
    territory_named,
    territory_names,
)  # fmt: skip


@app.command(rich_help_panel=PEOPLE)
def transfer(
    person: Person,
    left: Annotated[str, typer.Option("--from", metavar="TERRITORY", help="The territory they leave, by name or id.")],
    to: Annotated[str, typer.Option("--to", metavar="TERRITORY", help="The territory they go to.")],
    on: From,
    role: SeatRole = "owner",
    replace_by: ReplaceBy = None,
    split: SplitUp = False,
    interim: Interim = None,
    keep_deals: KeepDeals = None,
    preview: Preview = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Move somebody to the seat of another territory; the one they leave is handed over."""
    from patchbook import changes

    with writing(data, acting) as (tx, who):
        change = changes.transfer(
            tx,
            person,
            from_seat_id=seat_at(tx, left, role, who, on),
            to_seat_id=seat_at(tx, to, role, who, on),
            on=on,
            handover=handover(replace_by, split, interim),
            policy=policy_of(keep_deals),
            preview=preview,
            **who,
        )
        names = territory_names(tx, who, on)
    say_change(change, as_json, names)


@app.command(rich_help_panel=PEOPLE)
def promote(
    person: Person,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="What they are from then on, as in the people file.")],
    on: From,
    left: Annotated[
        str | None, typer.Option("--from", metavar="TERRITORY", help="The territory whose owner seat they leave.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="TERRITORY", help="The territory whose manager seat they take.")
    ] = None,
    replace_by: ReplaceBy = None,
    split: SplitUp = False,
    interim: Interim = None,
    keep_deals: KeepDeals = None,
    preview: Preview = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Give somebody another role, and another seat where wanted."""
    from patchbook import changes

    with writing(data, acting) as (tx, who):
        change = changes.promotion(
            tx,
            person,
            role=role,
            on=on,
            from_seat_id=None if left is None else seat_at(tx, left, "owner", who, on),
            to_seat_id=None if to is None else seat_at(tx, to, "manager", who, on),
            handover=handover(replace_by, split, interim),
            policy=policy_of(keep_deals),
            preview=preview,
            **who,
        )
        names = territory_names(tx, who, on)
    say_change(change, as_json, names)


@app.command(rich_help_panel=PEOPLE)
def reorganise(
    territory: Annotated[str, typer.Argument(metavar="TERRITORY", help="What moves, with all below it.")],
    below: Annotated[str, typer.Option("--below", metavar="TERRITORY", help="Under which territory it goes.")],
    on: From,
    reports_to: Annotated[
        str | None, typer.Option("--reports-to", metavar="PERSON", help="Whom its people report to from then on.")
    ] = None,
    preview: Preview = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Move a territory and everything below it under another one."""
    from patchbook import changes

    with writing(data, acting) as (tx, who):
        change = changes.reorganisation(
            tx,
            territory_named(tx, territory, who, on),
            territory_named(tx, below, who, on),
            on=on,
            reports_to=reports_to,
            preview=preview,
            **who,
        )
        names = territory_names(tx, who, on)
    say_change(change, as_json, names)
