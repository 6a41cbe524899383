"""The same rules in plain DuckDB, in three ways one would write them: CASE, UNION ALL, and a join on exploded keys.

The join is the quickest. Conditions are multiplied out; lists become rows of a table of keys, exclusions the values
left, prefixes a key of their own, and ranges are compared in the join. Alternatives of one shape share one join.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import polars as pl

from patchbook.rules.condition import Between, Comparison, Condition, IsNull, Like, OneOf
from patchbook.rules.normal_form import Literal, alternatives

INFINITE = 1e300


@dataclass
class Alternative:
    """What one alternative of a rule asks, as a join can ask it."""

    rule: int
    keys: dict[str, list[object]] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    nulls: set[str] = field(default_factory=set)

    @property
    def shape(self) -> tuple[tuple[str, ...], ...]:
        return tuple(sorted(self.keys)), tuple(sorted(self.ranges)), tuple(sorted(self.nulls))


def by_case(texts: Sequence[str], accounts: pl.DataFrame) -> np.ndarray:
    """The number of the first rule that each row meets, or -1, by one CASE."""
    cases = " ".join(f"WHEN {text} THEN {number}" for number, text in enumerate(texts))
    query = f"SELECT CASE {cases} ELSE -1 END AS rule FROM accounts"
    return np.asarray(connected(accounts).execute(query).fetchnumpy()["rule"])


def by_union(texts: Sequence[str], accounts: pl.DataFrame) -> np.ndarray:
    """The same, by the least of what a query for each rule finds."""
    parts = " UNION ALL ".join(
        f"SELECT place, {number} AS rule FROM accounts WHERE {text}" for number, text in enumerate(texts)
    )
    return least(connected(accounts), parts, accounts.height)


class Join:
    """The same, by joins with tables of keys, which are built once."""

    def __init__(self, rules: Sequence[Condition], accounts: pl.DataFrame) -> None:
        self.rows = accounts.height
        self.connection = connected(accounts)
        distinct = {name: accounts[name].drop_nulls().unique().to_list() for name in ("state", "tier", "industry")}
        shapes: dict[tuple[tuple[str, ...], ...], list[Alternative]] = {}
        for number, rule in enumerate(rules):
            for conjunct in alternatives(rule):
                made = joinable(number, conjunct, distinct)
                shapes.setdefault(made.shape, []).append(made)
        self.query = " UNION ALL ".join(
            self._joined(f"keys_{number}", *shape, made) for number, (shape, made) in enumerate(shapes.items())
        )

    def run(self) -> np.ndarray:
        """The first rule of each row, or -1."""
        return least(self.connection, self.query, self.rows)

    def _joined(
        self, name: str, keys: tuple[str, ...], ranges: tuple[str, ...], nulls: tuple[str, ...], made: list[Alternative]
    ) -> str:
        rows = [
            (*values, *(end for each in ranges for end in one.ranges[each]), one.rule)
            for one in made
            for values in itertools.product(*(one.keys[key] for key in keys))
        ]
        columns = [*keys, *(f"{end}_{each}" for each in ranges for end in ("low", "high")), "rule"]
        self.connection.register(f"{name}_rows", pl.DataFrame(rows, schema=columns, orient="row").to_arrow())
        self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_rows")
        asked = [f"{'substr(a.zip, 1, 3)' if key == 'zip3' else f'a.{key}'} = k.{key}" for key in keys]
        asked += [f"a.{each} BETWEEN k.low_{each} AND k.high_{each}" for each in ranges]
        asked += [f"a.{each} IS NULL" for each in nulls]
        joined = f"accounts a JOIN {name} k ON {' AND '.join(asked)}"
        return f"SELECT a.place, min(k.rule) AS rule FROM {joined} GROUP BY a.place"


def joinable(rule: int, conjunct: Iterable[Literal], distinct: dict[str, list[object]]) -> Alternative:
    """An alternative as a join can ask it; a kind of comparison the benchmark's rules do not have is an error."""
    made = Alternative(rule)
    for literal in conjunct:
        atom, name = literal.atom, literal.atom.field
        if isinstance(atom, IsNull) and not literal.negated:
            made.nulls.add(name)
        elif isinstance(atom, Like) and not literal.negated and len(atom.pattern) == 4:
            made.keys["zip3"] = [atom.pattern[:3]]
        elif isinstance(atom, Between) and not literal.negated:
            made.ranges[name] = (float(atom.low), float(atom.high))  # type: ignore[arg-type]
        elif isinstance(atom, Comparison) and (atom.operator, literal.negated) in ((">=", False), ("<", True)):
            made.ranges[name] = (float(atom.value), INFINITE)  # type: ignore[arg-type]
        else:
            assert isinstance(atom, OneOf) or (isinstance(atom, Comparison) and atom.operator in ("=", "<>")), atom
            values = atom.values if isinstance(atom, OneOf) else (atom.value,)
            if literal.negated != (isinstance(atom, Comparison) and atom.operator == "<>"):
                values = tuple(value for value in distinct[name] if value not in values)  # type: ignore[misc]
            made.keys[name] = [value for value in made.keys.get(name, values) if value in values]
    return made


def connected(accounts: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """A database that holds the accounts in its own form, with the number of each row."""
    connection = duckdb.connect()
    connection.register("rows", accounts.with_row_index("place").to_arrow())
    connection.execute("CREATE TABLE accounts AS SELECT * FROM rows")
    return connection


def least(connection: duckdb.DuckDBPyConnection, parts: str, rows: int) -> np.ndarray:
    found = connection.execute(f"SELECT place, min(rule) AS rule FROM ({parts}) GROUP BY place").fetchnumpy()
    first = np.full(rows, -1)
    first[np.asarray(found["place"])] = np.asarray(found["rule"])
    return first
