"""Who gives up and who gains what: the disruption part of the report."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from patchbook.plans.report import words
from patchbook.plans.result import Result

MOST_LISTED = 200
"""Accounts listed on the page before it refers to the file."""


@dataclass(frozen=True, kw_only=True)
class PersonChange:
    """One person's book, before and after, in accounts."""

    person: str
    had: int
    keeps: int
    gives_up: int
    gains: int
    has: int


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One account that changes owner."""

    account: str
    before: str
    after: str
    weight: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changes hands."""

    shares: tuple[tuple[str, str], ...]
    """What is counted, and how much of it moves."""
    people: tuple[PersonChange, ...]
    moved: tuple[Moved, ...]
    hidden: int
    measure: str | None
    """The measure `moved` is sorted by."""


def changes(result: Result) -> Changes | None:
    """What changes hands; nothing where no account had an owner."""
    names = [name for name in result.accounts.columns if name.startswith("measure_")]
    kept = ["account_id", *(["name"] if "name" in result.accounts.columns else []), *names]
    frame = (
        result.assignments.drop("name", strict=False)
        .join(result.accounts.select(kept).unique("account_id", keep="first"), on="account_id", how="left")
        .with_columns(pl.col("moved").fill_null(False))
    )
    owned = frame.filter(pl.col("previous_owner").is_not_null())
    if not owned.height:
        return None
    shares = [("accounts", words.percent(float(owned["moved"].sum()) / owned.height))]
    for name in names:
        total, moving = float(owned[name].sum()), float(owned.filter("moved")[name].sum())
        shares.append(
            (name.removeprefix("measure_").replace("_", " "), words.percent(moving / total if total else None))
        )
    by = [*names[:1], "account_id"]
    moved = owned.filter("moved").sort(by, descending=[column in names for column in by])
    listed = moved.head(MOST_LISTED)
    labels = listed["name"].fill_null(listed["account_id"]) if "name" in listed.columns else listed["account_id"]
    weights = [words.amount(value) for value in listed[names[0]]] if names else [""] * listed.height
    return Changes(
        shares=tuple(shares),
        people=_people(frame),
        moved=tuple(
            Moved(account=account, before=before, after=after or "nobody", weight=weight)
            for account, before, after, weight in zip(
                labels, listed["previous_owner"], listed["person"], weights, strict=True
            )
        ),
        hidden=moved.height - listed.height,
        measure=names[0].removeprefix("measure_").replace("_", " ") if names else None,
    )


def _people(frame: pl.DataFrame) -> tuple[PersonChange, ...]:
    had = dict(frame.drop_nulls("previous_owner").group_by("previous_owner").len().iter_rows())
    has = dict(frame.drop_nulls("person").group_by("person").len().iter_rows())
    same = frame.filter(pl.col("previous_owner") == pl.col("person"))
    keeps = dict(same.group_by("person").len().iter_rows())
    rows = [
        PersonChange(
            person=person,
            had=had.get(person, 0),
            keeps=keeps.get(person, 0),
            gives_up=had.get(person, 0) - keeps.get(person, 0),
            gains=has.get(person, 0) - keeps.get(person, 0),
            has=has.get(person, 0),
        )
        for person in had.keys() | has.keys()
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.gives_up + row.gains), row.person)))
