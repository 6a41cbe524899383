"""`patchbook comment`: say something about a plan, a territory, an account, or what is asked; read what was said."""

from __future__ import annotations

from typing import Annotated

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.named import plan_named
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading, writing
from patchbook.cli.said import territory_named


@app.command(rich_help_panel=TOGETHER)
def comment(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="plan, territory, account, proposal, challenge or exception.")
    ],
    subject: Annotated[str, typer.Argument(metavar="ID", help="Its id; a plan or a territory by its name as well.")],
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What to say; without it, what was said is listed.")
    ] = None,
    limit: Limit = 100,
    after: After = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Comment on something, or read what others said about it."""
    from patchbook.comments import actions as comments

    with (reading if text is None else writing)(data, acting) as (tx, who):
        if kind == "plan":
            subject = plan_named(tx, subject, who).plan_id
        elif kind == "territory":
            subject = territory_named(tx, subject, who)
        if text is not None:
            made = comments.comment(tx, kind, subject, text, **who)
        else:
            page = comments.comments(tx, kind, subject, after=after, limit=limit, **who)
    if text is not None:
        if as_json:
            say_json(made)
        else:
            typer.echo(f"Said as {made.comment_id}.")
    elif as_json:
        say_json(page)
    else:
        say_page(
            page,
            ("at", "by", "comment"),
            lambda one: (one.at, one.by, one.text if one.withdrawn_at is None else "(taken back)"),
            empty="Nobody said anything about it yet.",
        )
