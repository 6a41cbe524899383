"""`patchbook freeze …`: weeks in which nobody changes a draft."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.output import say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, Why, reading, writing
from patchbook.period import Period, instant, told

group = typer.Typer(
    name="freeze", help="Let nobody change drafts, and no account move by itself, for a while.", no_args_is_help=True
)
app.add_typer(group, rich_help_panel=TOGETHER)


@group.command("list")
def list_freezes(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """List the freezes in force or to come."""
    from patchbook.approvals import actions as approvals

    with reading(data, acting) as (tx, who):
        found = approvals.freezes(tx, **who)
    if as_json:
        say_json(found)
    elif not found:
        typer.echo("Nothing is frozen, now or later.")
    else:
        say_table(
            ("freeze", "from", "until", "why"),
            [(one.freeze_id, one.period.start, one.period.end, one.why) for one in found],
        )


@group.command()
def add(
    starts: Annotated[datetime, typer.Option("--from", metavar="DATE", parser=instant, help="When it begins.")],
    until: Annotated[datetime, typer.Option("--until", metavar="DATE", parser=instant, help="When it ends.")],
    why: Why,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Freeze drafts; a planner may still overrule it with a reason."""
    from patchbook.approvals import actions as approvals

    with writing(data, acting) as (tx, who):
        made = approvals.freeze(tx, Period(starts, until), why, **who)
    if as_json:
        say_json(made)
    else:
        typer.echo(f"Drafts are frozen from {told(starts)} until {told(until)}, as {made.freeze_id}.")


@group.command()
def lift(
    freeze: Annotated[str, typer.Argument(metavar="FREEZE", help="Its id; `patchbook freeze list` shows it.")],
    data: Data = None,
    acting: Acting = None,
) -> None:
    """Let drafts be changed again before a freeze ends."""
    from patchbook.approvals import actions as approvals

    with writing(data, acting) as (tx, who):
        approvals.lift_freeze(tx, freeze, **who)
    typer.echo(f"{freeze} is lifted.")
