"""Parts of a rule that decide nothing: without them every record would still get the same."""

from __future__ import annotations

from collections.abc import Iterator

from patchbook.rules.condition import All, Any, Condition, Constant, to_sql, truth
from patchbook.rules.explain import in_words
from patchbook.rules.normal_form import Conjunct, TooManyAlternatives, alternatives, pushed_down
from patchbook.rules.prove.case import Case, Record
from patchbook.rules.prove.cover import Budget, OutOfBudget, is_covered, left_over
from patchbook.rules.prove.finding import Finding, Kind, Severity, Witness
from patchbook.rules.prove.shadowed import covers
from patchbook.rules.prove.space import Sets

_MOST_ALTERNATIVES = 64
_STEPS = 2_000


def find(case: Case) -> Iterator[Finding]:
    """Exact where it says so; parts that take too many steps, or multiply out too far, are left out."""
    for place, rule in enumerate(case.rules.rules):
        found = covers(case, place)
        if not found or all(cover.is_covered is not False for cover in found.values()):
            continue
        # As the boxes were made from it: in another form a part may cut classes in two.
        condition = pushed_down(rule.condition)
        if isinstance(condition, All):
            yield from _conditions(case, place, condition)
        elif isinstance(condition, Any):
            yield from _alternatives(case, place, condition)


def _conditions(case: Case, place: int, condition: All) -> Iterator[Finding]:
    """Conditions joined by AND that may go, one after the other."""
    rule = case.rule(place)
    kept = list(condition.conditions)
    dropped: list[Condition] = []
    for part in condition.conditions:
        if len(kept) == 1:
            break
        rest = [one for one in kept if one is not part]
        if _changes_nothing(case, place, _all(rest)):
            kept = rest
            dropped.append(part)
    if dropped:
        corrected = _all(kept)
        yield Finding(
            kind=Kind.REDUNDANT,
            severity=Severity.NOTE,
            rules=(rule.number,),
            says=f"Of {rule}, “{in_words(_all(dropped))}” decides nothing: without it every account gets the same.",
            fix=f"Write only: {in_words(corrected)}.",
            condition=to_sql(corrected),
            witness=_shows(case, place, corrected),
            line=rule.line,
        )


def _alternatives(case: Case, place: int, condition: Any) -> Iterator[Finding]:
    """Conditions joined by OR that the others, with earlier rules, take as well."""
    rule = case.rule(place)
    kept = list(condition.conditions)
    for part in condition.conditions:
        rest = [one for one in kept if one is not part]
        if not rest or isinstance(part, Constant):
            continue
        if _is_within(case, part, _any(rest)):
            kept = rest
            corrected = _any(kept)
            yield Finding(
                kind=Kind.REDUNDANT,
                severity=Severity.NOTE,
                rules=(rule.number,),
                says=f"Of {rule}, “{in_words(part)}” decides nothing: the rest of the rule takes it as well.",
                fix=f"Write only: {in_words(corrected)}.",
                condition=to_sql(corrected),
                witness=_meets(case, place, part),
                line=rule.line,
            )


def _changes_nothing(case: Case, place: int, wider: Condition) -> bool:
    """Whether all that a wider condition takes is taken by the rule itself or by earlier ones."""
    own_and_earlier = case.space.bits_of_rule[place] | case.before(place)
    try:
        boxes = [sets for one in _few(wider) for sets in case.space.sets_of(one)]
        budget = Budget(_STEPS)
        return all(is_covered(case.space, sets, case.space.meeting(sets) & own_and_earlier, budget) for sets in boxes)
    except (OutOfBudget, TooManyAlternatives):
        return False


def _is_within(case: Case, part: Condition, others: Condition) -> bool:
    """Whether one alternative of a rule is contained in a single other one: all that is proved of alternatives."""
    try:
        parts = [sets for one in _few(part) for sets in case.space.sets_of(one)]
        rest = [sets for one in _few(others) for sets in case.space.sets_of(one)]
    except TooManyAlternatives:
        return False
    return bool(parts) and all(any(_contains(case, wide, narrow) for wide in rest) for narrow in parts)


def _contains(case: Case, wide: Sets, narrow: Sets) -> bool:
    return all(not narrow.get(dimension, case.space.full(dimension)) & ~chosen for dimension, chosen in wide.items())


def _few(condition: Condition) -> tuple[Conjunct, ...]:
    return alternatives(condition, limit=_MOST_ALTERNATIVES)


def _shows(case: Case, place: int, wider: Condition) -> Witness | None:
    """A record that the part keeps out of the rule and that an earlier rule takes; else one that meets the rule."""

    def is_kept_out(record: Record) -> bool:
        return (
            truth(wider, case.rules.book.told(record)) is True
            and not case.holds(place, record)
            and 0 <= case.first(record) < place
        )

    own = case.space.bits_of_rule[place]
    for one in _few(wider):
        for sets in case.space.sets_of(one):
            try:
                outside = next(left_over(case.space, sets, own, Budget(_STEPS)), None)
            except OutOfBudget:
                continue
            found = None if outside is None else case.witness(outside, is_kept_out)
            if found is not None:
                return found
    return _meets(case, place, case.rule(place).condition)


def _meets(case: Case, place: int, part: Condition) -> Witness | None:
    for one in _few(part):
        for sets in case.space.sets_of(one):
            found = case.witness(
                sets, lambda record: truth(part, case.rules.book.told(record)) is True and case.holds(place, record)
            )
            if found is not None:
                return found
    return None


def _all(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _any(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else Any(tuple(parts))
