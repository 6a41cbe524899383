"""`patchbook routing`: the document that says how leads find their owner; checked, set, shown, its versions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patchbook.cli.app import ROUTING, app
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading, text_of, writing

group = typer.Typer(name="routing", help="How leads find their owner.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=ROUTING)

File = Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The routing document.")]


@group.command("set")
def set_document(
    file: File,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which the record keeps.")] = "",
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Let a routing document hold from now on; nothing is changed where anything is wrong with it."""
    from patchbook.leads import routing

    with writing(data, acting) as (tx, who):
        made = routing.set_routing(tx, text_of(file), why=why, name=file.name, **who)
    if as_json:
        say_json(made)
    else:
        typer.echo(f"Version {made.version} of the routing document holds.")
        for warning in made.warnings:
            typer.echo(f"• {warning}")


@group.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Tell everything that is wrong with a routing document; exits with 2 when there is anything to correct."""
    from patchbook.leads.document import BadRouting, loads

    try:
        loads(text_of(file), name=file.name)
    except BadRouting as bad:
        if as_json:
            say_json({"problems": bad.problems})
        else:
            for problem in bad.problems:
                typer.echo(f"{file.name} {problem}")
        raise typer.Exit(2) from None
    if as_json:
        say_json({"problems": []})
    else:
        typer.echo(f"{file.name} is good.")


@group.command()
def show(
    version: Annotated[int | None, typer.Option("--version", min=1, help="An earlier version.")] = None,
    since: Annotated[
        int | None, typer.Option("--since", min=1, metavar="VERSION", help="Only what changed since this version.")
    ] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Print the routing document in force, an earlier version, or what changed since one."""
    from patchbook.leads import routing

    with reading(data, acting) as (tx, who):
        found = routing.get_routing(tx, version, **who)
        changed = None if since is None else routing.changes(tx, since, found.version, **who)
    if as_json:
        say_json(found if changed is None else {"since": since, "version": found.version, "changes": changed})
    else:
        unchanged = f"Nothing changed since version {since}.\n"
        typer.echo(found.document if changed is None else changed or unchanged, nl=False)


@group.command()
def versions(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List the versions of the routing document, the newest first."""
    from patchbook.leads import routing

    with reading(data, acting) as (tx, who):
        page = routing.versions(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("version", "by", "at", "why"),
        lambda one: (one.version, one.by, one.at, one.why),
        empty="There is no routing document yet; leads go to the account's owner, then by territory.",
        as_json=as_json,
    )
