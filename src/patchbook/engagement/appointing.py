"""What people do with families of accounts: appoint who owns one, everywhere or by country, and look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, insert, select, update

from patchbook.audit import actions as audit
from patchbook.db.metadata import new_id
from patchbook.db.record import record_of
from patchbook.engagement import store
from patchbook.engagement.family import Appointed, Appointment, BadAppointment, Multinational, NoAppointment, Site
from patchbook.engagement.scope import employed_until, seen, territory_of
from patchbook.engagement.tables import appointment
from patchbook.geography.countries import country_codes
from patchbook.imports import snapshots
from patchbook.imports import store as imports
from patchbook.imports.imported import Kind
from patchbook.ledger import actions as ledger
from patchbook.ledger.answers import OWNER
from patchbook.ledger.lay import lay
from patchbook.ledger.tables import override
from patchbook.people import actions as people
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal, system
from patchbook.period import FOREVER, Period
from patchbook.routing.engagement import GLOBAL
from patchbook.routing.questions.engagement import Family

CAUSE = "appointment"
LONGEST = 2_000


def appoint(
    tx: Connection,
    account_id: str,
    person_id: str,
    *,
    country: str | None = None,
    starts: datetime | None = None,
    ends: datetime | None = None,
    reason: str,
    by: Principal,
    at: datetime,
) -> Appointed:
    """
    Make somebody the owner of the family an account belongs to: everywhere, or of its sites in one country.

    Who owns it everywhere has the role `global` at each site; who owns a country owns its sites. A site that somebody
    has by an exception or a claim stays theirs.
    """
    allow_somewhere(by, Deed.EDIT_TERRITORIES)
    ledger.owner(tx, account_id, on=at, by=by, at=at)  # refuses what they do not see
    people.get(tx, person_id, by=by, at=at)
    members = _members(tx, account_id)
    family_id = str(members["family_id"][0])
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_of(tx, family_id, at))
    if not reason.strip() or len(reason) > LONGEST:
        raise BadAppointment(f"An appointment says why in 1 to {LONGEST:,} characters.")
    code = _code(country) if country else ""
    sites = _in_country(members, code)
    if not sites:
        there = ", ".join(sorted(set(members["country"].drop_nulls()))) or "none that is known"
        raise BadAppointment(f"The family of {account_id} has no site in {code}; its countries are {there}.")
    starts = starts or at
    made = Appointment(
        appointment_id=new_id("appointment"),
        family_id=family_id,
        country=code,
        person_id=person_id,
        starts=starts,
        ends=employed_until(tx, person_id, Period(starts, ends or FOREVER)),
        reason=reason.strip(),
        made_by=by.person_id,
        made_at=at,
    )
    tx.execute(insert(appointment).values(**asdict(made)))
    reached, left = _give(tx, made, sites, at)
    told = {"family": family_id, "country": code, "person": person_id, "sites": reached, "left": left}
    audit.record(tx, "appoint", made.appointment_id, kind="appointment", by=by.person_id, at=at, after=told)
    return Appointed(appointment=made, sites=tuple(reached), left=tuple(left))


def end(tx: Connection, appointment_id: str, *, why: str, by: Principal, at: datetime) -> Appointment:
    """End an appointment now; its sites go back to whom their territories say."""
    allow_somewhere(by, Deed.EDIT_TERRITORIES)
    found = _get(tx, appointment_id, by, at)
    allow(tx, by, Deed.EDIT_TERRITORIES, at=at, territory=territory_of(tx, found.family_id, at))
    if not found.starts < at < found.ends:
        raise BadAppointment(f"The appointment holds {found.period.says}; only one that holds now can be ended.")
    store.lift_from(tx, appointment_id, since=at, at=at)
    tx.execute(update(appointment).where(appointment.c.appointment_id == appointment_id).values(ends=at))
    audit.record(tx, "end appointment", appointment_id, kind="appointment", by=by.person_id, at=at, why=why)
    return Appointment(**{**asdict(found), "ends": at})


def multinational(tx: Connection, account_id: str, *, by: Principal, at: datetime) -> Multinational:
    """The family of an account: who owns it everywhere, who in which country, and who each site that one may see."""
    allow_somewhere(by, Deed.SEE)
    ledger.owner(tx, account_id, on=at, by=by, at=at)  # refuses what they do not see
    members = _members(tx, account_id)
    family_id = str(members["family_id"][0])
    visible = snapshots.seen_by(tx, by, at=at)
    sites = []
    for site, country in members.select("account_id", "country").iter_rows():
        if visible is not None and site not in visible:
            continue
        answer = ledger.owner(tx, site, on=at, by=system(), at=at)
        because = answer.chain[0].reason if answer.chain else "nobody has it"
        sites.append(Site(account_id=site, country=country, person_id=answer.person_id, because=because))
    holds = select(appointment).where(
        appointment.c.family_id == family_id, appointment.c.starts <= at, appointment.c.ends > at
    )
    rows = [Appointment(**row) for row in tx.execute(holds.order_by(appointment.c.country)).mappings()]
    return Multinational(
        family_id=family_id,
        global_owner_id=ledger.owner(tx, account_id, role=GLOBAL, on=at, by=system(), at=at).person_id,
        regional=tuple(one for one in rows if one.country),
        sites=tuple(sites),
    )


def reach_new_sites(tx: Connection, *, at: datetime) -> int:
    """Give sites that came since to who owns their family; how many there were. The job runner's, at each import."""
    holds = select(appointment).where(appointment.c.starts <= at, appointment.c.ends > at)
    count = 0
    for row in tx.execute(holds.order_by(appointment.c.made_at)).mappings().all():
        found = Appointment(**row)
        known = select(override.c.account_id).where(override.c.source == found.appointment_id)
        had = set(tx.execute(known).scalars())
        new = [one for one in _in_country(_members(tx, found.family_id), found.country) if one not in had]
        count += len(_give(tx, found, new, at)[0])
    return count


def family_of(tx: Connection, account_id: str) -> Family | None:
    """The family of an account, for routing; None where it stands alone."""
    members = _members(tx, account_id)
    if members.height < 2:
        return None
    countries = tuple(sorted(set(members["country"].drop_nulls())))
    return Family(head_id=str(members["family_id"][0]), sites=members.height, countries=countries)


def relatives(
    tx: Connection, account_id: str, *, limit: int = 50, by: Principal, at: datetime
) -> tuple[str, tuple[str, ...]]:
    """The head of an account's family, and the other accounts in it that one may see; the first of them, by id."""
    allow_somewhere(by, Deed.SEE)
    members = _members(tx, account_id)
    others = [str(one) for one in members["account_id"] if one != account_id]
    if not by.is_everywhere:
        others = sorted(imports.accounts_in_scope(tx, by, at=at, among=others))
    return str(members["family_id"][0]), tuple(others[:limit])


def _give(tx: Connection, made: Appointment, sites: Sequence[str], at: datetime) -> tuple[list[str], list[str]]:
    """Lay it for each site that nobody has by name; those it reached, and those that stay with somebody."""
    role = OWNER if made.country else GLOBAL
    period = Period(max(made.starts, at), made.ends)
    facts, left = [], []
    for site in sites:
        other = store.in_the_way(tx, site, role, period)
        if other is not None and other["cause"] != CAUSE:
            left.append(site)
            continue
        facts.append(
            {
                "account_id": site,
                "role": role,
                "person_id": made.person_id,
                "kind": "named",
                "valid_from": period.start,
                "valid_to": period.end,
                "cause": CAUSE,
                "source": made.appointment_id,
                "reason": made.reason,
            }
        )
    if facts:
        lay(tx, override, facts, at=at)
    return [str(fact["account_id"]) for fact in facts], left


def _members(tx: Connection, account_id: str) -> pl.DataFrame:
    """The accounts of a family in the newest import, by id: account_id, family_id, country."""
    alone = {"account_id": [account_id], "family_id": [account_id], "country": [None]}
    schema = {"account_id": pl.String, "family_id": pl.String, "country": pl.String}
    newest = imports.latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None:
        return pl.DataFrame(alone, schema=schema)
    families = _families(snapshots.path_of(record_of(tx), newest.snapshot_id))
    mine = families.filter(pl.col("account_id") == account_id)
    head = mine["family_id"][0] if mine.height else account_id
    found = families.filter(pl.col("family_id") == head).sort("account_id")
    return found if found.height else pl.DataFrame(alone, schema=schema)


@lru_cache(maxsize=4)
def _families(path: Path) -> pl.DataFrame:
    """Who belongs together in a snapshot; kept in memory, because a snapshot never changes."""
    there = pl.read_parquet_schema(path)
    wanted: list[str] = [name for name in ("account_id", "family_id", "country") if name in there]
    frame = pl.read_parquet(path, columns=wanted)
    absent = {"family_id": pl.col("account_id"), "country": pl.lit(None, dtype=pl.String)}
    return frame.with_columns(**{name: made for name, made in absent.items() if name not in there}).select(
        "account_id", "family_id", "country"
    )


def _in_country(members: pl.DataFrame, code: str) -> list[str]:
    found = members if not code else members.filter(pl.col("country") == code)
    return list(found["account_id"])


def _code(country: str) -> str:
    code = country_codes(pl.Series([country]))[0]
    if code is None:
        raise BadAppointment(f"{country!r} is no country; write one as DE or Germany.")
    return str(code)


def _get(tx: Connection, appointment_id: str, by: Principal, at: datetime) -> Appointment:
    visible = seen(by, account=appointment.c.family_id, people=(appointment.c.person_id,), at=at)
    row = tx.execute(select(appointment).where(appointment.c.appointment_id == appointment_id, visible)).mappings()
    found = row.first()
    if found is None:
        raise NoAppointment(appointment_id)
    return Appointment(**found)
