"""`patchbook plan new | check`: write a first plan file for your data, and check one beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from patchbook.cli.plan.group import group
from patchbook.errors import BadInput, Conflict
from patchbook.words import counted

if TYPE_CHECKING:
    from patchbook.plans.check import Checked
    from patchbook.plans.problems import Problem


class PlanExists(Conflict):
    """A new plan would overwrite a file that is there."""


class UnclearColumn(BadInput):
    """A --column is not field=column."""


@group.command()
def new(
    accounts: Annotated[Path, typer.Argument(help="The accounts file.", show_default=False)],
    people: Annotated[
        Path | None, typer.Argument(help="The file of people who fill seats.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the plan is written; printed when left away.")
    ] = None,
    template: Annotated[
        Literal["field", "inside", "enterprise"] | None,
        typer.Option("--template", help="The kind of selling; chosen from the data when left away."),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="What the plan is called.")] = "New plan",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="field=column, where the suggested mapping is wrong; may be repeated."),
    ] = None,
) -> None:
    """Look at accounts and people and write a sensible plan for them, with comments.

    Nothing is overwritten: an existing file is refused.
    """
    from patchbook.accounts import read as read_accounts
    from patchbook.accounts.csv_out import write_whole
    from patchbook.people.file import read_people
    from patchbook.plans.new import Market, new_plan

    if out is not None and out.exists():
        raise PlanExists(f"{str(out)!r} is there already; choose another name for --out, or remove it first.")
    folder = out.parent if out is not None else Path()
    chosen = _columns(column or [])
    read = read_accounts(accounts, columns=chosen or None)
    market = Market(
        accounts_file=_from(folder, accounts),
        accounts=read.frame,
        people_file=None if people is None else _from(folder, people),
        people=() if people is None else read_people(people)[0],
        renamed=[
            (mapped.column, mapped.field)
            for mapped in read.mapping
            if mapped.standard and (mapped.column.strip().lower() != mapped.field or mapped.field in chosen)
        ],
    )
    text = new_plan(market, name=name, template=template)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_whole(out, text.encode())
    typer.echo(f"{out} is written; see what it would do with: patchbook plan check {out}")


@group.command()
def check(
    plan_file: Annotated[Path, typer.Argument(metavar="PLAN.yaml", help="The plan to check.")],
) -> None:
    """Check a plan beside its accounts and people, and tell everything that is wrong with it.

    Exits with 2 when there is anything to correct; warnings alone exit with 0.
    """
    from patchbook.plans.check import check_with_data
    from patchbook.plans.file import load
    from patchbook.plans.problems import BadPlanFile

    try:
        plan = load(plan_file)
    except BadPlanFile as error:
        # Here all problems are wanted, not the first.
        _print_problems(plan_file.name, error.problems)
        raise typer.Exit(2) from None
    checked = check_with_data(plan)
    _print_problems(plan_file.name, checked.problems)
    if not checked.is_good:
        raise typer.Exit(2)
    _print_taken(checked)


def _columns(chosen: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in chosen:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise UnclearColumn(
                f"--column {pair!r} is not clear; write field=column, as in --column account_id=Number."
            )
        columns[field.strip()] = column
    return columns


def _from(folder: Path, file: Path) -> str:
    """A file as a plan in that folder names it."""
    return Path(os.path.relpath(file, folder)).as_posix()


def _print_problems(name: str, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        word = "warning: " if problem.severity == "warning" else ""
        joint = " " if problem.line else ": "
        typer.echo(f"{word}{name}{joint}{problem}", err=problem.severity == "error")


def _print_taken(checked: Checked) -> None:
    typer.echo(
        f"{checked.plan.name}: {counted(checked.accounts, 'account')}, {counted(checked.people, 'person', 'people')}"
    )
    for layer, taken in zip(checked.plan.layers, checked.taken, strict=True):
        typer.echo(f"  {layer.name}: {counted(taken, 'account')}")
