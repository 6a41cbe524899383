"""`patchbook engagement appoint` and `family`: who owns a multinational, everywhere and by country."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json, say_table
from patchbook.cli.owner import Account
from patchbook.cli.record import Acting, AsJson, Data, Why, reading, writing
from patchbook.period import instant


@group.command()
def family(account: Account, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Say who owns the family of an account, and who each of its sites."""
    from patchbook.engagement import appointing

    with reading(data, acting) as (tx, who):
        found = appointing.multinational(tx, account, **who)
    if as_json:
        say_json(found)
        return
    typer.echo(found.says)
    say_table(
        ("site", "country", "owner", "because"),
        [(one.account_id, one.country, one.person_id, one.because) for one in found.sites],
    )


@group.command()
def appoint(
    account: Account,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id of who is to own it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the record keeps it.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Only its sites there; else the family everywhere.")
    ] = None,
    starts: Annotated[
        datetime | None, typer.Option("--from", metavar="DATE", parser=instant, help="Its first day; else now.")
    ] = None,
    ends: Annotated[
        datetime | None, typer.Option("--until", metavar="DATE", parser=instant, help="When it ends; else open.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Make somebody the owner of the family an account belongs to."""
    from patchbook.engagement import appointing

    with writing(data, acting) as (tx, who):
        made = appointing.appoint(tx, account, person, country=country, starts=starts, ends=ends, reason=reason, **who)
    if as_json:
        say_json(made)
        return
    where = f"in {made.appointment.country}" if made.appointment.country else "everywhere"
    typer.echo(f"{person} owns {made.appointment.family_id} {where}: {', '.join(made.sites) or 'no site'}.")
    if made.left:
        typer.echo(f"{', '.join(made.left)} stays with who has it by name.")


@group.command("end-appointment")
def end_appointment(
    appointment: Annotated[str, typer.Argument(metavar="APPOINTMENT", help="The appointment's id.")],
    why: Why,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """End an appointment now."""
    from patchbook.engagement import appointing

    with writing(data, acting) as (tx, who):
        done = appointing.end(tx, appointment, why=why, **who)
    if as_json:
        say_json(done)
    else:
        typer.echo(f"{done.appointment_id} has ended.")
