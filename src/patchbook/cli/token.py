"""`patchbook token …`: secrets for programs that use the API in somebody's name."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import RUNNING, app
from patchbook.cli.output import say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, reading, writing

group = typer.Typer(name="token", help="Make, list and revoke API tokens.", no_args_is_help=True)
app.add_typer(group, rich_help_panel=RUNNING)

Whose = Annotated[
    str | None, typer.Option("--for", metavar="PERSON", help="Somebody else's, where you may; else your own.")
]


@group.command()
def make(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    may: Annotated[list[str], typer.Option("--may", metavar="DEED", help="What it may do, as `see`; may be repeated.")],
    days: Annotated[int, typer.Option("--days", min=1, help="How long it is good.")] = 90,
    person: Whose = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Make a token. Its secret is shown now and never again."""
    from patchbook import access

    with writing(data, acting) as (tx, who):
        made = access.make_token(tx, name, may, days=days, person_id=person, **who)
    if as_json:
        say_json(made)
        return
    typer.echo(f"{made.token.token_id} is good until {made.token.ends_at:%Y-%m-%d}. Its secret, shown only now:")
    typer.echo(made.secret)


@group.command("list")
def list_tokens(person: Whose = None, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """List tokens, newest first."""
    from patchbook import access

    with reading(data, acting) as (tx, who):
        found = access.tokens(tx, person_id=person, **who)
    if as_json:
        say_json(found)
    elif found:
        say_table(
            ("token", "name", "may", "ends", "revoked", "used"),
            [(one.token_id, one.name, sorted(one.scopes), one.ends_at, one.revoked_at, one.used_on) for one in found],
        )
    else:
        typer.echo("There is no token.")


@group.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="The token's id.")],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """End a token now."""
    from patchbook import access

    with writing(data, acting) as (tx, who):
        access.revoke_token(tx, token, **who)
    if as_json:
        say_json({"token_id": token, "is_revoked": True})
    else:
        typer.echo(f"{token} is revoked.")
