"""`patchbook inbox`: what waits for you."""

from __future__ import annotations

import typer

from patchbook.cli.app import TOGETHER, app
from patchbook.cli.named import plan_names
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, reading
from patchbook.words import counted


@app.command(rich_help_panel=TOGETHER)
def inbox(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List what waits for you: what you are asked to decide, to accept, or to work on before it is too late."""
    from patchbook.proposals.inbox import inbox as waiting

    with reading(data, acting) as (tx, who):
        found = waiting(tx, after=after, limit=limit, **who)
        plans = plan_names(tx, (one.plan_id for one in found.items.rows), who)
    if as_json:
        say_json(found)
        return
    say_page(
        found.items,
        ("kind", "id", "plan", "what", "since", "due"),
        lambda one: (one.kind, one.subject_id, plans.get(one.plan_id or "", one.plan_id), one.says, one.since, one.due),
        empty="Nothing waits for you.",
    )
    if found.counts.get("overdue_challenges"):
        typer.echo(f"{counted(found.counts['overdue_challenges'], 'challenge is', 'challenges are')} past due.")
