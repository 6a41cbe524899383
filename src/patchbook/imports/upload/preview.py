"""What a file looks like before it is taken in: its first rows, and what each column is taken for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from patchbook.accounts.fields import FIELDS, PERSON_FIELDS, Field
from patchbook.accounts.mapping import RESERVED, Mapped, suggest
from patchbook.accounts.peek import Peek, peek, texts_of
from patchbook.imports.imported import Kind
from patchbook.imports.opportunities import OPPORTUNITY_FIELDS
from patchbook.imports.upload.upload import Upload
from patchbook.words import listed

ROWS_SHOWN = 8
LONGEST_CELL = 120

FIELDS_OF: Mapping[Kind, tuple[Field, ...]] = {
    Kind.ACCOUNTS: FIELDS,
    Kind.PEOPLE: PERSON_FIELDS,
    Kind.OPPORTUNITIES: OPPORTUNITY_FIELDS,
}
"""What a column of each kind of file can be."""

_RESERVED: Mapping[Kind, tuple[str, ...]] = {
    Kind.ACCOUNTS: RESERVED,
    Kind.PEOPLE: ("line",),
    Kind.OPPORTUNITIES: ("line", "won"),
}


@dataclass(frozen=True, kw_only=True)
class PreviewedColumn:
    """One column, and the field it is taken for."""

    column: str
    field: str
    standard: bool
    """Whether that is a field Patchbook knows."""
    score: float
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The beginning of a file."""

    upload: Upload
    columns: tuple[PreviewedColumn, ...]
    fields: tuple[Field, ...]
    """What a column can be said to be."""
    lines: tuple[int, ...]
    """The line of each row shown."""
    rows: int
    is_whole: bool
    """Whether `rows` is all there are."""
    encoding: str | None
    delimiter: str | None
    sheets: tuple[str, ...]
    missing: str | None
    """What has to be said before the file can be taken in."""


def previewed(upload: Upload, file: Path) -> Preview:
    """The first rows of the file, read and mapped as was said of it."""
    found, mapped = _mapped(upload, file)
    shown = [[_short(cell) for cell in row] for row in texts_of(found.table.frame, ROWS_SHOWN)]
    columns = tuple(
        PreviewedColumn(
            column=one.column,
            field=one.field,
            standard=one.standard,
            score=one.score,
            reason=one.reason,
            cells=tuple(row[place] for row in shown),
        )
        for place, one in enumerate(mapped)
    )
    return Preview(
        upload=upload,
        columns=columns,
        fields=FIELDS_OF[upload.kind],
        lines=tuple(found.table.lines.head(ROWS_SHOWN).to_list()),
        rows=found.table.frame.height,
        is_whole=found.is_whole,
        encoding=found.encoding,
        delimiter=found.delimiter,
        sheets=found.sheets,
        missing=_missing(upload.kind, {one.field for one in columns}),
    )


def columns_of(upload: Upload, file: Path) -> dict[str, str | None]:
    """
    Field → column for every field there is, as the preview shows it: what was shown is what is taken in.

    Nothing is guessed anew from rows nobody looked at.
    """
    _, mapped = _mapped(upload, file)
    told: dict[str, str | None] = {field.name: None for field in FIELDS_OF[upload.kind]}
    return told | {one.field: one.column for one in mapped if one.standard}


def _mapped(upload: Upload, file: Path) -> tuple[Peek, tuple[Mapped, ...]]:
    found: Peek = peek(file, upload.written)
    fields = FIELDS_OF[upload.kind]
    frame = found.table.frame
    reserved = _RESERVED[upload.kind]
    guessed = suggest(frame, fields=fields, name=upload.name, reserved=reserved)
    said = {column: field for column, field in upload.columns.items() if column in frame.columns}
    if not said:
        return found, guessed
    overrides: dict[str, str | None] = {field.name: None for field in fields}
    overrides |= {field: column for column, field in said.items() if field}
    known = {one.column: one for one in guessed}
    mapped = suggest(frame, overrides=overrides, fields=fields, name=upload.name, reserved=reserved)
    # What was guessed and left so is still a guess.
    return found, tuple(known[one.column] if known[one.column].field == one.field else one for one in mapped)


def _missing(kind: Kind, fields: set[str]) -> str | None:
    if kind is Kind.PEOPLE:
        is_there = fields & {"person_id", "email", "name"}
        return None if is_there else "Say which column is the person_id, the e-mail or the name."
    needed = [field for field in FIELDS_OF[kind] if field.required and field.name not in fields]
    if not needed:
        return None
    names = listed([field.name for field in needed])
    return f"Say which column is the {names}: without it nothing can be taken in."


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST_CELL else f"{cell[: LONGEST_CELL - 1]}…"
