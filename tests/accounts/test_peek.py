"""The beginning of a file, however large it is, and how it was found to be written."""

from __future__ import annotations

import polars as pl
import pytest

from builders.files import workbook
from patchbook.accounts.peek import HEAD_BYTES, Written, peek
from patchbook.accounts.reading import CannotRead


def test_only_the_head_of_a_large_text_is_read(tmp_path):
    path = tmp_path / "large.csv"
    row = "A{};Müller {}\n"
    path.write_text("id;name\n" + "".join(row.format(n, n) for n in range(HEAD_BYTES // 8)), encoding="utf-8")

    found = peek(path)

    assert path.stat().st_size > 2 * HEAD_BYTES
    assert (found.is_whole, found.delimiter, found.encoding) == (False, ";", "UTF-8")
    assert 0 < found.table.frame.height < HEAD_BYTES // 8
    assert found.table.rejected == ()  # the line the head was cut in is not taken for a broken one
    assert found.table.frame.columns == ["id", "name"]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_a_small_text_is_read_whole_in_the_encoding_it_has(tmp_path, encoding):
    path = tmp_path / "small.csv"
    path.write_bytes("id,name\nA1,Müller\n".encode(encoding))

    found = peek(path)

    assert found.is_whole
    assert found.table.frame.row(0) == ("A1", "Müller")


def test_what_a_person_says_of_how_it_is_written_counts(tmp_path):
    path = tmp_path / "told.csv"
    path.write_bytes("id|name;x\nA1|Łódź\n".encode("windows-1250"))

    found = peek(path, Written(encoding="windows-1250", delimiter="|"))

    assert found.table.frame.rows() == [("A1", "Łódź")]


def test_a_workbook_tells_its_sheets_and_shows_the_one_asked_for(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(workbook(First=[["id"], ["A1"]], Second=[["key"], ["B1"], ["B2"]]))

    assert peek(path).sheets == ("First", "Second")
    assert peek(path, Written(sheet="Second")).table.frame["key"].to_list() == ["B1", "B2"]


def test_parquet_and_json_lines_are_looked_at_too(tmp_path):
    pl.DataFrame({"id": [str(n) for n in range(2000)]}).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text('{"id": "A1", "at": {"city": "Bonn"}}\n')
    (tmp_path / "list.json").write_text('[{"id": "A1"}, {"id": "A2"}]')

    assert not peek(tmp_path / "a.parquet").is_whole
    assert peek(tmp_path / "a.jsonl").table.frame.columns == ["id", "at.city"]
    assert peek(tmp_path / "list.json").table.frame.height == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it.csv is empty; it needs a header line and at least one row."),
        (b"\n \n", "it.csv holds only blank lines; it needs a header line and at least one row."),
        (b"id,name\n", "it.csv has a header but no rows; it needs at least one row below the header."),
        (b",,\n1,2,3\n", "it.csv has no column names on line 1; the first line must name the columns."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "it.csv is a picture, not a table; choose a file with columns."),
        (b"%PDF-1.7\n", "it.csv is a PDF, not a table; export the table itself as CSV."),
        (b"PK\x03\x04rest", "it.csv is a ZIP archive or a workbook, not text; unpack it or give it its right ending."),
        (bytes(5000), "it.csv holds nothing but binary zeros; export it again."),
        (
            bytes(range(1, 256)) * 10,
            "it.csv is not text: it is full of signs that no table is written with; choose another file.",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(tmp_path, content, says):
    (tmp_path / "it.csv").write_bytes(content)

    with pytest.raises(CannotRead) as refused:
        peek(tmp_path / "it.csv")

    assert str(refused.value) == says
