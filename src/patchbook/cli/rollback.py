"""`patchbook rollback`: take a publication back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.app import PUBLISHING, app
from patchbook.cli.named import plan_named
from patchbook.cli.output import plain, say_json, say_table
from patchbook.cli.record import Acting, AsJson, Data, Who, writing
from patchbook.errors import NotFound
from patchbook.words import counted

if TYPE_CHECKING:
    from sqlalchemy import Connection


class NothingPublished(NotFound):
    """A plan has no publication that could be taken back."""


@app.command(rich_help_panel=PUBLISHING)
def rollback(
    publication: Annotated[
        str, typer.Argument(metavar="PUBLICATION", help="The publication's id, or the plan's name for its last one.")
    ],
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Restore who owned what before a publication, except what people have changed since; those are listed."""
    from patchbook.changes.coverage import uncovered
    from patchbook.publishing import actions as publishing

    with writing(data, acting) as (tx, who):
        done = publishing.rollback(tx, _publication_id(tx, publication, who), **who)
        changed = {one.key for one in done.changed_since if one.table == "assignment"}
        alone = {gap.account_id for gap in uncovered(tx, on=who["at"]) if gap.account_id in changed} if changed else ()
    if as_json:
        say_json({"says": done.publication.says, **plain(done)})
        return
    typer.echo(done.publication.says)
    if done.changed_since:
        typer.echo(f"{len(done.changed_since):,} stay as they are, changed since or needed by what was:")
        say_table(
            ("what", "which", "territory", "since", "cause"),
            [(one.table, one.key, one.territory, one.valid_from, one.cause) for one in done.changed_since],
        )
    if alone:
        typer.echo(
            f"Nobody looks after {counted(len(alone), 'account')} of these, now or later: the seats of their"
            " territories are vacant again. Fill them, or publish a plan."
        )


def _publication_id(tx: Connection, named: str, who: Who) -> str:
    from patchbook.publishing import actions as publishing
    from patchbook.publishing.publication import Kind

    try:
        return publishing.get(tx, named, **who).publication_id
    except NotFound as unknown:
        try:
            plan = plan_named(tx, named, who)
        except NotFound:
            raise unknown from None
    after, last = None, None
    while True:
        page = publishing.publications(tx, plan_id=plan.plan_id, after=after, limit=1000, **who)
        for one in page.rows:
            if one.kind is Kind.PUBLISH and not one.is_rolled_back and (last is None or one.at > last.at):
                last = one
        if (after := page.next_cursor) is None:
            break
    if last is None:
        raise NothingPublished(f"Plan {plan.name!r} has no publication that could be taken back.")
    return last.publication_id
