"""`patchbook assign`: a plan's lists and rules over any number of accounts, here or in Spark."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import FILES, app
from patchbook.cli.output import say_json, say_table
from patchbook.words import counted


@app.command(rich_help_panel=FILES)
def assign(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="The plan whose lists and rules apply.")],
    accounts: Annotated[
        str, typer.Option("--accounts", help="Parquet file or folder of the accounts.", show_default=False)
    ],
    out: Annotated[str, typer.Option("--out", help="Folder for the answers; it must not exist.", show_default=False)],
    engine: Annotated[
        str, typer.Option("--engine", help="embedded, local-spark, or a Spark master as spark://host:7077.")
    ] = "embedded",
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="DATE", help="The day `today` means in rules; the plan's effective day, or today."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Assign accounts by a plan's lists and rules: Parquet in, territory, rule and reason of each account out.

    Every engine gives the same answers. Accounts that a carve layer takes are told, and not carved.
    """
    from patchbook.plans.assign import assign as assign_accounts
    from patchbook.plans.file import load
    from patchbook.plans.references import context_of

    plan = load(plan_file, files=False)
    today = _day(on) or plan.effective or date.today()
    found = assign_accounts(plan, accounts, out, engine=engine, context=context_of(plan, today=today))
    if as_json:
        say_json(found)
        return
    typer.echo(f"{plan.name}: {counted(found.accounts, 'account')}, written to {found.folder}")
    rows = [(number, took.layer, took.accounts) for number, took in enumerate(found.layers, 1)]
    say_table(
        ("rule", "layer", "accounts"), [*rows, *([(None, "no layer", found.unassigned)] if found.unassigned else [])]
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2027-02-01", param_hint="--on") from None
