"""A plan's rules proved beside its accounts, and its assertions held to them and to a carve."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from patchbook.plans.assertions import Verdict, as_verdicts, judge, tables_before
from patchbook.plans.plan import NamedLayer, Plan
from patchbook.plans.references import context_of
from patchbook.plans.rule_book import rules_of
from patchbook.rules import schema_of
from patchbook.rules.prove.advisor import Advice, advise
from patchbook.rules.prove.case import Limits
from patchbook.rules.prove.proof import Proof, prove


@dataclass(frozen=True, kw_only=True)
class RuleCheck:
    """What is wrong with the rules of a plan, and whether its assertions are kept."""

    proof: Proof
    verdicts: tuple[Verdict, ...]
    advice: Advice | None = None
    """What each field adds, where that was asked."""

    @property
    def broken(self) -> int:
        """How many assertions are broken."""
        return sum(verdict.holds is False for verdict in self.verdicts)

    @property
    def is_good(self) -> bool:
        """Whether no finding is an error and no assertion is broken."""
        return self.proof.is_good and not self.broken

    def count(self, severity: str) -> int:
        """How many findings are so severe."""
        return sum(finding.severity == severity for finding in self.proof.findings)


def check_rules(
    plan: Plan,
    *,
    accounts: pl.DataFrame | None = None,
    result: Path | None = None,
    fields: bool = False,
    most: int = 100,
) -> RuleCheck:
    """
    Everything `patchbook rules check` tells.

    Parameters
    ----------
    accounts
        Accounts that were read already; otherwise the plan's file is read.
    result
        The folder of a carve of the plan, whose verdicts on the assertions count instead.
    fields
        Whether to work out what each field adds.
    most
        Findings of one kind.

    Raises
    ------
    BadInput
        The plan, its accounts or its conditions cannot be used; the message says what would be right.
    """
    from patchbook.plans.layers import divide
    from patchbook.plans.out import read as read_result

    frame = _accounts(plan) if accounts is None else accounts
    context = context_of(plan, frame)
    rules = rules_of(plan, schema_of(frame), context)
    taken, _ = divide(plan, frame)
    named = [row for part in taken if isinstance(part.layer, NamedLayer) for row in part.rows.tolist()]
    # Hand-picked accounts never reach a rule.
    left = frame.with_row_index("_row").filter(~pl.col("_row").is_in(named)).drop("_row") if named else frame
    proof = prove(rules, left, limits=Limits(most=most))
    stored = None if result is None else as_verdicts(plan, read_result(result).summary)
    return RuleCheck(
        proof=proof,
        verdicts=judge(plan, tables_before(plan, frame), context) if stored is None else stored,
        advice=advise(rules, left) if fields else None,
    )


def _accounts(plan: Plan) -> pl.DataFrame:
    from patchbook.accounts import read

    return read(
        plan.beside(plan.accounts),
        columns=dict(plan.columns) or None,
        types=dict(plan.types) or None,
        join=tuple(plan.beside(path) for path in plan.join),
    ).frame
