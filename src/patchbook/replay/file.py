"""Past leads in a file: one row a lead, with when it came, who had it and when they answered, where that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from patchbook.accounts.mapping import field_name
from patchbook.accounts.reading import read_table
from patchbook.errors import BadInput
from patchbook.leads.fields import read_fields
from patchbook.period import BadPeriod, instant
from patchbook.replay.past import Past
from patchbook.routing.lead import Kind, Lead, Motion

Word = TypeVar("Word", Kind, Motion)

_CALLED: Mapping[str, tuple[str, ...]] = {
    "source_id": ("source_id", "id", "lead_id", "opportunity_id", "case_id"),
    "received_at": ("received_at", "created_at", "created", "created_date", "engage_date", "opened"),
    "owner": ("owner", "owner_id", "person_id", "sales_agent", "rep"),
    "touched_at": ("touched_at", "first_touch", "first_touch_at", "answered_at"),
    "closed_at": ("closed_at", "closed", "close_date"),
    "kind": ("kind",),
    "motion": ("motion",),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row that cannot be replayed, and what would be right."""

    line: int
    problem: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """The past as a file tells it."""

    past: tuple[Past, ...]
    owners: frozenset[str]
    """Who had them, as the file writes it: an id, a name or an address."""
    refused: tuple[Row, ...]


class NoTimes(BadInput):
    """A file of past leads does not say when they came."""


def read_past(path: Path) -> Read:
    """
    The leads in a file.

    Raises
    ------
    NoTimes
        No column says when a lead came.
    """
    table = read_table(path)
    names = {column: field_name(column) for column in table.frame.columns}
    column_of = {
        meant: next((column for word in words for column, name in names.items() if name == word), None)
        for meant, words in _CALLED.items()
    }
    if column_of["received_at"] is None:
        raise NoTimes(
            f"{path.name} has no column that says when a lead came, only {', '.join(table.frame.columns[:8])};"
            " call it received_at."
        )
    used = {column for column in column_of.values() if column is not None}
    past, refused = [], []
    for number, row in enumerate(table.frame.iter_rows(named=True)):
        line = int(table.lines[number])
        said = {meant: _text(row[column]) for meant, column in column_of.items() if column is not None}
        try:
            past.append(_past(said, {name: row[name] for name in names if name not in used}, path.stem, line))
        except (BadInput, ValueError) as error:
            refused.append(Row(line=line, problem=str(error)))
    return Read(
        past=tuple(past),
        owners=frozenset(one.person_id for one in past if one.person_id is not None),
        refused=tuple(refused),
    )


def _past(said: Mapping[str, str | None], fields: Mapping[str, object], source: str, line: int) -> Past:
    read = read_fields(fields)
    source_id = said.get("source_id") or f"line {line}"
    worth = read.fields.get("amount_usd")
    return Past(
        lead=Lead(
            lead_id=source_id,
            source=source,
            source_id=source_id,
            kind=_word(Kind, said.get("kind"), Kind.LEAD),
            motion=_word(Motion, said.get("motion"), Motion.INBOUND),
            received_at=_when(said.get("received_at"), "received_at"),
            fields=read.fields,
        ),
        person_id=said.get("owner"),
        touched_at=_when(said["touched_at"], "touched_at") if said.get("touched_at") else None,
        closed_at=_when(said["closed_at"], "closed_at") if said.get("closed_at") else None,
        value_usd=float(worth) if isinstance(worth, int | float) else None,
    )


def _word(kinds: type[Word], text: str | None, usual: Word) -> Word:
    if text is None:
        return usual
    try:
        return kinds(text.lower())
    except ValueError:
        raise BadInput(f"{text!r} is none of {', '.join(kinds)}.") from None


def _when(text: str | None, what: str) -> datetime:
    if text is None:
        raise BadInput(f"{what} is empty; write it as 2027-02-01T09:30:00Z.")
    try:
        return instant(text)
    except BadPeriod:
        raise BadInput(f"{what} is {text!r}; write it as 2027-02-01T09:30:00Z.") from None


def _text(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None
