"""`patchbook plan carve`: carve a draft of the record, and pin what it was carved with."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import plain, say_json
from patchbook.cli.plan.group import group
from patchbook.cli.progress import progress_line
from patchbook.cli.record import Acting, AsJson, Data, now, opened, who


@group.command()
def carve(
    plan: Plan,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Number that chance is drawn from.")] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.0, help="Longest time for each carve layer.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Take the newest accounts and people, not those it was carved with before.")
    ] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Divide the accounts of a draft into territories; locks and names given by hand are kept.

    The record is not held meanwhile: others work on, and after Ctrl-C the draft is as it was. Exits with 1 when not
    every constraint could be met; the best that was found is kept all the same.
    """
    from patchbook.cli.outcome import headline, sentences
    from patchbook.plans.job import carve_now
    from patchbook.plans.results import read

    with opened(data) as record:
        with record.reading() as tx:
            asking = who(record, tx, acting)
            found = plan_named(tx, plan, asking)
        with progress_line(found.name) as tell:
            kept = carve_now(
                record,
                found.plan_id,
                seed=seed,
                seconds=seconds,
                fresh=fresh,
                progress=lambda reached: tell(reached.phase, reached.done),
                by=asking["by"],
                clock=now,
            )
        assert kept.plan.result_id is not None
        figures = read(record.folder, kept.plan.result_id).summary
    if as_json:
        say_json({**plain(kept), "summary": figures})
    else:
        typer.echo(headline({**figures, "plan": found.name}))
        for sentence in sentences(figures):
            typer.echo(sentence)
        for sentence in kept.not_applied:
            typer.echo(f"Not kept: {sentence}")
        typer.echo(f"Look at it with: patchbook plan show {plan!r}")
    if not figures.get("feasible", True):
        raise typer.Exit(1)
