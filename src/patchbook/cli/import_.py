"""`patchbook import`: accounts, people and opportunities into the record, and what was imported."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import say_json, say_page
from patchbook.cli.profile import columns_of
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, now, reading, writing
from patchbook.period import instant

if TYPE_CHECKING:
    from patchbook.imports.imported import Imported

group = typer.Typer(name="import", help="Bring accounts, people and opportunities in.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Excel, Parquet or JSON lines.")]
Column = Annotated[
    list[str] | None,
    typer.Option("--column", help="field=column, where the suggested mapping is wrong; may be repeated."),
]


@group.command()
def accounts(
    file: File,
    column: Column = None,
    join: Annotated[
        list[Path] | None, typer.Option("--join", metavar="FILE", help="More columns by account_id; may be repeated.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Import accounts: clean them, keep them as a snapshot, list what could not be read."""
    from patchbook.accounts import read
    from patchbook.imports import actions as imports

    accounts = read(file, columns=columns_of(column or []) or None, join=join or (), as_of=now().date())
    with writing(data, acting) as (tx, who):  # the record is not held while a large file is read
        done = imports.accounts(tx, accounts, **who)
    _say(done, as_json)


@group.command()
def people(
    file: File,
    column: Column = None,
    employed_from: Annotated[
        datetime | None,
        typer.Option("--employed-from", metavar="DATE", parser=instant, help="Since when the new ones are employed."),
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Import people: new ones are employed from a day on, known ones brought up to date."""
    from patchbook.imports import actions as imports

    with writing(data, acting) as (tx, who):
        done = imports.people(
            tx, file, name=file.name, columns=columns_of(column or []) or None, employed_from=employed_from, **who
        )
    _say(done, as_json)


@group.command()
def opportunities(
    file: File, column: Column = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Import opportunities: those open count when a plan is published and when people leave."""
    from patchbook.imports import actions as imports

    with writing(data, acting) as (tx, who):
        done = imports.opportunities(tx, file, name=file.name, columns=columns_of(column or []) or None, **who)
    _say(done, as_json)


@group.command()
def rejected(
    run: Annotated[str, typer.Argument(metavar="IMPORT", help="The import's id.")],
    out: Annotated[Path | None, typer.Option("--out", help="The CSV file to write; printed when left away.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Show what an import could not take, with its line and what would be right."""
    from patchbook.accounts.csv_out import write_whole
    from patchbook.imports import actions as imports

    with reading(data, acting) as (tx, who):
        kept = imports.rejected_csv(tx, run, **who)
    text = kept.read_bytes()
    if out is not None:
        write_whole(out, text)
    if as_json:
        say_json({"import_id": run, "file": out or kept})
    elif out is None:
        typer.echo(text.decode(), nl=False)
    else:
        typer.echo(f"What {run} could not take is in {out}.")


@group.command("list")
def list_imports(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List what was imported, by whom and when."""
    from patchbook.imports import actions as imports

    with reading(data, acting) as (tx, who):
        page = imports.imports(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("import", "kind", "file", "rows", "rejected", "by", "at"),
        lambda one: (one.import_id, one.kind, one.name, one.rows, one.rejected, one.by, one.at),
        empty="Nothing was imported yet; begin with `patchbook import accounts FILE`.",
        as_json=as_json,
    )


def _say(done: Imported, as_json: bool) -> None:
    if as_json:
        say_json(done)
        return
    typer.echo(f"{done.rows:,} {done.kind} of {done.name} are in the record.")
    if done.rejected:
        typer.echo(f"{done.rejected:,} cells or rows could not be taken; `patchbook import rejected {done.import_id}`.")
    for note in done.notes:
        typer.echo(f"• {note}")
