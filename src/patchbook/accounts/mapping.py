"""Which column of a file is which field: suggested by name and content, shown with a reason, overruled at will."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from patchbook.accounts.fields import FIELDS, Field
from patchbook.accounts.values.column import is_empty_word
from patchbook.accounts.values.counts import parse_count
from patchbook.accounts.values.dates import parse_date
from patchbook.accounts.values.money import parse_money
from patchbook.accounts.values.numbers import parse_number
from patchbook.errors import BadInput

RESERVED = (
    "family_id",
    "geocode_method",
    "geocode_precision_km",
    "time_zone",
    "density",
    "revenue_currency",
    "open_pipeline_currency",
)
"""Names of columns that reading adds; a column of the file that has one gets a number behind it."""

SAMPLE = 300
"""How many filled cells of a column are looked at to judge whether its content fits a field."""


class UnknownColumn(BadInput):
    """A mapping names a column the file does not have."""

    def __init__(self, column: str, field: str, name: str, columns: Sequence[str]) -> None:
        near = difflib.get_close_matches(column, columns, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(columns)}."
        super().__init__(f"{name} has no column {column!r} for {field}; {hint}")


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """One column and the field it is taken for."""

    column: str
    field: str
    score: float
    """0 to 1; 1 is certain, either by the exact name or because a person said so."""
    reason: str
    standard: bool = True


def suggest(
    frame: pl.DataFrame,
    *,
    overrides: Mapping[str, str | None] | None = None,
    fields: Sequence[Field] = FIELDS,
    name: str = "the file",
    reserved: Sequence[str] = RESERVED,
) -> tuple[Mapped, ...]:
    """
    One entry a column, in the order of the columns; columns no field fits are fields of their own.

    `overrides` maps a field to its column, or to None where no column shall be taken for it.
    """
    overrides = overrides or {}
    standard = {field.name: field for field in fields}
    chosen: dict[str, Mapped] = {}
    for field_name, column in overrides.items():
        if column is None:
            continue
        if column not in frame.columns:
            raise UnknownColumn(column, field_name, name, frame.columns)
        chosen[column] = Mapped(
            column=column, field=field_name, score=1.0, reason="you said so", standard=field_name in standard
        )
    free = [field for field in fields if field.name not in overrides]
    candidates = [
        candidate
        for column in frame.columns
        if column not in chosen
        for candidate in _candidates(column, frame[column], free)
    ]
    taken = {mapped.field for mapped in chosen.values()}
    position = {column: index for index, column in enumerate(frame.columns)}
    for candidate in sorted(candidates, key=lambda found: (-found.score, position[found.column])):
        if candidate.column not in chosen and candidate.field not in taken:
            chosen[candidate.column] = candidate
            taken.add(candidate.field)
    for column in frame.columns:
        if column not in chosen:
            own = _own_name(column, taken | set(standard) | set(reserved))
            chosen[column] = Mapped(column=column, field=own, score=1.0, reason="a field of your own", standard=False)
            taken.add(own)
    return tuple(chosen[column] for column in frame.columns)


def field_name(column: str) -> str:
    """
    A column's name as rules and plans spell it.

    Examples
    --------
    >>> field_name("Sales Region (2026)"), field_name("AnnualVisits"), field_name("Tier__c")
    ('sales_region_2026', 'annual_visits', 'tier')
    """
    return _words(column).replace(" ", "_") or "column"


def _own_name(column: str, taken: set[str]) -> str:
    name = field_name(column)
    if name[0].isdigit():
        name = f"column_{name}"
    number, free = 2, name
    if name.endswith("_original"):
        free, number = f"{name}_2", 3
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _words(column: str) -> str:
    """The words of a column's name, in lower case: `BillingPostalCode` and `billing_postal_code` are one."""
    text = re.sub(r"__c$", "", column.strip())
    text = re.sub(r"([a-zäöüéñ0-9])([A-ZÄÖÜÉÑ])", r"\1 \2", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def _candidates(column: str, cells: pl.Series, fields: Sequence[Field]) -> list[Mapped]:
    words = _words(column)
    squeezed = words.replace(" ", "")
    sample: list[str] | None = None
    found = []
    for field in fields:
        score, reason = _name_score(words, squeezed, field)
        if score == 0.0 and field.type != "domain":
            continue
        if sample is None:
            sample = _sample(cells)
        fits = _fits(field, sample)
        if score == 0.0:
            # A name that says nothing, over a column of nothing but web addresses.
            if fits >= 0.9 and len(sample) >= 3 and not any("@" in cell for cell in sample):
                found.append(Mapped(column=column, field=field.name, score=0.6, reason="holds web addresses"))
            continue
        if score < 1.0 and fits < 0.5 and sample:
            continue
        share = "" if fits == 1.0 or not sample else f"; {fits:.0%} of the cells looked at fit"
        found.append(
            Mapped(
                column=column,
                field=field.name,
                score=round(score * (0.8 + 0.2 * fits), 3),
                reason=reason + share,
            )
        )
    return found


def _name_score(words: str, squeezed: str, field: Field) -> tuple[float, str]:
    if squeezed == field.name.replace("_", ""):
        return 1.0, "the field's own name"
    for rank, synonym in enumerate(field.synonyms):
        if squeezed == re.sub(r"[\W_]+", "", synonym):
            return max(0.95 - 0.003 * rank, 0.85), f"{words!r} is another word for it"
    if len(squeezed) < 6:
        return 0.0, ""
    from rapidfuzz.distance import OSA

    nearest = min(
        (field.name.replace("_", " "), *field.synonyms),
        key=lambda synonym: OSA.distance(words, synonym, score_cutoff=2),
    )
    slips = OSA.distance(words, nearest, score_cutoff=2)
    return (0.75, f"{words!r} is {nearest!r} with a slip") if slips <= 1 and len(nearest) >= 6 else (0.0, "")


def _sample(cells: pl.Series) -> list[str]:
    filled = cells.drop_nulls()
    # From the whole column, evenly: files are often sorted, and the top is not the rest.
    step = max(1, filled.len() // SAMPLE)
    texts = filled.gather_every(step).head(SAMPLE)
    if isinstance(texts.dtype, pl.List | pl.Struct):
        return []
    return [text for text in texts.cast(pl.String).to_list() if not is_empty_word(text)]


def _fits(field: Field, sample: Sequence[str]) -> float:
    """The share of cells that could be a value of the field."""
    if not sample:
        return 1.0
    if field.type == "country":
        from patchbook.accounts.values.places import read_countries

        return float(read_countries(pl.Series(sample)).values.is_not_null().sum()) / len(sample)
    return sum(_could_be(field, text) for text in sample) / len(sample)


def _could_be(field: Field, text: str) -> bool:
    match field.type:
        case "count":
            return parse_count(text) is not None
        case "money":
            return parse_money(text) is not None
        case "number" | "percentage":
            return parse_number(text.rstrip("% ")) is not None
        case "date":
            return parse_date(text) is not None or bool(re.match(r"\d{4}-\d\d-\d\d", text)) or text.isdigit()
        case "latitude" | "longitude":
            number = parse_number(text, decimal=".")
            return number is not None and abs(number) <= (field.at_most or 180)
        case "domain":
            return bool(re.match(r"(?i)^\s*(https?://|www\.)?[\w-]+(\.[\w-]+)+(/\S*)?\s*$", text)) and bool(
                re.search(r"[^\W\d_]{2}", text)
            )
        case "phone":
            return sum(character.isdigit() for character in text) >= 5
        case "postal code":
            return len(text) <= 12 and any(character.isdigit() for character in text)
        case _:
            return True
