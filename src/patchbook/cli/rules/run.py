"""`patchbook rules run`: place accounts anew whose fields changed; and decide about what was proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.output import say_json, say_page, say_table
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, Why, reading, writing
from patchbook.cli.rules.group import group
from patchbook.cli.said import territory_names

if TYPE_CHECKING:
    from patchbook.live.change import LiveChange

MOST_SHOWN = 50
"""Changes of one run that a terminal shows."""

Change = Annotated[str, typer.Argument(metavar="CHANGE", help="Its id; `patchbook rules changes` shows it.")]


@group.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Place the accounts anew that changed since the plan in force was carved; move or propose them by policy."""
    from patchbook.live import actions
    from patchbook.live.setting import policy_now

    if dry_run:
        with reading(data, acting) as (tx, who):
            done = actions.review(tx, policy_now(tx), preview=True, **who)
            names = territory_names(tx, who, who["at"])
    else:
        with writing(data, acting) as (tx, who):
            done = actions.review(tx, policy_now(tx), **who)
            names = territory_names(tx, who, who["at"])
    if as_json:
        say_json(done)
        return
    typer.echo(("Nothing was written. " if dry_run else "") + done.says)
    if done.changes:
        say_table(
            ("account", "from", "to", "what", "says"),
            [(one.account_id, *_ways(one, names), one.status, one.says) for one in done.changes[:MOST_SHOWN]],
        )
    if len(done.changes) > MOST_SHOWN:
        typer.echo(f"{len(done.changes) - MOST_SHOWN:,} more; --json has all.")


@group.command()
def changes(
    status: Annotated[
        str | None,
        typer.Option("--status", help="Only these: waiting, proposed, moved, rejected or 'went back'."),
    ] = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """List the accounts whose fields changed so that the plan would have them elsewhere."""
    from patchbook.errors import BadInput
    from patchbook.live import actions
    from patchbook.live.change import Status

    if status is not None and status not in tuple(Status):
        raise BadInput(f"There is no status {status!r} of a live change; there are {', '.join(Status)}.")
    with reading(data, acting) as (tx, who):
        page = actions.changes(tx, status=None if status is None else Status(status), after=after, limit=limit, **who)
        names = territory_names(tx, who, who["at"])
    if as_json:
        say_json(page)
        return
    say_page(
        page,
        ("change", "account", "from", "to", "status", "says"),
        lambda one: (one.change_id, one.account_id, *_ways(one, names), one.status, one.says),
        empty="No account changed so that it would be elsewhere.",
    )


@group.command()
def accept(change: Change, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Move an account as proposed, from now on."""
    from patchbook.live import actions

    with writing(data, acting) as (tx, who):
        made = actions.accept(tx, change, **who)
        names = territory_names(tx, who, who["at"])
    if as_json:
        say_json(made)
    else:
        typer.echo(f"{made.account_id} moved to {_ways(made, names)[1]}.")


@group.command()
def reject(change: Change, why: Why, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Leave an account where it is; the same is not proposed again while the plan holds."""
    from patchbook.live import actions

    with writing(data, acting) as (tx, who):
        left = actions.reject(tx, change, why, **who)
    if as_json:
        say_json(left)
    else:
        typer.echo(f"{left.account_id} stays where it is.")


def _ways(change: LiveChange, names: Mapping[str, str]) -> tuple[str | None, str]:
    """From where and where to, by name."""
    from_id, to_id = change.from_territory_id, change.to_territory_id
    return from_id and names.get(from_id, from_id), names.get(to_id, to_id)
