"""The one command-line app every command file adds itself to."""

from __future__ import annotations

from typing import Annotated

import typer

import patchbook

FILES = "Files, without a record"
ANSWERS = "Who owns what, when and why"
TOGETHER = "Planning together"
PUBLISHING = "Publishing"
ROUTING = "Leads and routing"
PEOPLE = "People and territories"
RUNNING = "The record itself"
"""The headings `--help` sorts commands under; plans stand before them all."""

app = typer.Typer(
    name="patchbook",
    help="Carve fair sales territories, publish them, and know who owned what, when and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def show_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"patchbook {patchbook.__version__}")
        raise typer.Exit


@app.callback()
def patchbook_itself(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    """Carve fair sales territories, publish them, and know who owned what, when and why."""
