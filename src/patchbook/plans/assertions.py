"""Policies of a plan held to its rules or to a carve: what breaks them, with the rows that do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from patchbook.errors import BadInput
from patchbook.plans.plan import Assertion, BadPlan, CarveLayer, NamedLayer, Plan, Table
from patchbook.plans.result import Result
from patchbook.rules import BadRule, holds_in, parse, schema_of
from patchbook.rules.condition import Condition, IsNull, atoms
from patchbook.rules.context import NOTHING, Context
from patchbook.rules.explain import in_words
from patchbook.words import counted, listed

SHOWN_ROWS = 3
NAMED_BY: Mapping[Table, str] = {"accounts": "account_id", "territories": "territory", "people": "person"}
ONE: Mapping[Table, str] = {"accounts": "account", "territories": "territory", "people": "person"}
TERRITORY_COLUMNS = ("territory", "layer")
"""What rules alone tell of an account, before a carve."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether one assertion is kept."""

    holds: bool | None
    """None where only a carve can tell."""
    says: str
    broken: int = 0
    """How many rows break it."""
    rows: tuple[str, ...] = ()
    """What those rows are called; the first thousand."""
    line: int | None = None


def judge(plan: Plan, tables: Mapping[Table, pl.DataFrame], context: Context = NOTHING) -> tuple[Verdict, ...]:
    """
    Every assertion of a plan held to tables, as `tables_of` and `tables_before` make them.

    Raises
    ------
    BadPlan
        An assertion asks what its table does not have; the message names its line.
    """
    return tuple(_verdict(plan, number, tables, context) for number in range(len(plan.assertions)))


def judged(result: Result, context: Context = NOTHING) -> Result:
    """A result with its plan's assertions in the summary, and what breaks them among the problems."""
    if not result.plan.assertions:
        return result
    verdicts = judge(result.plan, tables_of(result), context)
    broken = [("assertion", None, None, verdict.says) for verdict in verdicts if not verdict.holds]
    return replace(
        result,
        summary={**result.summary, "assertions": [as_dict(verdict) for verdict in verdicts]},
        problems=pl.concat([result.problems, pl.DataFrame(broken, schema=result.problems.schema, orient="row")]),
    )


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as summary.json holds it."""
    return {
        "holds": verdict.holds,
        "says": verdict.says,
        "broken": verdict.broken,
        "rows": list(verdict.rows),
        "line": verdict.line,
    }


class OtherAssertions(BadInput):
    """A result was carved before the plan's assertions were what they are now."""

    def __init__(self, plan: Plan, number: int) -> None:
        super().__init__(
            f"The result knows {counted(number, 'assertion')} and {plan.name!r} has {len(plan.assertions)};"
            " carve it again."
        )


def as_verdicts(plan: Plan, summary: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """The verdicts that the summary of a result holds."""
    stored = summary.get("assertions", ())
    if len(stored) != len(plan.assertions):
        raise OtherAssertions(plan, len(stored))
    return tuple(
        Verdict(holds=one["holds"], says=one["says"], broken=one["broken"], rows=tuple(one["rows"]), line=one["line"])
        for one in stored
    )


def broken_of(summary: Mapping[str, Any]) -> list[str]:
    """What a result's summary tells of broken assertions, a sentence each."""
    return [verdict["says"] for verdict in summary.get("assertions", ()) if not verdict["holds"]]


def tables_of(result: Result) -> dict[Table, pl.DataFrame]:
    """The tables assertions look at, after a carve."""
    accounts = result.accounts.drop(
        [name for name in result.assignments.columns[1:] if name in result.accounts.columns]
    )
    return {
        "accounts": accounts.hstack(result.assignments.drop("account_id")),
        "territories": result.territories,
        "people": _people(result),
    }


def tables_before(plan: Plan, accounts: pl.DataFrame) -> dict[Table, pl.DataFrame]:
    """What is known before a carve: the accounts, with the layer that takes each and a rule's territory."""
    from patchbook.plans.layers import divide

    layer: list[str | None] = [None] * accounts.height
    territory: list[str | None] = [None] * accounts.height
    taken, _ = divide(plan, accounts)
    for part in taken:
        for place, row in enumerate(part.rows.tolist()):
            layer[row] = part.layer.name
            territory[row] = part.territory[place] if isinstance(part.layer, NamedLayer) else part.layer.name
    kept = accounts.drop([name for name in TERRITORY_COLUMNS if name in accounts.columns])
    return {
        "accounts": kept.with_columns(
            pl.Series("layer", layer, dtype=pl.String), pl.Series("territory", territory, dtype=pl.String)
        )
    }


def _verdict(plan: Plan, number: int, tables: Mapping[Table, pl.DataFrame], context: Context) -> Verdict:
    assertion = plan.assertions[number]
    table = tables.get(assertion.table)
    is_before = "territories" not in tables
    if table is None or (is_before and not _is_known_before(plan, assertion, table)):
        return Verdict(holds=None, says=f"{claim(assertion)}: only a carve can tell.", line=assertion.line)
    where = _rows(plan, number, "where", assertion.where, table, context)
    must = None if assertion.no is not None else _rows(plan, number, "must", assertion.must, table, context)
    broken = where if must is None else where & ~must
    names = table[NAMED_BY[assertion.table]].cast(pl.String).fill_null("nobody").filter(pl.Series(broken))
    rows = tuple(names.head(1000).to_list())
    if not len(names):
        return Verdict(holds=True, says=f"{claim(assertion)}: kept.", line=assertion.line)
    shown = [*rows[:SHOWN_ROWS], *([f"{len(names) - SHOWN_ROWS:,} more"] if len(names) > SHOWN_ROWS else [])]
    why = f" {assertion.why}" if assertion.why else ""
    what = counted(len(names), f"{ONE[assertion.table]} breaks it", f"{assertion.table} break it")
    return Verdict(
        holds=False,
        says=f"{claim(assertion)}: {what} ({listed(shown)}).{why}",
        broken=len(names),
        rows=rows,
        line=assertion.line,
    )


def claim(assertion: Assertion) -> str:
    """
    What an assertion says, in words.

    Examples
    --------
    >>> claim(Assertion(no="accounts", where="revenue_usd > 1000000 AND territory IS NULL"))
    'No accounts where revenue_usd is above 1,000,000, and territory is empty'
    >>> claim(Assertion(every="territories", must="accounts <= 400", where="layer = 'Field'"))
    'Of all territories where layer is Field: accounts is at most 400'
    """
    where = "" if assertion.where is None else f" where {in_words(parse(assertion.where))}"
    if assertion.no is not None:
        return f"No {assertion.no}{where}"
    assert assertion.must is not None, "every without must is refused when it is read"
    return f"Of all {assertion.every}{where}: {in_words(parse(assertion.must))}"


def _rows(
    plan: Plan, number: int, setting: str, text: str | None, table: pl.DataFrame, context: Context
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if text is None:
        return np.ones(table.height, np.bool_)
    return holds_in(_parsed(plan, number, setting, text, table, context), table, context=context)


def _parsed(plan: Plan, number: int, setting: str, text: str, table: pl.DataFrame, context: Context) -> Condition:
    try:
        return parse(text, schema_of(table), context)
    except BadRule as error:
        raise BadPlan(f"{plan.at(f'assert[{number}].{setting}')}: {error}") from error


def _is_known_before(plan: Plan, assertion: Assertion, table: pl.DataFrame) -> bool:
    """Whether rules alone decide it: of a carved account they tell the layer, and that some territory will have it."""
    found = [atom for text in _texts(assertion) for atom in atoms(parse(text))]
    if not all(atom.field in table.columns for atom in found if not hasattr(atom.field, "call")):
        # What a carve adds is not there yet; what nothing adds is an error, which the carve tells.
        return False
    return all(isinstance(atom, IsNull) for atom in found if atom.field == "territory") or not any(
        isinstance(layer, CarveLayer) for layer in plan.layers
    )


def _texts(assertion: Assertion) -> Sequence[str]:
    return [text for text in (assertion.where, assertion.must) if text is not None]


def _people(result: Result) -> pl.DataFrame:
    """One row a person who has a territory: what they have of each measure, and what they should have."""
    territories = result.territories.filter(pl.col("person").is_not_null())
    measures = [measure.name for measure in result.plan.measures]
    sums = [pl.col("territory").len().alias("territories"), pl.col("accounts").sum()]
    for name in measures:
        aimed = pl.col(f"{name}_target").is_not_null()
        sums += [
            pl.col(f"{name}_actual").sum(),
            pl.when(aimed.any()).then(pl.col(f"{name}_target").sum()).alias(f"{name}_target"),
            pl.col(f"{name}_actual").filter(aimed).sum().alias(f"{name}_aimed"),
        ]
    found = territories.group_by("person", maintain_order=True).agg(sums)
    names = pl.Series("name", [result.people.get(person) for person in found["person"]], dtype=pl.String)
    return (
        found.insert_column(1, names)
        .with_columns(
            pl.when(pl.col(f"{name}_target") > 0)
            .then(pl.col(f"{name}_aimed") / pl.col(f"{name}_target") - 1)
            .alias(f"{name}_deviation")
            for name in measures
        )
        .drop(f"{name}_aimed" for name in measures)
    )
