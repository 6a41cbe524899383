import polars as pl
import pytest

from patchbook.accounts.cleaning import infer_type


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        (["12", "-3", "7"], "count"),
        (["1.5", "2,75", "3"], "number"),
        (["5%", "7.5 %"], "percentage"),
        (["$ 5", "US$7"], "money"),
        (["2020-01-31", "2021-02-01"], "date"),
        (["31.12.2025", "01.01.2026"], "date"),
        (["yes", "No"], "boolean"),
        (["0111", "0112"], "text"),
        (["31-33", "54"], "text"),
        (["1", "0"], "count"),
        (["a", "b"], "text"),
        ([None, None], "text"),
    ],
)
def test_a_column_has_the_type_nearly_all_its_cells_have(cells, type_):
    assert infer_type(pl.Series(cells, dtype=pl.String)) == type_


def test_one_odd_cell_in_a_hundred_does_not_make_numbers_text():
    assert infer_type(pl.Series([*map(str, range(1, 100)), "many"])) == "count"


@pytest.mark.parametrize(
    ("series", "type_"),
    [
        (pl.Series([True]), "boolean"),
        (pl.Series([1.5]), "number"),
        (pl.Series([1]), "count"),
        (pl.Series([["a"]]), "list"),
    ],
)
def test_a_column_of_a_frame_keeps_its_type(series, type_):
    assert infer_type(series) == type_
