"""A change of the rules: looked at before it is made, and made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.page import cursor_of
from patchbook.errors import BadInput
from patchbook.imports import snapshots
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.plans import rule_actions
from patchbook.plans.plan import CarveLayer, RuleLayer
from patchbook.plans.rule_change import (
    SETTINGS,
    AddLayer,
    ChangeLayer,
    LayerChange,
    MoveLayer,
    RemoveLayer,
)
from patchbook.plans.rule_moves import Way
from patchbook.plans.rules_now import Standing
from patchbook.web.models import InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.frame import ROWS, Top, path_of, router, see
from patchbook.words import counted

LONGEST = 20_000
"""Characters of a condition that a form takes; a longer list is a file."""
SHOWN = 50

_Word = Annotated[str, Query(max_length=20)]
_Text = Annotated[str | None, Query(max_length=200)]
_Number = Annotated[int | None, Query(ge=1, le=100_000)]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A change as an address or a form tells it."""

    deed: str
    layer: int | None
    to: int | None
    before: int | None
    kind: str
    sets: str
    """Which settings are told, since an empty one says that it is to go."""
    territory: str | None
    name: str | None
    where: str | None
    person: str | None

    def change(self) -> LayerChange:
        """What it means."""
        if self.deed == "add":
            settings = {
                name: value for name in SETTINGS.get(self.kind, ()) if (value := getattr(self, name, None)) is not None
            }
            return AddLayer(kind=self.kind, settings=settings, before=self.before)
        if self.layer is None:
            raise BadInput("A change says which layer it is about.")
        if self.deed == "move":
            if self.to is None:
                raise BadInput("A move says the place the layer goes to.")
            return MoveLayer(layer=self.layer, to=self.to)
        if self.deed == "remove":
            return RemoveLayer(layer=self.layer)
        if self.deed == "change":
            names = [name for name in self.sets.split() if name in ("territory", "name", "where", "person")]
            return ChangeLayer(layer=self.layer, settings={name: getattr(self, name) or "" for name in names})
        raise BadInput(f"{self.deed!r} is no change of rules; there are add, move, change and remove.")


def _asked(
    deed: _Word,
    layer: _Number = None,
    to: _Number = None,
    before: _Number = None,
    kind: _Word = "",
    sets: Annotated[str, Query(max_length=100)] = "",
    territory: _Text = None,
    name: _Text = None,
    where: Annotated[str | None, Query(max_length=LONGEST)] = None,
    person: _Text = None,
) -> Told:
    return Told(
        deed=deed, layer=layer, to=to, before=before, kind=kind, sets=sets, territory=territory, name=name,
        where=where, person=person,
    )  # fmt: skip


def _sent(
    deed: Annotated[str, Form(max_length=20)],
    layer: Annotated[int | None, Form(ge=1, le=100_000)] = None,
    to: Annotated[int | None, Form(ge=1, le=100_000)] = None,
    before: Annotated[int | None, Form(ge=1, le=100_000)] = None,
    kind: Annotated[str, Form(max_length=20)] = "",
    sets: Annotated[str, Form(max_length=100)] = "",
    territory: Annotated[str | None, Form(max_length=200)] = None,
    name: Annotated[str | None, Form(max_length=200)] = None,
    where: Annotated[str | None, Form(max_length=LONGEST)] = None,
    person: Annotated[str | None, Form(max_length=200)] = None,
) -> Told:
    return Told(
        deed=deed, layer=layer, to=to, before=before, kind=kind, sets=sets, territory=territory, name=name,
        where=where, person=person,
    )  # fmt: skip


Asked = Annotated[Told, Depends(_asked)]
Sent = Annotated[Told, Depends(_sent)]


def fields_of(change: LayerChange) -> dict[str, str]:
    """A change as the fields of a form, which `Told` reads back."""
    if isinstance(change, AddLayer):
        before = {} if change.before is None else {"before": str(change.before)}
        return {"deed": "add", "kind": change.kind, **before, **change.settings}
    if isinstance(change, MoveLayer):
        return {"deed": "move", "layer": str(change.layer), "to": str(change.to)}
    if isinstance(change, RemoveLayer):
        return {"deed": "remove", "layer": str(change.layer)}
    told = {"deed": "change", "layer": str(change.layer), "sets": " ".join(change.settings)}
    return {**told, **change.settings}


def where_in_list(plan_id: str, number: int, revision: int) -> str:
    """Where a layer stands in the list; another address for each revision, so that a browser asks for it anew."""
    begin = (number - 1) // ROWS * ROWS
    after = f"&after={cursor_of(begin)}" if begin else ""
    return f"{path_of(plan_id)}?since={revision}{after}#layer-{number}"


def preview_path(plan_id: str, change: LayerChange) -> str:
    """Where one looks at a change before it is made; a rule without a territory is written first."""
    fields = fields_of(change)
    if isinstance(change, AddLayer) and change.kind == "rule" and not change.settings.get("territory"):
        told = {name: value for name, value in fields.items() if name in ("kind", "where", "before")}
        return f"{path_of(plan_id)}/new?{urlencode(told)}"
    return f"{path_of(plan_id)}/change?{urlencode(fields)}"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """An account that would go elsewhere."""

    account_id: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many accounts a layer takes before and after."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class ChangePage:
    """What a change would do."""

    top: Top
    says: str
    fields: dict[str, str]
    was: str | None
    becomes: str | None
    """The condition before and after, where that changes."""
    sentence: str
    moved: int
    ways: tuple[Way, ...]
    accounts: tuple[Moved, ...]
    hidden: int
    """How many of those that move are not shown."""
    counts: tuple[Count, ...]


def load(tx: Connection, plan_id: str, change: LayerChange, *, by: Principal, at: datetime) -> ChangePage:
    """A change, weighed."""
    seen = see(tx, plan_id, by=by, at=at, wait_seconds=0)
    weighed = rule_actions.weigh(tx, plan_id, change, by=by, at=at)
    may_see = snapshots.seen_by(tx, by, at=at)
    table = weighed.moves.seen(may_see)
    was, becomes = _conditions(weighed.before, change)
    return ChangePage(
        top=seen.top,
        says=weighed.says,
        fields=fields_of(change),
        was=was,
        becomes=becomes,
        sentence=weighed.moves.says,
        moved=weighed.moves.moved,
        ways=weighed.moves.ways[:SHOWN],
        accounts=tuple(Moved(**row) for row in table.head(SHOWN).iter_rows(named=True)),
        hidden=weighed.moves.moved - min(SHOWN, table.height),
        counts=_counts(weighed.before, weighed.after),
    )


def _conditions(before: Standing, change: LayerChange) -> tuple[str | None, str | None]:
    if isinstance(change, AddLayer):
        return None, change.settings.get("where")
    layer = before.plan.layers[change.layer - 1]
    was = layer.where if isinstance(layer, RuleLayer | CarveLayer) else None
    if isinstance(change, ChangeLayer) and "where" in change.settings:
        return was, change.settings["where"]
    return (was, None) if isinstance(change, RemoveLayer) else (None, None)


def _counts(before: Standing, after: Standing) -> tuple[Count, ...]:
    """What each layer takes, by its name, where that changes."""
    told: dict[str, list[int]] = {}
    for at, standing in enumerate((before, after)):
        for number, layer in enumerate(standing.plan.layers):
            told.setdefault(layer.name, [0, 0])[at] += standing.counts[number]
        told.setdefault("nobody", [0, 0])[at] += standing.counts[-1]
    changed = [Count(name=name, before=was, after=will) for name, (was, will) in told.items() if was != will]
    return tuple(changed[:SHOWN])


@router.page("/plans/{plan_id}/rules/change", Deed.EDIT_PLAN)
def look(here: Looked, plan_id: InPath, told: Asked) -> Response:
    """What a change would do, before it is done."""
    return here.show("rules_change.html", load(here.tx, plan_id, told.change(), by=here.person, at=here.at))


@router.form("/plans/{plan_id}/rules", Deed.EDIT_PLAN)
def make(
    here: Looked,
    plan_id: InPath,
    told: Sent,
    revision: Annotated[int, Form(ge=1)],
    back: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Change the rules."""
    made = rule_actions.change(here.tx, plan_id, told.change(), revision=revision, by=here.person, at=here.at)
    moved = made.moves.moved
    sentence = "No account goes elsewhere" if not moved else f"{counted(moved, 'account')} would go elsewhere"
    carve = " at the next carve" if moved and made.recorded.result_id is not None else ""
    path = back if back.startswith(path_of(plan_id)) else path_of(plan_id)
    if isinstance(made.change, MoveLayer):
        path = where_in_list(plan_id, made.change.to, revision)
    return here.done(path, f"Done: {made.says[:1].lower()}{made.says[1:]}. {sentence}{carve}.")
