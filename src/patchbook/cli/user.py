"""`patchbook user …`: the roles people hold, and their passwords."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.named import Person
from patchbook.cli.output import plain, say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, opened, reading, who, writing
from patchbook.cli.said import territory_named
from patchbook.errors import BadInput

group = typer.Typer(name="user", help="Give people roles and passwords.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)

RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="admin, planner, manager, rep, finance or viewer.")]
Below = Annotated[str | None, typer.Option("--below", metavar="TERRITORY", help="Only there and below, by name or id.")]


class UnknownRole(BadInput):
    """A role was named that there is not."""


@group.command()
def grant(
    person: Person, role: RoleName, below: Below = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Give somebody a role, everywhere or below a territory."""
    _change("grant", person, role, below, data, acting, as_json)


@group.command()
def revoke(
    person: Person, role: RoleName, below: Below = None, data: Data = None, acting: Acting = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take a role away, at once."""
    _change("revoke", person, role, below, data, acting, as_json)


@group.command()
def roles(person: Person, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """List the roles somebody holds."""
    from patchbook import access

    with reading(data, acting) as (tx, asking):
        held = access.grants(tx, person, **asking)
    if as_json:
        say_json(held)
    elif held:
        say_table(
            ("role", "territory", "since", "by"),
            [(one.role, one.territory_id or "everywhere", one.at, one.by) for one in held],
        )
    else:
        typer.echo(f"{person} holds no role.")


@group.command()
def password(
    person: Person,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read it from standard input instead of asking; the old one, if any, first.")
    ] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Set a password; an admin sets anybody's, others their own. It is never shown or written down."""
    from patchbook import access

    if stdin:
        given = sys.stdin.read().splitlines()
        new, old = (given[-1] if given else ""), (given[0] if len(given) > 1 else None)
    else:
        old = typer.prompt("Present password, if there is one", hide_input=True, default="", show_default=False) or None
        new = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    with writing(data, acting) as (tx, asking):
        access.set_password(tx, person, new, old=old, **asking)
    if as_json:
        say_json({"person_id": person, "is_set": True})
    else:
        typer.echo(f"The password of {person} is set.")


@group.command()
def erase(
    person: Person,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Erase what is known of somebody who left: name, address, home, password, comments. It cannot be undone."""
    from patchbook.access import erasure

    if not yes:
        typer.confirm(f"Erase what is known of {person}? It cannot be undone.", abort=True)
    with opened(data) as record:
        with record.writing() as tx:
            done = erasure.erase(tx, person, **who(record, tx, acting))
        erasure.scrub(record)
    if as_json:
        say_json({"is_complete": done.is_complete, **plain(done)})
        return
    typer.echo(f"{person} is erased; backups made before still name them.")
    if not done.is_complete:
        left = ", ".join([*done.in_history, *map(str, done.in_files)])
        typer.echo(f"Still named, because nothing of it is ever changed: {left}.")


def _change(
    deed: str, person: str, role: str, below: str | None, data: Path | None, acting: str | None, as_json: bool
) -> None:
    from patchbook import access
    from patchbook.people.principal import Role

    if role not in set(Role):
        raise UnknownRole(f"There is no role {role!r}; there are {', '.join(Role)}.")
    with writing(data, acting) as (tx, asking):
        territory_id = None if below is None else territory_named(tx, below, asking)
        change = access.grant if deed == "grant" else access.revoke
        change(tx, person, Role(role), territory_id=territory_id, **asking)
        held = access.grants(tx, person, **asking)
    if as_json:
        say_json(held)
    else:
        named = ", ".join(one.role for one in held) or "no role"
        typer.echo(f"{person} holds {named} now.")
