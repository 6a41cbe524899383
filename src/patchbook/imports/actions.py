"""Take accounts, people and opportunities into the record."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from patchbook.accounts import Accounts
from patchbook.accounts import read as read_accounts
from patchbook.accounts.csv_out import write_csv
from patchbook.accounts.decided import Decided, decided
from patchbook.accounts.fields import PERSON_FIELDS
from patchbook.accounts.mapping import Mapped, suggest
from patchbook.accounts.peek import AS_FOUND, Written
from patchbook.accounts.snapshot import snapshot_id
from patchbook.audit import actions as audit
from patchbook.db.crash import crash_point
from patchbook.db.metadata import new_id
from patchbook.db.page import Page, cursor_of, key_of, limit_of
from patchbook.db.record import record_of
from patchbook.imports import snapshots, store
from patchbook.imports.changes import changes
from patchbook.imports.imported import Difference, Imported, Kind, NoImport
from patchbook.imports.opportunities import Opportunities, read_opportunities
from patchbook.imports.review import store as reviewed
from patchbook.imports.review.decision import merges, splits, survivor
from patchbook.people.permission import Deed, allow, allow_somewhere
from patchbook.people.principal import Principal
from patchbook.words import counted

FOLDER = "imports"
"""Where in the data folder rejected rows are kept."""

MOST_NOTES = 50


def accounts(
    tx: Connection,
    source: Path | str | bytes | Accounts | pl.DataFrame,
    *,
    name: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    types: Mapping[str, str] | None = None,
    join: Sequence[Path | str] = (),
    by: Principal,
    at: datetime,
) -> Imported:
    """
    Take accounts in: clean them, keep them as a snapshot, and list what could not be taken.

    Parameters
    ----------
    source
        A file, its content, or accounts read already, which keeps the reading out of the transaction.
    name
        What the source is called; needed with its content, where the ending says what kind of file it is.
    columns, types, join
        As for `patchbook.read_accounts`.

    Raises
    ------
    BadInput
        The source cannot be read, or has nothing that is an account_id; nothing is kept.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    if not isinstance(source, Accounts):
        with _file(source, name) as readable:
            source = read_accounts(readable, columns=columns, types=types, join=join, as_of=at.date())
    return _taken(tx, _with_owners(tx, replace(source, name=name or source.name)), by=by, at=at)


def accounts_again(tx: Connection, *, by: Principal, at: datetime) -> Imported:
    """
    Take the accounts of the newest import in once more, so that what was decided since counts at once.

    Raises
    ------
    NoImport
        There are no accounts yet.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    return _taken(tx, snapshots.taken(tx, told_as(tx), store.latest(tx, Kind.ACCOUNTS)), by=by, at=at)


def told_as(tx: Connection) -> str:
    """The snapshot of the newest accounts as their source tells them, whatever was decided about them."""
    newest = store.latest(tx, Kind.ACCOUNTS)
    known = None if newest is None else store.difference(tx, newest.import_id)
    return known.told_as if known is not None and known.told_as is not None else _newest(tx)


def _taken(tx: Connection, told: Accounts, *, by: Principal, at: datetime) -> Imported:
    record = record_of(tx)
    previous = store.latest(tx, Kind.ACCOUNTS)
    decisions = reviewed.counting(tx)
    as_decided = decided(told, merges(decisions), splits(decisions))
    read = as_decided.accounts
    if read is not told:
        snapshots.keep(record.folder, told)
    snapshots.keep(record.folder, read)
    crash_point("import.snapshot")
    differs = changes(_before(record.folder, previous, read), read.frame)
    gone = differs.gone
    made = Imported(
        import_id=new_id("import"),
        kind=Kind.ACCOUNTS,
        name=read.name,
        rows=read.frame.height,
        rejected=read.rejected.height,
        gone=len(gone),
        notes=_notes(read, as_decided, gone),
        mapping=_mapping(read.mapping),
        snapshot_id=read.snapshot_id,
        by=by.person_id,
        at=at,
    )
    _keep_lists(record.folder, made, read.rejected, gone, changed=differs.listed)
    difference = Difference(
        import_id=made.import_id,
        added=differs.added,
        changed=differs.changed,
        merged=as_decided.merged,
        split_off=as_decided.split_off,
        decisions=tuple(one.decision_id for one in decisions if one.changes_accounts),
        told_as=told.snapshot_id if read is not told else None,
    )
    store.add_difference(tx, difference)
    return _keep(tx, made)


def people(
    tx: Connection,
    source: Path | str | bytes | pl.DataFrame,
    *,
    name: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    written: Written = AS_FOUND,
    employed_from: datetime | None = None,
    by: Principal,
    at: datetime,
) -> Imported:
    """
    Take people in, new ones and changes to those known by their person_id.

    The file itself is not kept, nor what stood in refused cells, so that somebody can be erased later.

    Parameters
    ----------
    written
        How the file is written, where that is not to be found out.
    employed_from
        Since when those are employed who are not in the record yet; `at` without it.
    """
    from patchbook.people import actions as people_actions
    from patchbook.people.file import read_people

    allow(tx, by, Deed.IMPORT, at=at)
    with _file(source, name) as readable:
        persons, rejected = read_people(readable, columns=columns, written=written)
        told = name or (readable.name if isinstance(readable, Path) else "the frame")
        fields = _fields_told(readable, columns, written)
    since = employed_from or at
    taken = people_actions.take(tx, persons, employed_from=since, fields_told=fields, by=by, at=at)
    made = Imported(
        import_id=new_id("import"),
        kind=Kind.PEOPLE,
        name=told,
        rows=len(persons),
        rejected=rejected.height,
        notes=(
            f"{len(taken.added):,} people are new, {len(taken.changed):,} changed, {taken.unchanged:,} are as before.",
        ),
        by=by.person_id,
        at=at,
    )
    unnamed = rejected.with_columns(found=pl.lit(""))
    _keep_lists(record_of(tx).folder, made, unnamed, ())
    return _keep(tx, made)


def opportunities(
    tx: Connection,
    source: Path | str | bytes | pl.DataFrame | Opportunities,
    *,
    name: str | None = None,
    columns: Mapping[str, str | None] | None = None,
    written: Written = AS_FOUND,
    by: Principal,
    at: datetime,
) -> Imported:
    """
    Take opportunities in, new ones and changes to those known by their opportunity_id.

    The account is said by its id or by its name. Owners are people of the record by id, name or e-mail. Holdovers on
    opportunities that are closed now end.
    """
    allow(tx, by, Deed.IMPORT, at=at)
    if not isinstance(source, Opportunities):
        with _file(source, name) as readable:
            source = read_opportunities(readable, columns=columns, written=written, at=at)
    frame, strangers = _with_accounts(tx, source.frame)
    owners = store.people_called(tx, frame["owner"].drop_nulls().unique().to_list())
    frame = frame.with_columns(
        pl.col("owner").replace_strict(owners, default=None, return_dtype=pl.String).alias("owner_id")
    ).drop("owner")
    was_open = store.open_opportunities(tx)
    store.put_opportunities(tx, frame.iter_rows(named=True))
    closed = sorted(was_open & set(frame.filter(pl.col("closed").is_not_null())["opportunity_id"]))
    _end_holdovers(tx, closed, at)
    missing = len(was_open - set(frame["opportunity_id"]))
    made = Imported(
        import_id=new_id("import"),
        kind=Kind.OPPORTUNITIES,
        name=name or source.name,
        rows=frame.height,
        rejected=source.rejected.height + strangers.height,
        notes=tuple(
            note
            for count, note in (
                (len(closed), f"{len(closed):,} opportunities that were open are closed now."),
                (missing, f"{missing:,} open opportunities of the record are not in {source.name}; they stay open."),
            )
            if count
        ),
        mapping=_mapping(source.mapping),
        by=by.person_id,
        at=at,
    )
    _keep_lists(record_of(tx).folder, made, pl.concat([source.rejected, strangers]), ())
    return _keep(tx, made)


def get(tx: Connection, import_id: str, *, by: Principal, at: datetime) -> Imported:
    """One import."""
    allow(tx, by, Deed.IMPORT, at=at)
    return store.get(tx, import_id)


def imports(
    tx: Connection, *, kind: Kind | None = None, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[Imported]:
    """Every import, newest first."""
    allow(tx, by, Deed.IMPORT, at=at)
    before = None if after is None else key_of(after, int)[0]
    found = store.imports(tx, kind=kind, before=before, limit=limit_of(limit) + 1)
    more = cursor_of(found[limit - 1][0]) if len(found) > limit else None
    return Page(tuple(made for _, made in found[:limit]), more)


def latest(tx: Connection, kind: Kind | str) -> Imported | None:
    """The newest import of a kind, whoever asks."""
    return store.latest(tx, Kind(kind))


def rejected_csv(tx: Connection, import_id: str, *, by: Principal, at: datetime) -> Path:
    """The file that lists what an import could not take: line, column, found, expected."""
    get(tx, import_id, by=by, at=at)
    return record_of(tx).folder / FOLDER / f"rejected-{import_id}.csv"


def gone_csv(tx: Connection, import_id: str, *, by: Principal, at: datetime) -> Path:
    """The file that lists accounts an import no longer had."""
    made = get(tx, import_id, by=by, at=at)
    if not made.gone:
        raise NoImport(f"{made.name} had every account of the import before; there is no list of those gone.")
    return record_of(tx).folder / FOLDER / f"gone-{import_id}.csv"


def changed_csv(tx: Connection, import_id: str, *, by: Principal, at: datetime) -> Path:
    """The file that lists what an import of accounts changed: account_id, change, field, before, after."""
    made = get(tx, import_id, by=by, at=at)
    if store.difference(tx, import_id) is None:
        raise NoImport(
            f"{made.name} has no list of what it changed; imports of accounts have one, made by this version or later."
        )
    return record_of(tx).folder / FOLDER / f"changed-{import_id}.csv"


def difference(tx: Connection, import_id: str, *, by: Principal, at: datetime) -> Difference | None:
    """How an import of accounts differs from the one before, where that was looked at."""
    allow(tx, by, Deed.IMPORT, at=at)
    return store.difference(tx, import_id)


def accounts_as_told(tx: Connection, ids: Sequence[str]) -> pl.DataFrame:
    """These accounts as the source of the newest import tells them, those merged away too."""
    return snapshots.rows_of(snapshots.path_of(record_of(tx), told_as(tx)), ids)


def accounts_by_id(tx: Connection, ids: Sequence[str], *, snapshot_id: str | None = None) -> pl.DataFrame:
    """The rows of these accounts in the newest snapshot, or in one named; without those it does not have."""
    place = snapshots.path_of(record_of(tx), snapshot_id or _newest(tx))
    return snapshots.rows_of(place, ids)


def names_of_accounts(tx: Connection, ids: Sequence[str]) -> dict[str, str]:
    """What accounts of the newest snapshot are called, those that have a name."""
    index = snapshots.index_of(snapshots.path_of(record_of(tx), _newest(tx)))
    if "name" not in index.columns:
        return {}
    named = index.filter(pl.col("account_id").is_in(list(ids)) & pl.col("name").is_not_null())
    return dict(named.select("account_id", "name").iter_rows())


def search(
    tx: Connection, text: str = "", *, after: str | None = None, limit: int = 100, by: Principal, at: datetime
) -> Page[dict[str, Any]]:
    """
    Accounts of the newest snapshot whose id, name or domain holds a text, in order of id, as dicts.

    Only accounts in the reader's territories, and those given to them by name.
    """
    allow_somewhere(by, Deed.SEE)
    newest = latest(tx, Kind.ACCOUNTS)
    if newest is None or newest.snapshot_id is None:
        return Page(())
    last = None if after is None else key_of(after, str)[0]
    path = snapshots.path_of(record_of(tx), newest.snapshot_id)
    found = snapshots.matching(path, text, only=snapshots.seen_by(tx, by, at=at), after=last, limit=limit_of(limit) + 1)
    rows = found.to_dicts()
    more = cursor_of(rows[limit - 1]["account_id"]) if len(rows) > limit else None
    return Page(tuple(rows[:limit]), more)


def _newest(tx: Connection) -> str:
    found = store.latest(tx, Kind.ACCOUNTS)
    if found is None or found.snapshot_id is None:
        raise NoImport("No accounts have been imported yet; run `patchbook import accounts FILE`.")
    return found.snapshot_id


@contextmanager
def _file(source: Path | str | bytes | pl.DataFrame, name: str | None) -> Iterator[Any]:
    """The source as something that can be read; content is laid in a file for as long as that takes."""
    if not isinstance(source, bytes):
        yield Path(source) if isinstance(source, str) else source
        return
    folder = Path(tempfile.mkdtemp(prefix="patchbook-"))
    try:
        path = folder / (Path(name or "upload.csv").name or "upload.csv")
        path.write_bytes(source)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fields_told(readable: Any, columns: Mapping[str, str | None] | None, written: Written) -> frozenset[str]:
    """The fields of a person a people file has columns for."""
    table = written.table(readable)
    mapping = suggest(table.frame, overrides=columns, fields=PERSON_FIELDS, name=table.name, reserved=("line",))
    told = {mapped.field if mapped.standard else "other" for mapped in mapping}
    if told & {"city", "state", "postal_code", "country"}:
        told |= {"latitude", "longitude", "other"}
    return frozenset(told)


def _with_owners(tx: Connection, read: Accounts) -> Accounts:
    """The accounts with owners by person_id where the record knows them, so that no name of theirs is kept."""
    if "owner" not in read.frame.columns:
        return read
    names = read.frame["owner"].drop_nulls().unique().to_list()
    known = {name: person_id for name, person_id in store.people_called(tx, names).items() if name != person_id}
    if not known:
        return read
    frame = read.frame.with_columns(pl.col("owner").replace(known))
    return replace(read, frame=frame, snapshot_id=snapshot_id(frame))


def _before(folder: Path, previous: Imported | None, read: Accounts) -> pl.DataFrame:
    """The accounts of the import before; none where it is not there any more."""
    if previous is not None and previous.snapshot_id == read.snapshot_id:
        return read.frame
    if previous is None or previous.snapshot_id is None:
        return read.frame.clear()
    return snapshots.whole(folder / snapshots.FOLDER / f"{previous.snapshot_id}.parquet")


def _notes(read: Accounts, as_decided: Decided, gone: Sequence[str]) -> tuple[str, ...]:
    orphans = read.problems.filter(pl.col("kind") == "orphan").height
    told = read.problems.filter(pl.col("kind") != "orphan")["message"].head(MOST_NOTES).to_list()
    if orphans:
        told.append(f"{orphans:,} accounts name a parent that is not among the accounts.")
    if as_decided.merged:
        told.append(f"{counted(as_decided.merged, 'duplicate was', 'duplicates were')} merged, as decided.")
    if as_decided.split_off:
        told.append(f"{counted(as_decided.split_off, 'account was', 'accounts were')} split off, as decided.")
    if gone:
        shown = ", ".join(gone[:3]) + (", …" if len(gone) > 3 else "")
        told.append(
            f"{len(gone):,} accounts of the import before are not in {read.name}: {shown}; they keep their owners."
        )
    return tuple(told)


def _mapping(mapping: Sequence[Mapped]) -> tuple[dict[str, object], ...]:
    return tuple({"column": one.column, "field": one.field, "reason": one.reason} for one in mapping)


def _with_accounts(tx: Connection, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The opportunities by account_id, and those whose account the record does not know."""
    index = snapshots.index_of(snapshots.path_of(record_of(tx), _newest(tx)))
    decisions = reviewed.counting(tx)
    stand_in = {one.other_id: survivor(one.other_id, decisions) for one in merges(decisions)}
    frame = frame.with_columns(pl.col("account").replace(stand_in)) if stand_in else frame
    ids = index.select("account_id", pl.col("account_id").alias("account"))
    named = frame.join(ids, on="account", how="left", maintain_order="left")
    if "name" in index.columns:
        alone = index.select(pl.col("account_id").alias("by_name"), pl.col("name").str.to_lowercase().alias("_name"))
        alone = alone.filter(pl.col("_name").is_not_null() & pl.col("_name").is_unique())
        named = (
            named.with_columns(pl.col("account").str.to_lowercase().alias("_name"))
            .join(alone, on="_name", how="left", maintain_order="left")
            .with_columns(pl.coalesce("account_id", "by_name").alias("account_id"))
            .drop("_name", "by_name")
        )
    unknown = named.filter(pl.col("account_id").is_null()).select(
        pl.lit(None, dtype=pl.Int64).alias("line"),
        pl.lit("account_id").alias("column"),
        pl.col("account").alias("found"),
        pl.format("an account of the newest import; opportunity {} is left out", "opportunity_id").alias("expected"),
    )
    return named.filter(pl.col("account_id").is_not_null()).drop("account"), unknown


def _end_holdovers(tx: Connection, closed: Sequence[str], at: datetime) -> None:
    """Tell holdovers which opportunities are won or lost."""
    if not closed:
        return
    from patchbook.holdovers.actions import opportunities_closed

    opportunities_closed(tx, closed, at=at)


def _keep_lists(
    folder: Path, made: Imported, rejected: pl.DataFrame, gone: Sequence[str], changed: pl.DataFrame | None = None
) -> None:
    place = folder / FOLDER
    write_csv(rejected, place / f"rejected-{made.import_id}.csv", durable=True)
    if gone:
        write_csv(pl.DataFrame({"account_id": gone}), place / f"gone-{made.import_id}.csv", durable=True)
    if changed is not None:
        write_csv(changed, place / f"changed-{made.import_id}.csv", durable=True)
    crash_point("import.lists")


def _keep(tx: Connection, made: Imported) -> Imported:
    store.add(tx, made)
    after = {"kind": made.kind, "snapshot": made.snapshot_id, "rows": made.rows, "rejected": made.rejected}
    audit.record(tx, "import", made.import_id, kind="import", by=made.by, at=made.at, after=after)
    return made
