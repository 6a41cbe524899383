"""A condition over the fields of a record, exactly as SQL means it. Pure: it is parsed in `parse.py`.

`truth` says what a condition is for one record; it is the plain definition that the compiled index is held to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from patchbook.rules.computed import Computed, name_to_sql, text_to_sql
from patchbook.rules.like import fits
from patchbook.rules.today import Today

__all__ = [
    "All", "Any", "Atom", "Between", "Comparison", "Condition", "Constant", "IsNull", "Like", "Not", "OneOf",
    "Operator", "Value", "atoms", "fields", "holds", "known", "name_to_sql", "to_sql", "truth", "value_to_sql",
    "with_atoms",
]  # fmt: skip

Value = str | int | float | bool | date | Today
Operator = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Comparison:
    """A field beside a value: `employees >= 500`."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class OneOf:
    """A field among values: `state IN ('GA', 'FL')`."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Between:
    """A field within two values, both included: `employees BETWEEN 100 AND 500`."""

    field: str
    low: Value
    high: Value


@dataclass(frozen=True)
class Like:
    """Text that fits a pattern, case counting: `%` is any text, `_` is one character."""

    field: str
    pattern: str


@dataclass(frozen=True)
class IsNull:
    """A field without a value."""

    field: str


@dataclass(frozen=True)
class Constant:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True)
class Not:
    """The opposite of a condition; unknown stays unknown."""

    condition: Condition


@dataclass(frozen=True)
class All:
    """Every condition (AND)."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """At least one condition (OR)."""

    conditions: tuple[Condition, ...]


Atom = Comparison | OneOf | Between | Like | IsNull
Condition = Atom | Constant | Not | All | Any


def fields(condition: Condition) -> tuple[str, ...]:
    """The fields of a record that a condition looks at, in the order they first appear."""
    from patchbook.rules.functions import FUNCTIONS

    found: dict[str, None] = {}
    for atom in atoms(condition):
        name = atom.field
        read = FUNCTIONS[name.call.function].inputs(name.call) if isinstance(name, Computed) else (name,)
        found.update(dict.fromkeys(read))
    return tuple(found)


def atoms(condition: Condition) -> Iterator[Atom]:
    """The smallest parts of a condition, from left to right."""
    if isinstance(condition, Not):
        yield from atoms(condition.condition)
    elif isinstance(condition, All | Any):
        for part in condition.conditions:
            yield from atoms(part)
    elif not isinstance(condition, Constant):
        yield condition


def with_atoms(condition: Condition, change: Callable[[Atom], Atom]) -> Condition:
    """The same condition with each of its atoms changed."""
    if isinstance(condition, Constant):
        return condition
    if isinstance(condition, Not):
        return Not(with_atoms(condition.condition, change))
    if isinstance(condition, All | Any):
        return replace(condition, conditions=tuple(with_atoms(part, change) for part in condition.conditions))
    return change(condition)


def truth(condition: Condition, record: Mapping[str, object]) -> bool | None:
    """
    True, False, or None where SQL says NULL (unknown). A rule matches a record when this is True.

    Examples
    --------
    >>> truth(Not(Comparison("employees", "<", 500)), {"employees": 800})
    True
    >>> truth(Not(Comparison("employees", "<", 500)), {"employees": None}) is None
    True
    """
    if isinstance(condition, Constant):
        return condition.value
    if isinstance(condition, Not):
        inner = truth(condition.condition, record)
        return None if inner is None else not inner
    if isinstance(condition, All | Any):
        parts = [truth(part, record) for part in condition.conditions]
        decisive = isinstance(condition, Any)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    value = known(record.get(condition.field))
    if isinstance(condition, IsNull):
        return value is None
    return None if value is None else holds(condition, value)


def known(value: object) -> object:
    """The value itself, or None for a float that is not a number: NaN counts as no value."""
    return None if isinstance(value, float) and math.isnan(value) else value


def holds(atom: Comparison | OneOf | Between | Like, value: object) -> bool:
    """Whether one atom is true of a value that is there."""
    if isinstance(atom, OneOf):
        return value in atom.values
    if isinstance(atom, Like):
        return fits(atom.pattern, str(value))
    if isinstance(atom, Between):
        return bool(atom.low <= value <= atom.high)  # type: ignore[operator]
    if atom.operator == "=":
        return bool(value == atom.value)
    if atom.operator == "<>":
        return bool(value != atom.value)
    if atom.operator == "<":
        return bool(value < atom.value)  # type: ignore[operator]
    if atom.operator == "<=":
        return bool(value <= atom.value)  # type: ignore[operator]
    if atom.operator == ">":
        return bool(value > atom.value)  # type: ignore[operator]
    return bool(value >= atom.value)  # type: ignore[operator]


def to_sql(condition: Condition) -> str:
    """
    The condition in one canonical spelling; parsing it again gives an equal condition.

    Examples
    --------
    >>> to_sql(All((Comparison("state", "=", "GA"), Not(IsNull("employees")))))
    "state = 'GA' AND employees IS NOT NULL"
    """
    if isinstance(condition, Constant):
        return "TRUE" if condition.value else "FALSE"
    if isinstance(condition, All | Any):
        word = " AND " if isinstance(condition, All) else " OR "
        return word.join(
            f"({to_sql(part)})" if isinstance(part, All | Any) else to_sql(part) for part in condition.conditions
        )
    if isinstance(condition, Not):
        inner = condition.condition
        if isinstance(inner, IsNull):
            return f"{name_to_sql(inner.field)} IS NOT NULL"
        if isinstance(inner, OneOf | Between | Like):
            name = name_to_sql(inner.field)
            return f"{name} NOT{to_sql(inner)[len(name) :]}"
        return f"NOT ({to_sql(inner)})"
    name = name_to_sql(condition.field)
    if isinstance(condition, IsNull):
        return f"{name} IS NULL"
    if isinstance(condition, OneOf):
        return f"{name} IN ({', '.join(value_to_sql(value) for value in condition.values)})"
    if isinstance(condition, Between):
        return f"{name} BETWEEN {value_to_sql(condition.low)} AND {value_to_sql(condition.high)}"
    if isinstance(condition, Like):
        return f"{name} LIKE {value_to_sql(condition.pattern)}"
    if isinstance(condition.field, Computed) and condition.operator == "=" and condition.value is True:
        return name
    return f"{name} {condition.operator} {value_to_sql(condition.value)}"


def value_to_sql(value: Value) -> str:
    """A value as a literal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return text_to_sql(value)
    return str(value) if isinstance(value, Today) else repr(value)
