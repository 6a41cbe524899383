"""`patchbook why`: the reason for one account."""

from __future__ import annotations

from pathlib import Path

import typer

from patchbook.cli.app import app


@app.command()
def why(
    folder: Path = typer.Argument(..., metavar="DIR", help="The folder a carve wrote."),
    account: str = typer.Argument(..., metavar="ACCOUNT", help="The account's id, or its exact name."),
) -> None:
    """Say why an account is where it is, who nearly got it, and what would have to change."""
    from patchbook.plans import out
    from patchbook.plans.why import why as reason

    stored = out.read(folder)
    typer.echo(reason(stored.assignments, account, people=stored.names))
