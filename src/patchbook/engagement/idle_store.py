"""Activity, what is idle, and the warnings about it, in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, insert, or_, select, type_coerce, update

from patchbook.db.believed import believed_at
from patchbook.db.metadata import Instant
from patchbook.engagement.activity import Activity
from patchbook.engagement.idle import Idle, Notice
from patchbook.engagement.scope import seen
from patchbook.engagement.store import after, read, row_of
from patchbook.engagement.tables import activity, idle_notice
from patchbook.leads.tables import lead
from patchbook.ledger.answers import OWNER
from patchbook.ledger.company import ownership
from patchbook.ledger.tables import opportunity, override
from patchbook.people.principal import Principal
from patchbook.routing.engagement import TimeOut
from patchbook.territories import store as territories
from patchbook.territories.territory import Kind, Territory

NOBODYS = (Kind.POOL, Kind.HOUSE)
"""Kinds of territory whose accounts wait for somebody already."""
CLAIM = "claim"


def idle(tx: Connection, rules: Sequence[TimeOut], *, at: datetime) -> list[Idle]:
    """
    Every account on which nothing was done for long enough to warn its owner, by account.

    Activity is what was noted, opportunities opened and closed, leads accepted and touched, and getting the account.
    What somebody has by an exception, a holdover or an appointment was agreed to by name and does not time out; a claim
    does, by the rule of its territory or else by the first.
    """
    there = {one.territory_id: one for one in territories.at_day(tx, at)}
    found: list[Idle] = []
    for rule, mine in _shared_out(rules, there).items():
        is_first = rule is rules[0]
        worked = [one for one in mine if there[one].kind not in NOBODYS]
        claimed = [one for one in there if one not in worked] if is_first and not _is_for_all(rules) else mine
        rows = tx.execute(_idle(tx, rule, worked, claimed, at)).mappings()
        for row in rows:
            where, is_claim = there[row["territory_id"]].name, row["cause"] == CLAIM
            if where == rule.returns_to and not is_claim:
                continue
            name = where if is_claim else rule.returns_to
            told = {key: row[key] for key in ("account_id", "person_id", "territory_id", "since")}
            found.append(Idle(rule=rule, returns_to=name, **told))
    once = {one.account_id: one for one in reversed(found)}
    return [once[account_id] for account_id in sorted(once)]


def _is_for_all(rules: Sequence[TimeOut]) -> bool:
    return any(not rule.territories for rule in rules)


def _shared_out(rules: Sequence[TimeOut], there: Mapping[str, Territory]) -> dict[TimeOut, list[str]]:
    """Rule → the territories it is the first for, by the names from each up to the root."""
    found: dict[TimeOut, list[str]] = {rule: [] for rule in rules}
    for territory_id in there:
        line: list[str] = []
        above = there.get(territory_id)
        while above is not None and len(line) <= len(there):
            line.append(above.name)
            above = there.get(above.parent_id or "")
        names = set(line)
        first = next((one for one in rules if not one.territories or names & set(one.territories)), None)
        if first is not None:
            found[first].append(territory_id)
    return found


def _idle(
    tx: Connection, rule: TimeOut, worked: Collection[str], claimed: Collection[str], at: datetime
) -> Select[Any]:
    latest = func.max if tx.dialect.name == "sqlite" else func.greatest
    owned = ownership(OWNER, at, None).subquery("owned")
    named = (
        select(override.c.account_id, override.c.cause)
        .where(override.c.role == OWNER, override.c.opportunity_id == "", *believed_at(override, at))
        .subquery("named")
    )
    opened = func.coalesce(opportunity.c.closed, opportunity.c.opened)
    deals = _last(opportunity.c.account_id, opened).subquery("deals")
    touched = func.coalesce(lead.c.touched_at, lead.c.accepted_at, lead.c.received_at)
    leads = _last(lead.c.account_id, touched).subquery("leads")
    noted = _last(activity.c.account_id, activity.c.at).subquery("noted")
    lasts = (func.coalesce(table.c.last, owned.c.since) for table in (deals, leads, noted))
    since = type_coerce(latest(owned.c.since, *lasts), Instant())
    of_their_own = and_(owned.c.territory_id.in_(list(worked)), or_(named.c.cause.is_(None), named.c.cause == CLAIM))
    by_claim = and_(owned.c.territory_id.in_(list(claimed)), named.c.cause == CLAIM)
    query = (
        select(owned.c.account_id, owned.c.person_id, owned.c.territory_id, since.label("since"), named.c.cause)
        .select_from(owned)
        .join(named, named.c.account_id == owned.c.account_id, isouter=True)
        .join(deals, deals.c.account_id == owned.c.account_id, isouter=True)
        .join(leads, leads.c.account_id == owned.c.account_id, isouter=True)
        .join(noted, noted.c.account_id == owned.c.account_id, isouter=True)
        .where(owned.c.person_id.is_not(None), or_(of_their_own, by_claim), since <= at - rule.warns_after)
    )
    if rule.open_deals_keep:
        going_on = exists().where(opportunity.c.account_id == owned.c.account_id, opportunity.c.closed.is_(None))
        query = query.where(~going_on)
    return query


def _last(account: Any, instant: Any) -> Select[Any]:
    """The last instant of each account."""
    last = func.max(type_coerce(instant, Instant())).label("last")
    return select(account.label("account_id"), last).where(account.is_not(None)).group_by(account)


def standing(tx: Connection) -> list[Notice]:
    """Every warning that stands."""
    query = select(idle_notice).where(idle_notice.c.status == "warned").order_by(idle_notice.c.notice_id)
    return [read(Notice, row) for row in tx.execute(query).mappings()]


def add_notices(tx: Connection, made: Sequence[Notice]) -> None:
    """Keep warnings."""
    if made:
        tx.execute(insert(idle_notice), [row_of(one) for one in made])


def close_notices(tx: Connection, notice_ids: Sequence[str], status: str, *, at: datetime) -> None:
    """Keep what became of warnings."""
    for notice_id in notice_ids:
        one = idle_notice.c.notice_id == notice_id
        tx.execute(update(idle_notice).where(one).values(status=status, closed_at=at))


def notices(
    tx: Connection, *, status: str | None, last: tuple[datetime, str] | None, limit: int, by: Principal, at: datetime
) -> list[Notice]:
    """Warnings somebody may see, the first to be due first."""
    visible = seen(by, account=idle_notice.c.account_id, people=(idle_notice.c.person_id,), at=at)
    key = (idle_notice.c.due_at, idle_notice.c.notice_id)
    query = select(idle_notice).where(visible).order_by(*key).limit(limit)
    if status is not None:
        query = query.where(idle_notice.c.status == status)
    if last is not None:
        query = query.where(after(key, last))
    return [read(Notice, row) for row in tx.execute(query).mappings()]


def warned(tx: Connection, person_id: str, *, limit: int) -> list[Notice]:
    """The warnings about accounts of somebody that stand, the oldest first."""
    query = select(idle_notice).where(idle_notice.c.status == "warned", idle_notice.c.person_id == person_id)
    query = query.order_by(idle_notice.c.warned_at, idle_notice.c.notice_id).limit(limit)
    return [read(Notice, row) for row in tx.execute(query).mappings()]


def add_activity(tx: Connection, made: Activity) -> Activity:
    """Keep what somebody did."""
    tx.execute(insert(activity).values(**row_of(made)))
    return made


def activities(tx: Connection, account_id: str, *, since: datetime, limit: int) -> list[Activity]:
    """What was noted about an account since an instant, the newest first."""
    query = select(activity).where(activity.c.account_id == account_id, activity.c.at >= since)
    query = query.order_by(activity.c.at.desc(), activity.c.activity_id).limit(limit)
    return [read(Activity, row) for row in tx.execute(query).mappings()]
