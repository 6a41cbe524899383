"""Days in the orders people write them. The order is decided by the column as a whole, and doubt is reported."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

import polars as pl

from patchbook.accounts.values.column import Cleaned, by_distinct

Order = Literal["day first", "month first"]

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january januar janvier enero ene jänner",
            "feb february februar février fevrier febrero fév",
            "mar march märz maerz mars marzo mrz",
            "apr april avril abril avr abr",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio juil",
            "aug august août aout agosto ago",
            "sep sept september septembre septiembre",
            "oct october oktober okt octobre octubre",
            "nov november novembre noviembre",
            "dec december dezember dez décembre decembre diciembre dic déc",
        ),
        start=1,
    )
    for word in words.split()
}
"""Names of months in English, German, French and Spanish, in lower case."""

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[ T]\d.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -](?:de )?([^\W\d_]+)\.?,?[ -](?:de )?(\d{4})")
_MONTH_DAY = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_EXCEL_EPOCH = date(1899, 12, 30)


def parse_date(text: str, *, order: Order = "month first") -> date | None:
    """
    The day the text names, or None. `order` decides only where both readings are days of the calendar.

    Examples
    --------
    >>> parse_date("2026-02-01"), parse_date("12 May 1865"), parse_date("31/12/2025")
    (datetime.date(2026, 2, 1), datetime.date(1865, 5, 12), datetime.date(2025, 12, 31))
    >>> parse_date("03/04/2026", order="day first"), parse_date("31/31/2026")
    (datetime.date(2026, 4, 3), None)
    """
    text = text.strip()
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = map(int, match.groups()[:3])
        return _day(year, month, day)
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = map(int, match.groups()[:3])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        as_day_first, as_month_first = _day(year, second, first), _day(year, first, second)
        return as_day_first or as_month_first if order == "day first" else as_month_first or as_day_first
    if match := _DAY_MONTH.fullmatch(text):
        return _day(int(match.group(3)), MONTHS.get(match.group(2).lower(), 0), int(match.group(1)))
    if match := _MONTH_DAY.fullmatch(text):
        return _day(int(match.group(3)), MONTHS.get(match.group(1).lower(), 0), int(match.group(2)))
    return None


def date_order(texts: pl.Series) -> tuple[Order, int, bool]:
    """
    The order the column writes days in, how many cells either order could read, and whether the column decided.

    A dot between the numbers is a European habit, so with dots the day comes first unless a cell says otherwise.
    """
    parts = texts.str.extract_groups(r"^(\d{1,2})([-/. ])(\d{1,2})[-/. ](?:\d{4}|\d{2})\b").struct.unnest()
    first, second = parts["1"].cast(pl.Int64), parts["3"].cast(pl.Int64)
    day_first = int((first > 12).sum())
    month_first = int((second > 12).sum())
    either = int(((first <= 12) & (second <= 12) & (first != second)).sum())
    if day_first != month_first:
        return ("day first" if day_first > month_first else "month first"), either, not (day_first and month_first)
    dotted = int((parts["2"] == ".").sum())
    return ("day first" if dotted else "month first"), either, bool(dotted) and not day_first


def read_dates(texts: pl.Series) -> Cleaned:
    """A column of days; a note says when the order of day and month is a guess."""
    expected = "a day such as 2026-02-01"
    if texts.dtype in (pl.Date, pl.Datetime) or isinstance(texts.dtype, pl.Datetime):
        return Cleaned(values=texts.cast(pl.Date), expected=expected)
    if texts.dtype.is_numeric():
        # A spreadsheet stores a day as the number of days since the end of 1899.
        days = texts.cast(pl.Float64)
        values = pl.Series([_serial(day) for day in days.to_list()], dtype=pl.Date)
        return Cleaned(values=values, refused=days.is_not_null() & values.is_null(), expected=expected)
    values = texts.str.to_date("%Y-%m-%d", strict=False)
    rest = texts.is_not_null() & values.is_null()
    if not rest.any():
        return Cleaned(values=values, expected=expected)
    doubtful = texts.filter(rest)
    order, either, decided = date_order(doubtful)
    values = values.scatter(rest.arg_true(), by_distinct(doubtful, lambda t: parse_date(t, order=order), pl.Date))
    notes: tuple[str, ...] = ()
    if either and not decided:
        notes = (
            f"{either:,} dates can be read in two ways and are taken {order}; write them as 2026-02-01 to be certain.",
        )
    return Cleaned(
        values=values,
        refused=texts.is_not_null() & values.is_null(),
        rewritten=rest,
        expected=expected,
        notes=notes,
    )


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _serial(days: float | None) -> date | None:
    return _EXCEL_EPOCH + timedelta(days=int(days)) if days is not None and 1 <= days < 2_958_466 else None
