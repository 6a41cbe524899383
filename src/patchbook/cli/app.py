"""The one command-line app every command file adds itself to."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="patchbook",
    help="Carve fair sales territories from accounts, people and one plan file.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
