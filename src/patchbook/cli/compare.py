"""`patchbook compare`: two results side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import FILES, app

if TYPE_CHECKING:
    from patchbook.plans.compare import Comparison, Side


@app.command(rich_help_panel=FILES)
def compare(
    first: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of one result.")],
    second: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the other.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON instead of tables.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Also write the comparison as a web page to this file.")
    ] = None,
) -> None:
    """Compare two results: balance, changes of owner, travel, and each territory side by side."""
    from patchbook.accounts.csv_out import write_whole
    from patchbook.plans import out
    from patchbook.plans.compare import compare as comparison_of
    from patchbook.plans.out.summary import to_json
    from patchbook.plans.report import render_comparison

    comparison = comparison_of(out.read(first), out.read(second))
    if report is not None:
        write_whole(report, render_comparison(comparison).encode())
    if as_json:
        typer.echo(to_json(comparison.to_dict()), nl=False)
    else:
        _show(comparison)


def _show(comparison: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table

    from patchbook.plans.report import words

    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in ("", *comparison.names, "better"):
        table.add_column(title, justify="left" if title == "" else "right")
    for side in comparison.sides:
        winner = "" if side.winner is None else comparison.names[side.winner]
        table.add_row(_titled(side), words.figure(side.first, side.unit), words.figure(side.second, side.unit), winner)
    console.print(table)
    share = words.percent(comparison.different_share["accounts"])
    console.print(
        f"{words.accounts(comparison.different_person)} of {words.count(comparison.accounts_in_common)} "
        f"({share}) have another person.",
        highlight=False,
    )
    if comparison.sales is not None:
        console.print(comparison.sales.says, highlight=False)


def _titled(side: Side) -> str:
    return side.title if side.of is None else f"{side.title}, {side.of.replace('_', ' ')}"
