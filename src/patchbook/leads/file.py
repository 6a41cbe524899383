"""Leads of a file: a row each, the good ones with their line, the bad ones with what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from patchbook.accounts.mapping import field_name
from patchbook.accounts.reading import read_table
from patchbook.errors import BadInput, PatchbookError
from patchbook.leads.fields import read_fields
from patchbook.leads.lead import Received, RecordedLead
from patchbook.period import instant
from patchbook.routing.lead import Kind, Motion

ID_COLUMNS = ("source_id", "lead_id", "id", "record_id", "external_id")
WHEN_COLUMNS = ("received_at", "created_at", "create_date", "created_on", "created")


class NoIds(BadInput):
    """A file of leads has no column that tells them apart."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A lead and the line it stands on."""

    line: int
    received: Received


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A line that cannot be taken, and what would be right."""

    line: int
    says: str


@dataclass(frozen=True, kw_only=True)
class LeadFile:
    """What a file of leads holds."""

    name: str
    rows: tuple[Row, ...]
    refused: tuple[BadRow, ...]


def read_leads(path: Path | str, *, source: str) -> LeadFile:
    """
    The leads of a CSV, Excel, Parquet or JSON lines file.

    Parameters
    ----------
    source
        What they are from; where the file has a column `source`, that counts.

    Raises
    ------
    NoIds
        No column tells them apart.
    """
    table = read_table(path)
    named = {field_name(column): column for column in reversed(table.frame.columns)}
    its_id = next((named[name] for name in ID_COLUMNS if name in named), None)
    if its_id is None:
        raise NoIds(
            f"{table.name} has no column of the leads' ids; call one source_id, so that a lead sent twice is known."
        )
    when = next((named[name] for name in WHEN_COLUMNS if name in named), None)
    rows: list[Row] = []
    bad = [BadRow(line=one.line or 0, says=f"Found {one.found!r}; expected {one.expected}.") for one in table.rejected]
    seen: dict[tuple[str, str], int] = {}
    for line, told in zip(table.lines.to_list(), table.frame.iter_rows(named=True), strict=True):
        try:
            received = _received(told, named, its_id, when, source)
            first = seen.setdefault((received.source, received.source_id), line)
            if first != line:
                raise BadInput(f"The id {received.source_id!r} stands in line {first} already.")
        except PatchbookError as refusal:
            bad.append(BadRow(line=line, says=str(refusal)))
        else:
            rows.append(Row(line=line, received=received))
    return LeadFile(name=table.name, rows=tuple(rows), refused=tuple(sorted(bad, key=lambda one: one.line)))


def leads_frame(leads: Iterable[RecordedLead]) -> pl.DataFrame:
    """Leads as a table of texts, with a column for every field that any of them has."""
    rows = [_plain(lead) for lead in leads]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _received(
    told: Mapping[str, Any], named: Mapping[str, str], its_id: str, when: str | None, source: str
) -> Received:
    def cell(name: str) -> str:
        return str(told.get(named.get(name, "")) or "").strip()

    taken = {its_id, when, *(named.get(name) for name in ("source", "kind", "motion"))}
    read = read_fields({column: value for column, value in told.items() if column not in taken})
    return Received(
        source=cell("source") or source,
        source_id=str(told[its_id] or "").strip(),
        kind=choice(Kind, cell("kind"), Kind.LEAD),
        motion=choice(Motion, cell("motion"), Motion.INBOUND),
        fields=read.fields,
        unread=read.unread,
        received_at=instant(str(told[when]).strip()) if when is not None and told[when] else None,
    )


def choice(of: Any, text: str, usual: Any) -> Any:
    """One of a few words, however it is written; the usual one where nothing is."""
    if not text:
        return usual
    wanted = text.lower().replace("_", " ")
    found = next((one for one in of if one.value == wanted), None)
    if found is None:
        raise BadInput(f"{text!r} is none of {', '.join(one.value for one in of)}.")
    return found


def _plain(lead: RecordedLead) -> dict[str, str | None]:
    told: dict[str, Any] = {
        name: getattr(lead, name)
        for name in (
            "lead_id", "source", "source_id", "kind", "motion", "status", "person_id", "account_id", "territory_id",
            "received_at", "first_assigned_at", "accepted_at", "touched_at", "closed_at",
        )
    }  # fmt: skip
    told |= {name: value for name, value in lead.fields.items() if name not in told}
    return {name: _text(value) for name, value in told.items()}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)
