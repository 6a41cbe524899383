"""Values that rules name and no account has: misspelt ones, with the nearest that is there, and others."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence

import numpy as np

from patchbook.rules.condition import Atom, Comparison, Like, OneOf, Value, atoms, to_sql
from patchbook.rules.normal_form import Literal
from patchbook.rules.prove.accounts import Accounts
from patchbook.rules.prove.case import Case
from patchbook.rules.prove.domain import Domain, is_opaque
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.replacing import replaced
from patchbook.rules.source import nearest
from patchbook.words import listed

_MOST_VALUES = 2_000
"""Of fields with more values than this no nearest is looked for: they are codes."""
_SHOWN_VALUES = 3


def find(case: Case) -> Iterator[Finding]:
    """Exact; needs accounts. The nearest value is a guess."""
    if case.accounts is None or not case.accounts.number:
        return
    present = {name: np.unique(case.accounts.pieces(name)).tolist() for name in case.space.domains}
    texts: dict[str, list[str]] = {}
    for place, rule in enumerate(case.rules.rules):
        for atom in dict.fromkeys(atoms(rule.condition)):
            domain = case.space.domains[atom.field]
            if isinstance(atom, Like):
                if not _fits_any(atom, domain, case.accounts, present[atom.field]):
                    yield _finding(case, place, atom, [], f"no account has a {atom.field} like {atom.pattern!r}", None)
                continue
            missing = [value for value in _values(atom) if not _is_in(present[atom.field], domain.piece_of(value))]
            if missing:
                if atom.field not in texts:
                    texts[atom.field] = _texts(case.accounts, atom.field)
                yield _of_values(case, place, atom, missing, texts[atom.field])


def _of_values(case: Case, place: int, atom: Atom, missing: list[Value], there: list[str]) -> Finding:
    meant: dict[Value, str] = {}
    for value in missing:
        near = nearest(value, there) if isinstance(value, str) and not value.isdigit() else None
        if near is not None and near not in _values(atom):
            meant[value] = near
    number = len(_values(atom))
    shown = [*meant, *(value for value in missing if value not in meant)][:_SHOWN_VALUES]
    more = len(missing) - len(shown)
    names = listed([repr(value) for value in shown] + ([f"{more:,} more"] if more else []))
    what = f"no account has {names} in {atom.field}"
    if number > 1:
        are = "is" if len(missing) == 1 else "are"
        what = f"of {number:,} values of {atom.field}, {len(missing):,} {are} in no account: {names}"
    return _finding(case, place, atom, missing, what, meant)


def _finding(
    case: Case, place: int, atom: Atom, missing: Sequence[Value], what: str, meant: dict[Value, str] | None
) -> Finding:
    rule = case.rule(place)
    corrected = None
    fix = "Check the spelling, or leave it out."
    if meant:
        fix = f"Did you mean {listed([repr(near) for near in list(dict.fromkeys(meant.values()))[:_SHOWN_VALUES]])}?"
        new: Atom = atom
        if isinstance(atom, OneOf):
            new = OneOf(atom.field, tuple(dict.fromkeys(meant.get(value, value) for value in atom.values)))
        elif isinstance(atom, Comparison):
            new = Comparison(atom.field, atom.operator, meant[atom.value])
        corrected = to_sql(replaced(rule.condition, atom, new))
    return Finding(
        kind=Kind.UNKNOWN_VALUE,
        severity=Severity.WARNING if meant or len(missing) == len(_values(atom)) else Severity.NOTE,
        rules=(rule.number,),
        says=f"In {rule}, {what}.",
        fix=fix,
        condition=corrected,
        accounts=0,
        line=rule.line,
    )


def _values(atom: Atom) -> tuple[Value, ...]:
    if isinstance(atom, OneOf):
        return atom.values
    if isinstance(atom, Comparison) and atom.operator in ("=", "<>") and not isinstance(atom.value, bool):
        return (atom.value,)
    return ()


def _is_in(present: list[int], piece: int) -> bool:
    place = bisect.bisect_left(present, piece)
    return place < len(present) and present[place] == piece


def _fits_any(atom: Like, domain: Domain, accounts: Accounts, present: list[int]) -> bool:
    if is_opaque(Literal(atom)):
        return bool((accounts.fits(atom)).any())
    for first, last in domain.spans(Literal(atom)):
        place = bisect.bisect_left(present, first)
        if place < len(present) and present[place] <= last:
            return True
    return False


def _texts(accounts: Accounts, name: str) -> list[str]:
    found = [value for value in accounts.values(name, _MOST_VALUES + 1) if isinstance(value, str)]
    return found if len(found) <= _MOST_VALUES else []
