"""`patchbook rules impact`: how many accounts a change of the rules would move, before it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.rules.group import group


@group.callback()
def rules() -> None:
    """Check a rule book, learn one, and see what a change of it would move."""


@group.command()
def impact(
    before: Annotated[Path, typer.Argument(metavar="OLD.yaml", help="The plan as it is.")],
    after: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The plan as it would be.")],
) -> None:
    """Say how many accounts would move between territories if the second plan's rules replaced the first's."""
