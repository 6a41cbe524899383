"""Opportunities as a CRM exports them, read with the same care as accounts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from patchbook.accounts.cleaning import clean
from patchbook.accounts.fields import Field
from patchbook.accounts.mapping import Mapped, suggest
from patchbook.accounts.peek import AS_FOUND, Written
from patchbook.accounts.reading import REJECTED_SCHEMA, Source
from patchbook.errors import BadInput
from patchbook.period import midnight


def _field(name: str, type_: str, title: str, synonyms: str, *, required: bool = False) -> Field:
    words = tuple(word.strip() for word in synonyms.split(","))
    return Field(name=name, type=type_, title=title, synonyms=words, required=required)  # type: ignore[arg-type]


OPPORTUNITY_FIELDS: tuple[Field, ...] = (
    _field("opportunity_id", "id", "What identifies the opportunity", "id, deal id, opportunityid, deal, record id",
           required=True),
    _field("account_id", "id", "The account it is with: its id or its name",
           "account, accountid, company id, company, customer, account name, konto, compte, cuenta", required=True),
    _field("name", "text", "What it is called", "opportunity name, deal name, title, product, opportunity"),
    _field("stage", "text", "How far it is", "deal stage, stagename, sales stage, status, phase, etape, etapa"),
    _field("amount_usd", "money", "What it is worth", "amount, value, close value, deal value, betrag, montant"),
    _field("owner", "text", "Who works on it", "sales agent, rep, owner id, ownerid, sales rep, opportunity owner"),
    _field("opened_on", "date", "The day it began", "engage date, created, created date, open date, opened"),
    _field("closed_on", "date", "The day it was won or lost", "close date, closed date, closedate, closed"),
)  # fmt: skip
"""Every standard field of an opportunity."""

WON = ("won", "closed won", "gewonnen", "gagne", "gagné", "ganada", "ganado")
LOST = ("lost", "closed lost", "verloren", "perdu", "perdida", "perdido", "abandoned", "cancelled", "canceled")


class NoOpportunityId(BadInput):
    """No column identifies the opportunities, or none says which account they are with."""


@dataclass(frozen=True, kw_only=True)
class Opportunities:
    """Opportunities as a source tells them."""

    name: str
    frame: pl.DataFrame
    """opportunity_id, account (an id or a name), name, stage, amount_usd, owner, opened, closed, won."""
    rejected: pl.DataFrame
    mapping: tuple[Mapped, ...]


def read_opportunities(
    source: Source,
    *,
    columns: Mapping[str, str | None] | None = None,
    written: Written = AS_FOUND,
    at: datetime,
) -> Opportunities:
    """
    The opportunities of a file or frame, and the cells and rows that could not be taken.

    An opportunity whose stage says won or lost is closed, on its closing day, or at `at` where it tells none. Where no
    column is the stage, one with a closing day is closed.
    """
    table = written.table(source)
    mapping = suggest(
        table.frame, overrides=columns, fields=OPPORTUNITY_FIELDS, name=table.name, reserved=("line", "won")
    )
    for needed, what in (("opportunity_id", "the opportunity_id"), ("account_id", "the account")):
        if not any(mapped.field == needed for mapped in mapping):
            shown = ", ".join(repr(column) for column in table.frame.columns[:8])
            raise NoOpportunityId(
                f"{table.name} has no column that is {what}; say which it is, as in columns: {{{needed}: …}}; "
                f"its columns are {shown}."
            )
    cleaned = clean(table.frame, table.lines, mapping, fields=OPPORTUNITY_FIELDS)
    frame = cleaned.frame.with_columns(line=table.lines)
    whole = pl.col("opportunity_id").is_not_null() & pl.col("account_id").is_not_null()
    kept = frame.select((whole & pl.col("opportunity_id").is_first_distinct()).fill_null(False)).to_series()
    return Opportunities(
        name=table.name,
        frame=_told(frame.filter(kept), at),
        rejected=pl.concat(
            [
                pl.DataFrame(
                    [(one.line, one.column, one.found, one.expected) for one in table.rejected],
                    schema=REJECTED_SCHEMA,
                    orient="row",
                ),
                _left_out(frame.filter(~kept)),
                cleaned.rejected,
            ]
        ).sort("line", maintain_order=True, nulls_last=True),
        mapping=mapping,
    )


def _left_out(rest: pl.DataFrame) -> pl.DataFrame:
    return rest.select(
        pl.col("line").cast(pl.Int64),
        pl.when(pl.col("opportunity_id").is_null() | pl.col("account_id").is_not_null())
        .then(pl.lit("opportunity_id"))
        .otherwise(pl.lit("account_id"))
        .alias("column"),
        pl.col("opportunity_id").fill_null("").alias("found"),
        pl.when(pl.col("opportunity_id").is_null())
        .then(pl.lit("an opportunity_id; the row is left out"))
        .when(pl.col("account_id").is_null())
        .then(pl.lit("an account; the row is left out"))
        .otherwise(pl.lit("an opportunity_id used once; the row is left out"))
        .alias("expected"),
    )


def _told(frame: pl.DataFrame, at: datetime) -> pl.DataFrame:
    absent = {"name": pl.String, "stage": pl.String, "owner": pl.String, "amount_usd": pl.Float64}
    absent |= {"opened_on": pl.Date, "closed_on": pl.Date}
    frame = frame.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in absent.items() if name not in frame.columns
    )
    stage = pl.col("stage").str.to_lowercase().str.strip_chars().str.replace_all(r"[\s_\-]+", " ")
    won, lost = stage.is_in(WON), stage.is_in(LOST)
    is_closed = pl.when(pl.col("stage").is_null()).then(pl.col("closed_on").is_not_null()).otherwise(won | lost)
    day = pl.lit(midnight(at.date()))
    closed = pl.col("closed_on").cast(pl.Datetime("us", "UTC")).fill_null(day)
    return frame.select(
        "opportunity_id",
        pl.col("account_id").alias("account"),
        "name",
        "stage",
        "amount_usd",
        "owner",
        pl.col("opened_on").cast(pl.Datetime("us", "UTC")).alias("opened"),
        pl.when(is_closed).then(closed).alias("closed"),
        pl.when(is_closed & won).then(1).when(is_closed & lost).then(0).alias("won"),
    )
