"""The group of commands every file of this folder adds itself to."""

from __future__ import annotations

import typer

from patchbook.cli.app import TOGETHER, app

group = typer.Typer(
    name="engagement",
    help="Rules of engagement: read them, register deals, claim accounts, own multinationals.",
    no_args_is_help=True,
)
app.add_typer(group, rich_help_panel=TOGETHER)
