"""`patchbook demo`: real companies, made-up people, two carves, and their reports in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import FILES, app

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
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port the reports are shown on.")] = 8000,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Show the reports until Ctrl-C, or only write them.")
    ] = True,
) -> None:
    """Carve real public companies into territories in two ways and show the reports.

    The companies are real; people, owners and opportunities are made up from the seed and say so.
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
    if serve:
        from patchbook.web.serve import serve as serve_folder

        serve_folder(out, port=port)
    if not feasible:
        raise typer.Exit(1)


def tell_quality(file: Path) -> None:
    """Print what there is to know of the accounts before they are carved."""
    from patchbook.accounts import read
    from patchbook.accounts.profile import profile

    for sentence in profile(read(file)).quality.sentences:
        typer.echo(f"• {sentence}")
    typer.echo()
