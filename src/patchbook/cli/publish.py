"""`patchbook publish`: look at what a plan would change, then write it into the record for a date."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import PUBLISHING, app
from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import cell, plain, say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, reading, writing
from patchbook.cli.said import KeepDeals, policy_of
from patchbook.errors import BadInput
from patchbook.period import instant, midnight

if TYPE_CHECKING:
    from patchbook.plans.life import RecordedPlan
    from patchbook.publishing.publication import DryRun

MOST_SHOWN = 10


class NoDate(BadInput):
    """Neither the plan nor the command says from when the plan is to hold."""


@app.command(rich_help_panel=PUBLISHING)
def publish(
    plan: Plan,
    on: Annotated[
        datetime | None,
        typer.Option("--on", metavar="DATE", parser=instant, help="From when it holds; else as the plan says."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show every change of owner; write nothing.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="With --dry-run: write all changes to this CSV file.")
    ] = None,
    keep_deals: KeepDeals = None,
    end_exceptions: Annotated[
        bool, typer.Option("--end-exceptions", help="The plan goes before exceptions, which end.")
    ] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Publish an approved plan: from the date on, its territories and people own the accounts.

    One transaction: all of it or nothing. Publishing the same plan for the same date again changes nothing.
    """
    from patchbook.publishing import actions as publishing

    policy, keep = policy_of(keep_deals), not end_exceptions
    if dry_run:
        with reading(data, acting) as (tx, who):
            found = plan_named(tx, plan, who)
            seen = publishing.dry_run(
                tx, found.plan_id, on=_from_when(found, on), keep_exceptions=keep, policy=policy, **who
            )
        if out is not None:
            from patchbook.accounts.csv_out import write_csv

            write_csv(seen.changes, out)
        if as_json:
            say_json(seen)
        else:
            _say_dry_run(found, seen, out)
        return
    with writing(data, acting) as (tx, who):
        found = plan_named(tx, plan, who)
        done = publishing.publish(
            tx, found.plan_id, on=_from_when(found, on), keep_exceptions=keep, policy=policy, **who
        )
    if as_json:
        say_json({"says": done.says, **plain(done)})
    else:
        typer.echo(done.says)
        typer.echo(f"To take it back: patchbook rollback {done.publication_id}")


def _from_when(plan: RecordedPlan, on: datetime | None) -> datetime:
    if on is not None:
        return on
    if plan.effective is None:
        raise NoDate(f"Plan {plan.name!r} does not say from when it is to hold; say it with --on, as --on 2027-02-01.")
    return midnight(plan.effective)


def _say_dry_run(plan: RecordedPlan, seen: DryRun, out: Path | None) -> None:
    changed = seen.changes.height
    typer.echo(
        f"From {cell(seen.effective)}, {plan.name} would change {changed:,} of {seen.accounts:,} accounts;"
        f" {seen.unchanged:,} stay as they are."
    )
    for cause, count in seen.by_cause.items():
        typer.echo(f"  {cause}: {count:,}")
    if changed:
        say_table(
            ("account", "from", "to", "cause"),
            [
                (row["account_id"], _held(row, "from"), _held(row, "to"), row["cause"])
                for row in seen.changes.head(MOST_SHOWN).iter_rows(named=True)
            ],
        )
    if changed > MOST_SHOWN:
        where = f"{out} lists them all" if out else "--out changes.csv writes them all"
        typer.echo(f"… and {changed - MOST_SHOWN:,} more; {where}.")
    for warning in seen.warnings:
        typer.echo(f"• {warning.message}")


def _held(row: dict[str, str | None], side: str) -> str:
    return " in ".join(filter(None, (row[f"{side}_person"] or "nobody", row[f"{side}_territory"])))
