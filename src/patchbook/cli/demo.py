"""`patchbook demo`: a company that has planned for a year, made of real companies and made-up people, in a browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import FILES, app

if TYPE_CHECKING:
    from patchbook.demo.workspace import Workspace

PLANS = ("field", "segments")
"""The plans of the demo: each is `<name>.yaml` beside the data, and its result a folder of that name."""


@app.command(rich_help_panel=FILES)
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder the data and the results are written to.")] = Path(
        "demo-out"
    ),
    seed: Annotated[int, typer.Option("--seed", help="Number that people and owners are made up from.")] = 1,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=0.0, help="Longest time for each carve layer, instead of the plans'."),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port the demo is shown on.")] = 8000,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Show the workspace until Ctrl-C, or only write everything.")
    ] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make the workspace anew, instead of going on with the one there is.")
    ] = False,
    reports: Annotated[
        bool, typer.Option("--reports", help="Show the reports of the two carves instead of the workspace.")
    ] = False,
) -> None:
    """Carve real public companies into territories, and open the workspace of a company that plans with them.

    The companies are real; people, owners and opportunities are made up from the seed and say so. You are signed in as
    the planner. What you change is kept in the folder until --fresh or another --seed makes it anew.
    """
    from patchbook.cli.carve import carve_with_progress
    from patchbook.cli.outcome import show
    from patchbook.demo.generate import write_demo
    from patchbook.plans.file import load
    from patchbook.plans.out import write

    data = out / "data"
    write_demo(data, seed=seed)
    typer.echo(f"Real companies with made-up people and owners are in {data}.")
    tell_quality(data / "accounts.csv")
    feasible = True
    for name in PLANS:
        result = carve_with_progress(load(data / f"{name}.yaml"), seed=seed, seconds=seconds)
        write(result, out / name)
        show(result, out / name)
        typer.echo()
        feasible = feasible and bool(result.summary.get("feasible", True))
    workspace = made_or_found(out, seed=seed, seconds=seconds, fresh=fresh)
    if serve and reports:
        from patchbook.web.serve import serve as serve_folder

        serve_folder(out, port=port)
    elif serve:
        from patchbook.web.demo import serve_demo

        serve_demo(workspace.record, workspace, port=port, say=typer.echo)
    if not feasible:
        raise typer.Exit(1)


def made_or_found(out: Path, *, seed: int, seconds: float | None, fresh: bool) -> Workspace:
    """The workspace of this seed in the folder; made where it is not there or not finished."""
    from patchbook.demo.workspace import build, found

    there = found(out)
    if there is not None and there.seed == seed and not fresh:
        typer.echo(f"The workspace in {there.record} is as you left it; --fresh makes it anew.")
        return there
    made = build(out, seed=seed, at=datetime.now(UTC), seconds=seconds, say=typer.echo)
    typer.echo(f"A company that has planned for a year is in {made.record}.")
    return made


def tell_quality(file: Path) -> None:
    """Print what there is to know of the accounts before they are carved."""
    from patchbook.accounts import read
    from patchbook.accounts.profile import profile

    for sentence in profile(read(file)).quality.sentences:
        typer.echo(f"• {sentence}")
    typer.echo()
