"""Rules that ask a field which most accounts leave empty, so that they seldom can be true."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from patchbook.rules.condition import IsNull
from patchbook.rules.prove.case import Case
from patchbook.rules.prove.finding import Finding, Kind, Severity, Witness
from patchbook.words import counted, listed


def find(case: Case) -> Iterator[Finding]:
    """Exact; needs accounts."""
    if case.accounts is None or not case.accounts.number:
        return
    for name, domain in case.space.domains.items():
        empty = case.accounts.pieces(name) == domain.null
        share = float(empty.mean())
        if share < case.limits.empty_share:
            continue
        asking = sorted(
            {
                box.rule
                for box in case.space.boxes
                for literal in box.conjunct
                if literal.atom.field == name and (literal.negated or not isinstance(literal.atom, IsNull))
            }
        )
        if not asking:
            continue
        row = int(np.flatnonzero(empty)[0])
        numbers = tuple(case.rule(place).number for place in asking)
        shown = listed(
            [str(number) for number in numbers[:5]] + ([f"{len(numbers) - 5} more"] if len(numbers) > 5 else [])
        )
        yield Finding(
            kind=Kind.EMPTY_FIELD,
            severity=Severity.WARNING,
            rules=numbers,
            says=f"{name} is empty for {share:.0%} of the accounts, and"
            f" {counted(len(numbers), 'rule asks', 'rules ask')} for a value of it"
            f" (rule{'s' if len(numbers) > 1 else ''} {shown}).",
            fix=f"Fill the field, or say what becomes of the others with {name} IS NULL.",
            witness=Witness(record=case.accounts.record(row), account_id=case.accounts.account_id(row)),
            accounts=int(empty.sum()),
            line=case.rule(asking[0]).line,
        )
