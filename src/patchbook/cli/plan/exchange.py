"""`patchbook plan export | take`: a plan as one YAML file, out of a record and into another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import say_json
from patchbook.cli.plan.group import group
from patchbook.cli.record import Acting, AsJson, Data, reading, text_of, writing


@group.command()
def export(
    plan: Plan,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; printed when left away.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Write a plan with its edits, locks and staffing as one YAML file that another record can take."""
    from patchbook.accounts.csv_out import write_whole
    from patchbook.plans.exchange import export as exported

    with reading(data, acting) as (tx, who):
        found = plan_named(tx, plan, who)
        text = exported(tx, found.plan_id, **who)
    if out is not None:
        write_whole(out, text.encode())
    if as_json:
        say_json({"plan_id": found.plan_id, "file": out, "text": text})
    elif out is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(f"{found.name} is in {out}.")


@group.command()
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="What `patchbook plan export` wrote.")],
    name: Annotated[str | None, typer.Option("--name", help="What the plan is called here.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Take a plan another record exported; carve it to see the same territories."""
    from patchbook.plans.exchange import take as taken

    text = text_of(file)
    with writing(data, acting) as (tx, who):
        plan = taken(tx, text, name=name, **who)
    if as_json:
        say_json(plan)
    else:
        typer.echo(f"{plan.name} is taken as {plan.plan_id}; carve it with: patchbook plan carve {plan.name!r}")
