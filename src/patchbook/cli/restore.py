"""`patchbook restore`: a record from a backup, where there is none yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import place, say_json
from patchbook.cli.record import SETTINGS_FILE, Acting, AsJson, Data, bytes_of


@app.command(rich_help_panel=RUNNING)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `patchbook backup` wrote.")],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The audit.key of the old data folder.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Make a record from a backup, where there is none that holds anything.

    With --as, that person acts from then on.
    """
    from patchbook.accounts.csv_out import write_whole
    from patchbook.db.backup import restore as restored
    from patchbook.db.record import data_folder

    record = restored(file, data_folder(data), key=None if key is None else bytes_of(key))
    record.close()
    if acting is not None:
        write_whole(record.folder / SETTINGS_FILE, json.dumps({"as": acting}).encode())
    if as_json:
        say_json({"folder": record.folder, "database": record.engine.dialect.name})
    else:
        typer.echo(f"The record is in {place(record.folder)}. Check it with: patchbook audit verify")
