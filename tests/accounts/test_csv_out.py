import csv
import io
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.csv_out import FolderNotWritable, escape_formula, write_csv


def test_cells_that_would_run_are_escaped_and_numbers_are_not(tmp_path):
    frame = pl.DataFrame(
        {
            "text": ["=1+1", "+cmd", "-5", "@x", "\tx", "Acme", None],
            "number": [-1.5, 2.0, None, 0.0, 1.0, 1.0, 1.0],
            "day": [date(2026, 2, 1)] * 7,
            "tags": [["=a", "b"], [], None, ["c"], ["c"], ["c"], ["c"]],
        }
    )

    rows = list(csv.reader(io.StringIO(write_csv(frame, tmp_path / "out.csv").read_bytes().decode(), newline="")))

    assert rows[0] == ["text", "number", "day", "tags"]
    assert rows[1] == ["'=1+1", "-1.5", "2026-02-01", "'=a;b"]
    assert [row[0] for row in rows[2:]] == ["'+cmd", "-5", "'@x", "'\tx", "Acme", ""]


def test_a_folder_is_made_and_nothing_but_the_file_is_left(tmp_path):
    path = write_csv(pl.DataFrame({"a": [1]}), tmp_path / "new" / "out.csv")

    assert [entry.name for entry in path.parent.iterdir()] == ["out.csv"]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(FolderNotWritable, match=r"Cannot write .*; name a folder you may write to"):
        write_csv(pl.DataFrame({"a": [1]}), tmp_path / "file" / "out.csv")


def test_a_file_that_is_there_survives_a_failure(tmp_path):
    path = write_csv(pl.DataFrame({"a": [1]}), tmp_path / "out.csv")

    with pytest.raises(pl.exceptions.PolarsError):
        write_csv(pl.DataFrame({"a": [{"b": 1}]}), path)

    assert path.read_text() == "a\n1\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]


@given(st.text(max_size=20))
def test_no_escaped_text_begins_a_formula_unless_it_is_a_number(text):
    escaped = escape_formula(text)

    assert escaped.removeprefix("'") == text.removeprefix("'") or escaped == f"'{text}"
    assert escaped[:1] not in tuple("=@\t\r") or escaped == ""
    if escaped[:1] in ("+", "-"):
        assert float(escaped) is not None
