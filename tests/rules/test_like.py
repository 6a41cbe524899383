"""LIKE means what SQL means, and no pattern makes it search for long."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.rules import RuleBook
from patchbook.rules.like import fits

signs = st.text("ab%_.é\n", max_size=8)


@settings(max_examples=1_000, deadline=None)
@given(pattern=signs, text=signs)
def test_a_pattern_fits_where_the_expression_it_stands_for_does(pattern, text):
    meant = "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern)

    assert fits(pattern, text) == (re.fullmatch(meant, text, re.DOTALL) is not None)


@pytest.mark.parametrize(
    "pattern", ["%a" * 400 + "%b", "%_a" * 300 + "%b", "%" * 999 + "b", "a%" * 499 + "b", "%a_%" * 200]
)
def test_a_pattern_written_to_search_for_ever_does_not(pattern):
    text = "a" * 100_000

    assert fits(pattern, text) == (not pattern.endswith("b"))
    rule = f"state LIKE '{pattern}'"
    assert RuleBook([rule]).match({"state": text}) == (None if pattern.endswith("b") else 0)
