"""A condition as it is compiled: today is a date, and every list, table and area is named with its version."""

from __future__ import annotations

from dataclasses import replace

from patchbook.rules.computed import Computed
from patchbook.rules.condition import Atom, Between, Comparison, Condition, OneOf, Value, atoms, with_atoms
from patchbook.rules.context import Context
from patchbook.rules.functions import FUNCTIONS
from patchbook.rules.today import Today


def bind(condition: Condition, context: Context) -> Condition:
    """
    The condition with nothing left open.

    Examples
    --------
    >>> from datetime import date
    >>> from patchbook.rules.condition import to_sql
    >>> from patchbook.rules.parse import parse
    >>> to_sql(bind(parse("created_on >= today - 90"), Context(today=date(2027, 2, 1))))
    "created_on >= DATE '2026-11-03'"
    """
    return with_atoms(condition, lambda atom: _bound(atom, context))


def asks_for_today(condition: Condition) -> bool:
    """Whether the answer changes with the day it is asked on."""
    return any(isinstance(value, Today) for atom in atoms(condition) for value in _values(atom))


def computed_fields(condition: Condition) -> tuple[Computed, ...]:
    """The computed fields a condition looks at, each once."""
    return tuple(dict.fromkeys(atom.field for atom in atoms(condition) if isinstance(atom.field, Computed)))


def _bound(atom: Atom, context: Context) -> Atom:
    if isinstance(atom.field, Computed):
        call = atom.field.call
        atom = replace(atom, field=Computed(FUNCTIONS[call.function].pinned(call, context)))
    if not any(isinstance(value, Today) for value in _values(atom)):
        return atom
    if isinstance(atom, Comparison):
        return replace(atom, value=_dated(atom.value, context))
    if isinstance(atom, Between):
        return replace(atom, low=_dated(atom.low, context), high=_dated(atom.high, context))
    assert isinstance(atom, OneOf), "only these hold values"
    return replace(atom, values=tuple(dict.fromkeys(_dated(value, context) for value in atom.values)))


def _dated(value: Value, context: Context) -> Value:
    return value.on(context.today) if isinstance(value, Today) else value


def _values(atom: Atom) -> tuple[Value, ...]:
    if isinstance(atom, Comparison):
        return (atom.value,)
    if isinstance(atom, Between):
        return (atom.low, atom.high)
    return atom.values if isinstance(atom, OneOf) else ()
