"""Proposals in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from patchbook.approvals.reach import is_company_wide
from patchbook.db.metadata import Instant, Json, metadata
from patchbook.people.permission import Deed, territory_names
from patchbook.people.principal import Principal, Role
from patchbook.people.store import person
from patchbook.plans.effect import Effect
from patchbook.plans.store import plan
from patchbook.plans.store import visible as plans_visible
from patchbook.proposals.proposal import Move, NoProposal, Proposal, Status

proposal = Table(
    "proposal",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plan.plan_id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("effect", Json, nullable=False),
    Column("warnings", Json, nullable=False),
    Column("agreed", Json, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("made_by", Text, nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("comment", Text),
    Index("ix_proposal_status", "status", "made_at", "proposal_id"),
)

proposal_move = Table(
    "proposal_move",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposal.proposal_id"), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("from_territory", Text),
    Column("to_territory", Text, nullable=False),
    Column("from_person", Text),
    Column("to_person", Text),
    Index("ix_proposal_move_account", "account_id"),
)
"""Territories by their name in the plan, and the people they had there, so that scope needs no carve to be read."""


def add(tx: Connection, made: Proposal) -> Proposal:
    """Keep a new proposal with its moves."""
    tx.execute(
        insert(proposal).values(
            proposal_id=made.proposal_id,
            plan_id=made.plan_id,
            status=made.status.value,
            why=made.why,
            effect=made.effect.to_dict(),
            warnings=list(made.warnings),
            agreed=list(made.agreed),
            revision=made.revision,
            made_by=made.made_by,
            made_at=made.made_at,
        )
    )
    rows = [
        {"proposal_id": made.proposal_id, "number": number, **asdict(move)} for number, move in enumerate(made.moves)
    ]
    tx.execute(insert(proposal_move), rows)
    return made


def save(tx: Connection, decided: Proposal) -> Proposal:
    """Keep what came of an open proposal."""
    tx.execute(
        update(proposal)
        .where(proposal.c.proposal_id == decided.proposal_id)
        .values(
            status=decided.status.value,
            decided_by=decided.decided_by,
            decided_at=decided.decided_at,
            comment=decided.comment,
        )
    )
    return decided


def get(tx: Connection, proposal_id: str, *, by: Principal, at: datetime) -> Proposal:
    """The proposal of that id, if this person may see it."""
    query = select(proposal).where(proposal.c.proposal_id == proposal_id, visible(by, at=at))
    row = tx.execute(query).first()
    if row is None:
        raise NoProposal(proposal_id)
    return _proposals(tx, [row])[0]


def proposals(
    tx: Connection,
    *,
    plan_id: str | None = None,
    status: Status | None = None,
    not_made_by: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
    by: Principal,
    at: datetime,
) -> list[Proposal]:
    """Proposals this person may see, newest first."""
    query = _narrowed(select(proposal), plan_id, status, not_made_by, by, at)
    if after is not None:
        made, last = after
        older = (proposal.c.made_at < made) | ((proposal.c.made_at == made) & (proposal.c.proposal_id < last))
        query = query.where(older)
    query = query.order_by(proposal.c.made_at.desc(), proposal.c.proposal_id.desc()).limit(limit)
    return _proposals(tx, tx.execute(query).all())


def count(tx: Connection, *, status: Status, not_made_by: str | None = None, by: Principal, at: datetime) -> int:
    """How many proposals of a status this person may see."""
    query = select(func.count()).select_from(proposal)
    return int(tx.execute(_narrowed(query, None, status, not_made_by, by, at)).scalar_one())


def visible(by: Principal, *, at: datetime) -> ColumnElement[bool]:
    """
    Which proposals somebody may see: those of plans they may see, that they made or that touch what is theirs.

    What is theirs are territories they look after, by name, and what is planned for the people below them.
    """
    in_sight = proposal.c.plan_id.in_(select(plan.c.plan_id).where(plans_visible(by, at=at)))
    if is_company_wide(by, Deed.DECIDE):
        return in_sight
    people = reports(by)
    names = territory_names(by, Deed.DECIDE, at=at)
    touches = exists().where(
        proposal_move.c.proposal_id == proposal.c.proposal_id,
        or_(
            proposal_move.c.from_territory.in_(names),
            proposal_move.c.to_territory.in_(names),
            proposal_move.c.from_person.in_(people),
            proposal_move.c.to_person.in_(people),
        ),
    )
    return in_sight & or_(proposal.c.made_by == by.person_id, touches)


def reports(by: Principal) -> Select[tuple[str]]:
    """Everybody below a manager; nobody for whoever is none."""
    if Role.MANAGER not in by.roles:
        return select(person.c.person_id).where(false())
    line = select(person.c.person_id).where(person.c.manager_id == by.person_id).cte("line", recursive=True)
    line = line.union(select(person.c.person_id).join(line, person.c.manager_id == line.c.person_id))
    return select(line.c.person_id)


def _narrowed(
    query: Select[Any],
    plan_id: str | None,
    status: Status | None,
    not_made_by: str | None,
    by: Principal,
    at: datetime,
) -> Select[Any]:
    query = query.where(visible(by, at=at))
    if plan_id is not None:
        query = query.where(proposal.c.plan_id == plan_id)
    if status is not None:
        query = query.where(proposal.c.status == status.value)
    if not_made_by is not None:
        query = query.where(proposal.c.made_by != not_made_by)
    return query


def _proposals(tx: Connection, rows: Sequence[Row[Any]]) -> list[Proposal]:
    moves: dict[str, list[Move]] = {row.proposal_id: [] for row in rows}
    found = tx.execute(
        select(proposal_move)
        .where(proposal_move.c.proposal_id.in_(list(moves)))
        .order_by(proposal_move.c.proposal_id, proposal_move.c.number)
    )
    for one in found.mappings():
        ends = {name: value for name, value in one.items() if name not in ("proposal_id", "number")}
        moves[one["proposal_id"]].append(Move(**ends))
    return [
        Proposal(
            **{
                **row._mapping,
                "status": Status(row.status),
                "effect": Effect.from_dict(row.effect),
                "warnings": tuple(row.warnings),
                "agreed": tuple(row.agreed),
                "moves": tuple(moves[row.proposal_id]),
            }
        )
        for row in rows
    ]
