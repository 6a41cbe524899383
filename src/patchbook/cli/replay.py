"""`patchbook replay`: past leads and deals through a plan and its routing, beside what happened."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import ROUTING, app
from patchbook.cli.named import plan_named
from patchbook.cli.output import say_json, say_table
from patchbook.cli.progress import progress_line
from patchbook.cli.record import Acting, AsJson, Data, reading, text_of
from patchbook.period import instant


@app.command(rich_help_panel=ROUTING)
def replay(
    plan: Annotated[
        str | None, typer.Argument(metavar="PLAN", help="Its name or id; the one that holds now without it.")
    ] = None,
    leads: Annotated[
        Path | None,
        typer.Option("--leads", metavar="FILE", help="Past leads in a file; else those of the record, and its deals."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", metavar="DATE", parser=instant, help="The first instant that counts.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--until", metavar="DATE", parser=instant, help="The instant that ends it.")
    ] = None,
    routing: Annotated[
        Path | None,
        typer.Option("--routing", metavar="FILE", help="A routing document to try; else the one in force."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write every decision to this CSV file.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Replay past leads and deals through a plan and its routing; nothing is written to the record."""
    from patchbook.accounts.csv_out import write_csv
    from patchbook.period import BEGINNING, FOREVER
    from patchbook.replay import actions
    from patchbook.replay.file import read_past

    read = None if leads is None else read_past(leads)
    document = None if routing is None else text_of(routing)
    with reading(data, acting) as (tx, asking), progress_line("Replay") as tell:
        found = actions.replay(
            tx,
            None if plan is None else plan_named(tx, plan, asking).plan_id,
            since=since or BEGINNING,
            until=until or FOREVER,
            past=None if read is None else actions.with_people(tx, read.past),
            routing=document,
            progress=lambda done, of: tell(f"{done:,} of {of:,}", done / of),
            **asking,
        )
    if out is not None:
        write_csv(found.decisions, out)
    if as_json:
        say_json(asdict(found) | {"decisions": found.decisions.to_dicts()})
        return
    typer.echo(found.says)
    say_table(
        ("person", "gets", "had", "value, USD", "had, USD", "most in a day", "waits, min"),
        [
            (one.person_id, one.gets, one.had, round(one.value_usd), round(one.had_value_usd), one.most_in_a_day,
             None if one.waits_minutes is None else round(one.waits_minutes))
            for one in found.people
        ],
    )  # fmt: skip
    typer.echo("Decided by: " + ", ".join(f"{stage} {count:,}" for stage, count in found.stages.items()) + ".")
    for row in () if read is None else read.refused[:10]:
        typer.echo(f"Line {row.line} was left out: {row.problem}")
    if read is not None and len(read.refused) > 10:
        typer.echo(f"… and {len(read.refused) - 10:,} more lines.")
    if out is not None:
        typer.echo(f"Every decision: {out}")
