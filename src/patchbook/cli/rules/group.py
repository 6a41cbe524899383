"""The group of commands every file of this folder adds itself to."""

from __future__ import annotations

import typer

from patchbook.cli.app import FILES, app

group = typer.Typer(
    name="rules",
    help="Check a rule book, learn one, and see what a change of it would move.",
    no_args_is_help=True,
)
app.add_typer(group, rich_help_panel=FILES)
