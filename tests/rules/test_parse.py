"""Only what the language means is read; everything else is refused with its place and what would be right."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.errors import BadInput
from patchbook.rules.computed import Call, Computed, FieldName
from patchbook.rules.condition import (
    All,
    Any,
    Between,
    Comparison,
    Constant,
    IsNull,
    Like,
    Not,
    OneOf,
    atoms,
    fields,
    to_sql,
)
from patchbook.rules.parse import parse
from patchbook.rules.source import MAX_DEPTH, BadRule
from patchbook.rules.today import Today

SCHEMA = {
    "state": "text",
    "employees": "count",
    "created_on": "date",
    "skills": "list",
    "is_customer": "boolean",
    "postal_code": "postal code",
    "latitude": "latitude",
    "Größe": "number",
}

IN_GEORGIA = Comparison("state", "=", "GA")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("state = 'it''s'", Comparison("state", "=", "it's")),
        ("state != 'GA'", Comparison("state", "<>", "GA")),
        ("500 <= employees", Comparison("employees", ">=", 500)),
        ("EMPLOYEES > -1.5", Comparison("employees", ">", -1.5)),
        ("employees < 1e3", Comparison("employees", "<", 1000.0)),
        ('"Größe" = 3', Comparison("Größe", "=", 3)),
        ("größe = 3", Comparison("Größe", "=", 3)),
        ("state IN ('GA', 'FL', 'GA')", OneOf("state", ("GA", "FL"))),
        ("state NOT IN ('GA')", Not(OneOf("state", ("GA",)))),
        ("employees NOT BETWEEN 1 AND 2", Not(Between("employees", 1, 2))),
        ("postal_code LIKE '303%'", Like("postal_code", "303%")),
        ("postal_code NOT LIKE '303%'", Not(Like("postal_code", "303%"))),
        ("latitude > 40", Comparison("latitude", ">", 40)),
        ("state IS NOT NULL", Not(IsNull("state"))),
        ("is_customer", Comparison("is_customer", "=", True)),
        ("is_customer IS NOT TRUE", Not(All((Comparison("is_customer", "=", True), Not(IsNull("is_customer")))))),
        ("created_on >= '2027-02-01'", Comparison("created_on", ">=", date(2027, 2, 1))),
        ("created_on >= DATE '2027-02-01'", Comparison("created_on", ">=", date(2027, 2, 1))),
        ("TRUE -- always", Constant(True)),
        (
            "state = 'GA' OR state = 'FL' AND NOT is_customer",
            Any((IN_GEORGIA, All((Comparison("state", "=", "FL"), Not(Comparison("is_customer", "=", True)))))),
        ),
    ],
)
def test_each_part_of_the_language_is_read_as_sql_means_it(text, condition):
    assert parse(text, SCHEMA) == condition


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("state = 'GA' AND emploees > 5", 18, "no field is called 'emploees'; did you mean 'employees'?"),
        ("employees > '5'", 13, "employees is a number and '5' is text; write it like 500"),
        ("state = 5", 9, "state is text and 5 is a number; write it like '5'"),
        ("is_customer = 'yes'", 15, "is_customer is true or false and 'yes' is text; write it like TRUE"),
        ("state = 'GA' OR state IN ('FL', NULL)", 17, "nothing equals NULL, in a list neither; write state IS NULL"),
        ("state = NULL", 1, "write state IS NULL"),
        ("employees BETWEEN NULL AND 5", 1, "write employees IS NULL"),
        ("state = GA", 9, "state is compared with 'GA', which is not a value"),
        ("employees > latitude", 13, "employees is compared with 'latitude', which is not a value"),
        ("state = 'GA' OR upper(state) = 'GA'", 17, "the function upper is not in the rule language"),
        ("state = 'GA'; DROP TABLE x", 13, "the rule must be one expression, without ';'"),
        ("state = 'GA", 9, "a quote is opened and never closed"),
        ("(state = 'GA'", 10, "a '(' is never closed"),
        ("state = 'GA')", 13, "a ')' has no '(' before it"),
        ("employees >", 11, "the rule ends after '>'"),
        ("employees > 5 state", 15, "'state' cannot stand here"),
        ("employees > 5 AND AND state = 'x'", 19, "'AND' cannot stand here"),
        ("state ILIKE 'ga'", 1, "ILIKE is not in the rule language"),
        ("state LIKE 'x' ESCAPE '!'", 1, "LIKE takes no ESCAPE"),
        ("state LIKE state", 12, "LIKE takes a pattern in single quotes"),
        ("employees LIKE '5%'", 1, "LIKE compares text, and employees is a number"),
        ("employees BETWEEN SYMMETRIC 2 AND 1", 1, "has a part that is not in the rule language"),
        ("state IN (SELECT 1)", 1, "IN takes a list of values"),
        ("state IN ()", 1, "the list after state IN is empty"),
        ("accounts.state = 'GA'", 1, "has a dot; a field is one name"),
        ("employees", 1, "employees is a number; compare it with a value"),
        ("5", 1, "'5' is a value where a condition is expected"),
        ("'a' = 'a'", 1, "is a value where a field is expected"),
        ("employees + 1 > 3", 1, "'employees + 1' is not in the rule language"),
        ("state || 'x' = 'y'", 1, "is not in the rule language"),
        ("state = 'a' = 'b'", 1, "is not in the rule language"),
        ("state = $1", 1, "is not in the rule language"),
        ("state IS DISTINCT FROM 'GA'", 1, "is not in the rule language"),
        ("CASE WHEN is_customer THEN TRUE END", 1, "'CASE' is not in the rule language"),
        ("state = CAST('x' AS DATE)", 14, "'x' is no date"),
        ("created_on > 'May'", 14, "created_on is a date; write it as '2027-02-01', not 'May'"),
        ("skills = 'x'", 10, "skills is a list; a rule asks has(skills, 'x'), or whether it IS NULL"),
        ("is_customer > TRUE", 1, "compare it with = or <>"),
        ("employees > 1e999", 13, "1e999 is too large a number"),
        ("employees > 1e3.5", 13, "'1e3.5' is no number; write it like 500 or 0.5"),
        (f"employees > {'9' * 400}", 13, "is too large a number"),
        (f"state LIKE '{'%' * 1_001}'", 12, "the pattern has more than 1,000 characters"),
        ("", 1, "the rule is empty"),
        ("   ", 1, "the rule is empty"),
        ("SELECT 1", 1, "cannot stand here"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_its_place(text, position, said):
    with pytest.raises(BadRule) as caught:
        parse(text, SCHEMA)

    assert said in str(caught.value)
    assert caught.value.position == position
    assert isinstance(caught.value, BadInput)


def test_an_error_carries_the_offending_text_and_the_nearest_field():
    with pytest.raises(BadRule) as caught:
        parse("emploees > 5", SCHEMA)

    assert (caught.value.offending, caught.value.nearest) == ("emploees", "employees")


def test_depth_and_size_are_bounded():
    assert parse("(" * MAX_DEPTH + "state = 'GA'" + ")" * MAX_DEPTH, SCHEMA) == Comparison("state", "=", "GA")
    with pytest.raises(BadRule, match="more than 20 levels are nested"):
        parse("(" * 21 + "state = 'GA'" + ")" * 21)
    with pytest.raises(BadRule, match="more than 20 levels are nested"):
        parse("NOT " * 5_000 + "is_customer")
    with pytest.raises(BadRule, match="more than 20 levels are nested"):
        parse("employees > " + "- " * 5_000 + "1")
    with pytest.raises(BadRule, match="at most 200,000 are read"):
        parse("state = '" + "x" * 200_000 + "'")
    with pytest.raises(BadRule, match="more than 2,000 comparisons; use IN for lists"):
        parse(" OR ".join(f"employees = {n}" for n in range(2_001)))


def test_a_long_list_and_a_long_chain_are_read():
    long_list = parse(f"postal_code IN ({', '.join(repr(str(n)) for n in range(10_000))})", SCHEMA)
    chain = parse(" AND ".join(f"employees <> {n}" for n in range(1_500)), SCHEMA)

    assert isinstance(long_list, OneOf)
    assert len(long_list.values) == 10_000
    assert [atom.value for atom in atoms(chain)] == list(range(1_500))


PIECES = (
    *("a", "b", "=", "<", "(", ")", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "'x'", "5", ",", "-"),
    *(
        "CASE",
        "SELECT",
        "*",
        ".",
        "::",
        "'",
        '"',
        "[",
        "{",
        "$",
        "?",
        "@",
        "/*",
        "--",
        "\n",
        "INTERVAL",
        "->",
        ";",
        "IF",
    ),
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=8)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
values = (
    texts
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.dates()
)
ordered = texts | st.integers(-99, 99) | st.floats(-9, 9)
leaves = (
    st.builds(Comparison, names, st.sampled_from(["=", "<>"]), values)
    | st.builds(Comparison, names, st.sampled_from(["<", "<=", ">", ">="]), ordered)
    | st.builds(OneOf, names, st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple))
    | st.builds(Between, names, ordered, ordered)
    | st.builds(Like, names, texts)
    | st.builds(IsNull, names)
    | st.builds(Constant, st.booleans())
)


several = st.lists(texts, min_size=1, max_size=3)
claims = (
    st.builds(lambda field, name: Call("in_list", (FieldName(field), name)), names, texts)
    | st.builds(lambda field, held: Call("has", (FieldName(field), *held)), names, several)
    | st.builds(lambda head: Call("within_family", (head,)), texts)
    | st.builds(
        lambda *numbers: Call("within_km", numbers),
        st.integers(-90, 90) | st.floats(-90, 90),
        st.floats(-180, 180),
        st.integers(1, 20_000) | st.floats(0.001, 20_000),
    )
    | st.sampled_from([Call("postal_between", ("US", "00501", "39999")), Call("postal_prefix", ("GB", "SW1", "M1 1A"))])
    | st.sampled_from([Call("within_area", ("metro",)), Call("within_area", ("POLYGON((0 0, 4 0, 4 4))",))])
).map(Computed)
lookups = st.builds(lambda field, name: Computed(Call("lookup", (FieldName(field), *name[:2]))), names, several)
todays = st.builds(Today, st.integers(-36_525, 36_525))
computed = (
    st.builds(Comparison, claims, st.sampled_from(["=", "<>"]), st.booleans())
    | st.builds(Comparison, lookups, st.sampled_from(["=", "<>", "<"]), texts | st.integers(-99, 99))
    | st.builds(IsNull, claims | lookups)
    | st.builds(Like, lookups, texts)
    | st.builds(OneOf, lookups, several.map(tuple).map(dict.fromkeys).map(tuple))
    | st.builds(Comparison, names, st.sampled_from(["=", "<", ">="]), todays)
    | st.builds(Between, names, todays, todays)
    | st.builds(OneOf, names, st.lists(todays, min_size=1, max_size=3, unique=True).map(tuple))
)


def nested(inner):
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner) | parts.map(All) | parts.map(Any)


@settings(max_examples=300, deadline=None)
@given(condition=st.recursive(leaves, nested, max_leaves=8))
def test_a_condition_written_as_sql_reads_back_equal(condition):
    assert parse(to_sql(condition)) == condition
    assert set(fields(condition)) == {atom.field for atom in atoms(condition)}


@settings(max_examples=300, deadline=None)
@given(condition=st.recursive(leaves | computed, nested, max_leaves=6))
def test_a_condition_with_functions_and_today_written_as_sql_reads_back_equal(condition):
    assert parse(to_sql(condition)) == condition
    assert to_sql(parse(to_sql(condition))) == to_sql(condition)


@settings(max_examples=300, deadline=None)
@given(text=st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_no_text_whatever_crashes_the_parser(text):
    with contextlib.suppress(BadRule):
        assert to_sql(parse(text))
