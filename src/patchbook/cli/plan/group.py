"""The group of commands every file of this folder adds itself to."""

from __future__ import annotations

import typer

from patchbook.cli.app import app

group = typer.Typer(
    name="plan",
    help="Write a plan file and check it; start plans in the record and work on them.",
    no_args_is_help=True,
)
app.add_typer(group)
