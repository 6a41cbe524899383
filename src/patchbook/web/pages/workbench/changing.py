"""What people do in the workbench: see what moves would do, make or propose them, and every other edit of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from patchbook.errors import BadInput
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import actions as plans
from patchbook.plans import edits
from patchbook.plans import store as plan_store
from patchbook.plans.effect import Effect
from patchbook.plans.effect import Load as Change
from patchbook.plans.guardrails import Refusal
from patchbook.plans.life import RecordedPlan
from patchbook.proposals import actions as proposals
from patchbook.web.models import InPath
from patchbook.web.page import FORM, Looked
from patchbook.web.pages.workbench.looking import Right, right_of
from patchbook.web.pages.workbench.router import router
from patchbook.web.planned import planned_as
from patchbook.words import counted

MOST_SHOWN = 12
"""Territories whose figures are shown before a move; of more those that change most."""

Accounts = Annotated[str, Form(max_length=2_000_000, description="Account ids, one a line.")]
Ticked = Annotated[list[str] | None, Form(max_length=1_000)]
Text = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=2_000)]
Number = Annotated[int, Form(ge=0)]


class NothingChosen(BadInput):
    """No account is chosen."""

    def __init__(self) -> None:
        super().__init__("No account is chosen; choose some in the table or on the map first.")


@dataclass(frozen=True, kw_only=True)
class Touched:
    """One territory a move gives to or takes from."""

    name: str
    colour: int
    changes: tuple[Change, ...]
    """What it carries of each measure before and after; accounts first."""


@dataclass(frozen=True, kw_only=True)
class EffectPage:
    """What a move would do, before it is made."""

    plan: RecordedPlan
    right: Right
    accounts: tuple[str, ...]
    to: str
    effect: Effect
    refusals: tuple[Refusal, ...]
    touched: tuple[Touched, ...]
    hidden: int

    @property
    def may_overrule(self) -> bool:
        """Whether whoever looks may go past the guardrails with a reason."""
        return self.right is Right.EDIT and all(refusal.may_be_overruled for refusal in self.refusals)

    @property
    def may_go_on(self) -> bool:
        """Whether there is something to press: a proposal may break guardrails, a move only with a reason."""
        return bool(self.effect.accounts) and (
            not self.refusals or self.may_overrule or self.right in (Right.PROPOSE, Right.COMMIT)
        )

    @property
    def proposes(self) -> bool:
        """Whether it will be asked for, rather than made."""
        return self.right is Right.PROPOSE or (self.right is Right.COMMIT and bool(self.refusals))


def consider(
    tx: Connection, plan_id: str, accounts: Sequence[str], to: str, *, by: Principal, at: datetime
) -> EffectPage:
    """What moving the accounts would do to every measure of every territory it touches."""
    if not accounts:
        raise NothingChosen
    plan = plan_store.get(tx, plan_id, by=by, at=at)
    preview = proposals.effect_of(tx, plan_id, dict.fromkeys(accounts, to), by=by, at=at)
    planned = planned_as(tx, plan)
    by_territory: dict[str, list[Change]] = {}
    for load in preview.effect.loads:
        by_territory.setdefault(load.territory, []).append(load)
    order = sorted(by_territory, key=lambda name: (name != to, -_share_changed(by_territory[name])))
    return EffectPage(
        plan=plan,
        right=right_of(tx, plan, by),
        accounts=tuple(accounts),
        to=to,
        effect=preview.effect,
        refusals=preview.refusals,
        touched=tuple(
            Touched(name=name, colour=planned.colours[planned.index_of[name]], changes=tuple(by_territory[name]))
            for name in order[:MOST_SHOWN]
        ),
        hidden=max(0, len(order) - MOST_SHOWN),
    )


def _share_changed(changes: Sequence[Change]) -> float:
    return max(abs(one.after - one.before) / (one.target or one.before or 1.0) for one in changes)


@router.form("/plans/{plan_id}/effect", Deed.PROPOSE)
def show_effect(
    plan_id: InPath, here: Looked, accounts: Accounts = "", account: Ticked = None, to: Text = ""
) -> Response:
    """What a move would do; nothing is changed."""
    page = consider(here.tx, plan_id, chosen(accounts, account), to, by=here.person, at=here.at)
    return here.show("workbench_effect.html", page, block="effect")


@router.form("/plans/{plan_id}/moves", Deed.PROPOSE)
def move(
    plan_id: InPath,
    here: Looked,
    accounts: Accounts = "",
    account: Ticked = None,
    to: Text = "",
    why: Reason = "",
    overrule: Reason = "",
    revision: Number = 0,
    propose: Text = "",
) -> Response:
    """Move accounts to a territory, or ask for it where one may not do it alone."""
    ids = chosen(accounts, account)
    if not ids:
        raise NothingChosen
    plan = plan_store.get(here.tx, plan_id, by=here.person, at=here.at)
    right = right_of(here.tx, plan, here.person)
    told = counted(len(ids), "account")
    if right is Right.PROPOSE or propose:
        made = proposals.propose(
            here.tx, plan_id, dict.fromkeys(ids, to), why, revision=revision or None, by=here.person, at=here.at
        )
        asked = counted(len(made.moves), "account")
        said = f"You asked for {asked} to go to {to}; whoever looks after both sides decides."
        return changed(here, plan, said, proposal=made.proposal_id)
    if right is Right.COMMIT:
        after = proposals.commit(
            here.tx, plan_id, dict.fromkeys(ids, to), why, revision=revision or None, by=here.person, at=here.at
        )
        return changed(here, after, f"{told} moved to {to}.")
    after = plans.edit(
        here.tx, plan_id, edits.Move(accounts=tuple(ids), to=to), why=why or None, revision=revision or None,
        overrule=overrule or None, by=here.person, at=here.at,
    )  # fmt: skip
    return changed(here, after, f"{told} moved to {to}.")


@router.form("/plans/{plan_id}/changes", Deed.EDIT_PLAN)
def change(
    plan_id: InPath,
    here: Looked,
    kind: Text,
    accounts: Accounts = "",
    account: Ticked = None,
    territory: Text = "",
    to: Text = "",
    into: Text = "",
    layer: Text = "",
    person: Text = "",
    interim: Text = "",
    territories: Ticked = None,
    why: Reason = "",
    overrule: Reason = "",
    revision: Number = 0,
) -> Response:
    """Any other edit: lock, unlock, rename, add, remove, merge, staff, vacant; or split, which is add and move."""
    ids = chosen(accounts, account)
    common = {"why": why or None, "overrule": overrule or None, "by": here.person, "at": here.at}
    if kind == "split":
        plans.edit(here.tx, plan_id, edits.Add(territory=to, layer=layer or None), revision=revision or None, **common)  # type: ignore[arg-type]
        if not ids:
            raise NothingChosen
        after = plans.edit(here.tx, plan_id, edits.Move(accounts=tuple(ids), to=to), revision=None, **common)  # type: ignore[arg-type]
        return changed(here, after, f"{to} holds {counted(len(ids), 'account')} now.")
    parts: dict[str, object] = {
        "accounts": list(ids), "territory": territory, "to": to, "into": into, "layer": layer, "person": person,
        "interim": interim, "territories": territories or [],
    }  # fmt: skip
    made = edits.KINDS.get(kind)
    names = made.__dataclass_fields__ if made is not None else {}
    given = {name: part for name, part in parts.items() if name in names and part}
    edit = edits.of(kind, given)
    after = plans.edit(here.tx, plan_id, edit, revision=revision or None, **common)  # type: ignore[arg-type]
    return changed(here, after, f"You {edits.said_of([edit])}.")


@router.form("/plans/{plan_id}/undo", Deed.EDIT_PLAN)
def undo(plan_id: InPath, here: Looked, revision: Number = 0) -> Response:
    """Take back the last edit."""
    return changed(
        here, plans.undo(here.tx, plan_id, revision=revision or None, by=here.person, at=here.at), "Taken back."
    )


@router.form("/plans/{plan_id}/redo", Deed.EDIT_PLAN)
def redo(plan_id: InPath, here: Looked, revision: Number = 0) -> Response:
    """Make the edit that was taken back again."""
    return changed(
        here, plans.redo(here.tx, plan_id, revision=revision or None, by=here.person, at=here.at), "Done again."
    )


def chosen(accounts: str, ticked: Sequence[str] | None) -> list[str]:
    """The accounts a form names, each once."""
    return list(dict.fromkeys(one for one in (*accounts.splitlines(), *(ticked or ())) if one.strip()))


def changed(here: Looked, plan: RecordedPlan, said: str, **more: str) -> Response:
    """The answer to a change: the revision for a workbench that is open, the page again without script."""
    if FORM in here.request.headers:
        told: Mapping[str, object] = {"revision": plan.revision, "said": said, **more}
        return JSONResponse(told)
    return here.done(f"/plans/{plan.plan_id}", said)
