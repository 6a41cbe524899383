"""A table's cells made typed values, with what was rewritten kept beside and what could not be read listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from patchbook.accounts.fields import STORED_AS, Field, FieldType, custom_type
from patchbook.accounts.mapping import Mapped
from patchbook.accounts.reading import REJECTED_SCHEMA
from patchbook.accounts.values.column import AMBIGUOUS_NULL_WORDS, NULL_WORDS, Cleaned, unless_empty
from patchbook.accounts.values.counts import read_counts
from patchbook.accounts.values.dates import parse_date, read_dates
from patchbook.accounts.values.domains import read_domains
from patchbook.accounts.values.money import read_money
from patchbook.accounts.values.numbers import read_numbers
from patchbook.accounts.values.percentages import read_percentages
from patchbook.accounts.values.phones import read_phones
from patchbook.accounts.values.places import read_countries, read_states
from patchbook.accounts.values.postal_codes import read_postal_codes
from patchbook.accounts.values.words import BOOLEANS, read_booleans, read_lists, read_texts

_FIRST: tuple[FieldType, ...] = ("country", "state")
"""Types others lean on: how a postal code or a telephone number is read depends on the country."""


@dataclass(frozen=True, kw_only=True)
class Clean:
    """Typed columns, what could not be read, and what a person should know."""

    frame: pl.DataFrame
    types: Mapping[str, FieldType]
    rejected: pl.DataFrame
    notes: tuple[tuple[str, str], ...]
    """Field and sentence."""
    invalid: Mapping[str, int]
    """How many cells of each field were refused."""


def clean(
    frame: pl.DataFrame,
    lines: pl.Series,
    mapping: Sequence[Mapped],
    *,
    fields: Sequence[Field],
    types: Mapping[str, str] | None = None,
    rates: Mapping[str, float] | None = None,
) -> Clean:
    """The frame by field names, typed, with `<field>_original` beside each field where cells were rewritten."""
    standard = {field.name: field for field in fields}
    told = {name: custom_type(type_) for name, type_ in (types or {}).items()}
    texts = _emptied(frame, mapping, standard)
    kinds = {
        mapped.field: told.get(mapped.field)
        or (standard[mapped.field].type if mapped.field in standard else infer_type(texts[mapped.field]))
        for mapped in mapping
    }
    columns: dict[str, pl.Series] = {}
    originals: dict[str, pl.Series] = {}
    rejected: list[pl.DataFrame] = []
    notes: list[tuple[str, str]] = []
    invalid: dict[str, int] = {}
    for mapped, cleaned in _read_all(mapping, texts, kinds, columns, rates):
        name, source = mapped.field, texts[mapped.field]
        values = cleaned.values.alias(name)
        refused = cleaned.refused
        field = standard.get(name)
        if refused is not None and refused.any():
            rejected.append(_rejections(mapped.column, lines, source, refused, cleaned.expected))
        else:
            refused = None
        values, outside = _within_limits(values, field)
        if outside is not None and field is not None:
            rejected.append(_rejections(mapped.column, lines, source, outside, _limits(field)))
            refused = outside if refused is None else refused | outside
        if refused is not None:
            invalid[name] = int(refused.sum())
        kept = _original(source, values, cleaned.rewritten, refused)
        if kept is not None:
            originals[f"{name}_original"] = kept
        columns[name] = values
        for suffix, beside in cleaned.beside.items():
            columns[f"{name.removesuffix('_usd')}_{suffix}"] = beside
        notes.extend((name, note) for note in cleaned.notes)
    ordered = [field.name for field in fields if field.name in columns]
    ordered += [name for name in columns if name not in standard]
    data = {name: columns[name].rename(name) for name in ordered} | originals
    return Clean(
        frame=pl.DataFrame(data),
        types=kinds,
        rejected=pl.concat(rejected) if rejected else pl.DataFrame(schema=REJECTED_SCHEMA),
        notes=tuple(notes),
        invalid=invalid,
    )


def _read_all(
    mapping: Sequence[Mapped],
    texts: pl.DataFrame,
    kinds: Mapping[str, FieldType],
    done: Mapping[str, pl.Series],
    rates: Mapping[str, float] | None,
) -> Iterator[tuple[Mapped, Cleaned]]:
    """Each column read: those others lean on first, as the caller takes them in, then the rest side by side."""

    leading = sorted(
        (mapped for mapped in mapping if kinds[mapped.field] in _FIRST),
        key=lambda mapped: _FIRST.index(kinds[mapped.field]),
    )
    for mapped in leading:
        yield mapped, _read(texts[mapped.field], kinds[mapped.field], done, rates)
    rest = [mapped for mapped in mapping if kinds[mapped.field] not in _FIRST]
    places: dict[str, pl.Series] = {name: done[name] for name in _FIRST if name in done}

    def read(mapped: Mapped) -> Cleaned:
        return _read(texts[mapped.field], kinds[mapped.field], places, rates)

    with ThreadPoolExecutor(2) as beside:  # most of a column's reading is one thread's work outside the interpreter
        yield from zip(rest, beside.map(read, rest), strict=True)


def infer_type(texts: pl.Series) -> FieldType:
    """
    The type nearly all cells of a column of your own have; text where that is doubtful.

    Digits with a leading zero are codes, not numbers.
    """
    if texts.dtype == pl.Boolean:
        return "boolean"
    if texts.dtype.is_temporal():
        return "date"
    if isinstance(texts.dtype, pl.List):
        return "list"
    if texts.dtype.is_integer():
        return "count"
    if texts.dtype.is_numeric():
        return "number"
    filled = texts.drop_nulls()
    sample = filled.gather_every(max(1, filled.len() // 2000)).head(2000)
    if sample.len() == 0:
        return "text"
    nearly_all = 0.95 * sample.len()
    words = set(sample.unique().str.to_lowercase().to_list())
    if words <= BOOLEANS.keys() and not words <= {"0", "1", "1.0", "0.0", "x", "y", "n", "t", "f", "j"}:
        return "boolean"
    if not sample.str.contains(r"^0\d").any():
        if sample.str.contains(r"^[-+]?\d{1,18}$").sum() >= nearly_all:
            return "count"
        if sample.str.contains(r"^\(?[-+−]?\d[\d.,' ]*\)?$").sum() >= nearly_all:
            return "number"
        if sample.str.contains(r"^[-+]?\d[\d., ]*\s?%$").sum() >= nearly_all:
            return "percentage"
        if sample.str.contains(r"^(US)?[$€£¥]\s?\d").sum() >= nearly_all:
            return "money"
    if sample.str.contains(r"\d").sum() >= nearly_all and sample.str.len_chars().max() <= 30:  # type: ignore[operator]
        dates = sum(parse_date(text) is not None and not text.isdigit() for text in sample.to_list())
        if dates >= nearly_all:
            return "date"
    return "text"


def _emptied(frame: pl.DataFrame, mapping: Sequence[Mapped], standard: Mapping[str, Field]) -> pl.DataFrame:
    """The columns under their fields' names, with empty words null."""
    careful = tuple(word for word in NULL_WORDS if word not in AMBIGUOUS_NULL_WORDS)
    stripped, unless = [], []
    for mapped in mapping:
        column, name = pl.col(mapped.column), mapped.field
        dtype = frame.schema[mapped.column]
        type_ = standard[name].type if name in standard else None
        if isinstance(dtype, pl.Categorical | pl.Enum):
            column, dtype = column.cast(pl.String), pl.String()
        elif type_ is not None and STORED_AS[type_] == pl.String and dtype != pl.String:
            column, dtype = _as_text(column, dtype), pl.String()
        is_text = dtype == pl.String
        stripped.append((column.str.strip_chars() if is_text else column).alias(name))
        words = careful if type_ in ("country", "state", "name") else NULL_WORDS
        unless.append(unless_empty(pl.col(name), words=words).alias(name) if is_text else pl.col(name))
    # In two steps, because in one the texts would be stripped twice.
    return frame.select(stripped).select(unless)


def _as_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """An id or code that a spreadsheet keeps as a number, without the decimals it never had."""
    if dtype.is_float():
        return (
            pl.when(column == column.round())
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    if isinstance(dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join("|")
    return column.cast(pl.String)


def _read(
    source: pl.Series, type_: FieldType, done: Mapping[str, pl.Series], rates: Mapping[str, float] | None
) -> Cleaned:
    match type_:
        case "number" | "latitude" | "longitude":
            return read_numbers(source)
        case "count":
            return read_counts(source)
        case "money":
            return read_money(source, rates=rates)
        case "percentage":
            return read_percentages(source)
        case "date":
            return read_dates(source)
        case "boolean":
            return read_booleans(source)
        case "list":
            return read_lists(source)
        case "domain":
            return read_domains(source)
        case "phone":
            return read_phones(source, _countries(done))
        case "postal code":
            return read_postal_codes(source, _countries(done))
        case "country":
            return read_countries(source)
        case "state":
            return read_states(source, done.get("country"))
        case "id":
            return Cleaned(values=source)
        case _:
            return read_texts(source if source.dtype == pl.String else source.cast(pl.String))


def _countries(done: Mapping[str, pl.Series]) -> pl.Series | None:
    """The country of each row, and where the file has none, the US for rows in a US state."""
    from patchbook.accounts.values.places import countries_by_state

    country, state = done.get("country"), done.get("state")
    if state is None:
        return country
    by_state = countries_by_state(state)
    return by_state if country is None else by_state.zip_with(country.is_null(), country)


def _within_limits(values: pl.Series, field: Field | None) -> tuple[pl.Series, pl.Series | None]:
    """The values with those outside the field's limits taken out, and which those are."""
    if field is None or (field.at_least is None and field.at_most is None) or not values.dtype.is_numeric():
        return values, None
    outside = pl.repeat(False, values.len(), dtype=pl.Boolean, eager=True)
    if field.at_least is not None:
        outside = outside | (values < field.at_least).fill_null(False)
    if field.at_most is not None:
        outside = outside | (values > field.at_most).fill_null(False)
    if not outside.any():
        return values, None
    return values.set(outside, None), outside


def _limits(field: Field) -> str:
    if field.at_most is None:
        return f"{field.title.lower()}, {field.at_least:g} or more"
    return f"{field.title.lower()}, {field.at_least:g} to {field.at_most:g}"


def _rejections(column: str, lines: pl.Series, source: pl.Series, refused: pl.Series, expected: str) -> pl.DataFrame:
    found = source.filter(refused)
    if isinstance(found.dtype, pl.List):
        found = found.cast(pl.List(pl.String)).list.join("|")
    return pl.DataFrame(
        {
            "line": lines.filter(refused).cast(pl.Int64),
            "column": pl.repeat(column, found.len(), eager=True),
            "found": found.cast(pl.String),
            "expected": pl.repeat(expected, found.len(), eager=True),
        },
        schema=REJECTED_SCHEMA,
    )


def _original(
    source: pl.Series, values: pl.Series, rewritten: pl.Series | None, refused: pl.Series | None
) -> pl.Series | None:
    """The text as it was written in the rows where the value differs from it; None where none does."""
    if source.dtype != pl.String:
        return None if refused is None else source.cast(pl.String).set(~refused, None)
    changed = rewritten
    if changed is None and values.dtype == pl.String:
        changed = source.is_not_null() & (source != values)
    if refused is not None:
        changed = refused if changed is None else changed | refused
    if changed is None or not changed.any():
        return None
    return source.set(~changed.fill_null(False), None)
