"""`patchbook plan edit …`, `undo`, `redo`, `journal`: change a draft, one numbered edit at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patchbook.cli.named import Plan, plan_named
from patchbook.cli.output import cell, say_json, say_page
from patchbook.cli.plan.group import group
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, Revision, Why, reading, writing
from patchbook.words import counted

if TYPE_CHECKING:
    from patchbook.plans.edits import Edit

edits = typer.Typer(
    name="edit", help="Change a draft; each change is numbered and can be undone.", no_args_is_help=True
)
group.add_typer(edits)

Accounts = Annotated[list[str], typer.Argument(metavar="ACCOUNT…", help="Ids of accounts.")]
Territory = Annotated[str, typer.Argument(metavar="TERRITORY", help="A territory of the plan, by name.")]
To = Annotated[str, typer.Option("--to", metavar="TERRITORY", help="The territory of the plan they go to.")]
Overrule = Annotated[
    str | None, typer.Option("--overrule", metavar="WHY", help="Do it although a guardrail refuses, for this reason.")
]


@edits.command()
def move(
    plan: Plan,
    accounts: Accounts,
    to: To,
    why: Why = "",
    overrule: Overrule = None,
    revision: Revision = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Move accounts to another territory of the draft."""
    from patchbook.plans.edits import Move

    _edit(plan, Move(accounts=tuple(accounts), to=to), overrule, revision, data, acting, as_json, why=why or None)


@edits.command()
def lock(
    plan: Plan, accounts: Accounts, revision: Revision = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Keep accounts where they are, whatever is carved or moved."""
    from patchbook.plans.edits import Lock

    _edit(plan, Lock(accounts=tuple(accounts)), None, revision, data, acting, as_json)


@edits.command()
def unlock(
    plan: Plan, accounts: Accounts, revision: Revision = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Let locked accounts move again."""
    from patchbook.plans.edits import Unlock

    _edit(plan, Unlock(accounts=tuple(accounts)), None, revision, data, acting, as_json)


@edits.command()
def rename(
    plan: Plan, territory: Territory, to: Annotated[str, typer.Argument(metavar="NAME", help="Its new name.")],
    revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give a territory of the draft another name."""
    from patchbook.plans.edits import Rename

    _edit(plan, Rename(territory=territory, to=to), None, revision, data, acting, as_json)


@edits.command()
def add(
    plan: Plan, territory: Territory,
    layer: Annotated[str | None, typer.Option("--layer", help="The layer it belongs to.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Id of who gets it; vacant when left away.")] = None,
    revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Add an empty territory to the draft."""
    from patchbook.plans.edits import Add

    _edit(plan, Add(territory=territory, layer=layer, person=person), None, revision, data, acting, as_json)


@edits.command()
def remove(
    plan: Plan, territory: Territory, to: To,
    overrule: Overrule = None, revision: Revision = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take a territory out of the draft; its accounts go to another one."""
    from patchbook.plans.edits import Remove

    _edit(plan, Remove(territory=territory, to=to), overrule, revision, data, acting, as_json)


@edits.command()
def merge(
    plan: Plan,
    territories: Annotated[list[str], typer.Argument(metavar="TERRITORY…", help="Territories that go into one.")],
    into: Annotated[str, typer.Option("--into", metavar="TERRITORY", help="The one that stays.")],
    overrule: Overrule = None, revision: Revision = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Merge territories of the draft into one."""
    from patchbook.plans.edits import Merge

    _edit(plan, Merge(territories=tuple(territories), into=into), overrule, revision, data, acting, as_json)


@edits.command()
def split(
    plan: Plan,
    territory: Territory,
    into: Annotated[int, typer.Option("--into", min=2, metavar="NUMBER", help="Into how many parts.")] = 2,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the parts; change nothing.")] = False,
    why: Why = "",
    overrule: Overrule = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Split a territory of the draft into equal parts; the first keeps the name and the person, the others are new."""
    from patchbook.plans.splitting import prepare_split

    with reading(data, acting) as (tx, who):
        prepared = prepare_split(tx, plan_named(tx, plan, who).plan_id, territory, into, **who)
    found = prepared.run()
    if dry_run and as_json:
        say_json(found)
    if not as_json:
        sizes = [(part.territory, sum(map(len, part.accounts.values()))) for part in found.edit.parts]
        kept = (territory, len(prepared.held) - sum(size for _, size in sizes))
        for name, size in (kept, *sizes):
            around = f", most of them in {found.around[name]}" if name in found.around else ""
            typer.echo(f"{name}: {counted(size, 'account')}{around}")
        typer.echo(f"{territory} keeps its name{' and person' if prepared.person else ''} where {found.kept_by}.")
        for told in found.not_met:
            typer.echo(f"Not met: {told}.")
    if not dry_run:
        _edit(plan, found.edit, overrule, found.revision, data, acting, as_json, why=why or None)


@edits.command()
def staff(
    plan: Plan, territory: Territory,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Id of who gets it.")],
    revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give a territory of the draft to a person."""
    from patchbook.plans.edits import Staff

    _edit(plan, Staff(territory=territory, person=person), None, revision, data, acting, as_json)


@edits.command()
def vacate(
    plan: Plan, territory: Territory,
    interim: Annotated[str | None, typer.Option("--interim", metavar="PERSON", help="Who covers meanwhile.")] = None,
    revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Leave a territory of the draft without a person, to be hired."""
    from patchbook.plans.edits import Vacate

    _edit(plan, Vacate(territory=territory, interim=interim), None, revision, data, acting, as_json)


@group.command()
def undo(
    plan: Plan, revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Take back the last edit of a draft; the journal keeps it."""
    _again("undo", plan, revision, data, acting, as_json)


@group.command()
def redo(
    plan: Plan, revision: Revision = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """Do again what was undone last."""
    _again("redo", plan, revision, data, acting, as_json)


@group.command()
def journal(
    plan: Plan,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List every edit of a plan, undone ones too."""
    from patchbook.plans import actions as plans

    with reading(data, acting) as (tx, who):
        page = plans.journal(tx, plan_named(tx, plan, who).plan_id, after=after, limit=limit, **who)
    say_page(
        page,
        ("number", "edit", "what", "why", "by", "at", "undone"),
        lambda edit: (edit.number, edit.kind, _in_words(edit.payload), edit.why, edit.by, edit.at, edit.undone),
        empty=f"{plan} has no edits.",
        as_json=as_json,
    )


def _in_words(payload: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {', '.join(one['territory'] for one in value) if name == 'parts' else cell(value)}"
        for name, value in payload.items()
        if value is not None
    )


def _edit(
    plan: str, edit: Edit, overrule: str | None, revision: int | None, data: Path | None, acting: str | None,
    as_json: bool, why: str | None = None,
) -> None:  # fmt: skip
    from patchbook.plans import actions as plans

    with writing(data, acting) as (tx, who):
        plan_id = plan_named(tx, plan, who).plan_id
        changed = plans.edit(tx, plan_id, edit, why=why, revision=revision, overrule=overrule, **who)
    if as_json:
        say_json(changed)
    else:
        typer.echo(f"{changed.name} is at revision {changed.revision}.")


def _again(which: str, plan: str, revision: int | None, data: Path | None, acting: str | None, as_json: bool) -> None:
    from patchbook.plans import actions as plans

    deed = plans.undo if which == "undo" else plans.redo
    with writing(data, acting) as (tx, who):
        changed = deed(tx, plan_named(tx, plan, who).plan_id, revision=revision, **who)
    if as_json:
        say_json(changed)
    else:
        typer.echo(f"{changed.name} is at revision {changed.revision}.")
