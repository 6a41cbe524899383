"""Read a condition as planners write it: the part of SQL that this project means exactly as SQL does.

`= <> != < <= > >=`, `IN`, `BETWEEN`, `LIKE`, `IS NULL`, each with NOT, joined by AND, OR, NOT and parentheses.
SQLGlot reads the text; only nodes and arguments listed here are taken, and anything else is refused with its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, cast

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
    value_to_sql,
)
from patchbook.rules.schema import Family, Schema, family, in_words
from patchbook.rules.source import BadRule, Source, read_source

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["BadRule", "parse"]

MAX_ATOMS = 2_000
MIRRORED: Mapping[Operator, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def parse(text: str, schema: Schema | None = None) -> Condition:
    """
    The condition a text means.

    Parameters
    ----------
    text
        A boolean SQL expression over fields.
    schema
        Field → type. With it, unknown fields and values of the wrong type are refused; without it neither is known.

    Examples
    --------
    >>> parse("state IN ('GA', 'FL') AND employees >= 500", {"state": "text", "employees": "count"})
    All(conditions=(OneOf(field='state', values=('GA', 'FL')), Comparison(field='employees', operator='>=', value=500)))
    """
    source = read_source(text, schema, what="rule")
    return _Reader(source).condition(source.tree)


class _Reader:
    def __init__(self, source: Source) -> None:
        from sqlglot import exp

        self.source = source
        self.atoms = 0
        self.readers: dict[type[exp.Expression], Callable[[exp.Expression], Condition]] = {
            exp.Not: self._not,
            exp.Boolean: lambda node: Constant(bool(node.this)),
            exp.Column: lambda node: self._flag(node, True),
            exp.Is: self._is,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: self._like,
        }
        self.operators: dict[type[exp.Expression], Operator] = {
            exp.EQ: "=",
            exp.NEQ: "<>",
            exp.LT: "<",
            exp.LTE: "<=",
            exp.GT: ">",
            exp.GTE: ">=",
        }

    def condition(self, node: exp.Expression) -> Condition:
        from sqlglot import exp

        while isinstance(node, exp.Paren):
            self.source.only(node, {"this"})
            node = node.this
        if isinstance(node, exp.And | exp.Or):
            kind = exp.And if isinstance(node, exp.And) else exp.Or
            parts = tuple(self.condition(part) for part in self._flattened(node, kind))
            return All(parts) if kind is exp.And else Any(parts)
        if type(node) not in (exp.Not, exp.Boolean):
            self.atoms += 1
            if self.atoms > MAX_ATOMS:
                raise self.source.error(node, f"the rule has more than {MAX_ATOMS:,} comparisons; use IN for lists")
        if type(node) in self.operators:
            return self._comparison(node)
        if type(node) in self.readers:
            return self.readers[type(node)](node)
        raise self._unknown(node)

    def _flattened(self, node: exp.Expression, kind: type[exp.Expression]) -> list[exp.Expression]:
        """The parts of `a AND b AND c`, which SQLGlot nests to the left; without recursion, since chains are long."""
        parts: list[exp.Expression] = []
        while type(node) is kind:
            self.source.only(node, {"this", "expression"})
            parts.append(node.args["expression"])
            node = node.this
        return [node, *reversed(parts)]

    def _not(self, node: exp.Expression) -> Condition:
        self.source.only(node, {"this"})
        return Not(self.condition(node.this))

    def _comparison(self, node: exp.Expression) -> Condition:
        from sqlglot import exp

        self.source.only(node, {"this", "expression"})
        operator = self.operators[type(node)]
        left, right = node.this, node.args["expression"]
        if isinstance(right, exp.Column) and not isinstance(left, exp.Column):
            left, right, operator = right, left, MIRRORED[operator]
        name, kind = self._field(left)
        value = self._value(right, name, kind)
        if isinstance(value, bool) and operator not in ("=", "<>"):
            raise self.source.error(node, f"{name} is true or false; compare it with = or <>")
        return Comparison(name, operator, value)

    def _is(self, node: exp.Expression) -> Condition:
        from sqlglot import exp

        self.source.only(node, {"this", "expression"})
        right = node.args["expression"]
        if isinstance(right, exp.Null):
            name, _ = self._field(node.this)
            return IsNull(name)
        if isinstance(right, exp.Boolean):
            # IS TRUE and IS FALSE are never unknown.
            flag = self._flag(node.this, bool(right.this))
            return All((flag, Not(IsNull(flag.field))))
        raise self.source.error(
            node, f"after IS stands NULL, NOT NULL, TRUE or FALSE, not {self.source.shown(right)!r}"
        )

    def _in(self, node: exp.Expression) -> Condition:
        if node.args.get("query") or node.args.get("field") or node.args.get("unnest"):
            raise self.source.error(node, "IN takes a list of values in parentheses, as in state IN ('GA', 'FL')")
        self.source.only(node, {"this", "expressions"})
        name, kind = self._field(node.this)
        if not node.expressions:
            raise self.source.error(node, f"the list after {name} IN is empty; give it at least one value")
        values = (self._value(part, name, kind) for part in node.expressions)
        return OneOf(name, tuple(dict.fromkeys(values)))

    def _between(self, node: exp.Expression) -> Condition:
        self.source.only(node, {"this", "low", "high"})
        name, kind = self._field(node.this)
        low, high = (self._value(node.args[end], name, kind) for end in ("low", "high"))
        if isinstance(low, bool) or isinstance(high, bool):
            raise self.source.error(node, f"{name} is true or false; compare it with = or <>")
        return Between(name, low, high)

    def _like(self, node: exp.Expression) -> Condition:
        from sqlglot import exp

        self.source.only(node, {"this", "expression", "negate"})
        name, kind = self._field(node.this)
        if kind not in (None, "text"):
            raise self.source.error(node, f"LIKE compares text, and {name} is {in_words(kind)}")
        pattern = node.args["expression"]
        if not (isinstance(pattern, exp.Literal) and pattern.is_string):
            raise self.source.error(pattern, f"LIKE takes a pattern in single quotes, as in {name} LIKE '303%'")
        like = Like(name, str(pattern.this))
        # SQLGlot writes NOT LIKE as an argument of the node rather than as Not(...).
        return Not(like) if node.args.get("negate") else like

    def _flag(self, node: exp.Expression, value: bool) -> Comparison:
        name, kind = self._field(node)
        if kind not in (None, "boolean"):
            raise self.source.error(node, f"{name} is {in_words(kind)}; compare it with a value, as in {name} = …")
        return Comparison(name, "=", value)

    def _field(self, node: exp.Expression) -> tuple[str, Family | None]:
        from sqlglot import exp

        if not isinstance(node, exp.Column):
            if isinstance(node, exp.Literal | exp.Neg | exp.Boolean | exp.Null):
                raise self.source.error(node, f"{self.source.shown(node)!r} is a value where a field is expected")
            raise self._unknown(node)
        name = self.source.field(node)
        schema = self.source.schema
        return name, None if schema is None else family(schema[name])

    def _value(self, node: exp.Expression, name: str, kind: Family | None) -> Value:
        from sqlglot import exp

        if isinstance(node, exp.Null):
            raise self.source.error(node, f"nothing equals NULL, in a list neither; write {name} IS NULL")
        if isinstance(node, exp.Column):
            raise self.source.error(
                node, f"{name} is compared with {node.name!r}, which is not a value; text stands in single quotes"
            )
        value = self._literal(node)
        found = _family_of(value)
        if kind == "date" and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise self.source.error(node, f"{name} is a date; write it as '2027-02-01', not {value!r}") from None
        if kind == "list":
            raise self.source.error(node, f"{name} is a list; a rule can only ask whether it IS NULL")
        if kind is not None and found != kind:
            example = {"text": value_to_sql(str(value)), "number": "500", "boolean": "TRUE", "date": "'2027-02-01'"}[
                kind
            ]
            shown = self.source.shown(node)
            raise self.source.error(
                node, f"{name} is {in_words(kind)} and {shown} is {in_words(found)}; write it like {example}"
            )
        return value

    def _literal(self, node: exp.Expression) -> Value:
        from sqlglot import exp

        if isinstance(node, exp.Boolean):
            return bool(node.this)
        if isinstance(node, exp.Neg):
            inner = node.this
            if isinstance(inner, exp.Literal) and not inner.is_string:
                return -cast(float, self._literal(inner))
        if isinstance(node, exp.Cast) and node.to.is_type("date") and isinstance(node.this, exp.Literal):
            self.source.only(node, {"this", "to"})
            try:
                return date.fromisoformat(str(node.this.this))
            except ValueError:
                raise self.source.error(node, f"{node.this.this!r} is no date; write it as '2027-02-01'") from None
        if not isinstance(node, exp.Literal):
            raise self._unknown(node)
        if node.is_string:
            return str(node.this)
        text = str(node.this)
        number = int(text) if text.isdigit() else float(text)
        if math.isinf(number):
            raise self.source.error(node, f"{text} is too large a number")
        return number

    def _unknown(self, node: exp.Expression) -> BadRule:
        from sqlglot import exp

        shown = self.source.shown(node)
        if isinstance(node, exp.ILike):
            return self.source.error(node, "ILIKE is not in the rule language; LIKE compares with case")
        if isinstance(node, exp.Escape):
            return self.source.error(node, "LIKE takes no ESCAPE; % and _ always stand for any text")
        if isinstance(node, exp.Func) and "start" in node.meta:
            name = self.source.text[slice(node.meta["start"], node.meta["end"] + 1)]
            return self.source.error(node, f"the function {name} is not in the rule language")
        if isinstance(node, exp.Literal | exp.Neg):
            return self.source.error(node, f"{shown!r} is a value where a condition is expected")
        return self.source.error(
            node,
            f"{shown!r} is not in the rule language; it knows = <> < <= > >= IN BETWEEN LIKE IS NULL AND OR NOT",
        )


def _family_of(value: Value) -> Family:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "date" if isinstance(value, date) else "number"
