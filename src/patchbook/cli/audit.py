"""`patchbook audit …`: what was done by whom, and whether anybody touched the trail of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import plain, say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, opened, reading, who

group = typer.Typer(name="audit", help="Check and read the audit trail.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)


@group.command()
def verify(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Check every event of the trail against its chain, its key and its anchor; exits with 1 if it was touched."""
    from patchbook.audit.verify import verify as verified

    with opened(data) as record, record.reading() as tx:
        found = verified(tx, record.folder, **who(record, tx, acting))
    if as_json:
        say_json({"is_whole": found.is_whole, **plain(found)})
    elif found.is_whole:
        typer.echo(f"All {found.events:,} events hold together; the anchor speaks for the first {found.anchored:,}.")
    else:
        typer.echo(f"The trail was touched: {found.what}", err=True)
    if not found.is_whole:
        raise typer.Exit(1)


@group.command()
def trail(
    subject: Annotated[str | None, typer.Argument(metavar="ID", help="Only what was done to this.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the events to this CSV file.")] = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List what was done: by whom, when, to what, and why."""
    from patchbook.audit import actions as audit

    with reading(data, acting) as (tx, asking):
        page = audit.trail(tx, subject=subject, after=after, limit=limit, **asking)
    say_page(
        page,
        ("number", "at", "by", "deed", "kind", "subject", "why"),
        lambda one: (one.number, one.at, one.by, one.deed, one.kind, one.subject, one.why),
        empty="Nothing was done yet.",
        as_json=as_json,
    )
