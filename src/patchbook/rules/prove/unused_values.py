"""Values that accounts have and no rule names, in fields where rules go by name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from patchbook.rules.condition import Comparison, IsNull, OneOf
from patchbook.rules.prove.case import Case
from patchbook.rules.prove.finding import Finding, Kind, Severity, Witness
from patchbook.rules.prove.space import fits
from patchbook.rules.source import nearest
from patchbook.words import counted, listed

_MOST_VALUES = 200
"""Fields with more values than this are not gone by name."""
_SHOWN_VALUES = 5


def find(case: Case) -> Iterator[Finding]:
    """Exact; needs accounts. A value that only negations know (`industry <> 'Retail'`) is named by no rule."""
    if case.accounts is None or not case.accounts.number:
        return
    for name in case.space.domains:
        series = case.accounts.frame[name]
        if series.dtype not in (pl.String, pl.Categorical, pl.Enum) or name in case.rules.names:
            continue
        literals = {
            literal
            for box in case.space.boxes
            for literal in box.conjunct
            if literal.atom.field == name and not literal.negated and not isinstance(literal.atom, IsNull)
        }
        named = {value for one in literals for value in _named(one.atom)}
        counts = series.cast(pl.String).drop_nulls().value_counts(sort=True, name="accounts")
        if not named or counts.height > _MOST_VALUES:
            continue
        ordered = sorted(counts.iter_rows(), key=lambda row: (-row[1], row[0]))
        unused = [(value, number) for value, number in ordered if not any(fits(one, value) for one in literals)]
        if not unused:
            continue
        yield _finding(case, name, unused, {str(value) for value in named})


def _finding(case: Case, name: str, unused: list[tuple[str, int]], named: set[str]) -> Finding:
    assert case.accounts is not None
    shown = [f"{value} ({counted(number, 'account')})" for value, number in unused[:_SHOWN_VALUES]]
    more = len(unused) - len(shown)
    near = {value: found for value, _ in unused if (found := nearest(value, named)) is not None and not value.isdigit()}
    meant = [f"{value!r} may be {found!r}" for value, found in list(near.items())[:_SHOWN_VALUES]]
    row = int(
        np.flatnonzero((case.accounts.frame[name].cast(pl.String) == unused[0][0]).fill_null(False).to_numpy())[0]
    )
    return Finding(
        kind=Kind.UNUSED_VALUE,
        severity=Severity.WARNING if near else Severity.NOTE,
        rules=(),
        says=f"{counted(len(unused), 'value')} of {name} {'is' if len(unused) == 1 else 'are'} named by no rule:"
        f" {listed([*shown, f'{more:,} more'] if more else shown)}.",
        fix=f"Correct the accounts where {listed(meant)}." if meant else "Name them in a rule, if they matter.",
        witness=Witness(record=case.accounts.record(row), account_id=case.accounts.account_id(row)),
        accounts=sum(number for _, number in unused),
    )


def _named(atom: object) -> tuple[object, ...]:
    if isinstance(atom, OneOf):
        return atom.values
    if isinstance(atom, Comparison) and atom.operator == "=":
        return (atom.value,)
    return ()
