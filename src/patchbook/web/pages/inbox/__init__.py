"""The inbox: everything that waits for somebody, decided where it stands, alone or several of a kind at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.record import part_of
from patchbook.errors import BadInput, PatchbookError
from patchbook.people.principal import Principal
from patchbook.proposals import actions as proposals
from patchbook.proposals.inbox import SOON, Item, inbox
from patchbook.web.models import After
from patchbook.web.names import accounts_named, people_named, with_names
from patchbook.web.page import Looked, Nav, Pages
from patchbook.web.pages.inbox.deciding import KIND, KINDS, Answer, Kind
from patchbook.web.policy import Anybody
from patchbook.words import counted, listed

NAV = (Nav(title="Inbox", path="/inbox", section="", deed=Anybody.SIGNED_IN),)
PAGE_SIZE = 50
TOLD = 3
"""So many refusals of several are told in full."""

router = Pages()


class MixedKinds(BadInput):
    """Things of several kinds would be decided at once, or of a kind that is decided on its own page."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits, as the page shows it."""

    key: str
    kind: Kind
    says: str
    effect: str | None
    since: datetime
    due: datetime | None
    is_late: bool
    href: str


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many of a kind wait."""

    kind: Kind
    number: int


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """What waits for somebody."""

    only: Kind | None
    """The kind that is shown alone."""
    total: int
    counts: tuple[Count, ...]
    """Those of which any wait."""
    items: tuple[Waiting, ...]
    next: str | None
    overdue_challenges: int
    expiring_exceptions: int
    soon_days: int = SOON.days

    @property
    def is_bulk(self) -> bool:
        """Whether several can be decided at once."""
        return self.only is not None and self.only.decide is not None and len(self.items) > 1


def load(
    tx: Connection, *, only: str | None = None, after: str | None = None, by: Principal, at: datetime
) -> InboxPage:
    """What waits for this person, of one kind or of all."""
    kind = next((one for one in KINDS if one.source == only), None)
    found = inbox(tx, only=kind.source if kind else None, after=after, limit=PAGE_SIZE, by=by, at=at)
    rows = found.items.rows
    return InboxPage(
        only=kind,
        total=found.total,
        counts=tuple(Count(kind=one, number=found.counts[one.source]) for one in KINDS if found.counts[one.source]),
        items=waiting(tx, rows, effects=_effects(tx, rows, by, at), at=at),
        next=found.items.next_cursor,
        overdue_challenges=found.counts["overdue_challenges"],
        expiring_exceptions=found.counts["expiring_exceptions"],
    )


def waiting(
    tx: Connection, rows: Sequence[Item], *, effects: Mapping[str, str | None] | None = None, at: datetime
) -> tuple[Waiting, ...]:
    """What waits, with the names of people and accounts; effects that are not told stay untold."""
    names = people_named(tx, (who for item in rows for who in item.people))
    accounts = accounts_named(tx, (item.about[1] for item in rows if item.about and item.about[0] == "account"))
    return tuple(_waiting(item, names, accounts, effects or {}, at) for item in rows)


def _effects(tx: Connection, rows: Sequence[Item], by: Principal, at: datetime) -> dict[str, str | None]:
    """Item → what it would do to its plan, for those that do not tell it themselves; each plan is read once."""
    found: dict[str, str | None] = {}
    for plan_id in sorted({item.plan_id for item in rows if item.plan_id is not None and item.moves}):
        items = [item for item in rows if item.plan_id == plan_id and item.moves]
        said = proposals.effects_in_words(tx, plan_id, [dict(item.moves) for item in items], by=by, at=at)
        found |= {item.subject_id: says for item, says in zip(items, said, strict=True)}
    return found


def _waiting(
    item: Item, people: Mapping[str, str], accounts: Mapping[str, str], effects: Mapping[str, str | None], at: datetime
) -> Waiting:
    kind = KIND[item.kind]
    names = {who: people.get(who, who) for who in item.people}
    if item.about is not None and item.about[0] == "account":
        account_id = item.about[1]
        name = accounts.get(account_id, account_id)
        names[account_id] = account_id if name == account_id else f"{name} ({account_id})"
    says = item.says
    if item.effect is not None and says.endswith(f": {item.effect}"):
        says = f"{says.removesuffix(f': {item.effect}')} {counted_moves(item.effect)}"
    return Waiting(
        key=kind.key(item),
        kind=kind,
        says=with_names(says, names),
        effect=item.effect or effects.get(item.subject_id),
        since=item.since,
        due=item.due,
        is_late=item.due is not None and item.due < at,
        href=kind.href(item),
    )


def counted_moves(effect: str) -> str:
    """
    What is proposed, of the sentence that tells its effect.

    Examples
    --------
    >>> counted_moves("Moves 2 accounts, 1 to another owner. West goes from 0 % to +5 % of its target potential.")
    'to move 2 accounts.'
    """
    first = effect.split(",", 1)[0].split(". ", 1)[0].rstrip(".")
    return f"{first.replace('Moves', 'to move', 1)}."


@router.page("/inbox", Anybody.SIGNED_IN)
def show(here: Looked, only: Annotated[str | None, Query(max_length=40)] = None, after: After = None) -> Response:
    """What waits for whoever looks."""
    page = load(here.tx, only=only, after=after, by=here.person, at=here.at)
    here.waiting = page.total  # the bar need not count again
    return here.show("inbox.html", page)


@router.form("/inbox/decisions", Anybody.SIGNED_IN)
def decide(
    here: Looked,
    item: Annotated[list[str], Form(min_length=1, max_length=1000)],
    decision: Annotated[Literal["yes", "no"], Form()],
    comment: Annotated[str, Form(max_length=2000)] = "",
    back: Annotated[str, Form(max_length=300)] = "/inbox",
) -> Response:
    """Decide one thing, or several of one kind; of several, those that are refused stay and say why."""
    keys = [one.partition(":") for one in dict.fromkeys(item)]
    kinds = {kind for kind, _, _ in keys}
    kind = KIND.get(kinds.pop()) if len(kinds) == 1 else None
    if kind is None or kind.decide is None:
        raise MixedKinds("Several things are decided at once where they are of one kind; choose a kind first.")
    answers = [
        Answer(subject_id=subject_id, yes=decision == "yes", comment=comment.strip(), by=here.person, at=here.at)
        for _, _, subject_id in keys
    ]
    return here.done(back, _decided(here.tx, kind, answers))


def _decided(tx: Connection, kind: Kind, answers: list[Answer]) -> str:
    """Decide each, and say what was done; a single refusal, and one of all, is raised."""
    assert kind.decide is not None
    refusals: list[PatchbookError] = []
    for answer in answers:
        try:
            with part_of(tx):
                kind.decide(tx, answer)
        except PatchbookError as refusal:
            refusals.append(refusal)
    if len(refusals) == len(answers):
        raise refusals[0]
    number = len(answers) - len(refusals)
    verb = kind.done if answers[0].yes else kind.refused
    said = f"{counted(number, kind.one, kind.many).capitalize()} {verb}."
    if not refusals:
        return said
    why = listed([str(one).rstrip(".") for one in refusals], most=TOLD)
    return f"{said} {len(refusals):,} not: {why}."
