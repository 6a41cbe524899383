"""`patchbook settings …`: the rules of the whole record, such as the two-person rule."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, reading, writing

group = typer.Typer(name="settings", help="The rules of the whole record.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)


@group.command("list")
def list_settings(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """List every setting, what it means and what it is set to."""
    from patchbook.access.rules import rules

    with reading(data, acting) as (tx, who):
        found = rules(tx, **who)
    if as_json:
        say_json(found)
    else:
        say_table(
            ("setting", "is", "unless set", "meaning"),
            [(one.name, one.value, one.default, one.meaning) for one in found],
        )


@group.command("set")
def set_one(
    name: Annotated[str, typer.Argument(metavar="SETTING", help="Its name; `patchbook settings list` shows them.")],
    to: Annotated[int, typer.Argument(metavar="NUMBER", min=0, max=1_000_000_000, help="What it is to be.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Set a setting; it holds from the next deed on."""
    from patchbook.access.rules import change_rule

    with writing(data, acting) as (tx, who):
        made = change_rule(tx, name, to, **who)
    if as_json:
        say_json(made)
    else:
        typer.echo(f"{made.name} is {made.value:,} now.")
