"""Parts of rules that never win: an alternative, or values of a list, that earlier rules take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from patchbook.rules.condition import All, Any, Comparison, Condition, Not, OneOf, Value, to_sql
from patchbook.rules.explain import in_words
from patchbook.rules.normal_form import Conjunct
from patchbook.rules.prove.case import Case
from patchbook.rules.prove.cover import OutOfBudget, is_covered
from patchbook.rules.prove.finding import Finding, Kind, Severity
from patchbook.rules.prove.shadowed import Cover, covers
from patchbook.rules.prove.space import Dimension, Sets
from patchbook.words import counted, listed

_SHOWN_VALUES = 5


def find(case: Case) -> Iterator[Finding]:
    """Exact where it says so; what takes too many steps is left out."""
    for place in range(len(case.rules.rules)):
        found = covers(case, place)
        if not any(cover.is_covered is False for cover in found.values()):
            continue
        yield from _alternatives(case, place, found)
        yield from _values(case, place, found)


def _alternatives(case: Case, place: int, found: Mapping[int, Cover]) -> Iterator[Finding]:
    rule = case.rule(place)
    by_conjunct: dict[Conjunct, list[int]] = {}
    for bit in found:
        by_conjunct.setdefault(case.space.boxes[bit].conjunct, []).append(bit)
    for conjunct, bits in by_conjunct.items():
        if not all(found[bit].is_covered for bit in bits):
            continue
        by = frozenset().union(*(found[bit].by for bit in bits))
        parts = tuple(Not(one.atom) if one.negated else one.atom for one in sorted(conjunct, key=repr))
        yield Finding(
            kind=Kind.PARTLY_SHADOWED,
            severity=Severity.WARNING,
            rules=(rule.number, *sorted(case.rule(one).number for one in by)),
            says=f"A part of {rule} never wins: where {in_words(All(parts))}, {case.named(by)} come"
            f"{'s' if len(by) == 1 else ''} first.",
            fix="Leave that part out, or move the rule up.",
            witness=case.witness(
                case.space.boxes[bits[0]].sets,
                lambda record: case.holds(place, record) and 0 <= case.first(record) < place,
            ),
            accounts=_accounts(case, [case.space.boxes[bit].sets for bit in bits]),
            line=rule.line,
        )


def _values(case: Case, place: int, found: Mapping[int, Cover]) -> Iterator[Finding]:
    """Values of a list that never win, in every alternative that has the list."""
    rule = case.rule(place)
    lost: dict[OneOf, dict[Value, set[int]]] = {}
    first: dict[OneOf, Sets] = {}
    for bit, cover in found.items():
        if cover.is_covered is not False:
            continue
        for literal in case.space.boxes[bit].conjunct:
            atom = literal.atom
            if not isinstance(atom, OneOf) or literal.negated:
                continue
            here = _lost(case, place, bit, atom)
            before = lost.get(atom)
            lost[atom] = (
                here if before is None else {value: by | before[value] for value, by in here.items() if value in before}
            )
            if here and atom not in first:
                number = case.space.class_of[atom.field][case.space.domains[atom.field].piece_of(next(iter(here)))]
                first[atom] = {**case.space.boxes[bit].sets, atom.field: 1 << number}
    for atom, values in lost.items():
        if not values:
            continue
        by = frozenset().union(*values.values())
        kept = tuple(value for value in atom.values if value not in values)
        corrected = without(rule.condition, atom, kept)
        shown = [str(value) for value in list(values)[:_SHOWN_VALUES]]
        more = len(values) - len(shown)
        names = listed([*shown, f"{more:,} more"] if more else shown)
        yield Finding(
            kind=Kind.PARTLY_SHADOWED,
            severity=Severity.NOTE,
            rules=(rule.number, *sorted(case.rule(one).number for one in by)),
            says=f"Of {rule}, {counted(len(values), 'value')} of {len(atom.values):,} of {atom.field} never win"
            f"{'s' if len(values) == 1 else ''} ({names}): {case.named(by)} come{'s' if len(by) == 1 else ''} first.",
            fix="Leave them out, or move the rule up.",
            condition=None if corrected is None else to_sql(corrected),
            witness=case.witness(
                first[atom], lambda record: case.holds(place, record) and 0 <= case.first(record) < place
            )
            if atom in first
            else None,
            line=rule.line,
        )


def _lost(case: Case, place: int, bit: int, atom: OneOf) -> dict[Value, set[int]]:
    """Value → the rules that take all the box has of it."""
    space = case.space
    sets: dict[Dimension, int] = dict(space.boxes[bit].sets)
    others = {dimension: chosen for dimension, chosen in sets.items() if dimension != atom.field}
    earlier = space.meeting(others) & case.before(place)
    if not earlier:
        return {}
    domain, class_of = space.domains[atom.field], space.class_of[atom.field]
    found: dict[Value, set[int]] = {}
    known: dict[int, set[int] | None] = {}
    for value in atom.values:
        number = class_of.get(domain.piece_of(value))
        if number is None or not sets[atom.field] >> number & 1:
            continue
        if number not in known:
            live = earlier & space.masks[atom.field][number]
            used: set[int] = set()
            try:
                covered = live and is_covered(space, {**others, atom.field: 1 << number}, live, case.budget(), used)
            except OutOfBudget:
                covered = False
            known[number] = {space.boxes[one].rule for one in used} if covered else None
        by = known[number]
        if by is not None:
            found[value] = by
    return found


def without(condition: Condition, atom: OneOf, kept: tuple[Value, ...]) -> Condition | None:
    """The condition with fewer values in a list; None where the list does not stand in it as such."""
    if condition == atom:
        if not kept:
            return None
        return Comparison(atom.field, "=", kept[0]) if len(kept) == 1 else OneOf(atom.field, kept)
    if isinstance(condition, All | Any):
        parts = [without(part, atom, kept) for part in condition.conditions]
        changed = [new for new in parts if new is not None]
        if not changed:
            return None
        kept_parts = (new if new is not None else old for new, old in zip(parts, condition.conditions, strict=True))
        return type(condition)(tuple(kept_parts))
    return None


def _accounts(case: Case, boxes: list[Sets]) -> int | None:
    if case.accounts is None:
        return None
    found = case.accounts.within(boxes[0])
    for sets in boxes[1:]:
        found |= case.accounts.within(sets)
    return int(found.sum())
