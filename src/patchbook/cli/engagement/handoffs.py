"""`patchbook engagement handoffs` and what becomes of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.cli.engagement.group import group
from patchbook.cli.output import say_json, say_page
from patchbook.cli.record import Acting, After, AsJson, Data, Limit, Why, reading, writing

if TYPE_CHECKING:
    from patchbook.engagement.handoff import Handoff

HandoffId = Annotated[str, typer.Argument(metavar="HANDOFF", help="The handoff's id.")]


@group.command()
def handoffs(
    limit: Limit = 100, after: After = None, data: Data = None, acting: Acting = None, as_json: AsJson = False
) -> None:
    """List customers that were won and are handed over, the first to be due first."""
    from patchbook.engagement import handing_over

    with reading(data, acting) as (tx, who):
        page = handing_over.handoffs(tx, after=after, limit=limit, **who)
    say_page(
        page,
        ("handoff", "account", "from", "to", "status", "due on", "still to do"),
        lambda one: (
            one.handoff_id, one.account_id, one.from_person, one.to_person, one.status, one.due_at,
            [item.item for item in one.checklist if not item.is_done],
        ),
        empty="Nothing is handed over.",
        as_json=as_json,
    )  # fmt: skip


@group.command()
def prepare(
    handoff: HandoffId,
    done: Annotated[list[str] | None, typer.Option("--done", metavar="ITEM", help="An item that is done.")] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What they need to know.")] = None,
    data: Data = None,
    acting: Acting = None,
    as_json: AsJson = False,
) -> None:
    """Tick items of a handoff's checklist, and write its note."""
    from patchbook.engagement import handing_over

    with writing(data, acting) as (tx, who):
        changed = handing_over.prepare(tx, handoff, done=done or (), note=note, **who)
    _say(changed, as_json)


@group.command()
def accept(handoff: HandoffId, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Say that you have the customer now."""
    from patchbook.engagement import handing_over

    with writing(data, acting) as (tx, who):
        changed = handing_over.accept(tx, handoff, **who)
    _say(changed, as_json)


@group.command("send-back")
def send_back(handoff: HandoffId, why: Why, data: Data = None, acting: Acting = None, as_json: AsJson = False) -> None:
    """Send a handoff back to sales, with what is missing."""
    from patchbook.engagement import handing_over

    with writing(data, acting) as (tx, who):
        changed = handing_over.send_back(tx, handoff, why, **who)
    _say(changed, as_json)


def _say(one: Handoff, as_json: bool) -> None:
    if as_json:
        say_json(one)
    else:
        typer.echo(f"The handoff of {one.account_id} is {one.status}.")
