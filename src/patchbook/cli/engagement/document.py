"""`patchbook engagement show` and who has read what it shows; what is due, and doing it."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json, say_page, say_table
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading, writing

Version = Annotated[int | None, typer.Option("--version", min=1, help="The version meant; else the newest.")]


@group.command()
def show(version: Version = None, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Print the rules of engagement in words."""
    from patchbook.engagement import acknowledging

    with reading(data, acting) as (tx, who):
        found = acknowledging.document(tx, version=version, **who)
    if as_json:
        say_json(found)
    else:
        typer.echo(found.markdown)
        typer.echo(f"Version {found.version}, {found.digest[:12]}.")


@group.command()
def acknowledge(version: Version = None, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Say that you have read the rules as they are."""
    from patchbook.engagement import acknowledging

    with writing(data, acting) as (tx, who):
        done = acknowledging.acknowledge(tx, version=version, **who)
    if as_json:
        say_json(done)
    else:
        typer.echo(f"{done.person} has read version {done.version}.")


@group.command()
def acknowledgements(
    missing: Annotated[bool, typer.Option("--missing", help="Only those who have not read the newest.")] = False,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List who has read the rules as they are, and who has not."""
    from patchbook.engagement import acknowledging

    with reading(data, acting) as (tx, who):
        page = acknowledging.acknowledgements(tx, missing=missing, after=after, limit=limit, **who)
    say_page(
        page,
        ("person", "name", "version read", "on", "the newest"),
        lambda one: (one.person_id, one.person, one.version, one.at, one.is_current),
        empty="There is nobody who has not read them.",
        as_json=as_json,
    )


@group.command()
def due(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """List what `enforce` would do now about accounts nobody works on."""
    from patchbook.engagement import actions

    with reading(data, acting) as (tx, who):
        found = actions.due(tx, who["at"], by=who["by"])
    if as_json:
        say_json(found)
    elif not found:
        typer.echo("Nothing is due.")
    else:
        say_table(
            ("account", "what", "person", "idle since", "goes back on", "to"),
            [(one.account_id, one.what, one.person_id, one.idle_since, one.due_at, one.returns_to) for one in found],
        )


@group.command()
def enforce(data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Warn owners, return accounts and assign opportunities as the rules say now."""
    from patchbook.engagement import actions

    with writing(data, acting) as (tx, who):
        done = actions.enforce(tx, who["at"], by=who["by"])
    if as_json:
        say_json(done)
        return
    typer.echo(done.says)
    for left in done.timed_out.left:
        typer.echo(left)
