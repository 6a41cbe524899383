"""Arithmetic over columns, for measures: `visits * hours_per_visit`, `coalesce(revenue_usd, 0) / 1000`.

SQLGlot reads the text, only what is listed here is taken, and Polars computes it. Nothing is ever evaluated as code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from patchbook.errors import BadInput
from patchbook.rules.schema import Schema, family, in_words
from patchbook.rules.source import BadRule, Source, nearest, read_source

if TYPE_CHECKING:
    from sqlglot import exp

FUNCTIONS: Mapping[str, str] = {
    "coalesce": "the first value that is there",
    "min": "the smallest value that is there; `least` is the same",
    "max": "the largest value that is there; `greatest` is the same",
    "sqrt": "the square root; empty below 0",
    "ln": "the natural logarithm; empty at 0 and below",
    "log": "the logarithm to base 10, as in SQL; empty at 0 and below",
    "abs": "the value without its sign",
}
"""The functions an expression may use, with what they give."""


MAX_PARTS = 200
"""Columns and numbers in one expression; Polars nests a long sum deeply, and takes time that grows with its square."""


class MissingColumn(BadInput):
    """An expression names a column that the table does not have, or one that is not a number."""


@dataclass(frozen=True)
class Expression:
    """A number computed from a row's columns."""

    text: str
    columns: tuple[str, ...]
    """The columns it reads, in order."""
    polars: pl.Expr = field(compare=False, repr=False)
    """For `frame.select`; every column is read as a 64-bit float."""

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        """
        The value of each row as a float; empty where it has none (a column is empty, a division by zero).

        Examples
        --------
        >>> visits = pl.DataFrame({"visits": [4, None], "hours": [1.5, 2.0]})
        >>> parse_expression("visits * hours").evaluate(visits).to_list()
        [6.0, None]
        """
        for column in self.columns:
            if column not in frame.columns:
                near = nearest(column, frame.columns)
                hint = f"; did you mean {near!r}?" if near else "."
                raise MissingColumn(f"The expression {self.text!r} reads column {column!r}, which is not there{hint}")
            if not (frame.schema[column].is_numeric() or frame.schema[column] in (pl.Boolean, pl.Null)):
                raise MissingColumn(
                    f"The expression {self.text!r} reads column {column!r}, which holds text rather than numbers."
                )
        if not self.columns:
            value = frame.select(pl.repeat(0.0, frame.height, dtype=pl.Float64).alias("value") + self.polars)
            return value.to_series()
        return frame.select(_finite(self.polars).alias("value")).to_series()


def parse_expression(text: str, schema: Schema | None = None) -> Expression:
    """
    The expression a text means; unknown columns and columns that are not numbers are refused with a schema.

    Examples
    --------
    >>> parse_expression("coalesce(visits, 12) * hours_per_visit").columns
    ('visits', 'hours_per_visit')
    """
    source = read_source(text, schema, what="expression")
    reader = _Reader(source)
    polars = reader.expression(source.tree)
    return Expression(text=text, columns=tuple(reader.columns), polars=polars)


class _Reader:
    def __init__(self, source: Source) -> None:
        from sqlglot import exp

        self.source = source
        self.columns: dict[str, None] = {}
        self.parts = 0
        self.operators: dict[type[exp.Expression], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
            exp.Add: lambda left, right: left + right,
            exp.Sub: lambda left, right: left - right,
            exp.Mul: lambda left, right: left * right,
            exp.Div: lambda left, right: _finite(left / right),
        }
        self.functions: dict[type[exp.Expression], Callable[[list[pl.Expr]], pl.Expr]] = {
            exp.Coalesce: lambda parts: pl.coalesce(parts),
            exp.Least: lambda parts: pl.min_horizontal(parts),
            exp.Greatest: lambda parts: pl.max_horizontal(parts),
            exp.Sqrt: lambda parts: _finite(parts[0].sqrt()),
            exp.Ln: lambda parts: _finite(parts[0].log()),
            exp.Log: lambda parts: _finite(parts[0].log(10)),
            exp.Abs: lambda parts: parts[0].abs(),
        }

    def expression(self, node: exp.Expression) -> pl.Expr:
        from sqlglot import exp

        while isinstance(node, exp.Paren):
            self.source.only(node, {"this"})
            node = node.this
        if type(node) in self.operators:
            return self._chain(node)
        if type(node) in self.functions:
            # SQLGlot sets ignore_nulls itself: LEAST and GREATEST skip missing values in this dialect.
            self.source.only(node, {"this", "expressions", "ignore_nulls"})
            parts = [self.expression(part) for part in (node.this, *node.expressions)]
            return self.functions[type(node)](parts)
        if isinstance(node, exp.Neg):
            return -self.expression(node.this)
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise self.source.error(node, f"the expression has more than {MAX_PARTS} columns and numbers")
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Literal) and not node.is_string:
            return pl.lit(float(self.source.number(node)), dtype=pl.Float64)
        raise self._unknown(node)

    def _chain(self, node: exp.Expression) -> pl.Expr:
        """`a + b - c`, nested to the left; without recursion, since sums are long."""
        steps: list[tuple[type[exp.Expression], exp.Expression]] = []
        while type(node) in self.operators:
            self.source.only(node, {"this", "expression", "typed", "safe"})
            steps.append((type(node), node.args["expression"]))
            node = node.this
        value = self.expression(node)
        for kind, right in reversed(steps):
            value = self.operators[kind](value, self.expression(right))
        return value

    def _column(self, node: exp.Expression) -> pl.Expr:
        name = self.source.field(node)
        if self.source.schema is not None:
            kind = family(self.source.schema[name])
            if kind not in ("number", "boolean"):
                raise self.source.error(node, f"{name} is {in_words(kind)}; an expression computes with numbers")
        self.columns[name] = None
        return pl.col(name).cast(pl.Float64).fill_nan(None)

    def _unknown(self, node: exp.Expression) -> BadRule:
        from sqlglot import exp

        shown = self.source.shown(node)
        if isinstance(node, exp.Func) and "start" in node.meta:
            name = self.source.text[slice(node.meta["start"], node.meta["end"] + 1)]
            near = nearest(name, FUNCTIONS)
            return self.source.error(node, f"the function {name} is not among {', '.join(FUNCTIONS)}", nearest=near)
        return self.source.error(node, f"{shown!r} is not arithmetic; use + - * / and {', '.join(FUNCTIONS)}")


def _finite(value: pl.Expr) -> pl.Expr:
    """Infinity and not-a-number as no value: one division by zero must not swallow a territory's sum."""
    return pl.when(value.is_finite()).then(value)
