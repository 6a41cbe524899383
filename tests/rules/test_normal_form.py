"""Normal form means the same: a condition is true exactly where one alternative is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.rules.condition import Not, truth
from patchbook.rules.normal_form import Literal, TooManyAlternatives, alternatives, pushed_down
from patchbook.rules.parse import parse

atoms = st.sampled_from(
    ["a = 1", "a <> 1", "a < 2", "b IS NULL", "b IS NOT NULL", "b = 3", "a IN (1, 2)", "TRUE", "FALSE"]
)
rules = st.recursive(
    atoms,
    lambda inner: (
        inner.map(lambda part: f"NOT ({part})")
        | st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: "({} {} {})".format(*parts))
    ),
    max_leaves=7,
)
records = st.fixed_dictionaries({"a": st.sampled_from([None, 1, 2, 3]), "b": st.sampled_from([None, 3, 4])})


@settings(max_examples=300, deadline=None)
@given(rule=rules, record=records)
def test_a_condition_is_true_exactly_where_one_alternative_is(rule, record):
    condition = parse(rule)

    found = any(all(is_true(literal, record) for literal in conjunct) for conjunct in alternatives(condition))

    assert found == (truth(condition, record) is True)
    assert truth(pushed_down(condition), record) == truth(condition, record)


def test_what_cannot_be_true_has_no_alternative():
    assert alternatives(parse("a = 1 AND NOT a = 1")) == ()
    assert alternatives(parse("a IS NULL AND a = 1")) == ()
    assert alternatives(parse("a IS NULL AND a IS NOT NULL")) == ()
    assert alternatives(parse("NOT TRUE")) == ()
    assert alternatives(parse("TRUE")) == (frozenset(),)


def test_the_number_of_alternatives_is_bounded():
    rule = parse("(a > 1 OR b > 1) AND (c > 1 OR d > 1) AND (e > 1 OR f > 1)")

    assert len(alternatives(rule)) == 8
    with pytest.raises(TooManyAlternatives, match="more than 7 alternatives"):
        alternatives(rule, limit=7)


def is_true(literal: Literal, record: dict[str, object]) -> bool:
    return truth(Not(literal.atom) if literal.negated else literal.atom, record) is True
