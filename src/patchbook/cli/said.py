"""What a dated change of people came to, and how its seats are handed over: shared by the deeds that change people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.output import say_json
from patchbook.errors import BadInput, NotFound
from patchbook.period import instant
from patchbook.words import counted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from patchbook.changes.change import Change, Handover
    from patchbook.cli.record import Who
    from patchbook.holdovers.holdover import Policy

From = Annotated[datetime, typer.Option("--on", metavar="DATE", parser=instant, help="From when it holds.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only show what it would change; write nothing.")]
ReplaceBy = Annotated[
    str | None, typer.Option("--replace-by", metavar="PERSON", help="Who takes over the seats that come free.")
]
SplitUp = Annotated[bool, typer.Option("--split", help="Their accounts go to the rest of the team, by capacity.")]
Interim = Annotated[
    str | None,
    typer.Option("--interim", metavar="PERSON", help="Who looks after vacant seats; else who manages the territory."),
]
KeepDeals = Annotated[
    int | None,
    typer.Option("--keep-deals", min=1, metavar="DAYS", help="Open deals stay with who had them so long at most."),
]
SeatRole = Annotated[str, typer.Option("--role", help="Which seat of the territory: owner, sdr, csm, …")]


class TwoHandovers(BadInput):
    """The seats that come free are to go two ways at once."""


class NoSuchSeat(NotFound):
    """A territory has no seat of a role."""


def handover(replace_by: str | None, split: bool, interim: str | None) -> Handover:
    """How the seats of somebody who goes are handed over; they stay vacant where nothing is said."""
    from patchbook.changes.change import LeaveVacant, Replace, SplitOverTeam

    if sum((replace_by is not None, split, interim is not None)) > 1:
        raise TwoHandovers("Name one of --replace-by, --split and --interim; a seat is handed over in one way.")
    if replace_by is not None:
        return Replace(replace_by)
    return SplitOverTeam() if split else LeaveVacant(interim)


def policy_of(keep_deals: int | None) -> Policy:
    """What becomes of open deals of accounts that move; they move too where nothing is said."""
    from patchbook.holdovers.holdover import MOVE_ALL, HoldoverRule, Policy, Treatment

    if keep_deals is None:
        return MOVE_ALL
    return Policy(rules=(HoldoverRule(treatment=Treatment.KEEP, days=keep_deals),))


def territory_named(tx: Connection, name: str, who: Who, on: datetime | None = None) -> str:
    """The id of the territory of this id or name on a day, among those this person may see."""
    from patchbook.territories import actions as territories
    from patchbook.territories.territory import UnknownTerritory

    nodes = territories.tree(tx, on=on or who["at"], **who)
    found = [
        node.territory.territory_id for node in nodes if name in (node.territory.territory_id, node.territory.name)
    ]
    match found:
        case [one]:
            return one
        case []:
            raise UnknownTerritory(name)
        case several:
            raise BadInput(f"{len(several)} territories are called {name!r}; name one by its id: {', '.join(several)}.")


def seat_at(tx: Connection, territory: str, role: str, who: Who, on: datetime) -> str:
    """The id of the first seat of a role at a territory."""
    from patchbook.territories import seats

    staffed = seats.seats(tx, territory_named(tx, territory, who, on), on=on, **who)
    found = sorted((one.seat.number, one.seat.seat_id) for one in staffed if one.seat.role == role)
    if not found:
        there = ", ".join(sorted({one.seat.role.value for one in staffed})) or "none"
        raise NoSuchSeat(f"Territory {territory!r} has no seat of the role {role!r}; its seats are: {there}.")
    return found[0][1]


def territory_names(tx: Connection, who: Who, on: datetime) -> dict[str, str]:
    """What the territories this person may see are called on a day, or were called before it."""
    from patchbook.territories import actions as territories

    days = sorted({who["at"], on})
    return {
        node.territory.territory_id: node.territory.name for day in days for node in territories.tree(tx, on=day, **who)
    }


def say_change(change: Change, as_json: bool, names: Mapping[str, str]) -> None:
    """Print what a deed did, or would do, with the names of territories in place of their ids."""

    def named(sentence: str) -> str:
        return re.sub(r"territory-[0-9a-f]+", lambda found: names.get(found[0], found[0]), sentence)

    if as_json:
        say_json(change)
        return
    if change.is_preview:
        typer.echo("This would happen; nothing is written.")
    for sentence in change.summary:
        typer.echo(named(sentence))
    for note in change.notes:
        typer.echo(f"• {named(note)}")
    typer.echo(
        f"{counted(change.accounts_moved, 'account moves', 'accounts move')} to another territory;"
        f" {counted(change.uncovered, 'is', 'are')} left uncovered."
    )
