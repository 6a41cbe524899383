"""Types of fields, as conditions compare them."""

from __future__ import annotations

from datetime import date
from typing import get_args

import polars as pl

from patchbook.accounts.fields import STORED_AS, FieldType
from patchbook.rules.schema import family, schema_of


def test_the_types_of_a_frame_are_those_its_conditions_compare():
    frame = pl.DataFrame(
        {"name": ["x"], "employees": [1], "share": [0.5], "since": [date(2027, 1, 1)], "big": [True], "tags": [["a"]]}
    )

    assert schema_of(frame) == {
        "name": "text",
        "employees": "number",
        "share": "number",
        "since": "date",
        "big": "boolean",
        "tags": "list",
    }


def test_every_type_of_a_field_compares_as_it_is_stored():
    for field_type in get_args(FieldType):
        stored = schema_of(pl.DataFrame(schema={"x": STORED_AS[field_type]}))["x"]
        assert family(field_type) == family(stored), field_type
