"""Read a condition as planners write it: the part of SQL that this project means exactly as SQL does.

`= <> != < <= > >=`, `IN`, `BETWEEN`, `LIKE`, `IS NULL`, each with NOT, joined by AND, OR, NOT and parentheses; a date
may be days from today, and a field may be computed by a function. SQLGlot reads the text; only nodes and arguments
listed here are taken, and anything else is refused with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from patchbook.rules.computed import Argument, Call, Computed, FieldName
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
from patchbook.rules.context import Context
from patchbook.rules.functions import FUNCTIONS, BadArgument, Function
from patchbook.rules.functions.function import Kind
from patchbook.rules.schema import Family, Schema, family, in_words
from patchbook.rules.source import BadRule, Source, nearest, read_source
from patchbook.rules.today import MAX_DAYS, Today

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["BadRule", "parse"]

MAX_ATOMS = 2_000
MAX_PATTERN = 1_000
"""Characters of a LIKE pattern."""
MIRRORED: Mapping[Operator, Operator] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def parse(text: str, schema: Schema | None = None, context: Context | None = None) -> Condition:
    """
    The condition a text means.

    Parameters
    ----------
    text
        A boolean SQL expression over fields.
    schema
        Field → type. With it, unknown fields and values of the wrong type are refused; without it neither is known.
    context
        With it, lists, look-up tables and areas that it does not have are refused.

    Examples
    --------
    >>> parse("state IN ('GA', 'FL') AND employees >= 500", {"state": "text", "employees": "count"})
    All(conditions=(OneOf(field='state', values=('GA', 'FL')), Comparison(field='employees', operator='>=', value=500)))
    """
    source = read_source(text, schema, what="rule")
    return _Reader(source, context).condition(source.tree)


def written_values(text: str, schema: Schema | None = None) -> tuple[Written, ...]:
    """The texts that a rule asks fields to be, or not to be, each with its place."""
    source = read_source(text, schema, what="rule")
    reader = _Reader(source, None)
    reader.condition(source.tree)
    return tuple(reader.written)


@dataclass(frozen=True, kw_only=True)
class Written:
    """A text that a rule asks a field to be, or not to be."""

    field: str
    value: str
    position: int
    """Of its first character in the rule, counted from 1."""


class _Reader:
    def __init__(self, source: Source, context: Context | None) -> None:
        from sqlglot import exp

        self.source = source
        self.context = context
        self.atoms = 0
        self.written: list[Written] = []
        self.readers: dict[type[exp.Expression], Callable[[exp.Expression], Condition]] = {
            exp.Not: self._not,
            exp.Boolean: lambda node: Constant(bool(node.this)),
            exp.Column: lambda node: self._flag(node, True),
            exp.Anonymous: lambda node: self._flag(node, True),
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

        self.source.only(node, {"this", "expression"})
        operator = self.operators[type(node)]
        left, right = node.this, node.args["expression"]
        if self._is_field(right) and not self._is_field(left):
            left, right, operator = right, left, MIRRORED[operator]
        name, kind = self._field(left)
        value = (self._equal if operator in ("=", "<>") else self._value)(right, name, kind)
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
        values = (self._equal(part, name, kind) for part in node.expressions)
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
        if len(str(pattern.this)) > MAX_PATTERN:
            raise self.source.error(pattern, f"the pattern has more than {MAX_PATTERN:,} characters")
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

        if isinstance(node, exp.Anonymous):
            return self._computed(node)
        if not isinstance(node, exp.Column):
            if isinstance(node, exp.Literal | exp.Neg | exp.Boolean | exp.Null):
                raise self.source.error(node, f"{self.source.shown(node)!r} is a value where a field is expected")
            raise self._unknown(node)
        name = self.source.field(node)
        schema = self.source.schema
        return name, None if schema is None else family(schema[name])

    def _is_field(self, node: exp.Expression) -> bool:
        from sqlglot import exp

        return isinstance(node, exp.Anonymous) or (isinstance(node, exp.Column) and not _is_today(node))

    def _computed(self, node: exp.Expression) -> tuple[str, Family | None]:
        """The field that a function computes."""
        name = str(node.this).lower()
        function = FUNCTIONS.get(name)
        if function is None:
            raise self._unknown(node)
        self.source.only(node, {"this", "expressions"})
        kinds = _kinds(function, node.expressions)
        if kinds is None:
            raise self.source.error(node, f"{name} is written as in {function.example}, with {_wanted(function)}")
        call = Call(
            name,
            tuple(self._argument(part, kind, function) for part, kind in zip(node.expressions, kinds, strict=True)),
        )
        if self.source.schema is not None:
            for field in function.needs(call):
                if field not in self.source.schema:
                    raise self.source.error(node, f"{name} looks at the field {field!r}, and there is none")
        try:
            function.refuse(call, self.context)
            return Computed(call), function.gives(call, self.context)
        except BadArgument as error:
            where = node.expressions[error.index]
            raise self.source.error(where, error.problem, nearest=error.nearest) from None

    def _argument(self, node: exp.Expression, kind: Kind, function: Function) -> Argument:
        from sqlglot import exp

        if kind in ("text", "number"):
            value = self._literal(node)
            assert isinstance(value, str | int | float), "the kind of argument was looked at"
            return value
        if not isinstance(node, exp.Column):
            raise self.source.error(
                node, f"{self.source.shown(node)} stands where {function.name} takes a field, as in {function.example}"
            )
        name = self.source.field(node)
        if self.source.schema is not None:
            found = family(self.source.schema[name])
            fitting = ("list",) if kind == "list field" else ("text", "number")
            if found not in fitting:
                raise self.source.error(
                    node, f"{name} is {in_words(found)}, and {function.name} takes a {' or a '.join(fitting)} field"
                )
        return FieldName(name)

    def _value(self, node: exp.Expression, name: str, kind: Family | None) -> Value:
        from sqlglot import exp

        today = self._today(node)
        if today is not None:
            if kind not in (None, "date"):
                raise self.source.error(node, f"today is a date, and {name} is {in_words(kind)}")
            return today

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
            raise self.source.error(
                node, f"{name} is a list; a rule asks has({name}, {value_to_sql(str(value))}), or whether it IS NULL"
            )
        if kind is not None and found != kind:
            example = {"text": value_to_sql(str(value)), "number": "500", "boolean": "TRUE", "date": "'2027-02-01'"}[
                kind
            ]
            shown = self.source.shown(node)
            raise self.source.error(
                node, f"{name} is {in_words(kind)} and {shown} is {in_words(found)}; write it like {example}"
            )
        return value

    def _equal(self, node: exp.Expression, name: str, kind: Family | None) -> Value:
        """A value that a field is asked to be, or not to be; its text is noted."""
        value = self._value(node, name, kind)
        if isinstance(value, str):
            self.written.append(Written(field=name, value=value, position=self.source.position(node)))
        return value

    def _today(self, node: exp.Expression) -> Today | None:
        """`today`, `today - 90`, `today + 30`; None where the node is something else."""
        from sqlglot import exp

        while isinstance(node, exp.Paren):
            node = node.this
        if _is_today(node):
            return Today()
        if not isinstance(node, exp.Sub | exp.Add) or not _is_today(node.this):
            if isinstance(node, exp.CurrentDate | exp.CurrentTimestamp) or _calls_today(node):
                raise self.source.error(node, "the day a rule is asked on is written today, as in today - 90")
            return None
        self.source.only(node, {"this", "expression", "typed", "safe"})
        right = node.args["expression"]
        if not (isinstance(right, exp.Literal) and not right.is_string and str(right.this).isdigit()):
            raise self.source.error(right, "today is counted from in whole days, as in today - 90")
        days = int(str(right.this)) if len(str(right.this)) < 9 else MAX_DAYS + 1
        if days > MAX_DAYS:
            raise self.source.error(right, f"{right.this} days are too many; {MAX_DAYS:,} are a hundred years")
        return Today(-days if isinstance(node, exp.Sub) else days)

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
        return self.source.number(node)

    def _unknown(self, node: exp.Expression) -> BadRule:
        from sqlglot import exp

        shown = self.source.shown(node)
        if isinstance(node, exp.ILike):
            return self.source.error(node, "ILIKE is not in the rule language; LIKE compares with case")
        if isinstance(node, exp.Escape):
            return self.source.error(node, "LIKE takes no ESCAPE; % and _ always stand for any text")
        if isinstance(node, exp.Func) and "start" in node.meta:
            name = self.source.text[slice(node.meta["start"], node.meta["end"] + 1)]
            near = nearest(name, FUNCTIONS)
            has = "" if near else f"; there are {', '.join(FUNCTIONS)}"
            return self.source.error(node, f"the function {name} is not in the rule language{has}", nearest=near)
        if isinstance(node, exp.Literal | exp.Neg):
            return self.source.error(node, f"{shown!r} is a value where a condition is expected")
        return self.source.error(
            node,
            f"{shown!r} is not in the rule language; it knows = <> < <= > >= IN BETWEEN LIKE IS NULL AND OR NOT",
        )


def _is_today(node: exp.Expression) -> bool:
    """`today` without quotes; a field of that name stands in double quotes."""
    from sqlglot import exp

    return (
        isinstance(node, exp.Column)
        and node.name.lower() == "today"
        and not node.args.get("table")
        and not node.this.args.get("quoted")
    )


def _calls_today(node: exp.Expression) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Anonymous) and str(node.this).lower() in ("today", "now")


def _kinds(function: Function, parts: Sequence[exp.Expression]) -> tuple[Kind, ...] | None:
    """What each argument is, by the signature that fits their number and the texts and numbers among them."""
    for signature in function.signatures:
        more = len(parts) - len(signature)
        if more < 0 or (more and not function.repeats):
            continue
        kinds = (*signature, *signature[-1:] * more)
        if all(_fits(part, kind) for part, kind in zip(parts, kinds, strict=True)):
            return kinds
    return None


def _fits(node: exp.Expression, kind: Kind) -> bool:
    from sqlglot import exp

    if kind not in ("text", "number"):
        return True
    inner = node.this if isinstance(node, exp.Neg) and kind == "number" else node
    return isinstance(inner, exp.Literal) and inner.is_string == (kind == "text")


def _wanted(function: Function) -> str:
    return " or ".join(
        ", ".join(f"a {kind}" for kind in signature) + (" and more of it" if function.repeats else "")
        for signature in function.signatures
    )


def _family_of(value: Value) -> Family:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "date" if isinstance(value, date | Today) else "number"
