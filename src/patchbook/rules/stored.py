"""Rules as they are kept: the canonical tree as JSON, read back without parsing SQL, so that a server starts at once.

A condition is a list that begins with what it is: `["and", …]`, `["=", "state", "GA"]`, `["in", "state", ["GA"]]`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date
from typing import Any as AnyJson
from typing import get_args

from patchbook.errors import BadInput
from patchbook.rules.computed import Call, Computed, FieldName
from patchbook.rules.condition import (
    All,
    Any,
    Between,
    Comparison,
    Condition,
    Constant,
    IsNull,
    Like,
    Not,
    OneOf,
    Operator,
    Value,
)
from patchbook.rules.functions import FUNCTIONS
from patchbook.rules.today import Today

FORMAT = 1
_OPERATORS = get_args(Operator)


class BadStoredRules(BadInput):
    """A text does not hold stored rules: it was cut off, changed, or written by a newer version."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"These are no rules as Patchbook keeps them: {problem}.")


def rules_to_json(rules: Iterable[Condition]) -> str:
    """
    Rules in order as one text.

    Examples
    --------
    >>> rules_to_json([Comparison("state", "=", "GA")])
    '{"format":1,"rules":[["=","state","GA"]]}'
    """
    told = {"format": FORMAT, "rules": [condition_to_json(rule) for rule in rules]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def rules_from_json(text: str | bytes) -> tuple[Condition, ...]:
    """The rules that `rules_to_json` wrote, equal in every part."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadStoredRules("the text is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("rules"), list):
        raise BadStoredRules('there is no list "rules"')
    if found.get("format") != FORMAT:
        raise BadStoredRules(f"their format is {found.get('format')!r}, and this version reads {FORMAT}")
    return tuple(condition_from_json(rule) for rule in found["rules"])


def condition_to_json(condition: Condition) -> AnyJson:
    """A condition as lists, texts and numbers."""
    if isinstance(condition, Constant):
        return condition.value
    if isinstance(condition, Not):
        return ["not", condition_to_json(condition.condition)]
    if isinstance(condition, All | Any):
        return ["and" if isinstance(condition, All) else "or", *map(condition_to_json, condition.conditions)]
    field = _field_to_json(condition.field)
    if isinstance(condition, IsNull):
        return ["null", field]
    if isinstance(condition, OneOf):
        return ["in", field, [_value_to_json(value) for value in condition.values]]
    if isinstance(condition, Between):
        return ["between", field, _value_to_json(condition.low), _value_to_json(condition.high)]
    if isinstance(condition, Like):
        return ["like", field, condition.pattern]
    return [condition.operator, field, _value_to_json(condition.value)]


def condition_from_json(found: AnyJson) -> Condition:
    """The condition that `condition_to_json` made this of."""
    if isinstance(found, bool):
        return Constant(found)
    match found:
        case ["not", inner]:
            return Not(condition_from_json(inner))
        case ["and", *parts]:
            return All(tuple(map(condition_from_json, parts)))
        case ["or", *parts]:
            return Any(tuple(map(condition_from_json, parts)))
        case ["null", field]:
            return IsNull(_field(field))
        case ["in", field, [*values]]:
            return OneOf(_field(field), tuple(map(_value, values)))
        case ["between", field, low, high]:
            return Between(_field(field), _value(low), _value(high))
        case ["like", field, str(pattern)]:
            return Like(_field(field), pattern)
        case [str(operator), field, value] if operator in _OPERATORS:
            return Comparison(_field(field), operator, _value(value))  # type: ignore[arg-type]
    shown = json.dumps(found, ensure_ascii=False)
    raise BadStoredRules(f"{shown if len(shown) <= 60 else shown[:59] + '…'} is no condition")


def _field_to_json(field: str) -> AnyJson:
    if not isinstance(field, Computed):
        return field
    arguments = [{"field": part.name} if isinstance(part, FieldName) else part for part in field.call.arguments]
    return {"call": field.call.function, "arguments": arguments}


def _field(found: AnyJson) -> str:
    match found:
        case str():
            return found
        case {"call": str(function), "arguments": [*arguments]} if function in FUNCTIONS:
            return Computed(Call(function, tuple(map(_argument, arguments))))
    raise BadStoredRules(f"{found!r} is no field")


def _argument(found: AnyJson) -> FieldName | str | int | float:
    match found:
        case {"field": str(name)}:
            return FieldName(name)
        case str() | int() | float():
            return found
    raise BadStoredRules(f"{found!r} is no argument of a function")


def _value_to_json(value: Value) -> AnyJson:
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"today": value.days} if isinstance(value, Today) else value


def _value(found: AnyJson) -> Value:
    if isinstance(found, str | bool | int) or (isinstance(found, float) and math.isfinite(found)):
        return found
    match found:
        case {"today": int(days)}:
            return Today(days)
        case {"date": str(day)}:
            try:
                return date.fromisoformat(day)
            except ValueError:
                raise BadStoredRules(f"{day!r} is no date") from None
    raise BadStoredRules(f"{found!r} is no value")
