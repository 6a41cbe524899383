"""What a replay shows: load and waiting for each person, who would have had what, beside what happened. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import polars as pl

from patchbook.replay.past import Past
from patchbook.routing.decision import Decision
from patchbook.words import counted

SCHEMA: dict[str, pl.DataType] = {
    "source": pl.String(),
    "source_id": pl.String(),
    "kind": pl.String(),
    "received_at": pl.Datetime("us", "UTC"),
    "person_id": pl.String(),
    "was": pl.String(),
    "moves": pl.Boolean(),
    "stage": pl.String(),
    "route": pl.String(),
    "account_id": pl.String(),
    "territory": pl.String(),
    "waits_minutes": pl.Float64(),
    "waited_minutes": pl.Float64(),
    "says": pl.String(),
}
"""The columns of `Replayed.decisions`. `was` is who had it in fact; `moves` whether that is somebody else."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the plan and its routing say of one lead of the past."""

    past: Past
    decision: Decision
    territory: str | None
    works_at: datetime | None
    """When whoever gets it works next, or the lead is decided again; the first moment anybody could answer."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """One person in the replay."""

    person_id: str
    gets: int
    had: int
    """In fact."""
    value_usd: float
    had_value_usd: float
    most_in_a_day: int
    """The largest number that comes to them within one UTC day."""
    waits_minutes: float | None
    """The median time until they work, of what they get."""


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """All that a replay shows."""

    since: datetime
    until: datetime
    people: tuple[Loaded, ...]
    """Who gets most first."""
    stages: dict[str, int]
    """Stage that decided → how many."""
    unrouted: int
    """They would wait in the orphan queue."""
    moves: int
    """They would go to somebody else than they did."""
    known: int
    """It is known who had them."""
    waits_minutes: float | None
    """The median time until whoever gets one works."""
    waited_minutes: float | None
    """The median time until somebody got in touch, in fact."""
    decisions: pl.DataFrame
    """One row a lead, in the order they came; see `SCHEMA`."""

    @property
    def says(self) -> str:
        """It in a few sentences."""
        leads = self.decisions.height
        found = (
            f"{leads - self.unrouted:,} {'finds' if leads - self.unrouted == 1 else 'find'} an owner,"
            f" {self.unrouted:,} {'waits' if self.unrouted == 1 else 'wait'} in the queue"
        )
        parts = [f"{counted(leads, 'lead')}: {found}."]
        if self.known:
            parts.append(
                f"Of {self.known:,} whose owner is known, {self.moves:,} ({self.moves / self.known:.1%})"
                f" {'goes to somebody else than it did' if self.moves == 1 else 'go to somebody else than they did'}."
            )
        if self.people:
            most, least = self.people[0], self.people[-1]
            parts.append(
                f"Of {counted(len(self.people), 'person', 'people')}, {most.person_id} gets most, {most.gets:,},"
                f" and {least.person_id} fewest, {least.gets:,}."
                if len(self.people) > 1
                else f"{most.person_id} gets all that find an owner."
            )
        if self.waits_minutes is not None:
            fact = f"; in fact it took {_minutes(self.waited_minutes)}" if self.waited_minutes is not None else ""
            parts.append(f"Half of them could be answered within {_minutes(self.waits_minutes)}{fact}.")
        return " ".join(parts)


def shown(answers: Sequence[Answer]) -> Replayed:
    """What these answers show."""
    rows = [_row(one) for one in answers]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    waits = [minutes for one in answers if (minutes := _waits(one)) is not None]
    waited = [minutes for one in answers if (minutes := _waited(one.past)) is not None]
    return Replayed(
        since=answers[0].past.lead.received_at,
        until=answers[-1].past.lead.received_at,
        people=_people(answers),
        stages=dict(Counter(one.decision.stage for one in answers).most_common()),
        unrouted=sum(one.decision.is_queued for one in answers),
        moves=sum(bool(row["moves"]) for row in rows),
        known=sum(one.past.person_id is not None for one in answers),
        waits_minutes=median(waits) if waits else None,
        waited_minutes=median(waited) if waited else None,
        decisions=frame,
    )


def _people(answers: Sequence[Answer]) -> tuple[Loaded, ...]:
    gets: dict[str, list[Answer]] = defaultdict(list)
    had: dict[str, list[Past]] = defaultdict(list)
    for one in answers:
        if one.decision.person_id is not None:
            gets[one.decision.person_id].append(one)
        if one.past.person_id is not None:
            had[one.past.person_id].append(one.past)
    found = [_loaded(person_id, gets[person_id], had[person_id]) for person_id in {*gets, *had}]
    return tuple(sorted(found, key=lambda one: (-one.gets, -one.had, one.person_id)))


def _loaded(person_id: str, gets: Sequence[Answer], had: Sequence[Past]) -> Loaded:
    days = Counter(one.decision.at.date() for one in gets)
    waits = [minutes for one in gets if (minutes := _waits(one)) is not None]
    return Loaded(
        person_id=person_id,
        gets=len(gets),
        had=len(had),
        value_usd=sum(one.past.value_usd or 0.0 for one in gets),
        had_value_usd=sum(one.value_usd or 0.0 for one in had),
        most_in_a_day=max(days.values(), default=0),
        waits_minutes=median(waits) if waits else None,
    )


def _row(one: Answer) -> dict[str, object]:
    lead, past, decision = one.past.lead, one.past, one.decision
    return {
        "source": lead.source,
        "source_id": lead.source_id,
        "kind": lead.kind.value,
        "received_at": lead.received_at,
        "person_id": decision.person_id,
        "was": past.person_id,
        "moves": None if past.person_id is None else past.person_id != decision.person_id,
        "stage": decision.stage,
        "route": decision.route,
        "account_id": decision.account_id,
        "territory": one.territory,
        "waits_minutes": _waits(one),
        "waited_minutes": _waited(past),
        "says": decision.says,
    }


def _waits(one: Answer) -> float | None:
    if one.decision.is_queued or one.works_at is None:
        return None
    return max(0.0, (one.works_at - one.past.lead.received_at).total_seconds() / 60)


def _waited(past: Past) -> float | None:
    return None if past.touched_at is None else (past.touched_at - past.lead.received_at).total_seconds() / 60


def _minutes(minutes: float | None) -> str:
    if minutes is None:
        return "an unknown time"
    if minutes < 60:
        return f"{minutes:,.0f} min"
    return f"{minutes / 60:,.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:,.1f} days"
