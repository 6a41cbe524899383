"""`patchbook carve`: a plan file in, a result folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import FILES, app
from patchbook.cli.progress import progress_line

if TYPE_CHECKING:
    from patchbook.plans.plan import Plan
    from patchbook.plans.result import Result


@app.command(rich_help_panel=FILES)
def carve(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="The plan to carve.")],
    out: Annotated[Path, typer.Option("--out", help="Folder the result is written to.", show_default=False)],
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Number that chance is drawn from, instead of the plan's.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=0.0, help="Longest time for each carve layer, instead of the plan's."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures of summary.json instead of a table.")
    ] = False,
) -> None:
    """Divide a plan's accounts into fair territories and write tables, figures and a report.

    Exits with 1 when no carve meets every constraint, or it breaks an assertion of the plan; the best that was found is
    written all the same.
    """
    from patchbook.cli.outcome import show, to_json
    from patchbook.plans.assertions import broken_of
    from patchbook.plans.file import load
    from patchbook.plans.out.folder import refuse_foreign, write

    plan = load(plan_file)
    refuse_foreign(out)  # before minutes of work, not after
    result = carve_with_progress(plan, seed=seed, seconds=seconds)
    write(result, out)
    if as_json:
        typer.echo(to_json(result), nl=False)
    else:
        show(result, out)
    if not result.summary.get("feasible", True) or broken_of(result.summary):
        raise typer.Exit(1)


def carve_with_progress(plan: Plan, *, seed: int | None, seconds: float | None) -> Result:
    """The carved plan, with a line on the terminal that tells how far it is."""
    from patchbook.plans.carve import carve as carve_plan

    with progress_line(plan.name) as tell:
        return carve_plan(plan, seed=seed, seconds=seconds, progress=lambda reached: tell(reached.phase, reached.done))
