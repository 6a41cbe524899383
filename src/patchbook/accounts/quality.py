"""How far the data can be trusted: each field complete, valid, unique, fresh — and what will happen to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from patchbook.accounts.accounts import Accounts
from patchbook.accounts.fields import FieldType
from patchbook.words import counted

STALE_AFTER_DAYS = 730
"""An account nobody has looked at for two years is called stale."""

GEOCODED_ROUGHLY_KM = 25.0
"""A place known less precisely than this is named in the sentences."""


TELLS_APART = ("account_id", "name")
"""Fields of which no two accounts should have the same value."""


@dataclass(frozen=True, kw_only=True)
class FieldQuality:
    """What is known of one field over all accounts."""

    field: str
    type: FieldType | None
    complete: float
    """Share of accounts with a value."""
    valid: float
    """Share of the filled cells a value could be read from."""
    unique: float | None
    """Distinct values a value; None where nothing is filled."""
    empty: int
    invalid: int
    distinct: int
    examples: tuple[str, ...]
    """The commonest values."""

    @property
    def score(self) -> float:
        """0 to 1: how much is filled and could be read; of what should tell accounts apart, also how well it does."""
        apart = self.unique if self.field in TELLS_APART and self.unique is not None else 1.0
        return self.complete * self.valid * apart


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Every field's figures, how old the records are, and the sentences a planner needs."""

    fields: tuple[FieldQuality, ...]
    stale: int | None
    """Accounts not updated for `stale_after_days` before `as_of`; None without a day or without dates."""
    sentences: tuple[str, ...]


def assess(
    accounts: Accounts,
    *,
    uses: Sequence[str] = (),
    as_of: date | None = None,
    stale_after_days: int = STALE_AFTER_DAYS,
) -> Quality:
    """
    How good the accounts are, and what follows from it.

    Parameters
    ----------
    uses
        Fields a plan's conditions and measures look at: an account without one of them lands nowhere or weighs
        nothing. Without them the usual ones are looked at: employees, revenue_usd and the place.
    as_of
        The day against which records are old; the accounts' own `as_of` when None.
    """
    day = as_of or accounts.as_of
    stale = _stale(accounts.frame, day, stale_after_days)
    fields = tuple(
        _field_quality(accounts.frame[name], accounts.types.get(name), accounts.invalid.get(name, 0))
        for name in accounts.frame.columns
        if name in accounts.types
    )
    sentences = [
        *_row_sentences(accounts),
        *_missing_sentences(accounts.frame, uses),
        *_place_sentences(accounts.frame),
        *_doubt_sentences(accounts.frame),
        *_family_sentences(accounts),
    ]
    if stale and day is not None:
        years = f"{stale_after_days / 365:.0f} years" if stale_after_days >= 700 else f"{stale_after_days} days"
        sentences.append(
            f"{counted(stale, 'account was', 'accounts were')} last updated more than {years} before {day}."
        )
    sentences += [
        message
        for kind, message in accounts.problems.select("kind", "message").iter_rows()
        if kind in ("reading", "join")
    ]
    return Quality(fields=fields, stale=stale, sentences=tuple(sentences))


def score_of(fields: Sequence[FieldQuality], uses: Sequence[str] = ()) -> float | None:
    """
    One figure for all: the mean score of the fields plans use, or of every field where no plan uses any.

    A field that plans use and the accounts do not have counts as 0.
    """
    scores = {one.field: one.score for one in fields}
    counted_in = list(dict.fromkeys(uses)) or list(scores)
    return sum(scores.get(name, 0.0) for name in counted_in) / len(counted_in) if counted_in else None


def landing(frame: pl.DataFrame, fields: Sequence[str]) -> Mapping[str, int]:
    """How many accounts have no value in each of these fields; all of them where the field does not exist."""
    return {name: frame[name].null_count() if name in frame.columns else frame.height for name in dict.fromkeys(fields)}


def _field_quality(values: pl.Series, type_: FieldType | None, invalid: int) -> FieldQuality:
    count = values.len()
    empty = values.null_count()
    filled = count - empty
    if isinstance(values.dtype, pl.List):
        values = values.cast(pl.List(pl.String)).list.join(";")
    distinct = values.drop_nulls().n_unique()
    examples: tuple[str, ...] = ()
    if filled:
        common = values.drop_nulls().value_counts(name="times").sort(["times", values.name], descending=[True, False])
        examples = tuple(str(value) for value in common[values.name].head(3).to_list())
    return FieldQuality(
        field=values.name,
        type=type_,
        complete=filled / count if count else 0.0,
        valid=filled / (filled + invalid) if filled + invalid else 1.0,
        unique=distinct / filled if filled else None,
        empty=empty,
        invalid=invalid,
        distinct=distinct,
        examples=examples,
    )


def _stale(frame: pl.DataFrame, as_of: date | None, after_days: int) -> int | None:
    if as_of is None or "updated_on" not in frame.columns:
        return None
    return int((frame["updated_on"] < as_of - timedelta(days=after_days)).sum())


def _row_sentences(accounts: Accounts) -> list[str]:
    lost = accounts.rows_read - accounts.frame.height
    kept = f"{counted(accounts.frame.height, 'account was', 'accounts were')} taken in"
    sentences = [
        f"{kept}; {counted(lost, 'row was', 'rows were')} not, and rejected.csv says why."
        if lost
        else f"{kept}; no row was lost."
    ]
    for name, cells in accounts.invalid.items():
        sentences.append(f"{cells:,} cells of {name} could not be read and count as empty; rejected.csv lists them.")
    return sentences


def _missing_sentences(frame: pl.DataFrame, uses: Sequence[str]) -> list[str]:
    sentences = []
    asked = uses or [name for name in ("employees", "revenue_usd") if name in frame.columns]
    for name, missing in landing(frame, asked).items():
        if name not in frame.columns:
            sentences.append(f"All {missing:,} accounts will land nowhere a plan uses {name}: there is no such column.")
        elif missing:
            sentences.append(
                f"{counted(missing, 'account')} will land nowhere where a plan uses {name}, because it is empty."
            )
    return sentences


def _place_sentences(frame: pl.DataFrame) -> list[str]:
    if "geocode_method" not in frame.columns:
        return []
    sentences = []
    nowhere = frame["latitude"].null_count()
    if nowhere:
        sentences.append(
            f"{counted(nowhere, 'account is', 'accounts are')} nowhere on the map: no postal code,"
            " city or state is known."
        )
    rough = int((frame["geocode_precision_km"] > GEOCODED_ROUGHLY_KM).sum())
    if rough:
        sentences.append(
            f"{counted(rough, 'account is', 'accounts are')} placed only roughly,"
            f" to {GEOCODED_ROUGHLY_KM:.0f} km or more."
        )
    return sentences


def _doubt_sentences(frame: pl.DataFrame) -> list[str]:
    """Figures that can be true, but more often are a unit somebody forgot."""
    if not {"revenue_usd", "employees"} <= set(frame.columns):
        return []
    per_head = frame.filter(pl.col("employees") > 0).select(pl.col("revenue_usd") / pl.col("employees")).to_series()
    middle = per_head.median()
    if isinstance(middle, float) and 0 < middle < 1000:
        guess = "millions" if middle < 10 else "thousands"
        return [
            f"Half the accounts earn less than ${middle:,.2f} an employee and year; is revenue written in {guess}?",
        ]
    return []


def _family_sentences(accounts: Accounts) -> list[str]:
    sentences = []
    sizes = accounts.families.sizes
    if sizes.height:
        largest, accounts_in = sizes.row(0)
        sentences.append(
            f"{int(sizes['accounts'].sum()):,} accounts belong to {sizes.height:,} families; the largest, {largest}, "
            f"has {accounts_in:,}."
        )
    orphans = accounts.families.orphans.height
    if orphans:
        sentences.append(
            f"{counted(orphans, 'account names', 'accounts name')} a parent that is not among the accounts."
        )
    loops = len(accounts.families.loops)
    if loops:
        sentences.append(f"{loops:,} loops of parents were found; each is kept together as one family.")
    return sentences
