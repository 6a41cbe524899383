"""The people file: who can fill a seat, read with the same care as accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from patchbook.accounts.accounts import geocoded
from patchbook.accounts.cleaning import clean
from patchbook.accounts.fields import PERSON_FIELDS
from patchbook.accounts.mapping import suggest
from patchbook.accounts.peek import AS_FOUND, Written
from patchbook.accounts.reading import REJECTED_SCHEMA, Source
from patchbook.errors import BadInput
from patchbook.people.person import Person

HOME_WITHIN_KM = 300.0
"""A place known less precisely is no home: travel would be counted from the middle of a large country."""

_OWN = {field.name for field in PERSON_FIELDS}
_PLACE = ("city", "state", "postal_code", "country")


class NoPersonId(BadInput):
    """No column says who is who."""


class NoPeople(BadInput):
    """Not one person of the file could be taken."""


def read_people(
    source: Source,
    *,
    columns: Mapping[str, str | None] | None = None,
    written: Written = AS_FOUND,
    geocode: bool = True,
) -> tuple[list[Person], pl.DataFrame]:
    """
    The people of a file in its order, and the cells and rows that could not be taken (line, column, found, expected).

    Skills, languages and products are lists with `;` or `|` between. A home is latitude and longitude, or a postal
    code or city that can be found on the map. Without a person_id column, e-mail addresses or names that are all
    different serve as ids.
    """
    table = written.table(source)
    mapping = suggest(table.frame, overrides=columns, fields=PERSON_FIELDS, name=table.name, reserved=("line",))
    cleaned = clean(table.frame, table.lines, mapping, fields=PERSON_FIELDS)
    frame = cleaned.frame
    if "person_id" not in frame.columns:
        frame = frame.with_columns(_stand_in(frame, table.name).alias("person_id"))
    frame = frame.with_columns(line=table.lines)
    first = frame["person_id"].is_first_distinct() & frame["person_id"].is_not_null()
    again = _rejected_rows(frame.filter(~first), frame.filter(first))
    frame = frame.filter(first)
    if frame.height == 0:
        raise NoPeople(f"{table.name} names nobody who could be taken; each row needs a person_id of its own.")
    if geocode and any(name in frame.columns for name in _PLACE):
        frame = _at_home(frame)
    rejected = pl.concat(
        [
            pl.DataFrame(
                [(one.line, one.column, one.found, one.expected) for one in table.rejected],
                schema=REJECTED_SCHEMA,
                orient="row",
            ),
            again,
            cleaned.rejected,
        ]
    ).sort("line", maintain_order=True)
    return [_person(row) for row in frame.drop("line").iter_rows(named=True)], rejected


def _stand_in(frame: pl.DataFrame, name: str) -> pl.Series:
    for column in ("email", "name"):
        if column in frame.columns and frame[column].null_count() == 0 and frame[column].n_unique() == frame.height:
            return frame[column]
    shown = ", ".join(repr(column) for column in frame.columns[:8])
    raise NoPersonId(
        f"{name} has no column that is the person_id, and no e-mail or name that is different on every row; "
        f"its columns are {shown}."
    )


def _rejected_rows(rest: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    if rest.height == 0:
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    first_lines = kept.select("person_id", first_line="line")
    return rest.join(first_lines, on="person_id", how="left", maintain_order="left").select(
        pl.col("line").cast(pl.Int64),
        pl.lit("person_id").alias("column"),
        pl.col("person_id").fill_null("").alias("found"),
        pl.when(pl.col("person_id").is_null())
        .then(pl.lit("a person_id; the row is left out"))
        .otherwise(pl.format("a person_id used once; line {} has it already, and this row is left out", "first_line"))
        .alias("expected"),
    )


def _at_home(frame: pl.DataFrame) -> pl.DataFrame:
    """The people with the latitude and longitude of the place they live at; a country as a whole is no home."""
    found = geocoded(frame)
    near = found["geocode_precision_km"].fill_null(0.0) <= HOME_WITHIN_KM
    return frame.with_columns(
        pl.when(near).then(found[name]).otherwise(None).alias(name) for name in ("latitude", "longitude")
    )


def _person(row: Mapping[str, Any]) -> Person:
    def words(name: str) -> frozenset[str]:
        return frozenset(row.get(name) or ())

    def share(name: str) -> float:
        value = row.get(name)
        return 1.0 if value is None else float(value)

    other = {
        name: str(value)
        for name, value in row.items()
        if value is not None and (name not in _OWN or name in _PLACE) and not name.endswith("_original")
    }
    return Person(
        person_id=row["person_id"],
        name=row.get("name") or row["person_id"],
        email=row.get("email"),
        role=row.get("role"),
        segment=row.get("segment"),
        manager_id=row.get("manager_id"),
        skills=words("skills"),
        languages=words("languages"),
        products=words("products"),
        latitude=row.get("latitude"),
        longitude=row.get("longitude"),
        capacity=share("capacity"),
        ramp=share("ramp"),
        other=other,
    )
