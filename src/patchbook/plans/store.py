"""Plans in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from patchbook.db.chunks import chunks
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.errors import Conflict, NotFound
from patchbook.people.principal import Grant, Principal, Role
from patchbook.period import told
from patchbook.plans.life import RecordedPlan, Status

plan = Table(
    "plan",
    metadata,
    Column("plan_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("effective", Date),
    Column("document", Text, nullable=False),
    Column("confidential", Boolean, nullable=False, default=False),
    Column("scenario_of", Text, ForeignKey("plan.plan_id")),
    Column("snapshot_id", Text),
    Column("people_id", Text),
    Column("owners_at", Instant),
    Column("seed", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("engine_version", Text),
    Column("result_id", Text),
    Column("owner_id", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("submitted_by", Text),
    Column("submitted_at", Instant),
    Column("approved_by", Text),
    Column("approved_at", Instant),
    Column("published_by", Text),
    Column("published_at", Instant),
    Column("open_to_challenges_until", Instant),
    Index("ix_plan_made", "made_at", "plan_id"),
)
"""One row a plan; `revision` grows by one with every change."""

plan_invite = Table(
    "plan_invite",
    metadata,
    Column("plan_id", Text, ForeignKey("plan.plan_id"), primary_key=True),
    Column("person_id", Text, primary_key=True),
)
"""Who besides its maker may see a draft."""

plan_file = Table(
    "plan_file",
    metadata,
    Column("plan_id", Text, ForeignKey("plan.plan_id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", Text, nullable=False),
)
"""Files the document names (lists of named accounts, locks), by the path it names them by."""

plan_people = Table(
    "plan_people",
    metadata,
    Column("people_id", Text, primary_key=True),
    Column("people", Json, nullable=False),
)
"""The people a carve was made with, without names and addresses; `people_id` is a digest of them."""

plan_edit = Table(
    "plan_edit",
    metadata,
    Column("plan_id", Text, ForeignKey("plan.plan_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("result_id", Text),
    Column("kind", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("why", Text),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone", Boolean, nullable=False, default=False),
    Column("undone_by", Text),
    Column("undone_at", Instant),
    Column("final", Boolean, nullable=False, default=False),
)
"""The journal of edits. `result_id` is the carve an edit was made on (null: the next one to come); `undone` ones do not
count, and of those the `final` ones can not come back, because other edits followed."""

plan_change = Table(
    "plan_change",
    metadata,
    Column("plan_id", Text, ForeignKey("plan.plan_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""What made each revision, to tell those who come with an older one."""


class NoPlan(NotFound):
    """There is no plan of that id, or not for the one who asks: the two look the same."""

    def __init__(self, plan_id: str) -> None:
        super().__init__(f"There is no plan {plan_id!r}.")


class StalePlan(Conflict):
    """Somebody else changed the plan since it was read."""


def visible(by: Principal, *, at: datetime) -> ColumnElement[bool]:
    """
    Which plans somebody may see.

    Admins see all. Planners for the whole company see all but confidential drafts of others. Whoever made a plan or was
    invited sees it. Once it is open to challenges or published, everybody sees that it is there.
    """
    if Role.ADMIN in by.roles:
        return true()
    invited = exists().where(plan_invite.c.plan_id == plan.c.plan_id, plan_invite.c.person_id == by.person_id)
    ways = [
        plan.c.owner_id == by.person_id,
        plan.c.made_by == by.person_id,
        invited,
        plan.c.status.in_([Status.SCHEDULED, Status.ACTIVE, Status.SUPERSEDED])
        & or_(plan.c.confidential.is_(False), plan.c.status != Status.SCHEDULED),
        plan.c.open_to_challenges_until.is_not(None) & (plan.c.status != Status.WITHDRAWN),
    ]
    if Grant(Role.PLANNER) in by.grants:
        ways.append(plan.c.confidential.is_(False))
    return or_(*ways)


def add(tx: Connection, made: RecordedPlan, *, what: str) -> RecordedPlan:
    """Keep a new plan."""
    tx.execute(insert(plan).values(**_values(made)))
    _changed(tx, made, what, made.made_by, made.made_at)
    return made


def get(tx: Connection, plan_id: str, *, by: Principal | None = None, at: datetime | None = None) -> RecordedPlan:
    """The plan of that id; with `by`, only one they may see."""
    query = select(plan).where(plan.c.plan_id == plan_id)
    if by is not None:
        assert at is not None
        query = query.where(visible(by, at=at))
    row = tx.execute(query).first()
    if row is None:
        raise NoPlan(plan_id)
    return _plan(row)


def save(
    tx: Connection, changed: RecordedPlan, *, what: str, by: str, at: datetime, revision: int | None = None
) -> RecordedPlan:
    """
    Keep a changed plan as its next revision.

    Parameters
    ----------
    revision
        The revision the change was made on; the plan's own without one.

    Raises
    ------
    StalePlan
        The plan has moved on; the message says who changed what since.
    """
    seen = changed.revision if revision is None else revision
    kept = replace(changed, revision=seen + 1)
    found = tx.execute(
        update(plan).where(plan.c.plan_id == changed.plan_id, plan.c.revision == seen).values(**_values(kept))
    )
    if found.rowcount != 1:
        raise stale(tx, changed.plan_id, seen)
    _changed(tx, kept, what, by, at)
    return kept


def stale(tx: Connection, plan_id: str, seen: int) -> StalePlan:
    """The refusal of a revision that is not the plan's, naming who changed what since."""
    now = get(tx, plan_id)
    if seen > now.revision:
        return StalePlan(f"Plan {now.name!r} is at revision {now.revision}; there is no revision {seen} yet.")
    since = changes_since(tx, plan_id, seen)
    told_of = "; ".join(f"{one.by} {one.what} ({told(one.at.replace(microsecond=0))})" for one in since[:3])
    more = f"; and {len(since) - 3} more" if len(since) > 3 else ""
    return StalePlan(
        f"Plan {now.name!r} is at revision {now.revision}, not {seen}: since then {told_of}{more}. "
        "Look at it again and repeat the change."
    )


@dataclass(frozen=True, kw_only=True)
class Change:
    """What made one revision of a plan."""

    revision: int
    what: str
    by: str
    at: datetime


def changes_since(tx: Connection, plan_id: str, revision: int) -> list[Change]:
    """What made the revisions after that one, oldest first."""
    query = select(plan_change.c.revision, plan_change.c.what, plan_change.c.by, plan_change.c.at)
    rows = tx.execute(
        query.where(plan_change.c.plan_id == plan_id, plan_change.c.revision > revision).order_by(
            plan_change.c.revision
        )
    )
    return [Change(**row) for row in rows.mappings()]


def revisions(tx: Connection, plan_ids: Sequence[str]) -> dict[str, int]:
    """Plan → its revision now."""
    query = select(plan.c.plan_id, plan.c.revision).where(plan.c.plan_id.in_(plan_ids))
    return {row.plan_id: row.revision for row in tx.execute(query)}


def plans(
    tx: Connection,
    by: Principal,
    *,
    at: datetime,
    status: Status | None = None,
    scenario_of: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[RecordedPlan]:
    """Plans somebody may see, newest first."""
    query = select(plan).where(visible(by, at=at))
    if status is not None:
        query = query.where(plan.c.status == status)
    if scenario_of is not None:
        query = query.where(or_(plan.c.scenario_of == scenario_of, plan.c.plan_id == scenario_of))
    if after is not None:
        made, last = after
        query = query.where(or_(plan.c.made_at < made, and_(plan.c.made_at == made, plan.c.plan_id < last)))
    query = query.order_by(plan.c.made_at.desc(), plan.c.plan_id.desc()).limit(limit)
    return [_plan(row) for row in tx.execute(query)]


def names(tx: Connection, plan_ids: Sequence[str]) -> dict[str, str]:
    """Plan → its name, of plans somebody was shown already."""
    found: dict[str, str] = {}
    for ids in chunks(plan_ids):
        found |= dict(tx.execute(select(plan.c.plan_id, plan.c.name).where(plan.c.plan_id.in_(ids))).all())
    return found


def families(
    tx: Connection,
    by: Principal,
    *,
    at: datetime,
    status: Status | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[tuple[datetime, str, tuple[RecordedPlan, ...]]]:
    """Plans somebody may see with their scenarios, the family with the newest plan first, each family newest last."""
    family = func.coalesce(plan.c.scenario_of, plan.c.plan_id)
    newest = func.max(plan.c.made_at)
    seen = and_(visible(by, at=at), true() if status is None else plan.c.status == status)
    query = select(family.label("family"), newest.label("newest")).where(seen).group_by(family)
    if after is not None:
        made, last = after
        query = query.having(or_(newest < made, and_(newest == made, family < last)))
    order = {row.family: row.newest for row in tx.execute(query.order_by(newest.desc(), family.desc()).limit(limit))}
    members: dict[str, list[RecordedPlan]] = {name: [] for name in order}
    rows = tx.execute(select(plan).where(seen, family.in_(list(order))).order_by(plan.c.made_at, plan.c.plan_id))
    for one in map(_plan, rows):
        members[one.scenario_of or one.plan_id].append(one)
    return [(order[name], name, tuple(plans)) for name, plans in members.items()]


def with_status(tx: Connection, *statuses: Status) -> list[RecordedPlan]:
    """Every plan that is in one of these, whoever asks."""
    return [_plan(row) for row in tx.execute(select(plan).where(plan.c.status.in_(statuses)).order_by(plan.c.plan_id))]


def live(tx: Connection, statuses: Sequence[Status], *, by: Principal, at: datetime) -> list[RecordedPlan]:
    """The plans of these statuses that somebody may see, by name."""
    query = select(plan).where(plan.c.status.in_(statuses), visible(by, at=at)).order_by(plan.c.name, plan.c.plan_id)
    return [_plan(row) for row in tx.execute(query)]


def invite(tx: Connection, plan_id: str, person_ids: Sequence[str]) -> list[str]:
    """Let these people see a plan; the ones who were not invited before."""
    known = set(invited(tx, plan_id))
    new = [person_id for person_id in dict.fromkeys(person_ids) if person_id not in known]
    if new:
        tx.execute(insert(plan_invite), [{"plan_id": plan_id, "person_id": person_id} for person_id in new])
    return new


def uninvite(tx: Connection, plan_id: str, person_id: str) -> bool:
    """No longer let somebody see a draft; whether they were invited."""
    mine = (plan_invite.c.plan_id == plan_id) & (plan_invite.c.person_id == person_id)
    return tx.execute(delete(plan_invite).where(mine)).rowcount == 1


def invited(tx: Connection, plan_id: str) -> list[str]:
    """Who was invited."""
    query = select(plan_invite.c.person_id).where(plan_invite.c.plan_id == plan_id)
    return list(tx.execute(query.order_by(plan_invite.c.person_id)).scalars())


def put_files(tx: Connection, plan_id: str, contents: Mapping[str, str]) -> None:
    """Keep the files a document names, in place of those kept before."""
    tx.execute(delete(plan_file).where(plan_file.c.plan_id == plan_id))
    if contents:
        rows = [{"plan_id": plan_id, "name": name, "content": text} for name, text in sorted(contents.items())]
        tx.execute(insert(plan_file), rows)


def files(tx: Connection, plan_id: str) -> dict[str, str]:
    """Name → content of the files a document names."""
    query = select(plan_file.c.name, plan_file.c.content).where(plan_file.c.plan_id == plan_id)
    return {row.name: row.content for row in tx.execute(query.order_by(plan_file.c.name))}


def put_people(tx: Connection, people_id: str, people: Sequence[Mapping[str, Any]]) -> None:
    """Keep the people of a carve, once."""
    known = select(plan_people.c.people_id).where(plan_people.c.people_id == people_id)
    if tx.execute(known).first() is None:
        tx.execute(insert(plan_people).values(people_id=people_id, people=list(people)))


def people(tx: Connection, people_id: str) -> list[dict[str, Any]]:
    """The people of a carve."""
    found = tx.execute(select(plan_people.c.people).where(plan_people.c.people_id == people_id)).scalar_one()
    return list(found)


def forget(tx: Connection, person_id: str) -> int:
    """
    Blot out a person in the people carves were made with, but for the id; how many carves that touches.

    Those carves can no longer be repeated byte for byte, and say so when asked to.
    """
    touched = 0
    for row in tx.execute(select(plan_people)).all():
        if any(one["person_id"] == person_id for one in row.people):
            kept = [
                {"person_id": person_id, "erased": True} if one["person_id"] == person_id else one for one in row.people
            ]
            tx.execute(update(plan_people).where(plan_people.c.people_id == row.people_id).values(people=kept))
            touched += 1
    return touched


@dataclass(frozen=True, kw_only=True)
class RecordedEdit:
    """One edit of the journal."""

    number: int
    kind: str
    payload: Mapping[str, Any]
    why: str | None
    by: str
    at: datetime
    result_id: str | None = None
    undone: bool = False
    undone_by: str | None = None
    undone_at: datetime | None = None
    final: bool = False


def append_edit(tx: Connection, plan_id: str, edit: RecordedEdit) -> RecordedEdit:
    """Write an edit at the end of the journal; what was undone before it can not be redone any more."""
    last = tx.execute(select(func.max(plan_edit.c.number)).where(plan_edit.c.plan_id == plan_id)).scalar()
    tx.execute(update(plan_edit).where(plan_edit.c.plan_id == plan_id, plan_edit.c.undone).values(final=True))
    kept = replace(edit, number=(last or 0) + 1)
    _edited_here(tx, plan_id)
    tx.execute(insert(plan_edit).values(plan_id=plan_id, **asdict(kept)))
    return kept


def edits(tx: Connection, plan_id: str, *, after: int = 0, limit: int | None = None) -> list[RecordedEdit]:
    """The journal in order, undone edits too."""
    query = select(plan_edit).where(plan_edit.c.plan_id == plan_id, plan_edit.c.number > after)
    query = query.order_by(plan_edit.c.number)
    rows = tx.execute(query if limit is None else query.limit(limit)).mappings()
    return [_edit(dict(row)) for row in rows]


def standing(tx: Connection, plan_id: str, result_id: str) -> tuple[int, ...]:
    """The numbers of the edits that count on a carve, in order."""
    query = select(plan_edit.c.number).where(
        plan_edit.c.plan_id == plan_id, plan_edit.c.result_id == result_id, plan_edit.c.undone.is_(False)
    )
    return tuple(tx.execute(query.order_by(plan_edit.c.number)).scalars())


def last_edit(tx: Connection, plan_id: str, result_id: str) -> RecordedEdit | None:
    """The last edit that counts on a carve: the one to undo."""
    return _one_edit(tx, _on(plan_id, result_id, undone=False).order_by(plan_edit.c.number.desc()))


def first_undone(tx: Connection, plan_id: str, result_id: str) -> RecordedEdit | None:
    """The edit to redo; none where another followed."""
    query = _on(plan_id, result_id, undone=True).where(plan_edit.c.final.is_(False))
    return _one_edit(tx, query.order_by(plan_edit.c.number))


def _on(plan_id: str, result_id: str, *, undone: bool) -> Select[Any]:
    return select(plan_edit).where(
        plan_edit.c.plan_id == plan_id, plan_edit.c.result_id == result_id, plan_edit.c.undone.is_(undone)
    )


def _one_edit(tx: Connection, query: Select[Any]) -> RecordedEdit | None:
    row = tx.execute(query.limit(1)).mappings().first()
    return None if row is None else _edit(dict(row))


def _edit(row: Mapping[str, Any]) -> RecordedEdit:
    return RecordedEdit(**{name: value for name, value in row.items() if name != "plan_id"})


def is_edited_here(tx: Connection, plan_id: str) -> bool:
    """Whether this transaction has written into the journal of a plan, so that others may never see what it sees."""
    return plan_id in tx.info.get("edited plans", ())


def _edited_here(tx: Connection, plan_id: str) -> None:
    tx.info.setdefault("edited plans", set()).add(plan_id)


def mark_edit(
    tx: Connection, plan_id: str, number: int, *, undone: bool, by: str | None = None, at: datetime | None = None
) -> None:
    """Note that an edit is undone, or is not any more."""
    _edited_here(tx, plan_id)
    tx.execute(
        update(plan_edit)
        .where(plan_edit.c.plan_id == plan_id, plan_edit.c.number == number)
        .values(undone=undone, undone_by=by, undone_at=at)
    )


def adopt_edits(tx: Connection, plan_id: str, result_id: str, numbers: Sequence[int]) -> None:
    """Say of edits that waited for a carve that this is the one."""
    _edited_here(tx, plan_id)
    tx.execute(
        update(plan_edit)
        .where(plan_edit.c.plan_id == plan_id, plan_edit.c.number.in_(numbers))
        .values(result_id=result_id)
    )


def _changed(tx: Connection, made: RecordedPlan, what: str, by: str, at: datetime) -> None:
    tx.execute(insert(plan_change).values(plan_id=made.plan_id, revision=made.revision, what=what, by=by, at=at))


def _values(made: RecordedPlan) -> dict[str, Any]:
    return {field.name: getattr(made, field.name) for field in fields(made)}


def _plan(row: Row[Any]) -> RecordedPlan:
    found = dict(row._mapping)
    effective = found["effective"]
    assert effective is None or isinstance(effective, date)
    return RecordedPlan(**{**found, "status": Status(found["status"])})
