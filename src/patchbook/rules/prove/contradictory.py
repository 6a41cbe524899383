"""Rules, and alternatives of rules, that are never true: `a > 5 AND a < 3`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from patchbook.rules.condition import All, Any, Between, Comparison, Condition, IsNull, Not, OneOf, atoms, to_sql
from patchbook.rules.explain import in_words
from patchbook.rules.normal_form import Conjunct, Literal, pushed_down
from patchbook.rules.prove.case import Case
from patchbook.rules.prove.domain import Domain, is_opaque
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.replacing import replaced
from patchbook.rules.spans import intersection


def find(case: Case) -> Iterator[Finding]:
    """Exact, but for patterns other than prefixes, of which no two are held to exclude each other."""
    impossible: dict[int, list[Conjunct]] = {}
    for place, conjunct in case.space.impossible:
        impossible.setdefault(place, []).append(conjunct)
    for place, rule in enumerate(case.rules.rules):
        never = impossible.get(place, [])
        if not case.lives(place):
            conflict = next((found for one in never if (found := _conflict(case, place, one))), None)
            why = f"in no record {_both(conflict)}" if conflict else "its parts exclude each other"
            fixed = _corrected(rule.condition, conflict)
            yield Finding(
                kind=Kind.CONTRADICTORY,
                severity=Severity.ERROR,
                rules=(rule.number,),
                says=f"R{str(rule)[1:]} is never true: {why}.",
                fix=f"Write {in_words(fixed)}, if that is meant." if fixed else "Correct it, or remove it.",
                condition=to_sql(fixed) if fixed else None,
                accounts=None if case.accounts is None else 0,
                line=rule.line,
            )
        elif never:
            conflict = _conflict(case, place, never[0])
            yield Finding(
                kind=Kind.CONTRADICTORY,
                severity=Severity.WARNING,
                rules=(rule.number,),
                says=f"A part of {rule} is never true: in no record {_both(conflict or tuple(never[0]))}.",
                fix="Correct that part, or remove it.",
                line=rule.line,
            )


def _conflict(case: Case, place: int, conjunct: Conjunct) -> tuple[Literal, ...] | None:
    """The literals of one field that no value meets together, as few as will do."""
    by_field: dict[str, list[Literal]] = {}
    # As they stand in the rule.
    order = {atom: number for number, atom in enumerate(atoms(pushed_down(case.rule(place).condition)))}
    for literal in sorted(conjunct, key=lambda one: order[one.atom]):
        by_field.setdefault(literal.atom.field, []).append(literal)
    for name, literals in by_field.items():
        domain = case.space.domains[name]
        found = list(literals)
        if _has_value(domain, found):
            continue
        for literal in literals:
            fewer = [one for one in found if one != literal]
            if not _has_value(domain, fewer):
                found = fewer
        return tuple(found)
    return None


def _has_value(domain: Domain, literals: Sequence[Literal]) -> bool:
    from patchbook.rules.prove.space import fits

    patterns = [literal for literal in literals if is_opaque(literal)]
    spans = [(0, domain.null)]
    for literal in literals:
        if not is_opaque(literal):
            spans = intersection(spans, domain.spans(literal))
    for piece in domain.pieces:
        if not any(first <= piece <= last for first, last in spans):
            continue
        if (
            not patterns
            or piece % 2 == 0
            or (piece < domain.null and all(fits(literal, domain.cuts[piece // 2]) for literal in patterns))
        ):
            return True
    return False


def _both(conflict: Sequence[Literal] | None) -> str:
    parts = tuple(_condition(literal) for literal in conflict or ())
    return in_words(All(parts)) if len(parts) > 1 else in_words(parts[0])


def _condition(literal: Literal) -> Condition:
    return Not(literal.atom) if literal.negated else literal.atom


def _corrected(condition: Condition, conflict: Sequence[Literal] | None) -> Condition | None:
    """What was likely meant: limits the right way round, alternatives instead of both, a list instead of two values."""
    if not conflict:
        return None
    if len(conflict) == 1:
        atom = conflict[0].atom
        if isinstance(atom, Between) and not conflict[0].negated and atom.low > atom.high:  # type: ignore[operator]
            return replaced(condition, atom, Between(atom.field, atom.high, atom.low))
        return None
    if not isinstance(condition, All) or any(isinstance(literal.atom, IsNull) for literal in conflict):
        return None
    parts = [_condition(literal) for literal in conflict]
    kept = tuple(part for part in condition.conditions if part not in parts)
    if len(kept) != len(condition.conditions) - len(parts):
        return None
    values = [part.value for part in parts if isinstance(part, Comparison) and part.operator == "="]
    either: Condition = OneOf(conflict[0].atom.field, tuple(values)) if len(values) == len(parts) else Any(tuple(parts))
    return All((*kept, either)) if kept else either
