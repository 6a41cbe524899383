"""Leads in the database: as they stand, every decision about them, whose turn it is, and what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from patchbook.db.metadata import Instant
from patchbook.leads.fields import packed, unpacked
from patchbook.leads.lead import (
    Cause,
    LeadEvent,
    RecordedDecision,
    RecordedLead,
    Status,
    UnknownLead,
    Version,
    What,
)
from patchbook.leads.tables import decision, lead, lead_event, routing, turn
from patchbook.routing.decision import Decision
from patchbook.routing.lead import Kind, Motion
from patchbook.routing.questions.people import Load

_WHOLE = TypeAdapter(Decision)

READ_THROUGH = 5_000
"""So many of the newest leads are read through for a text."""

OPEN = (Status.ASSIGNED.value, Status.QUEUED.value)


def by_source(tx: Connection, source: str, source_id: str) -> RecordedLead | None:
    """The lead of this id from this source."""
    found = tx.execute(_by_source(), {"its_source": source, "its_id": source_id}).one_or_none()
    return None if found is None else _lead(found)


@cache
def _by_source() -> Select[Any]:
    named = (lead.c.source == bindparam("its_source", type_=Text()), lead.c.source_id == bindparam("its_id"))
    return select(lead).where(*named)


def get(tx: Connection, lead_id: str, *, seen: ColumnElement[bool] | None = None) -> RecordedLead:
    """
    The lead of an id, if it is one that may be seen.

    Raises
    ------
    UnknownLead
        There is none.
    """
    query = select(lead).where(lead.c.lead_id == lead_id)
    found = tx.execute(query if seen is None else query.where(seen)).one_or_none()
    if found is None:
        raise UnknownLead(lead_id)
    return _lead(found)


def by_source_id(tx: Connection, source_id: str, *, seen: ColumnElement[bool], most: int) -> list[RecordedLead]:
    """The leads that may be seen and have this id where they come from, whatever that is."""
    query = select(lead).where(lead.c.source_id == source_id, seen).order_by(lead.c.lead_id).limit(most)
    return [_lead(found) for found in tx.execute(query)]


def add(tx: Connection, made: RecordedLead) -> None:
    """Keep a new lead."""
    tx.execute(insert(lead), [_values(made)])


def save(tx: Connection, changed: RecordedLead) -> RecordedLead:
    """Keep a lead as it stands now."""
    values = _values(changed)
    tx.execute(update(lead).where(lead.c.lead_id == values.pop("lead_id")).values(**values))
    return changed


def add_decision(tx: Connection, made: RecordedDecision) -> None:
    """Keep a decision, whole."""
    whole = made.decision
    tx.execute(
        insert(decision),
        [
            {
                "decision_id": made.decision_id,
                "lead_id": made.lead_id,
                "number": made.number,
                "at": made.at,
                "by": made.by,
                "cause": made.cause.value,
                "routing_version": made.version.routing_version,
                "plan_id": made.version.plan_id,
                "publication_id": made.version.publication_id,
                "snapshot_id": made.version.snapshot_id,
                "known": made.version.known,
                "person_id": whole.person_id,
                "pool_id": made.pool_id,
                "territory_id": whole.territory_id,
                "account_id": whole.account_id,
                "route": whole.route,
                "stage": whole.stage,
                "says": whole.says,
                "decided": _WHOLE.dump_python(whole, mode="json"),
                "answers": dict(made.answers),
                "answers_digest": made.answers_digest,
            }
        ],
    )


def decisions(tx: Connection, lead_id: str, *, after: int = 0, limit: int | None = None) -> list[RecordedDecision]:
    """The decisions about a lead, the first one first."""
    query = select(decision).where(decision.c.lead_id == lead_id, decision.c.number > after)
    return [_decision(row) for row in tx.execute(query.order_by(decision.c.number).limit(limit))]


def last_decision(tx: Connection, made: RecordedLead, *, number: int | None = None) -> RecordedDecision:
    """The decision that says where a lead is, or another one by its number."""
    query = select(decision).where(decision.c.lead_id == made.lead_id, decision.c.number == (number or made.decisions))
    return _decision(tx.execute(query).one())


def last_decisions(tx: Connection, lead_ids: Sequence[str]) -> list[RecordedDecision]:
    """The decisions that say where these leads are."""
    is_last = and_(lead.c.lead_id == decision.c.lead_id, lead.c.decisions == decision.c.number)
    query = select(decision).join(lead, is_last)
    return [_decision(row) for row in tx.execute(query.where(lead.c.lead_id.in_(lead_ids)))]


def every_decision(
    tx: Connection, *, since: datetime | None = None, stride: int = 500
) -> Iterator[tuple[RecordedLead, RecordedDecision]]:
    """Every decision there is with its lead, in the order they were made."""
    last: tuple[datetime, str] | None = None
    while True:
        query = select(decision).order_by(decision.c.at, decision.c.decision_id).limit(stride)
        if since is not None:
            query = query.where(decision.c.at >= since)
        if last is not None:
            query = query.where(
                or_(decision.c.at > last[0], and_(decision.c.at == last[0], decision.c.decision_id > last[1]))
            )
        rows = [_decision(row) for row in tx.execute(query)]
        if not rows:
            return
        wanted = select(lead).where(lead.c.lead_id.in_({row.lead_id for row in rows}))
        leads = {row.lead_id: _lead(row) for row in tx.execute(wanted)}
        yield from ((leads[row.lead_id], row) for row in rows)
        last = (rows[-1].at, rows[-1].decision_id)


def turns(tx: Connection, pool_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Pool → the counters of its turns."""
    return {row.pool_id: row.state for row in tx.execute(select(turn).where(turn.c.pool_id.in_(pool_ids)))}


def every_turn(tx: Connection) -> dict[str, tuple[Mapping[str, Any], int]]:
    """Pool → its counters, and how many turns they come from."""
    return {row.pool_id: (row.state, row.revision) for row in tx.execute(select(turn))}


def keep_turn(tx: Connection, pool_id: str, state: Mapping[str, Any], *, taken: int = 1) -> None:
    """Keep the counters of a pool after so many turns."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    made = dialect.insert(turn).values(pool_id=pool_id, state=dict(state), revision=taken)
    told = {"state": made.excluded.state, "revision": turn.c.revision + taken}
    tx.execute(made.on_conflict_do_update(index_elements=[turn.c.pool_id], set_=told))


def load(
    tx: Connection, person_id: str, kinds: Sequence[str], since: Mapping[str, datetime], *, besides: str = ""
) -> Load:
    """
    What somebody has, and was given since these instants (hour, day, week, month).

    Parameters
    ----------
    besides
        A lead that does not count: the one that is being decided.
    """
    row = tx.execute(
        _load(tuple(kinds)), {"who": person_id, "besides": besides, **{f"since_{one}": at for one, at in since.items()}}
    ).one()
    return Load(
        hour=row.hour or 0,
        day=row.day or 0,
        week=row.week or 0,
        month=row.month or 0,
        open=row.open or 0,
        open_value_usd=row.value or 0.0,
    )


@cache
def _load(kinds: tuple[str, ...]) -> Select[Any]:
    since = {one: bindparam(f"since_{one}", type_=Instant()) for one in ("hour", "day", "week", "month")}
    is_open = lead.c.status == Status.ASSIGNED.value
    given = {one: func.sum(case((lead.c.assigned_at >= at, 1), else_=0)).label(one) for one, at in since.items()}
    # A week may begin before its month.
    earliest = case((since["week"] < since["month"], since["week"]), else_=since["month"])
    query = select(
        *given.values(),
        func.sum(case((is_open, 1), else_=0)).label("open"),
        func.sum(case((is_open, func.coalesce(lead.c.value_usd, 0.0)), else_=0.0)).label("value"),
    ).where(
        lead.c.person_id == bindparam("who", type_=Text()),
        lead.c.lead_id != bindparam("besides", type_=Text()),
        or_(is_open, lead.c.assigned_at >= earliest),
    )
    return query.where(lead.c.kind.in_(kinds)) if kinds else query


def last_had(
    tx: Connection, *, account_id: str | None, contact: str | None, since: datetime | None, besides: str = ""
) -> str | None:
    """Who had the last lead of an account or, failing that, of a contact."""
    for column, value in ((lead.c.account_id, account_id), (lead.c.contact, contact)):
        if value is None:
            continue
        query = select(lead.c.person_id).where(
            column == value, lead.c.person_id.is_not(None), lead.c.lead_id != besides
        )
        if since is not None:
            query = query.where(lead.c.assigned_at >= since)
        found = tx.execute(query.order_by(lead.c.assigned_at.desc(), lead.c.lead_id).limit(1)).scalar()
        if found is not None:
            return str(found)
    return None


def add_event(tx: Connection, made: LeadEvent) -> LeadEvent:
    """Keep what was done with a lead."""
    values = {"event_id": made.event_id, "lead_id": made.lead_id, "at": made.at, "what": made.what, "by": made.by}
    tx.execute(insert(lead_event), [{**values, "detail": dict(made.detail)}])
    return made


def events(tx: Connection, lead_id: str) -> list[LeadEvent]:
    """What was done with a lead, the first thing first."""
    query = select(lead_event).where(lead_event.c.lead_id == lead_id)
    rows = tx.execute(query.order_by(lead_event.c.at, lead_event.c.event_id)).mappings()
    return [LeadEvent(**row) for row in rows]


def count_events(tx: Connection, lead_id: str) -> int:
    """How often something was done with a lead."""
    query = select(func.count()).select_from(lead_event).where(lead_event.c.lead_id == lead_id)
    return int(tx.execute(query).scalar_one())


def listed(
    tx: Connection,
    *,
    seen: ColumnElement[bool],
    status: Status | None = None,
    person_id: str | None = None,
    source: str | None = None,
    account_id: str | None = None,
    after: tuple[datetime, str] | None = None,
    oldest_first: bool = False,
    limit: int | None = None,
) -> list[RecordedLead]:
    """Leads by when they came, from after one of them."""
    key = tuple_(lead.c.received_at, lead.c.lead_id)
    query = select(lead).where(seen).limit(limit)
    wanted = {"status": status, "person_id": person_id, "source": source, "account_id": account_id}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(lead.c[name] == value)
    if after is not None:
        passed = tuple_(bindparam("after_at", after[0], type_=Instant()), bindparam("after_id", after[1]))
        query = query.where(key > passed if oldest_first else key < passed)
    order = [lead.c.received_at, lead.c.lead_id]
    query = query.order_by(*(order if oldest_first else [column.desc() for column in order]))
    return [_lead(row) for row in tx.execute(query)]


def matching(tx: Connection, text: str, *, seen: ColumnElement[bool], limit: int) -> list[RecordedLead]:
    """Leads whose ids begin with a text, and those of the newest whose fields hold it; the newest first."""
    plain = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    newest = select(lead.c.lead_id).order_by(lead.c.received_at.desc(), lead.c.lead_id.desc()).limit(READ_THROUGH)
    told = func.lower(cast(lead.c.fields, Text)).like(f"%{plain.lower()}%", escape="!")
    named = or_(lead.c.lead_id.like(f"{plain}%", escape="!"), lead.c.source_id.like(f"{plain}%", escape="!"))
    query = select(lead).where(seen, or_(named, and_(lead.c.lead_id.in_(newest), told)))
    query = query.order_by(lead.c.received_at.desc(), lead.c.lead_id.desc()).limit(limit)
    return [_lead(row) for row in tx.execute(query)]


def rerouted(
    tx: Connection, person_id: str, *, since: datetime, seen: ColumnElement[bool], limit: int
) -> list[RecordedLead]:
    """Leads a person was once given that were routed again since an instant."""
    once = select(decision.c.lead_id).where(decision.c.person_id == person_id)
    again = select(decision.c.lead_id).where(decision.c.cause == Cause.REROUTED.value, decision.c.at >= since)
    query = select(lead).where(seen, lead.c.lead_id.in_(once), lead.c.lead_id.in_(again))
    return [_lead(row) for row in tx.execute(query.order_by(lead.c.received_at.desc()).limit(limit))]


def due(tx: Connection, *, at: datetime, limit: int) -> list[RecordedLead]:
    """What waits in the queue and may be decided again now, the oldest first."""
    waits = or_(lead.c.holds_until.is_(None), lead.c.holds_until <= at)
    query = select(lead).where(lead.c.status == Status.QUEUED.value, waits)
    return [_lead(row) for row in tx.execute(query.order_by(lead.c.received_at, lead.c.lead_id).limit(limit))]


def queued(tx: Connection, *, seen: ColumnElement[bool], since: datetime | None) -> tuple[int, datetime | None, int]:
    """How many leads wait in the queue, when the oldest came, and how many have waited since an instant or longer."""
    late = literal(0) if since is None else func.coalesce(func.sum(case((since >= _QUEUED_SINCE, 1), else_=0)), 0)
    query = select(func.count(), func.min(lead.c.received_at), late)
    count, oldest, overdue = tx.execute(query.where(seen, lead.c.status == Status.QUEUED.value)).one()
    return int(count), oldest, int(overdue)


def queued_since(tx: Connection, lead_ids: Sequence[str]) -> dict[str, datetime]:
    """Lead → since when it waits: since it came, or since whoever had it last has it no more."""
    query = select(lead.c.lead_id, _QUEUED_SINCE.label("since")).where(
        lead.c.lead_id.in_(lead_ids), lead.c.status == Status.QUEUED.value
    )
    return {row.lead_id: row.since for row in tx.execute(query)}


def overdue(tx: Connection, *, since: datetime, limit: int) -> list[tuple[RecordedLead, datetime]]:
    """What has waited since an instant or longer and gave no alarm in that wait, and since when; the oldest first."""
    told = select(lead_event.c.event_id).where(
        lead_event.c.lead_id == lead.c.lead_id,
        lead_event.c.what == What.ALARMED.value,
        lead_event.c.at > _QUEUED_SINCE,
    )
    query = select(lead, _QUEUED_SINCE.label("queued_since")).where(
        lead.c.status == Status.QUEUED.value, since >= _QUEUED_SINCE, ~told.exists()
    )
    rows = tx.execute(query.order_by(lead.c.received_at, lead.c.lead_id).limit(limit))
    return [(_lead(row), row.queued_since) for row in rows]


def _waits_since() -> ColumnElement[Any]:
    """Since when a lead in the queue has waited: since it came or, if somebody had it, since the decision after."""
    had = decision.alias("had")
    last_had = (
        select(func.max(had.c.number))
        .where(had.c.lead_id == lead.c.lead_id, had.c.person_id.is_not(None))
        .correlate(lead)
        .scalar_subquery()
    )
    came_back = (
        select(func.min(decision.c.at))
        .where(decision.c.lead_id == lead.c.lead_id, decision.c.number > last_had)
        .correlate(lead)
        .scalar_subquery()
    )
    return case((lead.c.first_assigned_at.is_(None), lead.c.received_at), else_=came_back)


_QUEUED_SINCE = _waits_since()


def instants(
    tx: Connection, *, seen: ColumnElement[bool], since: datetime, until: datetime, kind: Kind | None
) -> list[Row[Any]]:
    """When leads came in a period, and what happened with each: the rows speed is told from."""
    query = select(
        lead.c.person_id, lead.c.received_at, lead.c.first_assigned_at, lead.c.accepted_at, lead.c.touched_at
    ).where(seen, lead.c.received_at >= since, lead.c.received_at < until)
    if kind is not None:
        query = query.where(lead.c.kind == kind.value)
    return list(tx.execute(query))


def add_routing(tx: Connection, version: int, document: str, *, by: str, at: datetime, why: str) -> None:
    """Keep a version of the routing document."""
    tx.execute(insert(routing), [{"version": version, "document": document, "by": by, "at": at, "why": why}])


def routing_versions(
    tx: Connection, *, version: int | None = None, before: int | None = None, limit: int = 1
) -> list[Row[Any]]:
    """Versions of the routing document, the newest first."""
    query = select(routing).order_by(routing.c.version.desc()).limit(limit)
    if version is not None:
        query = query.where(routing.c.version == version)
    if before is not None:
        query = query.where(routing.c.version < before)
    return list(tx.execute(query))


def newest_routing(tx: Connection) -> int:
    """The version of the routing document in force; 0 where there is none."""
    return tx.execute(select(func.max(routing.c.version))).scalar() or 0


def _values(made: RecordedLead) -> dict[str, Any]:
    values = {column.name: getattr(made, column.name) for column in lead.columns}
    plain = {"kind": made.kind.value, "motion": made.motion.value, "status": made.status.value}
    return {**values, **plain, "fields": packed(made.fields)}


def _lead(row: Row[Any]) -> RecordedLead:
    told = {column.name: row._mapping[column.name] for column in lead.columns}
    told["kind"], told["motion"], told["status"] = Kind(row.kind), Motion(row.motion), Status(row.status)
    return RecordedLead(**{**told, "fields": unpacked(row.fields)})


def _decision(row: Row[Any]) -> RecordedDecision:
    return RecordedDecision(
        decision_id=row.decision_id,
        lead_id=row.lead_id,
        number=row.number,
        at=row.at,
        by=row.by,
        cause=Cause(row.cause),
        version=Version(
            routing_version=row.routing_version,
            plan_id=row.plan_id,
            publication_id=row.publication_id,
            snapshot_id=row.snapshot_id,
            known=row.known,
        ),
        decision=_WHOLE.validate_python(row.decided),
        answers=row.answers,
        answers_digest=row.answers_digest,
        pool_id=row.pool_id,
    )
