"""`patchbook engagement register` and what becomes of a registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json, say_page
from patchbook.cli.owner import Account
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading, writing
from patchbook.period import told

if TYPE_CHECKING:
    from patchbook.engagement.registration import Registration

RegistrationId = Annotated[str, typer.Argument(metavar="REGISTRATION", help="The registration's id.")]
Partner = Annotated[str, typer.Option("--partner", metavar="NAME", help="The partner company.")]
Comment = Annotated[str, typer.Option("--comment", metavar="TEXT", help="Why; whoever registered it reads it.")]


@group.command()
def register(
    account: Account,
    partner: Partner,
    deal: Annotated[str, typer.Option("--deal", metavar="TEXT", help="What they want to sell.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is theirs.")],
    person: Annotated[
        str | None,
        typer.Option("--person", metavar="PERSON", help="Who looks after the partner; else the partner seat's."),
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Register a partner's deal on an account, for somebody to agree to."""
    from patchbook.engagement import registering

    with writing(data, acting) as (tx, who):
        made = registering.register(tx, account, partner=partner, deal=deal, reason=reason, person_id=person, **who)
    _say(made, as_json)


@group.command()
def conflicts(
    account: Account, partner: Partner, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Say what would stand against a partner's registration on an account."""
    from patchbook.engagement import registering

    with reading(data, acting) as (tx, who):
        found = registering.conflicts(tx, account, partner=partner, **who)
    if as_json:
        say_json(found)
        return
    for one in found:
        typer.echo(f"{one.says[0].upper()}{one.says[1:]}.")
    if not found:
        typer.echo(f"Nothing stands against a registration of {partner} on {account}.")


@group.command()
def approve(
    registration: RegistrationId,
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="A word to go with it.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Agree to a registration; from now on the account's partner business is theirs."""
    from patchbook.engagement import registering

    with writing(data, acting) as (tx, who):
        done = registering.approve(tx, registration, comment, **who)
    _say(done, as_json)


@group.command()
def reject(
    registration: RegistrationId, comment: Comment, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Refuse a registration, and say why."""
    from patchbook.engagement import registering

    with writing(data, acting) as (tx, who):
        done = registering.reject(tx, registration, comment, **who)
    _say(done, as_json)


@group.command()
def extend(registration: RegistrationId, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Let a registration be in force for longer, once."""
    from patchbook.engagement import registering

    with writing(data, acting) as (tx, who):
        done = registering.extend(tx, registration, **who)
    _say(done, as_json)


@group.command()
def end(
    registration: RegistrationId, comment: Comment, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """End a registration before its window is over."""
    from patchbook.engagement import registering

    with writing(data, acting) as (tx, who):
        done = registering.end(tx, registration, comment, **who)
    _say(done, as_json)


@group.command()
def withdraw(registration: RegistrationId, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Take back a registration of your own that was not decided."""
    from patchbook.engagement import registering

    with writing(data, acting) as (tx, who):
        done = registering.withdraw(tx, registration, **who)
    _say(done, as_json)


@group.command()
def registrations(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List registrations, the oldest first."""
    from patchbook.engagement import registering

    with reading(data, acting) as (tx, who):
        page = registering.registrations(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("registration", "account", "partner", "person", "deal", "status", "until"),
        lambda one: (
            one.registration_id, one.account_id, one.partner, one.person_id, one.deal, one.status, one.ends,
        ),
        empty="No deal is registered.",
        as_json=as_json,
    )  # fmt: skip


def _say(one: Registration, as_json: bool) -> None:
    if as_json:
        say_json(one)
        return
    until = f" until {told(one.ends)}" if one.ends is not None else ""
    typer.echo(f"{one.registration_id} is {one.status}{until}.")
