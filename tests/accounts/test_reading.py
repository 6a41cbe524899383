import gzip
import json

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts.reading import CannotRead, read_table, sniff_delimiter
from patchbook.accounts.text import UnknownEncoding


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(a_file, mark):
    table = read_table(a_file(mark.join(["id", "name"]) + "\n" + mark.join(["1", '"A, B; C"']) + "\n"))

    assert table.frame.to_dicts() == [{"id": "1", "name": "A, B; C"}]


def test_a_delimiter_inside_quotes_is_not_counted():
    assert sniff_delimiter('id;name\n1;"a,b,c"\n2;"d,e,f"\n') == ";"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_the_encoding_is_found(a_file, encoding):
    table = read_table(a_file("id,name\n1,Müller Söhne\n".encode(encoding)))

    assert table.frame["name"].to_list() == ["Müller Söhne"]
    assert table.frame.columns == ["id", "name"]


def test_two_encodings_in_one_file_are_read_line_by_line(a_file):
    table = read_table(a_file("id,name\n1,Müller\n".encode() + "2,Söhne\n".encode("windows-1252")))

    assert table.frame["name"].to_list() == ["Müller", "Söhne"]
    assert table.notes == ("1 lines of accounts.csv are not UTF-8 and were read as windows-1252, the first on line 3.",)


def test_an_encoding_that_is_told_is_used_and_must_fit(a_file):
    latin = a_file("id,name\n1,Müller\n".encode("latin-1"))

    assert read_table(latin, encoding="latin-1").frame["name"].to_list() == ["Müller"]
    with pytest.raises(UnknownEncoding, match="line 2 has bytes that mean nothing"):
        read_table(latin, encoding="utf-8")
    with pytest.raises(UnknownEncoding, match="No encoding is called 'klingon'"):
        read_table(latin, encoding="klingon")


def test_rows_that_are_too_long_or_too_short_are_rejected_with_their_line(a_file):
    table = read_table(a_file("id,name,city\n1,A,X\n2,B\n3,C,Y,Z\n4,D,W\n"))

    assert table.frame["id"].to_list() == ["1", "4"]
    assert [(one.line, one.found, one.expected) for one in table.rejected] == [
        (3, "2,B", "3 columns, as in the header, and not 2"),
        (4, "3,C,Y,Z", "3 columns, as in the header, and not 4"),
    ]
    assert table.lines.to_list() == [2, 5]


def test_rows_too_short_are_seen_even_where_one_too_long_makes_up_for_them(a_file):
    table = read_table(a_file("id,name\n1\n2,B,\n3,C\n"))

    assert table.frame["id"].to_list() == ["2", "3"]
    assert [one.line for one in table.rejected] == [2]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(a_file):
    table = read_table(a_file('id,name\n1,"Acme\n2,Bolt\n3,Cog\n'))

    assert table.frame["id"].to_list() == ["2", "3"]
    assert [(one.line, one.expected) for one in table.rejected] == [(2, "a closing quote on the same row")]


def test_lines_are_right_after_a_cell_of_several_lines(a_file):
    table = read_table(a_file('id,note\n1,"two\nlines"\n2,plain\n3,"say ""hi"""\n'))

    assert table.lines.to_list() == [2, 4, 5]
    assert table.frame["note"].to_list() == ["two\nlines", "plain", 'say "hi"']


def test_blank_lines_and_a_missing_last_line_end_do_no_harm(a_file):
    table = read_table(a_file("\n\nid,name\n\n1,A\n\n2,B"))

    assert table.frame["id"].to_list() == ["1", "2"]
    assert table.lines.to_list() == [5, 7]


def test_old_line_ends_are_read(a_file):
    assert read_table(a_file(b"id,name\r\n1,A\r\n2,B\r\n")).frame["name"].to_list() == ["A", "B"]
    assert read_table(a_file(b"id,name\r1,A\r2,B\r")).frame["name"].to_list() == ["A", "B"]


def test_repeated_and_missing_column_names_are_told_apart(a_file):
    assert read_table(a_file("id,name,name,\n1,A,B,C\n")).frame.columns == ["id", "name", "name (2)", "column 4"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "accounts.csv is empty; it needs a header line and at least one row."),
        ("\n \n", "accounts.csv holds only blank lines; it needs a header line and at least one row."),
        ("id,name\n", "accounts.csv has a header but no rows; it needs at least one row below the header."),
        ("id,name", "accounts.csv has a header but no rows; it needs at least one row below the header."),
        (
            "id,name\n1\n2\n",
            "accounts.csv has no readable row: all 2 are broken, the first on line 2 "
            "(expected 2 columns, as in the header, and not 1).",
        ),
    ],
)
def test_a_file_without_rows_is_one_sentence(a_file, content, sentence):
    with pytest.raises(CannotRead) as raised:
        read_table(a_file(content))

    assert str(raised.value) == sentence


def test_a_missing_file_names_the_nearest(a_file):
    path = a_file("id\n1\n")

    with pytest.raises(CannotRead, match=r"did you mean accounts\.csv\?"):
        read_table(path.with_name("acounts.csv"))


def test_a_folder_a_large_file_and_a_wrong_kind_are_refused(a_file, tmp_path):
    with pytest.raises(CannotRead, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(CannotRead, match="more than the 3 allowed"):
        read_table(a_file("id\n1\n"), max_bytes=3)
    with pytest.raises(CannotRead, match="not a workbook"):
        read_table(a_file("id\n1\n", "accounts.xlsx"))
    with pytest.raises(CannotRead, match="not a Parquet file"):
        read_table(a_file("id\n1\n", "accounts.parquet"))
    with pytest.raises(CannotRead, match="neither a path nor a table"):
        read_table(42)


def test_a_workbook_is_read_by_sheet(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "zip", "revenue"])
    book.active.append(["A1", 2139, 1234.5])
    book.create_sheet("Other").append(["id"])
    book["Other"].append(["B1"])
    book.save(tmp_path / "book.xlsx")

    first, other = read_table(tmp_path / "book.xlsx"), read_table(tmp_path / "book.xlsx", sheet="Other")

    assert first.frame.to_dicts() == [{"id": "A1", "zip": "2139", "revenue": "1234.5"}]
    assert first.lines.to_list() == [2]
    assert other.frame.to_dicts() == [{"id": "B1"}]
    with pytest.raises(CannotRead, match="its sheets are Sheet, Other"):
        read_table(tmp_path / "book.xlsx", sheet="Third")


def test_json_lines_keep_broken_lines_out_and_lists_together(a_file):
    lines = [json.dumps({"id": 1, "tags": ["a", "b"], "at": {"city": "Rome"}}), "{oops", json.dumps({"id": "2"})]

    table = read_table(a_file("\n".join(lines), "accounts.jsonl"))

    assert table.frame.to_dicts() == [
        {"id": "1", "tags": "a|b", "at.city": "Rome"},
        {"id": "2", "tags": None, "at.city": None},
    ]
    assert table.lines.to_list() == [1, 3]
    assert [(one.line, one.found) for one in table.rejected] == [(2, "{oops")]


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "pyarrow", "parquet"])
def test_frames_of_every_library_are_read(kind, tmp_path):
    data = {"id": ["A1", "A2"], "employees": [3, 4]}
    pl.DataFrame(data).write_parquet(tmp_path / "accounts.parquet")
    source = {
        "pandas": pd.DataFrame(data),
        "polars": pl.DataFrame(data),
        "lazy": pl.LazyFrame(data),
        "pyarrow": pa.table(data),
        "parquet": tmp_path / "accounts.parquet",
    }[kind]

    assert read_table(source).frame.to_dict(as_series=False) == data


def test_a_packed_file_says_what_it_is(a_file):
    with pytest.raises(CannotRead, match="is packed with gzip, not text"):
        read_table(a_file(gzip.compress(b"id,name\n1,A\n")))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00", exclude_categories=("Cs",)), max_size=12)


@given(rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8))
def test_every_row_a_csv_writer_writes_is_read_or_rejected(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    frame = pl.DataFrame([("id", "b", "c"), *rows], schema=["a", "b", "c"], orient="row")
    path.write_bytes(frame.write_csv(include_header=False, quote_style="always").encode())

    table = read_table(path, delimiter=",")

    assert table.frame.height + len(table.rejected) == len(rows)
    assert [row[1] or None for row in rows] == [text or None for text in table.frame[:, 1].to_list()]
