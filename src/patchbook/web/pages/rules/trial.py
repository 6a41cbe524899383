"""The test box: a record, or an account, put to the rules; which one wins, which nearly did, and part by part why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import polars as pl
from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import Connection

from patchbook.db.record import record_of
from patchbook.errors import NotFound
from patchbook.imports import snapshots
from patchbook.people.principal import Principal
from patchbook.plans.rules_now import Standing
from patchbook.rules.condition import All, Condition, truth
from patchbook.rules.explain import in_words
from patchbook.rules.ordered import Rule
from patchbook.rules.schema import family
from patchbook.rules.why import why
from patchbook.web.models import AnId, InPath
from patchbook.web.page import Looked
from patchbook.web.pages.rules.frame import DEED, Seen, Top, router, see
from patchbook.web.pages.rules.problems import PREFIX, typed

MOST_FIELDS = 40
FOUND = 12
NEARLY = 3
ALL_RULES = 60
"""Up to so many rules are all told part by part."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """A field to fill in."""

    name: str
    label: str
    kind: str
    value: str
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a rule's condition, and whether it is true of the record."""

    words: str
    is_true: bool | None
    """None where a missing value leaves it open."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A rule put to the record."""

    number: int
    name: str
    outcome: str
    """wins, comes too late, nearly, or does not hold."""
    kind: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class FoundAccount:
    """An account to choose."""

    account_id: str
    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class TrialPage:
    """What the test box shows."""

    top: Top
    q: str
    account_id: str | None
    account_name: str | None
    found: tuple[FoundAccount, ...]
    inputs: tuple[Input, ...]
    more_fields: int
    is_asked: bool
    says: tuple[str, ...]
    goes: str | None
    verdicts: tuple[Verdict, ...]
    others: tuple[Verdict, ...]


def load(
    tx: Connection,
    plan_id: str,
    *,
    q: str = "",
    account_id: str | None = None,
    told: Mapping[str, str] | None = None,
    by: Principal,
    at: datetime,
) -> TrialPage:
    """
    A record put to the rules.

    Parameters
    ----------
    q
        Part of the name of an account to choose.
    account_id
        The account whose values the record has, where it is told no others.
    told
        Field → its value as it was typed; empty means that the record has none.
    """
    seen = see(tx, plan_id, by=by, at=at, wait_seconds=0)
    standing = seen.now.standing
    known = _account(standing, account_id, seen)
    names = tuple(standing.ordered.book.fields) if standing.market is not None else ()
    record, inputs = _record(standing, names[:MOST_FIELDS], known, told)
    is_asked = seen.top.fault is None and (account_id is not None or bool(told))
    answer = _answer(standing, record) if is_asked else None
    return TrialPage(
        top=seen.top,
        q=q,
        account_id=account_id,
        account_name=None if known is None else str(known.get("name") or account_id),
        found=_found(tx, seen, q),
        inputs=inputs,
        more_fields=max(0, len(names) - MOST_FIELDS),
        is_asked=is_asked,
        says=() if answer is None else answer.says,
        goes=None if answer is None else answer.goes,
        verdicts=() if answer is None else answer.verdicts,
        others=() if answer is None else answer.others,
    )


@dataclass(frozen=True, kw_only=True)
class _Answer:
    says: tuple[str, ...]
    goes: str | None
    verdicts: tuple[Verdict, ...]
    others: tuple[Verdict, ...]


def _answer(standing: Standing, record: Mapping[str, object]) -> _Answer:
    rules = standing.ordered
    told = rules.book.told(record)
    found = why(rules, record, most=NEARLY)
    says, goes = found.says, found.outcome
    named = _named(standing, record)
    if named is not None and (found.rule is None or named[0] + 1 < found.rule.number):
        number, territory = named
        layer = standing.plan.layers[number]
        says = (f"List {number + 1} ({layer.name}) names it, so it goes to {territory} whatever the rules say.", *says)
        goes = territory
    told_of: dict[int, Verdict] = {}
    if found.rule is not None:
        told_of[found.rule.number] = _verdict(found.rule, told, "wins", "good")
    for near in found.nearly:
        told_of[near.rule.number] = _verdict(near.rule, told, "nearly", "warn")
    for late in found.meets[:NEARLY]:
        told_of[late.number] = _verdict(late, told, "holds, but comes too late", "")
    others: tuple[Verdict, ...] = ()
    if len(rules.rules) <= ALL_RULES:
        others = tuple(_verdict(rule, told, "does not hold", "") for rule in rules.rules if rule.number not in told_of)
    return _Answer(says=says, goes=goes, verdicts=tuple(told_of.values()), others=others)


def _verdict(rule: Rule, record: Mapping[str, object], outcome: str, kind: str) -> Verdict:
    condition: Condition = rule.condition
    parts = condition.conditions if isinstance(condition, All) else (condition,)
    told = tuple(Part(words=in_words(part), is_true=truth(part, record)) for part in parts)
    return Verdict(number=rule.number, name=rule.outcome, outcome=outcome, kind=kind, parts=told)


def _named(standing: Standing, record: Mapping[str, object]) -> tuple[int, str] | None:
    """The list that names an account, and for which territory."""
    account_id = record.get("account_id")
    for number, lines in standing.lists.items():
        mine = lines.filter(pl.col("account_id") == account_id) if account_id is not None else lines.head(0)
        if mine.height:
            return number, mine["territory"][0] or standing.plan.layers[number].name
    return None


def _account(standing: Standing, account_id: str | None, seen: Seen) -> dict[str, Any] | None:
    if account_id is None:
        return None
    hidden = seen.may_see is not None and account_id not in seen.may_see
    rows = standing.market.frame.filter(pl.col("account_id") == account_id) if standing.market is not None else None
    if hidden or rows is None or not rows.height:
        raise NotFound(f"There is no account {account_id!r} among those of the plan.")
    return dict(rows.row(0, named=True))


def _record(
    standing: Standing, names: tuple[str, ...], known: Mapping[str, Any] | None, told: Mapping[str, str] | None
) -> tuple[dict[str, object], tuple[Input, ...]]:
    record: dict[str, object] = dict(known or {})
    inputs: list[Input] = []
    schema = {} if standing.market is None else standing.market.schema
    for name in names:
        kind = family(schema.get(name, "text"))
        written, problem = "", None
        if told is not None and name in told:
            written = told[name].strip()
            value, problem = _read(written, kind)
            record[name] = value
        elif known is not None and known.get(name) is not None:
            written = typed(known[name])
        inputs.append(Input(name=f"{PREFIX}{name}", label=name, kind=kind, value=written, problem=problem))
    return record, tuple(inputs)


def _read(text: str, kind: str) -> tuple[object, str | None]:
    """A value as its field takes it, or why it cannot be."""
    if not text:
        return None, None
    try:
        if kind == "number":
            return float(text.replace(",", "")), None
        if kind == "date":
            return date.fromisoformat(text), None
    except ValueError:
        like = "a number such as 500" if kind == "number" else "a date such as 2027-02-01"
        return None, f"{text[:40]!r} is not {like}; it counts as empty."
    if kind == "boolean":
        words = {"yes": True, "true": True, "no": False, "false": False}
        found = words.get(text.lower())
        return found, None if found is not None else f"{text[:40]!r} is neither yes nor no; it counts as empty."
    return ([part.strip() for part in text.split(",")] if kind == "list" else text), None


def _found(tx: Connection, seen: Seen, q: str) -> tuple[FoundAccount, ...]:
    market = seen.now.standing.market
    if not q.strip() or market is None:
        return ()
    path = snapshots.path_of(record_of(tx), market.snapshot_id)
    only = None if seen.may_see is None else list(seen.may_see)
    rows = snapshots.matching(path, q, only=only, after=None, limit=FOUND)
    names = rows["name"].to_list() if "name" in rows.columns else [None] * rows.height
    return tuple(
        FoundAccount(account_id=str(account), name=str(name or account), path=f"{seen.top.path}/test")
        for account, name in zip(rows["account_id"].to_list(), names, strict=True)
    )


@router.page("/plans/{plan_id}/rules/test", DEED)
def show(
    here: Looked, plan_id: InPath, q: Annotated[str, Query(max_length=200)] = "", account_id: AnId = None
) -> Response:
    """Put a record to the rules."""
    told = {
        name.removeprefix(PREFIX): value[:1000]
        for name, value in here.request.query_params.multi_items()
        if name.startswith(PREFIX)
    }
    page = load(here.tx, plan_id, q=q, account_id=account_id or None, told=told or None, by=here.person, at=here.at)
    return here.show("rules_test.html", page)
