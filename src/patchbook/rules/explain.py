"""A condition in plain words, and which part of it a record does not meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from patchbook.rules.computed import Computed
from patchbook.rules.condition import (
    All,
    Any,
    Atom,
    Between,
    Comparison,
    Condition,
    Constant,
    IsNull,
    Like,
    Not,
    OneOf,
    Value,
    known,
    truth,
)
from patchbook.rules.functions import FUNCTIONS
from patchbook.rules.normal_form import pushed_down
from patchbook.rules.today import Today

SHOWN_VALUES = 5
"""Lists of values are shown up to this many, then counted."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One part of a condition that a record does not meet."""

    field: str
    found: object
    """None where the record has no value."""
    needed: str
    instead: str | None = None
    """What is the case instead, in words, where a function was asked."""

    def __str__(self) -> str:
        if self.instead is not None:
            return self.instead
        found = "empty" if self.found is None else _shown(self.found)
        return f"{self.field} is {found}, needs {self.needed}"


def in_words(condition: Condition) -> str:
    """
    The condition as part of a sentence.

    Examples
    --------
    >>> from patchbook.rules.parse import parse
    >>> in_words(parse("state IN ('GA', 'FL') AND NOT employees < 500"))
    'state is GA or FL, and employees is at least 500'
    """
    return _sentence(pushed_down(condition), nested=False)


def failures(condition: Condition, record: Mapping[str, object]) -> tuple[Failure, ...]:
    """
    What a record lacks to meet a condition; nothing when it does. Of several alternatives, the one it is nearest to.

    Examples
    --------
    >>> from patchbook.rules.parse import parse
    >>> [str(failure) for failure in failures(parse("employees >= 500"), {"employees": 420})]
    ['employees is 420, needs at least 500']
    """
    return _failures(pushed_down(condition), record)


def _failures(condition: Condition, record: Mapping[str, object]) -> tuple[Failure, ...]:
    if truth(condition, record) is True:
        return ()
    if isinstance(condition, All):
        return tuple(failure for part in condition.conditions for failure in _failures(part, record))
    if isinstance(condition, Any):
        parts = [_failures(part, record) for part in condition.conditions if part != Constant(False)]
        return min(parts, key=len, default=())
    if isinstance(condition, Constant):
        return (Failure(field="the rule", found="never true", needed="to be changed"),)
    negated = isinstance(condition, Not)
    atom = condition.condition if isinstance(condition, Not) else condition
    assert not isinstance(atom, Not | All | Any | Constant), "NOT was pushed down to the atoms"
    found = known(record.get(atom.field))
    instead = _claim(atom, not negated)
    if instead is not None and found is None:
        instead = f"it is not known {_name(atom.field)}"
    return (Failure(field=atom.field, found=found, needed=_needed(atom, negated), instead=instead),)


def _sentence(condition: Condition, *, nested: bool) -> str:
    if isinstance(condition, Constant):
        return "always" if condition.value else "never"
    if isinstance(condition, All | Any):
        joint = ", and " if isinstance(condition, All) else ", or "
        sentence = joint.join(_sentence(part, nested=True) for part in _flat(condition))
        return f"({sentence})" if nested else sentence
    negated = isinstance(condition, Not)
    atom = condition.condition if isinstance(condition, Not) else condition
    assert not isinstance(atom, Not | All | Any | Constant), "NOT was pushed down to the atoms"
    claim = _claim(atom, negated)
    if claim is not None:
        return claim
    name = _name(atom.field)
    if isinstance(atom, IsNull):
        return f"{name} is not empty" if negated else f"{name} is empty"
    if isinstance(atom, Like):
        return f"{name} {_fits(atom.pattern, negated)}"
    return f"{name} is {_needed(atom, negated)}"


def _flat(condition: All | Any) -> Iterator[Condition]:
    """The parts, and the parts of those that are joined by the same word."""
    for part in condition.conditions:
        if isinstance(part, All | Any) and type(part) is type(condition):
            yield from _flat(part)
        else:
            yield part


def _claim(atom: Atom, negated: bool) -> str | None:
    """What a yes-or-no function says in words; None for any other atom."""
    if not (isinstance(atom.field, Computed) and isinstance(atom, Comparison) and isinstance(atom.value, bool)):
        return None
    claim, opposite = FUNCTIONS[atom.field.call.function].in_words(atom.field.call)
    return claim if (atom.value != negated) == (atom.operator == "=") else opposite


def _name(field: str) -> str:
    if not isinstance(field, Computed):
        return field
    function = FUNCTIONS[field.call.function]
    said = function.in_words(field.call)[0]
    return said if function.gives(field.call, None) is None else f"whether {said}"


def _needed(atom: Atom, negated: bool) -> str:
    if isinstance(atom, IsNull):
        return "a value" if negated else "no value"
    if isinstance(atom, Like):
        return f"text that {_fits(atom.pattern, negated)}"
    if isinstance(atom, OneOf):
        return f"anything but {_list(atom.values)}" if negated else _list(atom.values)
    if isinstance(atom, Between):
        low, high = _shown(atom.low), _shown(atom.high)
        return f"below {low} or above {high}" if negated else f"between {low} and {high}"
    opposite = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    operator = opposite[atom.operator] if negated else atom.operator
    words = {"=": "", "<>": "anything but ", "<": "below ", "<=": "at most ", ">": "above ", ">=": "at least "}
    if isinstance(atom.value, date | Today):
        words |= {"<": "before ", "<=": "on or before ", ">": "after ", ">=": "on or after "}
    return f"{words[operator]}{_shown(atom.value)}"


def _fits(pattern: str, negated: bool) -> str:
    verb, bare = "fit", "fits"
    inner = pattern.strip("%")
    shown = f"the pattern {pattern!r}"
    if inner and "%" not in inner and "_" not in inner and len(pattern) - len(inner) <= 2:
        shown = inner
        if pattern == inner:
            verb, bare = "equal", "equals"
        elif pattern == f"{inner}%":
            verb, bare = "begin with", "begins with"
        elif pattern == f"%{inner}":
            verb, bare = "end with", "ends with"
        elif pattern == f"%{inner}%":
            verb, bare = "contain", "contains"
        else:
            shown = f"the pattern {pattern!r}"
    return f"does not {verb} {shown}" if negated else f"{bare} {shown}"


def _list(values: Sequence[Value]) -> str:
    if len(values) > SHOWN_VALUES:
        return f"one of {len(values):,} values ({', '.join(_shown(value) for value in values[:SHOWN_VALUES])}, …)"
    *others, last = (_shown(value) for value in values)
    return f"{', '.join(others)} or {last}" if others else last


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.10g}"
    if isinstance(value, Today) and value.days:
        days = "day" if abs(value.days) == 1 else "days"
        return f"the day {abs(value.days):,} {days} {'after' if value.days > 0 else 'before'} today"
    return str(value) or "an empty text"
