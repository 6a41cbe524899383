"""Files that are small and would not be once unpacked."""

from __future__ import annotations

import zipfile

import openpyxl
import polars as pl
import pytest

from patchbook.accounts import bounds
from patchbook.accounts.reading import CannotRead, read_table


def a_bomb(path, *, says=None):
    """A workbook with a sheet of 40 MB of blanks in some 40 kB; `says` is the size it gives itself."""
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.active.append(["A1"])
    book.save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 40_000_000)
    if says is not None:
        content = path.read_bytes()
        path.write_bytes(content.replace((40_000_000).to_bytes(4, "little"), says.to_bytes(4, "little")))
    return path


@pytest.mark.parametrize("says", [None, 1_000])
def test_a_workbook_that_would_fill_the_memory_is_refused_whatever_it_says_of_its_size(tmp_path, says):
    with pytest.raises(CannotRead, match=r"bomb\.xlsx would be more than 100 times as large unpacked; save it as CSV"):
        read_table(a_bomb(tmp_path / "bomb.xlsx", says=says))


def test_a_workbook_of_too_many_parts_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "many.xlsx", "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}.xml", "")

    with pytest.raises(CannotRead, match="has 1,001 parts; a workbook has at most 1,000"):
        read_table(tmp_path / "many.xlsx")


def test_a_workbook_that_is_broken_inside_is_refused(tmp_path):
    path = a_bomb(tmp_path / "book.xlsx")
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(content)

    with pytest.raises(CannotRead, match=r"book\.xlsx is not a workbook that can be opened"):
        read_table(path)


def test_parquet_of_too_many_cells_is_refused(tmp_path, monkeypatch):
    pl.DataFrame({"id": ["a"] * 60, "name": ["b"] * 60}).write_parquet(tmp_path / "many.parquet")
    assert read_table(tmp_path / "many.parquet").frame.height == 60

    monkeypatch.setattr(bounds, "MOST_CELLS", 100)

    with pytest.raises(CannotRead, match=r"has 120 cells, more than the 100 taken at once; split it\."):
        read_table(tmp_path / "many.parquet")
