"""`patchbook init`: make a record and its first admin, or bring a record to this version's tables."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import place, say_json
from patchbook.cli.record import SETTINGS_FILE, AsJson, Data, now


@app.command(rich_help_panel=RUNNING)
def init(
    admin_name: Annotated[str, typer.Option("--admin-name", help="What the first admin is called.")] = "Admin",
    admin_email: Annotated[
        str | None, typer.Option("--admin-email", help="The first admin's e-mail address, to sign in with.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a record in the data folder, with a first admin as whom this command line acts from then on.

    Where there is a record, it is brought to this version's tables, and nothing else changes.
    """
    from patchbook import access
    from patchbook.access.grants import AlreadyBegun
    from patchbook.accounts.csv_out import write_whole
    from patchbook.db.record import create_record

    record = create_record(data)
    try:
        try:
            with record.writing() as tx:
                admin: str | None = access.first_admin(tx, admin_name, admin_email, at=now())
        except AlreadyBegun:
            admin = None
        else:
            write_whole(record.folder / SETTINGS_FILE, json.dumps({"as": admin}).encode())
    finally:
        record.close()
    if as_json:
        say_json({"folder": record.folder, "database": record.engine.dialect.name, "admin_id": admin})
    elif admin is None:
        typer.echo(f"The record in {place(record.folder)} is as this version needs it.")
    else:
        typer.echo(f"A record is in {place(record.folder)}.")
        typer.echo(f"{admin_name} ({admin}) is its admin, and acts here from now on.")
        typer.echo("Go on with: patchbook import accounts FILE")
