"""`patchbook webhook …`: messages to other systems, sent, on their way, or given up."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import say_json, say_table
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, now, opened, reading, who, writing

group = typer.Typer(name="webhook", help="Messages that tell other systems of decisions.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)


@group.command("list")
def list_messages(
    status: Annotated[
        str | None, typer.Option("--status", metavar="STATUS", help="Only pending, delivered or dead ones.")
    ] = None,
    target: Annotated[str | None, typer.Option("--to", metavar="NAME", help="Only those to this webhook.")] = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List messages, the newest first; dead ones were given up."""
    from patchbook.errors import BadInput
    from patchbook.webhooks import actions as webhooks
    from patchbook.webhooks.webhook import Status

    if status is not None and status not in list(Status):
        raise BadInput(f"{status!r} is no status of a message; it is {', '.join(Status)}.")
    with reading(data, acting) as (tx, asking):
        page = webhooks.deliveries(
            tx, status=None if status is None else Status(status), target=target, after=after, limit=limit, **asking
        )
    if as_json:
        say_json(page)
    elif not page.rows:
        typer.echo("There are no such messages.")
    else:
        say_table(
            ("message", "to", "event", "about", "status", "attempts", "problem"),
            [
                (one.delivery_id, one.target, one.event, one.subject, one.status, one.attempts, one.problem)
                for one in page.rows
            ],
        )
        if page.next_cursor:
            typer.echo(f"There are more: --after {page.next_cursor}")


@group.command()
def again(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id; `patchbook webhook list` shows it.")],
    data: Data = None,
    acting: Acting = None,
) -> None:
    """Put a message that was given up on its way again."""
    from patchbook.webhooks import actions as webhooks

    with writing(data, acting) as (tx, asking):
        webhooks.send_again(tx, message, **asking)
    typer.echo(f"{message} is on its way again; `patchbook webhook send` sends what is due.")


@group.command()
def send(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Send what is due now; a job does this every few seconds while the server or a worker runs."""
    from patchbook.leads.knowledge import document_in
    from patchbook.people.permission import Deed, allow
    from patchbook.webhooks import actions as webhooks

    with opened(data) as record:
        with record.reading() as tx:
            allow(tx, who(record, tx, acting)["by"], Deed.ADMINISTER, at=now())
            settings = document_in(tx).sections["webhooks"]
        sent = webhooks.deliver(record, settings, at=now())
    if as_json:
        say_json(sent)
    else:
        typer.echo(sent.says)
