"""Answers what a decision asks, from the record at one moment."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from patchbook.engagement import answers as engagement
from patchbook.leads import store
from patchbook.leads.company import owner, standing_of
from patchbook.leads.knowledge import Basis
from patchbook.leads.names import token
from patchbook.routing.calendar import Calendar
from patchbook.routing.question import Question
from patchbook.routing.questions import (
    Candidate,
    Candidates,
    Family,
    FamilyOf,
    Holder,
    HolderOf,
    LastHad,
    Load,
    LoadOf,
    Members,
    MembersOf,
    OwnerOf,
    PartnerOf,
    Placed,
    Placing,
    Registered,
    Standing,
    StandingOf,
    Territory,
    TurnsOf,
)

Answer = TypeVar("Answer")


class CompanyWorld:
    """
    The company as one decision sees it.

    People are named by tokens, which whoever reads the decision later puts names in: a decision is kept for ever, and a
    name may have to be erased.
    """

    def __init__(
        self,
        tx: Connection,
        company: Connection,
        basis: Basis,
        turns: MutableMapping[str, Mapping[str, Any] | None],
        *,
        key: bytes,
        lead_id: str,
        besides: frozenset[str],
        at: datetime,
    ) -> None:
        self._tx = tx
        self._company = company
        self._basis = basis
        self._turns = turns
        self._key = key
        self._lead_id = lead_id
        self._besides = besides
        self._at = at
        self._on = basis.on(at)

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer."""
        return cast(Answer, _ANSWERS[type(question)](self, question))

    def _candidates(self, question: Candidates) -> tuple[Candidate, ...]:
        finds, free_mail = self._basis.compiled.finds, self._basis.routing.free_mail
        return () if finds is None else tuple(finds.candidates(question.identity, question.at_least, free_mail))

    def _owner(self, question: OwnerOf) -> Holder | None:
        return owner(
            self._company,
            self._basis.company,
            question.account_id,
            question.role,
            question.opportunity_id,
            on=self._on,
        )

    def _holder(self, question: HolderOf) -> Holder | None:
        return self._basis.company.holder(question.territory_id, question.role, self._on)

    def _partner(self, question: PartnerOf) -> Registered | None:
        return engagement.partner_of(self._company, question.account_id, on=self._on)

    def _family(self, question: FamilyOf) -> Family | None:
        return engagement.family_of(self._company, question.account_id)

    def _standing(self, question: StandingOf) -> Standing | None:
        company = self._basis.company
        profile = company.people.get(question.person_id)
        if profile is None:
            return None
        return standing_of(
            profile,
            company.acting(question.person_id, self._on),
            self._calendar(question.person_id),
            name=token(profile.person_id),
            is_employed=any(period.contains(self._on) for period in profile.employed),
            is_paused=question.person_id in self._besides,
            at=self._at,
        )

    def _calendar(self, person_id: str) -> Calendar:
        return self._basis.company.calendar(person_id, self._basis.calendars)

    def _load(self, question: LoadOf) -> Load:
        zone = self._calendar(question.person_id).time_zone if self._is_known(question.person_id) else "UTC"
        since = starts_of(self._at, zone)
        return store.load(self._tx, question.person_id, question.kinds, since, besides=self._lead_id)

    def _is_known(self, person_id: str) -> bool:
        return person_id in self._basis.company.people

    def _members(self, question: MembersOf) -> Members | None:
        return self._basis.company.pools.get(question.pool)

    def _turns_of(self, question: TurnsOf) -> Mapping[str, Any] | None:
        if question.pool_id not in self._turns:
            self._turns[question.pool_id] = store.turns(self._tx, [question.pool_id]).get(question.pool_id)
        return self._turns[question.pool_id]

    def _last_had(self, question: LastHad) -> str | None:
        return store.last_had(
            self._tx,
            account_id=question.account_id,
            contact=contact_digest(self._key, question.email),
            since=self._at - timedelta(days=question.days) if question.days else None,
            besides=self._lead_id,
        )

    def _placing(self, question: Placing) -> Placed:
        return placed(self._basis, question, at=self._at)


def placed(basis: Basis, question: Placing, *, at: datetime) -> Placed:
    """Where the published plan puts a record."""
    places = basis.compiled.places
    if places is None:
        return Placed(says=basis.compiled.why_not)
    found = places.on(at.date()).place({**question.fields, "account_id": question.account_id})
    names = [found.territory] if found.territory is not None else list(found.candidates)
    ids = basis.company.ids_of(basis.on(at))
    known = tuple(Territory(territory_id=ids[name], name=name) for name in names if name in ids)
    return Placed(territories=known, says=found.says)


def contact_digest(key: bytes, email: Any) -> str | None:
    """A keyed digest of an e-mail address, by which leads of one contact are found and no address is told."""
    if not isinstance(email, str) or not email.strip():
        return None
    return hmac.new(key, f"contact\n{email.strip().lower()}".encode(), hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=1000)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def starts_of(at: datetime, zone: str) -> dict[str, datetime]:
    """The instants since which what somebody was given counts, by the clock on their wall."""
    local = at.astimezone(_zone(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    starts = {
        "day": midnight,
        "week": midnight - timedelta(days=midnight.weekday()),
        "month": midnight.replace(day=1),
    }
    return {"hour": at - timedelta(hours=1), **{name: start.astimezone(UTC) for name, start in starts.items()}}


_ANSWERS: Mapping[type[Question[Any]], Callable[[CompanyWorld, Any], Any]] = {
    Candidates: CompanyWorld._candidates,
    OwnerOf: CompanyWorld._owner,
    HolderOf: CompanyWorld._holder,
    PartnerOf: CompanyWorld._partner,
    FamilyOf: CompanyWorld._family,
    StandingOf: CompanyWorld._standing,
    LoadOf: CompanyWorld._load,
    MembersOf: CompanyWorld._members,
    TurnsOf: CompanyWorld._turns_of,
    LastHad: CompanyWorld._last_had,
    Placing: CompanyWorld._placing,
}
