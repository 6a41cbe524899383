"""`patchbook score`: any assignment judged by a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import FILES, app

if TYPE_CHECKING:
    from patchbook.plans.score import Score

MOST_SHOWN = 20


@app.command(rich_help_panel=FILES)
def score(
    assignments: Annotated[
        Path, typer.Argument(metavar="ASSIGNMENTS.csv", help="Lines of account_id and territory, seat or person.")
    ],
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="The plan to judge by.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON instead of a table.")] = False,
) -> None:
    """Judge any assignment by a plan: every measure, and every demand of the plan it breaks.

    Exits with 1 when the assignment breaks the plan.
    """
    from patchbook.plans.file import load
    from patchbook.plans.out.summary import to_json
    from patchbook.plans.score import read_assignments
    from patchbook.plans.score import score as score_of

    judged = score_of(load(plan_file), read_assignments(assignments))
    if as_json:
        typer.echo(to_json(judged.to_dict()), nl=False)
    else:
        _show(judged)
    if not judged.feasible:
        raise typer.Exit(1)


def _show(judged: Score) -> None:
    from rich.console import Console
    from rich.table import Table

    from patchbook.plans.report import words

    console = Console(highlight=False)
    console.print(f"{judged.plan}: {words.count(judged.assigned)} of {words.accounts(judged.accounts)} assigned")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for figure in judged.figures:
        if figure.value is not None:
            of = "" if figure.of is None else f", {figure.of.replace('_', ' ')}"
            table.add_row(f"{figure.measure.title}{of}", words.figure(figure.value, figure.measure.unit))
    console.print(table)
    for message in judged.broken[:MOST_SHOWN]:
        console.print(f"Not met: {message}", markup=False)
    for title, found in (("not in the plan", judged.unknown), ("left out", judged.missing)):
        if found:
            more = ", …" if len(found) > 3 else ""
            console.print(f"{words.accounts(len(found))} {title}: {', '.join(found[:3])}{more}", markup=False)
    if len(judged.broken) > MOST_SHOWN:
        console.print(f"… and {len(judged.broken) - MOST_SHOWN} more demands not met; --json lists them all.")
