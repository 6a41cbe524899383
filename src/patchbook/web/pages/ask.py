"""Ask: whatever one knows of an account, a person, a territory, a lead or a deal, and who has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from patchbook.accounts.finder import FoundAccount, folded
from patchbook.errors import PatchbookError
from patchbook.imports import finding
from patchbook.leads import looking
from patchbook.ledger import actions as ledger
from patchbook.ledger import deals
from patchbook.people import actions as people
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.territories import actions as territories
from patchbook.web.names import names_of
from patchbook.web.page import Looked, Pages
from patchbook.words import counted, listed

router = Pages()

SHOWN = 25
"""So many accounts the page shows; of the other things fewer."""

SUGGESTED = 8
FEWEST_SIGNS = 2
"""Leads and deals are asked for from so many signs on."""

_NO_NUL = r"^[^\x00]*$"
Asked = Annotated[str, Query(max_length=200, pattern=_NO_NUL)]


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing that fits, and where it is shown."""

    kind: str
    title: str
    path: str
    note: str = ""
    """What tells it from others: its id, its place, who has it."""
    owner: str = ""
    by: str = ""
    rank: int = 9
    is_exact: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """The hits of one kind, the best first."""

    title: str
    hits: tuple[Hit, ...]
    is_more: bool = False

    @property
    def counted(self) -> str:
        """How many they are, in words."""
        many = self.title.lower()
        one = {"people": "person", "territories": "territory"}.get(many, many.removesuffix("s"))
        return f"{len(self.hits)} or more {many}" if self.is_more else counted(len(self.hits), one, many)


@dataclass(frozen=True, kw_only=True)
class AskPage:
    """What was asked for, and what was found."""

    asked: str
    groups: tuple[Group, ...]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Everything found, the best first."""
        return tuple(hit for group in self.groups for hit in group.hits)

    @property
    def suggested(self) -> tuple[Hit, ...]:
        """What is offered while one types."""
        return self.hits[:SUGGESTED]

    @property
    def only(self) -> Hit | None:
        """What was meant beyond doubt: the only thing with that id or domain."""
        exact = [hit for hit in self.hits if hit.is_exact]
        return exact[0] if len(exact) == 1 else None

    @property
    def says(self) -> str:
        """How much was found, in one sentence."""
        if not self.asked.strip():
            return "Ask by name, domain, phone number, postal code, town or id."
        if not self.groups:
            return f"Nothing you may see is called, or has, “{self.asked.strip()}”."
        return f"Found {listed([one.counted for one in self.groups])}."


def load(tx: Connection, asked: str, *, limit: int = SHOWN, by: Principal, at: datetime) -> AskPage:
    """What fits, as far as this person may see it; the kind that fits best comes first."""
    if not asked.strip():
        return AskPage(asked=asked, groups=())
    further = max(limit // 3, 3)
    groups = [
        _group("Accounts", _accounts(tx, asked, limit + 1, by=by, at=at), limit),
        _group("People", _people(tx, asked, further + 1, by=by, at=at), further),
        _group("Territories", _territories(tx, asked, by=by, at=at), further),
    ]
    if len(asked.strip()) >= FEWEST_SIGNS:
        groups.append(_group("Leads", _leads(tx, asked, further + 1, by=by, at=at), further))
        groups.append(_group("Deals", _deals(tx, asked, further + 1, by=by, at=at), further))
    found = [group for group in groups if group.hits]
    found.sort(key=lambda group: group.hits[0].rank)
    return AskPage(asked=asked, groups=tuple(found))


@router.page("/ask", Deed.SEE)
def show(here: Looked, q: Asked = "") -> Response:
    """What was found; straight to it where there is no doubt, and only the suggestions while one types."""
    page = load(here.tx, q, limit=SUGGESTED if here.is_for_a_part else SHOWN, by=here.person, at=here.at)
    if page.only is not None and not here.is_for_a_part:
        return RedirectResponse(page.only.path, 303)
    return here.show("ask.html", page, block="suggestions")


def account_path(account_id: str) -> str:
    """
    Where an account is shown.

    Examples
    --------
    >>> account_path("EU/17 b")
    '/accounts/EU%2F17%20b'
    """
    return f"/accounts/{quote(account_id, safe='')}"


def person_path(person_id: str) -> str:
    """Where a person is shown."""
    return f"/people/{quote(person_id, safe='')}"


def territory_path(territory_id: str) -> str:
    """Where a territory is shown."""
    return f"/territories/{quote(territory_id, safe='')}"


def _group(title: str, hits: Iterable[Hit], most: int) -> Group:
    ordered = sorted(hits, key=lambda hit: hit.rank)
    return Group(title=title, hits=tuple(ordered[:most]), is_more=len(ordered) > most)


def _accounts(tx: Connection, asked: str, limit: int, *, by: Principal, at: datetime) -> list[Hit]:
    found = finding.find(tx, asked, limit=limit, by=by, at=at)
    if not any(one.is_exact for one in found) and (known := _in_the_ledger(tx, asked.strip(), by=by, at=at)):
        found = [known, *found]
    owners = ledger.owners_of(tx, [one.account_id for one in found], on=at)
    names = names_of(tx, owners.values(), at=at)
    return [
        Hit(
            kind="account",
            title=one.called,
            path=account_path(one.account_id),
            note=" · ".join(part for part in (one.account_id, one.domain, one.place, _told(one)) if part),
            owner=names.get(owners.get(one.account_id) or "", "") or "nobody",
            by=one.by,
            rank=one.rank,
            is_exact=one.is_exact,
        )
        for one in found
    ]


def _told(found: FoundAccount) -> str | None:
    """What it was found by, where that is not shown anyway."""
    return {"phone": found.phone, "postal code": found.postal_code}.get(found.by)


def _in_the_ledger(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> FoundAccount | None:
    """An account that the newest import no longer has, and the ledger still knows."""
    try:
        ledger.owner(tx, account_id, on=at, by=by, at=at)
    except PatchbookError:
        return None
    return FoundAccount(account_id=account_id, name=None, rank=0)


def _people(tx: Connection, asked: str, limit: int, *, by: Principal, at: datetime) -> list[Hit]:
    found = people.people(tx, search=asked.strip(), limit=limit, by=by, at=at).rows
    hits = []
    for one in found:
        is_there = any(period.contains(at) for period in one.employed)
        note = " · ".join(part for part in (one.person_id, one.role, one.email) if part)
        hit = Hit(kind="person", title=one.name, path=person_path(one.person_id), note=note)
        hit = replace(hit, owner="" if is_there else "not employed now")
        hits.append(_ranked(hit, asked, whole=(one.person_id, one.email or ""), name=one.name))
    return hits


def _territories(tx: Connection, asked: str, *, by: Principal, at: datetime) -> list[Hit]:
    wanted = folded(asked)
    hits = []
    for node in territories.tree(tx, on=at, by=by, at=at):
        one = node.territory
        if wanted in folded(one.name) or asked.strip() == one.territory_id:
            above = " › ".join(node.path[:-1])
            hit = Hit(kind="territory", title=one.name, path=territory_path(one.territory_id), note=above)
            hits.append(_ranked(hit, asked, whole=(one.territory_id,), name=one.name))
    return hits


def _leads(tx: Connection, asked: str, limit: int, *, by: Principal, at: datetime) -> list[Hit]:
    found = looking.find(tx, asked, limit=limit, by=by, at=at)
    names = names_of(tx, (one.person_id for one in found), at=at)
    hits = []
    for one in found:
        told = one.fields.get("company") or one.fields.get("name") or one.source_id
        hit = Hit(
            kind="lead",
            title=str(told),
            path=f"/routing/leads/{quote(one.lead_id, safe='')}",
            note=f"{one.kind} from {one.source} · {one.source_id}",
            owner=names.get(one.person_id or "", "") or one.status.value,
        )
        hits.append(_ranked(hit, asked, whole=(one.lead_id, one.source_id), name=str(told), least=6))
    return hits


def _deals(tx: Connection, asked: str, limit: int, *, by: Principal, at: datetime) -> list[Hit]:
    found = deals.find(tx, asked, limit=limit, by=by, at=at)
    owners = ledger.owners_of(tx, [one.account_id for one in found], on=at)
    names = names_of(tx, [*owners.values(), *(one.holder_id for one in found)], at=at)
    hits = []
    for one in found:
        stage = "closed" if one.closed else (one.stage or "open")
        hit = Hit(
            kind="deal",
            title=one.called,
            path=f"{account_path(one.account_id)}#deals",
            note=f"{one.opportunity_id} · {stage}",
            owner=names.get(one.holder_id or owners.get(one.account_id) or "", ""),
        )
        hits.append(_ranked(hit, asked, whole=(one.opportunity_id,), name=one.called, least=6))
    return hits


def _ranked(hit: Hit, asked: str, *, whole: tuple[str, ...], name: str, least: int = 0) -> Hit:
    """A hit with its rank beside those of accounts: a whole id, a whole name, its beginning, or anywhere."""
    wanted, called = folded(asked), folded(name)
    if wanted in [folded(one) for one in whole if one]:
        return replace(hit, rank=0, is_exact=True)
    rank = 2 if called == wanted else 5 if called.startswith(wanted) else 8 if f" {wanted}" in called else 10
    return replace(hit, rank=max(rank, least))
