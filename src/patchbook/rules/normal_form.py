"""A condition as a list of alternatives, each a set of atoms that must all be true.

NOT is pushed down to the atoms, which is exact in SQL's three-valued logic; from there on only "is it true?" matters,
so the rest is plain two-valued logic and one form serves a single record, a frame and, later, proofs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from patchbook.errors import BadInput
from patchbook.rules.condition import All, Any, Atom, Comparison, Condition, Constant, IsNull, Not, OneOf, to_sql

MAX_ALTERNATIVES = 1_024


class TooManyAlternatives(BadInput):
    """A condition multiplies out into more alternatives than are kept."""

    def __init__(self, condition: Condition, limit: int) -> None:
        shown = to_sql(condition)
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        super().__init__(
            f"The rule {shown!r} has more than {limit:,} alternatives once multiplied out; "
            "use IN instead of OR, or split it into several rules."
        )


@dataclass(frozen=True)
class Literal:
    """An atom, or its opposite. True of a record only where SQL says TRUE, so never of a missing value by accident."""

    atom: Atom
    negated: bool = False


Conjunct = frozenset[Literal]


def alternatives(condition: Condition, *, limit: int = MAX_ALTERNATIVES) -> tuple[Conjunct, ...]:
    """
    The condition in disjunctive normal form: it is TRUE exactly when all literals of one alternative are true.

    Examples
    --------
    >>> len(alternatives(Any((Comparison("state", "=", "GA"), Comparison("employees", ">", 9)))))
    2
    """
    return tuple(_expand(pushed_down(condition), limit, condition))


def pushed_down(condition: Condition, *, negated: bool = False) -> Condition:
    """The same condition in negation normal form: NOT only directly before an atom."""
    if isinstance(condition, Not):
        return pushed_down(condition.condition, negated=not negated)
    if isinstance(condition, Constant):
        return Constant(condition.value != negated)
    if isinstance(condition, All | Any):
        parts = tuple(pushed_down(part, negated=negated) for part in condition.conditions)
        return All(parts) if isinstance(condition, All) != negated else Any(_merged(parts))
    return Not(condition) if negated else condition


def _merged(parts: Iterable[Condition]) -> tuple[Condition, ...]:
    """`state = 'GA' OR state = 'FL'` as one `state IN (…)`, so that products of such lists stay small."""
    lists: dict[str, dict[object, None]] = {}
    kept: list[Condition] = []
    for part in parts:
        values = _values(part)
        if values is None:
            kept.append(part)
        else:
            assert isinstance(part, OneOf | Comparison)
            lists.setdefault(part.field, {}).update(dict.fromkeys(values))
    return (*kept, *(OneOf(field, tuple(values)) for field, values in lists.items()))  # type: ignore[arg-type]


def _values(part: Condition) -> tuple[object, ...] | None:
    if isinstance(part, OneOf):
        return part.values
    if isinstance(part, Comparison) and part.operator == "=":
        return (part.value,)
    return None


def _expand(condition: Condition, limit: int, whole: Condition) -> list[Conjunct]:
    if isinstance(condition, Constant):
        return [frozenset()] if condition.value else []
    if isinstance(condition, Not):
        assert not isinstance(condition.condition, Not | All | Any | Constant), "NOT was pushed down to the atoms"
        return [frozenset([Literal(condition.condition, negated=True)])]
    if isinstance(condition, Any):
        found = [conjunct for part in condition.conditions for conjunct in _expand(part, limit, whole)]
    elif isinstance(condition, All):
        found = [frozenset()]
        for part in condition.conditions:
            right = _expand(part, limit, whole)
            if len(found) * len(right) > limit * 4:
                raise TooManyAlternatives(whole, limit)
            found = _consistent(left | also for left in found for also in right)
    else:
        return [frozenset([Literal(condition)])]
    found = _consistent(found)
    if len(found) > limit:
        raise TooManyAlternatives(whole, limit)
    return found


def _consistent(conjuncts: Iterable[Conjunct]) -> list[Conjunct]:
    """Each conjunct once, without those that hold an atom and its opposite or ask a value of a field that IS NULL."""
    return [conjunct for conjunct in dict.fromkeys(conjuncts) if not _contradicts(conjunct)]


def _contradicts(conjunct: Conjunct) -> bool:
    null = {literal.atom.field for literal in conjunct if isinstance(literal.atom, IsNull) and not literal.negated}
    return any(
        Literal(literal.atom, not literal.negated) in conjunct
        or (literal.atom.field in null and (literal.negated or not isinstance(literal.atom, IsNull)))
        for literal in conjunct
    )
