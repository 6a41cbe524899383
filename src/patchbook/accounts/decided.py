"""What people decided about accounts, honoured in what a file tells: duplicates merged, families split. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from patchbook.accounts.accounts import Accounts, family_problems
from patchbook.accounts.families import find_families, rows_of
from patchbook.accounts.snapshot import snapshot_id

PLACE = "place"
"""The part of an account that says where it is: its columns only mean something together."""

_OF_PLACE = (
    "street", "city", "state", "postal_code", "country", "county_fips", "latitude", "longitude", "geocode_method",
    "geocode_precision_km", "time_zone",
)  # fmt: skip
_WRITTEN_PLACE = ("street", "city", "state", "postal_code")
_OWN = ("account_id", "family_id")


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Two accounts are one company: one stays, the other is no account of its own any more."""

    account_id: str
    """Who stays."""
    other_id: str
    parts: Mapping[str, str] = field(default_factory=dict)
    """Part of the account → whose it is, where it is not that of who stays."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """An account does not belong under the parent its source names."""

    account_id: str
    parent_id: str


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Accounts as decided, and how many decisions there was something to decide about."""

    accounts: Accounts
    merged: int = 0
    split_off: int = 0


def decided(accounts: Accounts, merges: Sequence[Merge], splits: Sequence[Split]) -> Decided:
    """
    The accounts with what was decided about them.

    Merges are done in their order. Who stays keeps its own values; what it does not know it takes from the other, and
    the parts chosen otherwise are the other's. Subsidiaries of an account that is merged away are the survivor's. Where
    nothing applies, the accounts are the very same.
    """
    frame, done = _merged(accounts.frame, merges)
    frame, off = _split_off(frame, splits)
    if not done and not off:
        return Decided(accounts=accounts)
    families = find_families(
        frame["account_id"],
        frame["parent_id"] if "parent_id" in frame.columns else None,
        frame["name"] if "name" in frame.columns else None,
    )
    frame = frame.with_columns(families.family_id)
    others = accounts.problems.filter(~pl.col("kind").is_in(["parent loop", "orphan"]))
    made = replace(
        accounts,
        frame=frame,
        families=families,
        problems=pl.concat([others, family_problems(families)]),
        snapshot_id=snapshot_id(frame),
    )
    return Decided(accounts=made, merged=done, split_off=off)


def parts_of(columns: Iterable[str]) -> dict[str, list[str]]:
    """
    What of an account is chosen together: each field with what was written of it, and all that says where it is.

    Examples
    --------
    >>> parts_of(["account_id", "name", "name_original", "city", "latitude"])
    {'name': ['name', 'name_original'], 'place': ['city', 'latitude']}
    """
    found: dict[str, list[str]] = {}
    for column in columns:
        if column in _OWN:
            continue
        told = column.removesuffix("_original").removesuffix("_currency")
        is_place = told in _OF_PLACE or told.startswith("density")
        found.setdefault(PLACE if is_place else told, []).append(column)
    return found


def combined(
    stays: Mapping[str, Any], goes: Mapping[str, Any], parts: Mapping[str, Sequence[str]], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """The one account that two are."""
    made = dict(stays)
    for part, columns in parts.items():
        written = [name for name in _WRITTEN_PLACE if name in columns] if part == PLACE else [part]
        knows = any(stays.get(name) is not None for name in written)
        if chosen.get(part) == goes["account_id"] or (part not in chosen and not knows):
            made.update({name: goes[name] for name in columns})
    return made


def _merged(frame: pl.DataFrame, merges: Sequence[Merge]) -> tuple[pl.DataFrame, int]:
    named = {name for merge in merges for name in (merge.account_id, merge.other_id)}
    numbered = frame.with_row_index("_row")
    touched = numbered.filter(pl.col("account_id").is_in(sorted(named)))
    rows = {row["account_id"]: row for row in touched.iter_rows(named=True)}
    further = {merge.other_id: merge.account_id for merge in merges}
    parts = parts_of(frame.columns)
    into: dict[str, str] = {}
    for merge in merges:
        stays = _standing(merge.account_id, rows, further)
        if merge.other_id not in rows or stays is None or stays == merge.other_id:
            continue
        goes = rows.pop(merge.other_id)
        rows[stays] = {**combined(rows[stays], goes, parts, merge.parts), "_row": rows[stays]["_row"]}
        into[merge.other_id] = stays
    if not into:
        return frame, 0
    into = {gone: _standing(stays, rows, further) or stays for gone, stays in into.items()}
    rest = numbered.filter(~pl.col("account_id").is_in(sorted(named)))
    mended = pl.DataFrame(list(rows.values()), schema=numbered.schema, orient="row")
    made = pl.concat([rest, mended]).sort("_row").drop("_row")
    return _reparented(made, frame, into), len(into)


def _standing(account_id: str, rows: Mapping[str, Any], further: Mapping[str, str]) -> str | None:
    """The account that stands for one: itself while it is there, else whoever it was merged into."""
    seen: set[str] = set()
    here: str | None = account_id
    while here is not None and here not in rows:
        seen.add(here)
        here = further.get(here)
        if here in seen:
            return None
    return here


def _reparented(made: pl.DataFrame, before: pl.DataFrame, into: Mapping[str, str]) -> pl.DataFrame:
    """Whoever was under an account that is merged away is under the one that stays; nobody is under itself."""
    if "parent_id" not in made.columns:
        return made
    ids = before["account_id"]
    names = before["name"] if "name" in before.columns else None
    parents = made["parent_id"].cast(pl.String)
    known = ids.gather(rows_of(parents, ids, names))
    moved = known.replace(dict(into)).zip_with(known.is_in(sorted(into)), parents)
    is_itself = (moved == made["account_id"]).fill_null(False)
    own = dict(before.select("account_id", pl.col("parent_id").cast(pl.String)).filter(ids.is_in(sorted(into))).rows())
    above = {stays: own[gone] for gone, stays in into.items() if own.get(gone) not in (None, stays, *into)}
    instead = made["account_id"].replace_strict(above, default=None, return_dtype=pl.String)
    return made.with_columns(instead.zip_with(is_itself, moved).alias("parent_id"))


def _split_off(frame: pl.DataFrame, splits: Sequence[Split]) -> tuple[pl.DataFrame, int]:
    if not splits or "parent_id" not in frame.columns:
        return frame, 0
    wrong = pl.DataFrame(
        [(split.account_id, split.parent_id) for split in splits],
        schema={"account_id": pl.String, "_wrong": pl.String},
        orient="row",
    ).unique("account_id", keep="last")
    told = frame.select("account_id", "parent_id").join(wrong, on="account_id", how="left", maintain_order="left")
    is_wrong = (told["parent_id"].cast(pl.String) == told["_wrong"]).fill_null(False)
    if not is_wrong.any():
        return frame, 0
    nobody = pl.Series([None], dtype=frame["parent_id"].dtype).new_from_index(0, frame.height)
    return frame.with_columns(nobody.zip_with(is_wrong, frame["parent_id"]).alias("parent_id")), int(is_wrong.sum())
