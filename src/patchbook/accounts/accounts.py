"""Taking accounts in: from any table to typed, geocoded accounts, with everything that could not be taken listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Thread

import polars as pl

from patchbook.accounts.cleaning import Clean, clean
from patchbook.accounts.families import Families, find_families
from patchbook.accounts.fields import FIELDS, FieldType
from patchbook.accounts.mapping import Mapped, suggest
from patchbook.accounts.reading import DEFAULT_MAX_BYTES, REJECTED_SCHEMA, Source, Table, read_table
from patchbook.accounts.snapshot import is_snapshot, load, snapshot_id
from patchbook.errors import BadInput

PROBLEMS_SCHEMA = {"kind": pl.String(), "account_id": pl.String(), "field": pl.String(), "message": pl.String()}

GEOCODED = (
    "latitude",
    "longitude",
    "geocode_method",
    "geocode_precision_km",
    "county_fips",
    "time_zone",
)
"""Columns geocoding always gives, beside the density."""

PLACE = ("latitude", "longitude", "postal_code", "city", "state", "country")


LARGE_BYTES = 20_000_000
"""From this size on, a file takes long enough to read that the map can be loaded meanwhile."""


class NoAccountId(BadInput):
    """No column identifies the accounts, so no result could be given back to them."""


class NothingReadable(BadInput):
    """Not one row of the file could be taken."""


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Accounts as Patchbook works with them."""

    name: str
    """What the source is called in messages."""
    frame: pl.DataFrame
    """One row an account; columns are the standard fields the file has, fields of your own, `<field>_original`
    where cleaning rewrote cells, family_id, and what geocoding found."""
    rejected: pl.DataFrame
    """line, column, found, expected of each cell or row that could not be taken."""
    mapping: tuple[Mapped, ...]
    families: Families
    problems: pl.DataFrame
    """kind, account_id, field, message: what a person should look at."""
    snapshot_id: str
    """Names this very data: the same accounts give the same id on any day and machine."""
    types: Mapping[str, FieldType] = field(default_factory=dict)
    invalid: Mapping[str, int] = field(default_factory=dict)
    """Cells of each field that were refused."""
    rows_read: int = 0
    as_of: date | None = None


def read(
    source: Source,
    *,
    columns: Mapping[str, str | None] | None = None,
    types: Mapping[str, str] | None = None,
    join: Sequence[Source] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    rates: Mapping[str, float] | None = None,
    as_of: date | None = None,
    geocode: bool = True,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Accounts:
    """
    The accounts a file or frame holds, typed and placed on the map; nothing is dropped without a line in `rejected`.

    Parameters
    ----------
    source
        A path (CSV of any dialect, Excel, Parquet, JSON lines) or a pandas, Polars or PyArrow frame. A snapshot is
        taken as it is, its fields under the names they have there.
    columns
        Field → column, where the suggested mapping is to be overruled; a field → None leaves it out.
    types
        Field of your own → its type, where the guess is to be overruled: text, number, count, money, percentage,
        date, boolean or list.
    join
        Further tables with an account_id, whose other columns are added to the accounts.
    encoding, delimiter, sheet
        How the file is written; found out when None.
    rates
        US dollars for one unit of a currency, as in `{"EUR": 1.08}`. Without a rate an amount is kept as it is.
    as_of
        The day against which `updated_on` is old; without it nothing is called stale.
    geocode
        Whether to find latitude and longitude, county and time zone.
    max_bytes
        Larger files are refused.
    """
    if not join and is_snapshot(source):
        return _frozen(Path(str(source)), as_of)
    map_is_ready = _map_loaded_beside(source) if geocode else None
    table = read_table(source, encoding=encoding, delimiter=delimiter, sheet=sheet, max_bytes=max_bytes)
    mapping = suggest(table.frame, overrides=columns, name=table.name)
    if not any(mapped.field == "account_id" for mapped in mapping):
        raise _no_account_id(table)
    cleaned = clean(table.frame, table.lines, mapping, fields=FIELDS, types=types, rates=rates)
    kept, id_rejections = _identified(cleaned.frame, table.lines, mapping)
    problems = [_problem("reading", None, note) for note in table.notes]
    problems += [_problem("reading", field_name, note) for field_name, note in cleaned.notes]
    frame = cleaned.frame.filter(kept) if not kept.all() else cleaned.frame
    if frame.height == 0:
        raise NothingReadable(
            f"No row of {table.name} could be taken: "
            f"{id_rejections.height:,} have no account_id of their own; check that the right column holds the id."
        )
    rejected = pl.concat([_row_rejections(table), id_rejections, cleaned.rejected])
    frame, added = _with_country(frame)
    problems += added
    for extra in join:
        frame, more_rejected, more_problems = _joined(frame, extra, encoding=encoding, delimiter=delimiter, types=types)
        rejected = pl.concat([rejected, more_rejected])
        problems += more_problems
    families = find_families(
        frame["account_id"],
        frame["parent_id"] if "parent_id" in frame.columns else None,
        frame["name"] if "name" in frame.columns else None,
    )
    frame = frame.with_columns(families.family_id)
    if geocode:
        if map_is_ready is not None:
            map_is_ready.join()
        frame = geocoded(frame)
    problems += _row_count_problem(table, frame.height)
    return Accounts(
        name=table.name,
        frame=frame,
        rejected=rejected.sort("line", maintain_order=True, nulls_last=True),
        mapping=mapping,
        families=families,
        problems=pl.concat([pl.DataFrame(problems, schema=PROBLEMS_SCHEMA), family_problems(families)]),
        snapshot_id=snapshot_id(frame),
        types=cleaned.types,
        invalid=cleaned.invalid,
        rows_read=table.frame.height + len(table.rejected),
        as_of=as_of,
    )


def _map_loaded_beside(source: Source) -> Thread | None:
    """What geocoding needs, loading while a large file is read: the two keep different cores busy."""
    from patchbook.geography.geocode import load_tables

    if not isinstance(source, str | Path) or not Path(source).is_file() or Path(source).stat().st_size < LARGE_BYTES:
        return None
    thread = Thread(target=load_tables, daemon=True)
    thread.start()
    return thread


def _frozen(path: Path, as_of: date | None) -> Accounts:
    """The accounts of a snapshot, exactly as they were saved."""
    frame = load(path)
    standard = {field.name for field in FIELDS}
    texts = {name: frame[name] if name in frame.columns else None for name in ("parent_id", "name")}
    return Accounts(
        name=path.name,
        frame=frame,
        rejected=pl.DataFrame(schema=REJECTED_SCHEMA),
        mapping=tuple(
            Mapped(column=name, field=name, score=1.0, reason="a snapshot names its fields", standard=name in standard)
            for name in frame.columns
        ),
        families=find_families(frame["account_id"], texts["parent_id"], texts["name"]),
        problems=pl.DataFrame(schema=PROBLEMS_SCHEMA),
        snapshot_id=path.stem,
        rows_read=frame.height,
        as_of=as_of,
    )


def geocoded(frame: pl.DataFrame) -> pl.DataFrame:
    """The accounts with latitude, longitude, county, time zone and density found where the place is known."""
    from patchbook.geography.geocode import geocode

    absent = [pl.lit(None, dtype=pl.Float64 if "tude" in name else pl.String).alias(name) for name in PLACE]
    place = frame.with_columns(column for column in absent if column.meta.output_name() not in frame.columns)
    found = geocode(place.select(PLACE))
    new = [column for column in found.columns if column in GEOCODED or column.startswith("density")]
    columns = [found[name] for name in new if name != "county_fips"]
    if "county_fips" in frame.columns:
        # What the file says stays; geocoding fills the gaps.
        written = frame["county_fips"].str.zfill(5)
        columns.append(found["county_fips"].zip_with(written.is_null(), written).alias("county_fips"))
    else:
        columns.append(found["county_fips"])
    return frame.with_columns(columns)


def _identified(frame: pl.DataFrame, lines: pl.Series, mapping: Sequence[Mapped]) -> tuple[pl.Series, pl.DataFrame]:
    """Which rows have an id of their own, and the others with what is wrong. The first of equal ids is kept."""
    column = next(mapped.column for mapped in mapping if mapped.field == "account_id")
    ids = frame["account_id"]
    first = ids.is_first_distinct() & ids.is_not_null()
    if first.all():
        return first, pl.DataFrame(schema=REJECTED_SCHEMA)
    table = pl.DataFrame({"line": lines, "account_id": ids})
    first_lines = table.filter(first).rename({"line": "first_line"})
    rest = table.filter(~first).join(first_lines, on="account_id", how="left", maintain_order="left")
    rejections = rest.select(
        pl.col("line").cast(pl.Int64),
        pl.lit(column).alias("column"),
        pl.col("account_id").fill_null("").alias("found"),
        pl.when(pl.col("account_id").is_null())
        .then(pl.lit("an account_id; the row is left out"))
        .otherwise(pl.format("an account_id used once; line {} has it already, and this row is left out", "first_line"))
        .alias("expected"),
    )
    return first, rejections


def _no_account_id(table: Table) -> NoAccountId:
    """The error for a file without ids, naming the columns that could serve."""
    height = table.frame.height
    unique = [
        column
        for column in table.frame.columns
        if table.frame[column].null_count() == 0 and table.frame[column].n_unique() == height
    ]
    # Measurements are often all different too; a name or a code is the better key.
    unique.sort(key=lambda column: bool(table.frame[column].cast(pl.String).str.contains(r"^-?[\d.,]+$").all()))
    if unique:
        shown = ", ".join(repr(column) for column in unique[:4])
        hint = f"different on every row are {shown}: say columns: {{account_id: {unique[0]}}}"
    else:
        shown = ", ".join(repr(column) for column in table.frame.columns[:8])
        hint = f"its columns are {shown}, and none is different on every row, so add one that is"
    return NoAccountId(f"{table.name} has no column that is the account_id; {hint}.")


def _with_country(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, str | None]]]:
    """A file without countries but with US states or Canadian provinces says where it is all the same."""
    from patchbook.accounts.values.places import countries_by_state

    if "country" in frame.columns or "state" not in frame.columns:
        return frame, []
    country = countries_by_state(frame["state"]).alias("country")
    known = country.len() - country.null_count()
    if known == 0:
        return frame, []
    place = frame.columns.index("state") + 1
    message = f"There is no country column; {known:,} accounts with a US state or Canadian province get theirs from it."
    return frame.insert_column(place, country), [_problem("reading", "country", message)]


def _joined(
    frame: pl.DataFrame,
    source: Source,
    *,
    encoding: str | None,
    delimiter: str | None,
    types: Mapping[str, str] | None,
) -> tuple[pl.DataFrame, pl.DataFrame, list[dict[str, str | None]]]:
    """The accounts with a further table's columns, the table's rejections, and who found nobody."""
    table = read_table(source, encoding=encoding, delimiter=delimiter)
    mapping = suggest(table.frame, name=table.name)
    if not any(mapped.field == "account_id" for mapped in mapping):
        raise _no_account_id(table)
    told = {name: type_ for name, type_ in (types or {}).items() if any(mapped.field == name for mapped in mapping)}
    cleaned: Clean = clean(table.frame, table.lines, mapping, fields=FIELDS, types=told)
    kept, rejections = _identified(cleaned.frame, table.lines, mapping)
    extra = cleaned.frame.filter(kept)
    problems = [_problem("join", name, f"{table.name}: {note}") for name, note in cleaned.notes]
    strangers = extra.join(frame, on="account_id", how="anti").height
    if strangers:
        problems.append(
            _problem("join", "account_id", f"{strangers:,} rows of {table.name} belong to no account and are not used.")
        )
    both = [name for name in extra.columns if name in frame.columns and name != "account_id"]
    joined = frame.join(extra, on="account_id", how="left", maintain_order="left", suffix="_joined")
    # Where both tables know a field, the accounts' own value stays and the joined one fills the gaps.
    joined = joined.with_columns(pl.coalesce(name, f"{name}_joined").alias(name) for name in both)
    joined = joined.drop(f"{name}_joined" for name in both)
    more = pl.concat([_row_rejections(table), rejections, cleaned.rejected])
    return (
        joined,
        more.with_columns(column=pl.format("{}: {}", pl.lit(table.name), pl.col("column").fill_null(""))),
        problems,
    )


def _row_rejections(table: Table) -> pl.DataFrame:
    return pl.DataFrame(
        [(one.line, one.column, one.found, one.expected) for one in table.rejected],
        schema=REJECTED_SCHEMA,
        orient="row",
    )


def _row_count_problem(table: Table, taken: int) -> list[dict[str, str | None]]:
    total = table.frame.height + len(table.rejected)
    lost = total - taken
    if lost == 0:
        return []
    message = (
        f"{lost:,} of {total:,} rows ({lost / total:.1%}) could not be taken; rejected.csv says why, line by line."
    )
    return [_problem("rejected", None, message)]


def family_problems(families: Families) -> pl.DataFrame:
    """What a person should look at in families: loops, and parents that are not there."""
    loops = [
        _problem("parent loop", None, f"{' → '.join((*loop[:10], loop[0]))} are each other's parents.", loop[0])
        for loop in families.loops
    ]
    orphans = families.orphans.select(
        pl.lit("orphan").alias("kind"),
        "account_id",
        pl.lit("parent_id").alias("field"),
        pl.format("Its parent {} is not among the accounts.", "parent_id").alias("message"),
    )
    return pl.concat([pl.DataFrame(loops, schema=PROBLEMS_SCHEMA), orphans])


def _problem(kind: str, field_name: str | None, message: str, account_id: str | None = None) -> dict[str, str | None]:
    return {"kind": kind, "account_id": account_id, "field": field_name, "message": message}
