"""`patchbook territories`: the tree on a day, and who has each seat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import PEOPLE, app
from patchbook.cli.output import say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, On, reading
from patchbook.cli.said import territory_named

if TYPE_CHECKING:
    from patchbook.territories.territory import Node


@app.command(rich_help_panel=PEOPLE)
def territories(
    territory: Annotated[
        str | None, typer.Argument(metavar="TERRITORY", help="Only this one, by name or id, with its seats.")
    ] = None,
    on: On = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Show the tree of territories on a day, or the seats of one and who fills them."""
    from patchbook.territories import actions
    from patchbook.territories.seats import seats

    with reading(data, acting) as (tx, who):
        day = on or who["at"]
        if territory is None:
            nodes = actions.tree(tx, on=day, **who)
        else:
            staffed = seats(tx, territory_named(tx, territory, who, day), on=day, **who)
    if as_json:
        say_json({"territories": nodes} if territory is None else {"seats": staffed})
    elif territory is not None:
        say_table(
            ("seat", "role", "filled by", "since", "until", "reason"),
            [
                (one.seat.seat_id, one.seat.role, str(one.filler), one.valid.start, one.valid.end, one.reason)
                for one in staffed
            ],
        )
    elif nodes:
        _say_tree(nodes)
    else:
        typer.echo("There is no territory on that day; publish a plan to make some.")


def _say_tree(nodes: tuple[Node, ...]) -> None:
    say_table(
        ("territory", "id", "kind", "since"),
        [
            (
                f"{'  ' * node.depth}{node.territory.name}",
                node.territory.territory_id,
                node.territory.kind,
                node.territory.valid.start,
            )
            for node in nodes
        ],
    )
