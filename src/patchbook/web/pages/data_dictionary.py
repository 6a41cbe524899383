"""The data dictionary: every field in use, what it means, where it comes from, and what looks at it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from fastapi.responses import Response
from sqlalchemy import Connection, select

from patchbook.access.store import role_held
from patchbook.accounts.fields import FIELDS, PERSON_FIELDS, STORED_AS, Field
from patchbook.db.record import record_of
from patchbook.db.settings import SETTINGS, value
from patchbook.imports import actions as imports
from patchbook.imports import snapshots
from patchbook.imports.imported import Imported, Kind
from patchbook.imports.quality import Use, uses_of_accounts, uses_of_people
from patchbook.jobs import actions as jobs
from patchbook.leads import routing
from patchbook.leads.fields import OWN
from patchbook.leads.routing import RoutingVersion
from patchbook.people import store as people
from patchbook.people.permission import Deed, may
from patchbook.people.principal import Principal, Role
from patchbook.web.as_csv import safe_csv
from patchbook.web.page import HEADERS, Looked, Nav, Pages
from patchbook.words import listed

NAV = (Nav(title="Data dictionary", path="/data-dictionary", section="Data", deed=Deed.SEE_EVERYONE),)

router = Pages()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One field, and everything there is to say of it."""

    of: str
    """account, lead or person."""
    name: str
    type: str
    meaning: str
    source: str
    """The column and file it was read from; empty where no file has it."""
    filled: float | None
    """The share of accounts that have it."""
    used_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class System:
    """Something that sends to the record, or is told by it."""

    name: str
    says: str


@dataclass(frozen=True, kw_only=True)
class DictionaryPage:
    """The record described by itself."""

    entries: tuple[Entry, ...]
    systems: tuple[System, ...]
    jobs: tuple[System, ...]
    owners: tuple[System, ...]
    settings: tuple[System, ...]


def load(tx: Connection, *, by: Principal, at: datetime) -> DictionaryPage:
    """Everything that is in use now."""
    newest = imports.latest(tx, Kind.ACCOUNTS)
    found = _routing(tx, by, at)
    entries = [*_accounts(tx, newest, found, by, at), *_leads(found), *_people(tx, by, at)]
    return DictionaryPage(
        entries=tuple(entries),
        systems=tuple(_systems(tx, by, at)),
        jobs=tuple(_jobs(tx, by, at)),
        owners=tuple(_owners(tx)),
        settings=tuple(
            System(name=name, says=f"{one.meaning}: {value(tx, name):,}.") for name, one in sorted(SETTINGS.items())
        ),
    )


def looked_at_by_routing(field: str, document: str) -> bool:
    """
    Whether a routing document names a field. Pure.

    Examples
    --------
    >>> looked_at_by_routing("employees", "where: employees > 9"), looked_at_by_routing("employees", "no_employees: 3")
    (True, False)
    """
    return re.search(rf"(?<![\w.]){re.escape(field)}(?!\w)", document, re.IGNORECASE) is not None


def _users(plans: Iterable[Use], field: str, found: Iterable[RoutingVersion] = ()) -> tuple[str, ...]:
    """What looks at a field: plans that are not history with the places, and the routing document."""
    routed = [f"Routing, version {one.version}" for one in found if looked_at_by_routing(field, one.document)]
    return (*(f"{use.plan} ({listed(use.places)})" for use in plans), *routed)


def _accounts(
    tx: Connection, newest: Imported | None, found: tuple[RoutingVersion, ...], by: Principal, at: datetime
) -> list[Entry]:
    """Every column of the newest snapshot, the standard ones first."""
    if newest is None or newest.snapshot_id is None:
        return []
    table = pl.scan_parquet(snapshots.path_of(record_of(tx), newest.snapshot_id))
    types = table.collect_schema()
    filled = table.select(pl.all().is_not_null().mean()).collect().row(0, named=True)
    standard = {field.name: field for field in FIELDS}
    uses = uses_of_accounts(tx, newest, by=by, at=at)
    columns = {str(one["field"]): str(one["column"]) for one in newest.mapping if one["field"]}
    kept = [name for name in standard if name in types] + sorted(set(types) - set(standard))
    return [
        Entry(
            of="account",
            name=name,
            type=standard[name].type if name in standard else str(types[name]).lower(),
            meaning=standard[name].title if name in standard else "A field of your own, or worked out by Patchbook",
            source=f"{columns[name]} in {newest.name}" if name in columns else "",
            filled=filled[name],
            used_by=_users(uses.get(name, ()), name, found),
        )
        for name in kept
    ]


def _leads(found: tuple[RoutingVersion, ...]) -> list[Entry]:
    """What a lead may have beside the fields of an account."""
    return [
        Entry(
            of="lead", name=name, type=str(kind), meaning="Comes with a lead, beside the fields of an account",
            source="whatever sends leads", filled=None, used_by=_users((), name, found),
        )
        for name, kind in OWN.items()
    ]  # fmt: skip


def _people(tx: Connection, by: Principal, at: datetime) -> list[Entry]:
    """What is known of people."""
    newest = imports.latest(tx, Kind.PEOPLE)
    columns = {str(one["field"]): str(one["column"]) for one in newest.mapping if one["field"]} if newest else {}
    uses = uses_of_people(tx, by=by, at=at)

    def entry(field: Field) -> Entry:
        source = f"{columns[field.name]} in {newest.name}" if newest and field.name in columns else ""
        return Entry(
            of="person", name=field.name, type=field.type, meaning=field.title, source=source, filled=None,
            used_by=_users(uses.get(field.name, ()), field.name),
        )  # fmt: skip

    return [entry(field) for field in PERSON_FIELDS if field.type in STORED_AS]


def _systems(tx: Connection, by: Principal, at: datetime) -> Iterable[System]:
    for kind in Kind:
        newest = imports.latest(tx, kind)
        if newest is not None:
            yield System(
                name=f"{kind.value.title()} from files",
                says=f"{newest.name}, {newest.rows:,} rows, last on {newest.at:%Y-%m-%d}.",
            )
    for found in _routing(tx, by, at):
        yield System(
            name="Leads", says=f"Decided by version {found.version} of the routing document, set {found.at:%Y-%m-%d}."
        )


def _routing(tx: Connection, by: Principal, at: datetime) -> tuple[RoutingVersion, ...]:
    """The routing document in force, or none."""
    return routing.versions(tx, limit=1, by=by, at=at).rows


def _jobs(tx: Connection, by: Principal, at: datetime) -> Iterable[System]:
    if may(by, Deed.RUN_JOBS):
        for one in jobs.jobs(tx, by=by, at=at):
            yield System(name=one.name, says=f"{one.meaning} {one.schedule}{'' if one.is_on else ' (off)'}.")


def _owners(tx: Connection) -> Iterable[System]:
    """Who answers for the process: whoever plans, and who runs the record."""
    held = tx.execute(
        select(role_held.c.person_id, role_held.c.role)
        .where(role_held.c.role.in_([Role.ADMIN.value, Role.PLANNER.value]), role_held.c.territory_id.is_(None))
        .order_by(role_held.c.role, role_held.c.person_id)
    ).all()
    names = people.find(tx, [row.person_id for row in held])
    for row in held:
        if row.person_id in names:
            yield System(name=names[row.person_id].name, says=f"{row.role} of the whole company")


@router.page("/data-dictionary", Deed.SEE_EVERYONE)
def show(here: Looked) -> Response:
    """The dictionary, or its fields as CSV."""
    page = load(here.tx, by=here.person, at=here.at)
    if here.request.query_params.get("format") == "csv":
        rows = [
            (one.of, one.name, one.type, one.meaning, one.source, one.filled, "; ".join(one.used_by))
            for one in page.entries
        ]
        content = safe_csv(rows, ("of", "field", "type", "meaning", "source", "filled", "used_by"))
        named = {"Content-Disposition": 'attachment; filename="data-dictionary.csv"'}
        return Response(content, 200, HEADERS | named, "text/csv; charset=utf-8")
    return here.show("data_dictionary.html", page)
