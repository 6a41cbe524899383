"""`patchbook backup`: the whole record as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import place, say_json
from patchbook.cli.record import Acting, AsJson, Data, opened, who


@app.command(rich_help_panel=RUNNING)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Put the key of the audit trail in; keep the file as safe as the key.")
    ] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Write the record, its snapshots and its results to one file, while others work on."""
    from patchbook.db.backup import backup as write_backup
    from patchbook.people.permission import Deed, allow

    with opened(data) as record:
        with record.reading() as tx:
            asking = who(record, tx, acting)
            allow(tx, asking["by"], Deed.ADMINISTER, at=asking["at"])
        done = write_backup(record, file, with_key=with_key, at=asking["at"])
    if as_json:
        say_json(done)
        return
    typer.echo(f"{sum(done.tables.values()):,} rows of {len(done.tables)} tables are in {place(done.file)}.")
    if not done.holds_key:
        typer.echo("The key of the audit trail is not in it; keep audit.key of the data folder somewhere safe as well.")
