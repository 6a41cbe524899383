"""`patchbook exception …`: accounts that somebody has although the plan says otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.output import say_json, say_page
from patchbook.cli.owner import Account, InRole
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading, writing
from patchbook.period import instant

if TYPE_CHECKING:
    from patchbook.exceptions.exception import AccountException

group = typer.Typer(name="exception", help="Ask for, approve and end exceptions to the plan.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=TOGETHER)

ExceptionId = Annotated[str, typer.Argument(metavar="EXCEPTION", help="The exception's id.")]


@group.command()
def request(
    account: Account,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id of who is to have it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the record keeps it.")],
    starts: Annotated[datetime, typer.Option("--from", metavar="DATE", parser=instant, help="Its first day.")],
    expires: Annotated[datetime, typer.Option("--until", metavar="DATE", parser=instant, help="When it ends.")],
    kind: Annotated[
        str, typer.Option("--kind", help="strategic, multinational, partner, expansion or other.")
    ] = "other",
    role: InRole = "owner",
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Ask for an account to be somebody's for a while, whatever the plan says."""
    from patchbook.exceptions import actions as exceptions

    with writing(data, acting) as (tx, who):
        asked = exceptions.request(
            tx, account, person, role=role, kind=kind, reason=reason, starts=starts, expires=expires, **who
        )
    _say(asked, as_json)


@group.command()
def approve(
    exception: ExceptionId,
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="A word to go with it.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Agree to an exception; with the last yes it is a fact."""
    from patchbook.exceptions import actions as exceptions

    with writing(data, acting) as (tx, who):
        decided = exceptions.approve(tx, exception, comment, **who)
    _say(decided, as_json)


@group.command()
def reject(
    exception: ExceptionId,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help="Why; whoever asked reads it.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Refuse an exception."""
    from patchbook.exceptions import actions as exceptions

    with writing(data, acting) as (tx, who):
        decided = exceptions.reject(tx, exception, comment, **who)
    _say(decided, as_json)


@group.command()
def end(
    exception: ExceptionId,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which the record keeps.")],
    on: Annotated[
        datetime | None, typer.Option("--on", metavar="DATE", parser=instant, help="When it ends; else now.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """End an exception before it expires."""
    from patchbook.exceptions import actions as exceptions

    with writing(data, acting) as (tx, who):
        ended = exceptions.end(tx, exception, on=on, why=why, **who)
    _say(ended, as_json)


@group.command("list")
def list_exceptions(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List exceptions, and how much of the budget for them is used."""
    from patchbook.exceptions import actions as exceptions

    with reading(data, acting) as (tx, who):
        page = exceptions.register(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("exception", "account", "role", "person", "kind", "from", "until", "status"),
        lambda one: (
            one.exception_id, one.account_id, one.role, one.person_id, one.kind, one.starts, one.expires, one.status,
        ),
        empty="There is no exception.",
        as_json=as_json,
    )  # fmt: skip


def _say(exception: AccountException, as_json: bool) -> None:
    if as_json:
        say_json(exception)
    else:
        typer.echo(f"{exception.exception_id} is {exception.status}.")
