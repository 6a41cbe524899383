"""What people call things on the command line: a plan by its name, a lead by the id it came with, or any by its id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from patchbook.errors import BadInput, NotFound

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from patchbook.cli.record import Who
    from patchbook.plans.life import RecordedPlan

MOST = 1000

Plan = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's name or id.")]
Person = Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")]


class SeveralOfThatName(BadInput):
    """A name means more than one thing; the message lists their ids."""


def plan_named(tx: Connection, name: str, who: Who) -> RecordedPlan:
    """The one plan this person may see that has this id or this name; what was withdrawn is meant last."""
    from patchbook.plans import actions as plans
    from patchbook.plans.life import Status

    try:
        return plans.get(tx, name, **who)
    except NotFound:
        found = [plan for plan in _every_plan(tx, who) if plan.name == name]
        alive = [plan for plan in found if plan.status not in (Status.WITHDRAWN, Status.SUPERSEDED)]
        match alive or found:
            case []:
                raise
            case [plan]:
                return plan
            case several:
                ids = ", ".join(plan.plan_id for plan in several)
                raise SeveralOfThatName(
                    f"{len(several)} plans are called {name!r}; name one by its id: {ids}."
                ) from None


def lead_named(tx: Connection, name: str, who: Who) -> str:
    """The id of the one lead this person may see that has this id here or where it comes from."""
    from patchbook.leads import looking

    try:
        return looking.get(tx, name, **who).lead_id
    except NotFound:
        match looking.of_source_id(tx, name, **who):
            case []:
                raise
            case [lead]:
                return lead.lead_id
            case several:
                ids = ", ".join(f"{lead.lead_id} of {lead.source}" for lead in several)
                raise SeveralOfThatName(
                    f"Several leads came with the id {name!r}; name one by the id it has here: {ids}."
                ) from None


def _every_plan(tx: Connection, who: Who) -> list[RecordedPlan]:
    from patchbook.plans import actions as plans

    found: list[RecordedPlan] = []
    after = None
    while True:
        page = plans.plans(tx, after=after, limit=MOST, **who)
        found += page.rows
        if (after := page.next_cursor) is None:
            return found


def plan_names(tx: Connection, plan_ids: Iterable[str | None], who: Who) -> dict[str, str]:
    """What these plans are called, where this person may see them."""
    from patchbook.plans import actions as plans

    names: dict[str, str] = {}
    for plan_id in {one for one in plan_ids if one is not None}:
        with suppress(NotFound):
            names[plan_id] = plans.get(tx, plan_id, **who).name
    return names


def account_names(tx: Connection, account_ids: Sequence[str]) -> dict[str, str]:
    """What these accounts are called in the newest import, where it names them."""
    from patchbook.imports.actions import accounts_by_id
    from patchbook.imports.imported import NoImport

    try:
        known = accounts_by_id(tx, account_ids)
    except NoImport:
        return {}
    return dict(known.select("account_id", "name").iter_rows()) if "name" in known.columns else {}
