"""Arithmetic over columns: computed by Polars, empty where there is no number, and never code."""

from __future__ import annotations

import contextlib

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.rules.expression import FUNCTIONS, MissingColumn, parse_expression
from patchbook.rules.source import BadRule

ACCOUNTS = pl.DataFrame({"visits": [4, None, 0], "hours": [1.5, 2.0, 4.0], "city": ["Rome", None, "Bonn"]})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("visits", [4.0, None, 0.0]),
        ("visits * hours", [6.0, None, 0.0]),
        ("coalesce(visits, 12) * hours", [6.0, 24.0, 0.0]),
        ("hours - 1 - 1", [-0.5, 0.0, 2.0]),
        ("hours / visits", [0.375, None, None]),
        ("5 / 2 + visits * 0", [2.5, None, 2.5]),
        ("-(hours - 2) * 2", [1.0, 0.0, -4.0]),
        ("min(visits, hours, 3)", [1.5, 2.0, 0.0]),
        ("MAX(visits, hours)", [4.0, 2.0, 4.0]),
        ("least(visits, 3)", [3.0, 3.0, 0.0]),
        ("greatest(visits, 3)", [4.0, 3.0, 3.0]),
        ("sqrt(visits)", [2.0, None, 0.0]),
        ("sqrt(visits - 4)", [0.0, None, None]),
        ("log(hours * 0 + 1000)", [3.0, 3.0, 3.0]),
        ("ln(visits)", [1.3862943611198906, None, None]),
        ("abs(visits - 5)", [1.0, None, 5.0]),
        ("1", [1.0, 1.0, 1.0]),
        ("2 * 3", [6.0, 6.0, 6.0]),
    ],
)
def test_an_expression_gives_a_number_or_nothing(text, values):
    computed = parse_expression(text).evaluate(ACCOUNTS)

    assert computed.dtype == pl.Float64
    assert computed.to_list() == pytest.approx(values, nan_ok=False)


def test_every_function_listed_can_be_used():
    for name in FUNCTIONS:
        assert parse_expression(f"{name}(hours)").evaluate(ACCOUNTS).null_count() == 0


def test_numbers_that_are_none_and_truth_values_count_as_such():
    frame = pl.DataFrame({"a": [float("nan"), float("inf"), 1.0], "flag": [True, False, None]})

    assert parse_expression("a + 0").evaluate(frame).to_list() == [None, None, 1.0]
    assert parse_expression("flag * 5").evaluate(frame).to_list() == [5.0, 0.0, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("visitz * 2", "At character 1 of 'visitz * 2': no field is called 'visitz'; did you mean 'visits'?"),
        ("2 * city", "At character 5 of '2 * city': city is text; an expression computes with numbers"),
        ("visits + 'x'", "is not arithmetic"),
        ("visits > 2", "is not arithmetic"),
        ("visits ** 2", "is not arithmetic"),
        ("visits % 2", "is not arithmetic"),
        ("sqr(visits)", "the function sqr is not among coalesce, min, max, sqrt, ln, log, abs; did you mean 'sqrt'?"),
        ("sum(visits)", "the function sum is not among"),
        ("log(2, visits)", "has a part that is not in the rule language"),
        ("__import__('os').system('x')", "is not"),
        ("visits +", "the expression ends after '+'"),
        ("1e999 * visits", "1e999 is too large a number"),
        ("", "the expression is empty"),
        ("visits; hours", "the expression must be one expression, without ';'"),
    ],
)
def test_what_is_not_arithmetic_is_refused_with_its_place(text, said):
    schema = {"visits": "count", "hours": "number", "city": "text"}

    with pytest.raises(BadRule) as caught:
        parse_expression(text, schema)

    assert said in str(caught.value)


def test_a_column_that_is_missing_or_text_is_named():
    with pytest.raises(MissingColumn, match=r"reads column 'hour', which is not there; did you mean 'hours'\?"):
        parse_expression("visits * hour").evaluate(ACCOUNTS)
    with pytest.raises(MissingColumn, match="'city', which holds text"):
        parse_expression("city * 2").evaluate(ACCOUNTS)


def test_the_length_of_an_expression_is_bounded():
    text = " + ".join(["visits"] * 200)

    assert parse_expression(text).evaluate(ACCOUNTS).to_list() == [800.0, None, 0.0]
    with pytest.raises(BadRule, match="more than 200 columns and numbers"):
        parse_expression(f"{text} + 1")


CONNECTION = duckdb.connect(config={"threads": 1})
numbers = st.sampled_from(["a", "b", "2", "0.5", "(a - 3)", "10"])
expressions = st.recursive(
    numbers,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda parts: f"({' '.join(parts)})")
        | st.tuples(st.sampled_from(["coalesce", "least", "greatest"]), inner, inner).map(
            lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
        )
        | inner.map(lambda part: f"abs({part})")
        | inner.map(lambda part: f"-{part}" if not part.startswith("-") else part)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(text=expressions)
def test_an_expression_gives_what_duckdb_gives(text):
    frame = pl.DataFrame(
        {"row": range(5), "a": [1.0, None, 3.0, -2.5, None], "b": [None, 2.0, 4.0, 0.0, None]},
        schema={"row": pl.Int64, "a": pl.Float64, "b": pl.Float64},
    )
    CONNECTION.register("records", frame.to_arrow())

    expected = CONNECTION.execute(f"SELECT CAST({text} AS DOUBLE) FROM records ORDER BY row").fetchall()

    assert parse_expression(text).evaluate(frame).to_list() == pytest.approx([value for (value,) in expected])


@settings(max_examples=200, deadline=None)
@given(text=st.lists(st.sampled_from(["a", "+", "-", "(", ")", "*", "/", "sqrt", "min", ",", "5", "'", ";", "."])))
def test_no_text_whatever_crashes_the_parser(text):
    with contextlib.suppress(BadRule):
        assert parse_expression(" ".join(text)).text
