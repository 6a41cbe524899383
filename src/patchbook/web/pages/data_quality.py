"""How good the data is: each field filled, valid and unique, which accounts land nowhere, and which plans care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import polars as pl
from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.accounts.quality import FieldQuality
from patchbook.imports import quality
from patchbook.imports.imported import Imported
from patchbook.imports.quality import Use
from patchbook.people.permission import Deed
from patchbook.people.principal import Principal
from patchbook.web.as_csv import frame_as_csv
from patchbook.web.models import After
from patchbook.web.page import Looked, Pages
from patchbook.words import counted, listed

router = Pages()

LISTED = 50
LONGEST_EXAMPLE = 24

Field = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


@dataclass(frozen=True, kw_only=True)
class FieldRow:
    """One field."""

    field: str
    figures: FieldQuality | None
    """None where a plan looks at a field the accounts do not have."""
    uses: tuple[Use, ...]

    @property
    def examples(self) -> str:
        """The commonest values in a line, cut short."""
        found = [] if self.figures is None else [_short(value) for value in self.figures.examples]
        return ", ".join(found)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Accounts that land nowhere, because a field is empty."""

    field: str
    accounts: int
    says: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, kw_only=True)
class QualityPage:
    """The figures of the newest accounts."""

    made: Imported | None
    score: float | None = None
    fields: tuple[FieldRow, ...] = ()
    """Those plans look at first."""
    gaps: tuple[Gap, ...] = ()
    sentences: tuple[str, ...] = ()


def load(tx: Connection, *, by: Principal, at: datetime) -> QualityPage:
    """What the page shows."""
    found = quality.quality(tx, by=by, at=at)
    if found is None:
        return QualityPage(made=None)
    figures = {one.field: one for one in found.quality.fields}
    names = sorted(dict.fromkeys([*found.uses, *figures]), key=lambda name: (name not in found.uses,))
    gaps = [
        _gap(name, figures[name].empty if name in figures else found.made.rows, name in figures, uses)
        for name, uses in found.uses.items()
    ]
    return QualityPage(
        made=found.made,
        score=found.score,
        fields=tuple(FieldRow(field=name, figures=figures.get(name), uses=found.uses.get(name, ())) for name in names),
        gaps=tuple(sorted((gap for gap in gaps if gap.accounts), key=lambda gap: -gap.accounts)),
        sentences=tuple(one for one in found.quality.sentences if not found.uses or "will land nowhere" not in one),
    )


@dataclass(frozen=True, kw_only=True)
class WithoutPage:
    """Accounts that have no value of a field."""

    field: str
    rows: tuple[dict[str, str | None], ...]
    next: str | None
    total: int


@router.page("/data/quality", Deed.IMPORT)
def show(here: Looked) -> Response:
    """How good the newest accounts are."""
    return here.show("data_quality.html", load(here.tx, by=here.person, at=here.at))


@router.page("/data/quality.csv", Deed.IMPORT)
def show_csv(here: Looked) -> Response:
    """The same as a table."""
    page = load(here.tx, by=here.person, at=here.at)
    return frame_as_csv(_table(page.fields), "quality.csv")


@router.page("/data/quality/without", Deed.IMPORT)
def show_without(here: Looked, field: Field, after: After = None) -> Response:
    """The accounts without a value of a field."""
    found = quality.without(here.tx, field, after=after, limit=LISTED, by=here.person, at=here.at)
    total = quality.all_without(here.tx, field, by=here.person, at=here.at).height
    page = WithoutPage(field=field, rows=found.rows, next=found.next_cursor, total=total)
    return here.show("data_without.html", page)


@router.page("/data/quality/without.csv", Deed.IMPORT)
def show_without_csv(here: Looked, field: Field) -> Response:
    """All of them."""
    return frame_as_csv(quality.all_without(here.tx, field, by=here.person, at=here.at), "without.csv")


def _short(value: str) -> str:
    value = value.removesuffix(".0")
    return value if len(value) <= LONGEST_EXAMPLE else f"{value[: LONGEST_EXAMPLE - 1]}…"


def _gap(field: str, accounts: int, is_there: bool, uses: tuple[Use, ...]) -> Gap:
    because = "it is empty" if is_there else "there is no such column"
    places = [(place, f"{place} in {use.plan}") for use in uses for place in use.places]
    measures = [told for place, told in places if place.startswith("the measure ")]
    others = [told for place, told in places if not place.startswith("the measure ")]
    who = counted(accounts, "account")
    says = []
    if others:
        says.append(f"{who} will land nowhere where {listed(others, most=3)} asks for {field}, because {because}.")
    if measures:
        weigh = "counts" if accounts == 1 else "count"
        says.append(f"{who} {weigh} as 0 in {listed(measures, most=3)}, which asks for {field}, because {because}.")
    return Gap(field=field, accounts=accounts, says=" ".join(says), uses=uses)


def _table(rows: Sequence[FieldRow]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "field": row.field,
                "filled": row.figures.complete if row.figures else 0.0,
                "valid": row.figures.valid if row.figures else None,
                "unique": row.figures.unique if row.figures else None,
                "score": row.figures.score if row.figures else 0.0,
                "empty": row.figures.empty if row.figures else None,
                "used_by": "; ".join(use.plan for use in row.uses),
            }
            for row in rows
        ],
        infer_schema_length=None,
    )
