"""The index says what SQL says: beside DuckDB, beside the plain definition, and for one record as for a frame."""

from __future__ import annotations

import random

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.rules.book import holds_in
from patchbook.rules.column import MixedTypes
from patchbook.rules.condition import truth
from patchbook.rules.functions import MissingField
from patchbook.rules.index import RuleIndex
from patchbook.rules.normal_form import TooManyAlternatives
from patchbook.rules.parse import parse

SCHEMA = {
    "state": "text",
    "postal_code": "text",
    "industry": "text",
    "employees": "count",
    "revenue_usd": "money",
    "is_customer": "boolean",
}
VALUES = {
    "state": ["GA", "FL", "TX", "ga", "", None, None],
    "postal_code": ["30301", "30302", "3030", "90210", "30%01", None],
    "industry": ["Retail", "retail", "Real_Estate", "O'Hara", None],
    "employees": [0, 1, 4, 5, 7, 10, 11, -3, None, None],
    "revenue_usd": [1.0, 1.5, 1.75, 2.0, -0.0, 0.0, 3e9, None],
    "is_customer": [True, False, None],
}


def test_random_nested_rules_over_many_missing_values_give_what_duckdb_gives():
    chance = random.Random(21)
    rules = [a_rule(chance, depth=4) for _ in range(300)]
    frame = a_frame(chance, rows=200)
    connection = duckdb.connect()
    connection.register("records", frame.to_arrow())

    index = RuleIndex(rules, SCHEMA)
    matched = np.zeros((len(rules), frame.height), dtype=bool)
    for row, record in enumerate(frame.iter_rows(named=True)):
        matched[list(index.match_all(record)), row] = True

    for number, rule in enumerate(rules):
        expected = connection.execute(f"SELECT row FROM records WHERE {rule} ORDER BY row").fetchall()
        assert np.flatnonzero(matched[number]).tolist() == [row for (row,) in expected], rule
    assert 0.1 < matched.mean() < 0.9


def test_a_frame_and_its_records_one_by_one_match_the_same_first_rule():
    chance = random.Random(5)
    frame = a_frame(chance, rows=300)
    # Many rules and few matches, so that bits in several words decide.
    index = RuleIndex([f"({a_rule(chance, depth=2)}) AND employees = {n % 13}" for n in range(150)], SCHEMA)

    one_by_one = [index.match(record) for record in frame.iter_rows(named=True)]

    assert index.match_frame(frame).tolist() == [-1 if found is None else found for found in one_by_one]
    assert max(found or 0 for found in one_by_one) > 10


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_index_agrees_with_the_plain_definition_of_truth(seed):
    chance = random.Random(seed)
    rule = parse(a_rule(chance, depth=4), SCHEMA)
    frame = a_frame(chance, rows=12)

    expected = [truth(rule, record) is True for record in frame.iter_rows(named=True)]

    assert holds_in(rule, frame).tolist() == expected


def test_a_rule_on_a_missing_value_is_unknown_and_so_is_its_opposite():
    index = RuleIndex(["employees < 500", "NOT employees < 500", "employees IS NULL"])

    assert index.match_all({"employees": None}) == (2,)
    assert index.match_all({"employees": float("nan")}) == (2,)
    assert index.match_all({}) == (2,)


def test_whole_numbers_beyond_a_floats_precision_stay_apart():
    big = 2**53
    frame = pl.DataFrame({"number": [big, big + 1, big + 2, None]})

    assert RuleIndex([f"number = {big + 1}", f"number > {big}"]).match_frame(frame).tolist() == [-1, 0, 1, -1]


def test_a_table_with_no_row_and_an_index_with_no_rule_match_nothing():
    empty = pl.DataFrame(schema={"state": pl.String})

    assert RuleIndex(["state = 'GA'"]).match_frame(empty).tolist() == []
    assert RuleIndex([]).match_frame(pl.DataFrame({"state": ["GA"]})).tolist() == [-1]
    assert RuleIndex(["FALSE", "TRUE"]).match_frame(pl.DataFrame({"state": ["GA", None]})).tolist() == [1, 1]
    assert RuleIndex(["FALSE"]).match({"state": "GA"}) is None


def test_an_entirely_empty_column_is_missing_everywhere():
    frame = pl.DataFrame({"state": [None, None], "employees": [None, None]})

    matched = RuleIndex(["state IN ('GA')", "state LIKE 'G%'", "employees > 5", "state IS NULL"]).match_frame(frame)

    assert matched.tolist() == [3, 3]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(MissingField, match="looks at 'segment'"):
        RuleIndex(["segment = 'Field'"]).match_frame(pl.DataFrame({"state": ["GA"]}))


def test_one_field_has_one_type():
    with pytest.raises(MixedTypes, match="compare size with numbers and with text"):
        RuleIndex(["size = 5", "size = 'large'"])
    with pytest.raises(MixedTypes, match="compare employees with numbers, and the column holds String"):
        RuleIndex(["employees > 5"]).match_frame(pl.DataFrame({"employees": ["420"]}))
    with pytest.raises(MixedTypes, match="employees holds '420'"):
        RuleIndex(["employees > 5"]).match({"employees": "420"})


def test_a_rule_that_multiplies_out_without_end_is_refused_in_one_sentence():
    rule = " AND ".join(f"(a{n} > 1 OR b{n} > 1)" for n in range(20))

    with pytest.raises(TooManyAlternatives, match="use IN instead of OR"):
        RuleIndex([rule])


def test_alternatives_on_one_field_do_not_multiply_out():
    rule = " AND ".join(f"({' OR '.join(f'a{n} = {value}' for value in range(9))})" for n in range(20))

    assert RuleIndex([rule]).match({f"a{n}": 3 for n in range(20)}) == 0


def a_frame(chance: random.Random, *, rows: int) -> pl.DataFrame:
    columns = {name: [chance.choice(values) for _ in range(rows)] for name, values in VALUES.items()}
    types = {"employees": pl.Int64, "revenue_usd": pl.Float64, "is_customer": pl.Boolean}
    return pl.DataFrame(
        {"row": list(range(rows)), **columns},
        schema={"row": pl.Int64, **{name: types.get(name, pl.String) for name in VALUES}},
    )


def a_rule(chance: random.Random, *, depth: int) -> str:
    if depth == 0 or chance.random() < 0.25:
        return an_atom(chance)
    if chance.random() < 0.3:
        return f"NOT ({a_rule(chance, depth=depth - 1)})"
    word = chance.choice(["AND", "OR"])
    return f"({a_rule(chance, depth=depth - 1)} {word} {a_rule(chance, depth=depth - 1)})"


def an_atom(chance: random.Random) -> str:
    text = chance.choice(["state", "postal_code", "industry"])
    number = chance.choice(["employees", "revenue_usd"])
    texts = [f"'{value}'".replace("O'H", "O''H") for value in VALUES[text] if value is not None]
    numbers = ["0", "1", "5", "10", "1.5", "-3", "2.0", "1.75", "7"]
    operator = chance.choice(["=", "<>", "!=", "<", "<=", ">", ">="])
    no = chance.choice(["", "NOT "])
    return chance.choice(
        [
            f"{text} {operator} {chance.choice(texts)}",
            f"{number} {operator} {chance.choice(numbers)}",
            f"{chance.choice(numbers)} {operator} {number}",
            f"{text} {no}IN ({', '.join(chance.sample(texts, 2))})",
            f"{number} {no}IN ({', '.join(chance.sample(numbers, 3))})",
            f"{number} {no}BETWEEN {chance.choice(numbers)} AND {chance.choice(numbers)}",
            f"{text} {no}BETWEEN {chance.choice(texts)} AND {chance.choice(texts)}",
            f"{text} {no}LIKE {chance.choice(['%', '_', '', 'G%', '303%', '303_1', '%01', 'R%l%', '%_%', '30%01'])!r}",
            f"{chance.choice(list(VALUES))} IS {no}NULL",
            f"is_customer {chance.choice(['= TRUE', '<> TRUE', 'IS TRUE', 'IS NOT FALSE', ''])}",
            chance.choice(["TRUE", "FALSE"]),
        ]
    )
