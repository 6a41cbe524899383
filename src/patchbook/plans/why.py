"""Why an account is where it is, who nearly got it, and what would have to change. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from patchbook.errors import NotFound

MOST_SUGGESTED = 3
NEARLY_NOTHING = 0.005


class UnknownAccount(NotFound):
    """No account of the result has this id; the message names the nearest ids and names."""

    def __init__(self, account_id: str, nearest: Sequence[str]) -> None:
        hint = f"the nearest are {', '.join(nearest)}" if nearest else "the result holds no accounts"
        super().__init__(f"No account of this result is called {account_id!r}; {hint}.")
        self.account_id = account_id
        self.nearest = tuple(nearest)


def why(
    assignments: pl.DataFrame,
    account_id: str,
    *,
    people: Mapping[str, str] | None = None,
    accounts: pl.DataFrame | None = None,
    summary: Mapping[str, Any] | None = None,
) -> str:
    """
    The reason in plain words: where the account is, why, who was next and at what cost, what would change it.

    Parameters
    ----------
    assignments
        The assignments of a result, as carved or as read back.
    account_id
        The account's id, or its exact name where only one account has it.
    people
        person_id → name; without it people are called by their id.
    accounts, summary
        The accounts and figures of the result: with them, an account of a rule is told which rules nearly took it and
        what would lead it elsewhere.

    Raises
    ------
    UnknownAccount
        No account has this id or name; the message names the nearest.
    """
    record = _record(assignments, account_id)
    name = record.get("name")
    called = f"{name} ({record['account_id']})" if name else record["account_id"]
    by_rules = _by_rules(record, accounts, summary or {})
    if record["territory"] is None:
        reasons = by_rules or (record["reason"], record.get("would_change_if"))
        return _joined([f"{called} has no territory", *reasons])
    named = {**(people or {})}
    record |= {key: named.get(record[key], record[key]) for key in ("person", "previous_owner")}
    holder = record["person"] or ("nobody yet: the seat is vacant" if record["seat"] else "nobody")
    where = f"{called} is in {record['territory']}, with {holder}"
    if record["layer"]:
        where += f", by the layer {record['layer']}"
    if by_rules:
        return _joined([where, *by_rules, _owner(record)])
    return _joined([where, record["reason"], _owner(record), _runner_up(record), record.get("would_change_if")])


def _record(assignments: pl.DataFrame, account_id: str) -> dict[str, Any]:
    found = assignments.filter(pl.col("account_id") == account_id)
    if not found.height and "name" in assignments.columns:
        found = assignments.filter(pl.col("name").str.to_lowercase() == account_id.lower())
    if found.height != 1:
        raise UnknownAccount(account_id, _nearest(assignments, account_id))
    return found.row(0, named=True)


def _nearest(assignments: pl.DataFrame, wanted: str) -> list[str]:
    from rapidfuzz import fuzz, process

    ids = assignments["account_id"].to_list()
    names = assignments["name"].fill_null("").to_list() if "name" in assignments.columns else [""] * len(ids)
    by_id = process.extract(wanted.lower(), [i.lower() for i in ids], scorer=fuzz.ratio, limit=MOST_SUGGESTED)
    by_name = process.extract(wanted.lower(), [n.lower() for n in names], scorer=fuzz.WRatio, limit=MOST_SUGGESTED)
    best: dict[int, float] = {}
    for _, score, at in [*by_id, *by_name]:
        best[at] = max(best.get(at, 0.0), score)
    nearest = sorted(best, key=lambda at: (-best[at], ids[at]))[:MOST_SUGGESTED]
    return [f"{ids[at]} ({names[at]})" if names[at] else ids[at] for at in nearest]


def _by_rules(record: Mapping[str, Any], accounts: pl.DataFrame | None, summary: Mapping[str, Any]) -> tuple[str, ...]:
    """What the rules say of an account that they placed; nothing of one that a list or a carve did."""
    from patchbook.plans.rule_book import from_stored
    from patchbook.rules import schema_of
    from patchbook.rules.why import why as why_by_rules

    stored = summary.get("rules")
    if not stored or accounts is None or record["seat"] is not None:
        return ()
    found = accounts.filter(pl.col("account_id") == record["account_id"])
    if found.height != 1:
        return ()
    rules = from_stored(stored, schema_of(accounts), summary.get("rest"))
    told = why_by_rules(rules, found.row(0, named=True))
    return told.says if told.outcome == record["layer"] else ()


def _owner(record: dict[str, Any]) -> str | None:
    if record["previous_owner"] is None:
        return "Nobody had it before"
    return f"It moves from {record['previous_owner']}" if record["moved"] else "It stays with its owner"


def _runner_up(record: dict[str, Any]) -> str | None:
    if record["runner_up"] is None:
        return None
    cost = record.get("runner_up_cost")
    if cost is None:
        return f"The next best was {record['runner_up']}"
    if cost < NEARLY_NOTHING:
        return f"The next best was {record['runner_up']}, at nearly the same cost"
    return f"The next best was {record['runner_up']}, at an extra {cost:.0%} of what an account costs on average"


def _joined(sentences: Sequence[str | None]) -> str:
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in sentences if text)
