"""All that can be proved of rules in order, and of accounts beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from patchbook.rules.ordered import OrderedRules
from patchbook.rules.prove import (
    contradictory,
    empty_fields,
    gaps,
    overlaps,
    partly_shadowed,
    redundant,
    shadowed,
    unknown_values,
    unused_values,
)
from patchbook.rules.prove.accounts import Accounts
from patchbook.rules.prove.case import Case, Limits
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.space import Space

FINDINGS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    contradictory.find,
    shadowed.find,
    partly_shadowed.find,
    gaps.find,
    overlaps.find,
    redundant.find,
    empty_fields.find,
    unknown_values.find,
    unused_values.find,
)
"""Every kind of search, in the order its findings are told within one severity."""

_ORDER = {severity: number for number, severity in enumerate(Severity)}


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was found, the worst first."""

    findings: tuple[Finding, ...]
    rules: int
    accounts: int | None
    """None where only the rules were looked at."""
    left_out: Mapping[Kind, int] = field(default_factory=dict)
    """Findings of a kind that are not told since there are too many; of gaps, the accounts in them."""
    has_no_gap: bool = False
    """Whether it is proved that some rule takes every record there could be."""

    @property
    def is_good(self) -> bool:
        """Whether nothing is an error."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind is kind)


def prove(
    rules: OrderedRules,
    accounts: pl.DataFrame | None = None,
    *,
    limits: Limits | None = None,
    whole: frozenset[str] = frozenset(),
) -> Proof:
    """
    What is wrong with rules before anything runs.

    Parameters
    ----------
    accounts
        Real accounts, which make better witnesses and tell which gaps and overlaps matter.
    whole
        Fields of whole numbers, besides those whose type or column says so.

    Examples
    --------
    >>> rules = OrderedRules.of({"South": "state IN ('GA', 'FL')", "Georgia": "state = 'GA'"})
    >>> print(prove(rules).findings[0].says)
    Rule 2 (Georgia) never wins: rule 1 (South) comes before it and takes all that it would take.
    """
    case = made_ready(rules, accounts, limits or Limits(), whole)
    found = [finding for search in FINDINGS for finding in _limited(case, search)]
    return Proof(
        findings=tuple(sorted(found, key=lambda finding: _ORDER[finding.severity])),
        rules=len(rules.rules),
        accounts=None if accounts is None else accounts.height,
        left_out=case.left_out,
        has_no_gap=case.proved.get("no gap", False),
    )


def made_ready(rules: OrderedRules, accounts: pl.DataFrame | None, limits: Limits, whole: frozenset[str]) -> Case:
    """The rules as the searches look at them."""
    space = Space(rules, whole=whole | _whole(rules, accounts))
    return Case(
        rules=rules,
        space=space,
        accounts=None if accounts is None else Accounts(accounts, rules, space),
        limits=limits,
    )


def _limited(case: Case, search: Callable[[Case], Iterator[Finding]]) -> Iterator[Finding]:
    told: dict[Kind, int] = {}
    for finding in search(case):
        told[finding.kind] = told.get(finding.kind, 0) + 1
        if told[finding.kind] <= case.limits.most or finding.severity is Severity.ERROR:
            yield finding
        else:
            case.left_out[finding.kind] = case.left_out.get(finding.kind, 0) + 1


def _whole(rules: OrderedRules, accounts: pl.DataFrame | None) -> frozenset[str]:
    found = {name for name, kind in rules.schema.items() if kind == "count"}
    if accounts is not None:
        found = {name for name, dtype in accounts.schema.items() if dtype.is_integer()}
    return frozenset(found)
