"""`patchbook rules impact`: how many accounts a change of the rules would move, before it is saved."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.output import say_json, say_table
from patchbook.cli.rules.group import group


@group.callback()
def rules() -> None:
    """Check a rule book, learn one, and see what a change of it would move."""


@group.command()
def impact(
    before: Annotated[Path, typer.Argument(metavar="OLD.yaml", help="The plan as it is; its accounts are asked.")],
    after: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The plan as it would be.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Say how many accounts would move between territories if the second plan's rules replaced the first's."""
    from patchbook.accounts import read as read_accounts
    from patchbook.plans.assign.impact import impact as impact_of_plans
    from patchbook.plans.file import load

    old, new = load(before), load(after, files=False)
    accounts = read_accounts(
        old.beside(old.accounts),
        columns=dict(old.columns) or None,
        types=dict(old.types) or None,
        join=tuple(old.beside(path) for path in old.join),
    ).frame
    found = impact_of_plans(old, new, accounts, today=new.effective or old.effective or date.today())
    if as_json:
        say_json({"says": found.says, "accounts": found.accounts, "moved": found.moved, "moves": found.moves})
        return
    typer.echo(found.says)
    if found.moves:
        rows = [(one.before or "no layer", one.after or "no layer", one.accounts, one.examples) for one in found.moves]
        say_table(("from", "to", "accounts", "for example"), rows)
