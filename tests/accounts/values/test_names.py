"""The key of one name, and of a column of them."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from patchbook.accounts.values.names import name_key, name_keys


@settings(max_examples=400)
@given(
    st.text(max_size=30) | st.from_regex(r"\A(The )?[A-Za-zéüß& .,'()+-]{0,20} (Inc\.?|GmbH & Co\. KG|L\.L\.C\.)?\Z")
)
def test_one_name_has_the_key_it_has_in_a_column(name):
    assert name_key(name) == name_keys(pl.Series([name]))[0]
