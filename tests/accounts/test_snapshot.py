import polars as pl
import pytest

from patchbook.accounts import load, read, save
from patchbook.accounts.snapshot import NoSnapshot, NotASnapshot, snapshot_id

CSV = "id,name,employees,since,tags,ok\n1,Müller,5,2020-01-01,a;b,yes\n2,,6,,c,no\n"


def test_the_same_accounts_give_the_same_file_byte_for_byte(a_file, tmp_path):
    first = save(read(a_file(CSV)), tmp_path / "one")
    again = save(read(a_file(CSV)), tmp_path / "two")

    assert first.name == again.name
    assert first.read_bytes() == again.read_bytes()


def test_a_snapshot_comes_back_as_it_was(a_file, tmp_path):
    accounts = read(a_file(CSV), types={"tags": "list"}, geocode=False)

    assert load(save(accounts, tmp_path)).equals(accounts.frame)


@pytest.mark.parametrize(
    "other",
    [
        pl.DataFrame({"a": ["ab", "c"], "b": [1, None]}),
        pl.DataFrame({"a": ["a", "bc"], "b": [1, 0]}),
        pl.DataFrame({"a": ["a", "bc"], "b": [1.0, None]}),
        pl.DataFrame({"a": ["a", "bc"], "c": [1, None]}),
        pl.DataFrame({"a": ["bc", "a"], "b": [None, 1]}),
        pl.DataFrame({"a": ["a", "bc", "a"], "b": [1, None, 1]}),
    ],
)
def test_any_difference_gives_another_id(other):
    assert snapshot_id(pl.DataFrame({"a": ["a", "bc"], "b": [1, None]})) != snapshot_id(other)


def test_the_id_does_not_depend_on_how_memory_holds_the_values():
    whole = pl.DataFrame({"a": ["x", None, "é", "z"], "b": [True, None, False, True], "c": [[1], [], None, [2, 3]]})
    pieces = pl.concat([whole[:1], whole[1:3], whole[3:]], rechunk=False)

    assert snapshot_id(pieces) == snapshot_id(whole)
    assert snapshot_id(whole[1:]) == snapshot_id(pl.DataFrame(whole[1:].to_dict(as_series=False), schema=whole.schema))


def test_lists_differ_by_where_they_are_cut():
    assert snapshot_id(pl.DataFrame({"a": [["x", "y"], ["z"]]})) != snapshot_id(
        pl.DataFrame({"a": [["x"], ["y", "z"]]})
    )
    assert snapshot_id(pl.DataFrame({"a": [["x"], None]})) != snapshot_id(pl.DataFrame({"a": [["x"], []]}))


def test_a_file_changed_after_it_was_written_is_refused(a_file, tmp_path):
    path = save(read(a_file(CSV), geocode=False), tmp_path)
    load(path).with_columns(employees=pl.lit(9)).write_parquet(path)

    with pytest.raises(NotASnapshot, match="was changed after it was written"):
        load(path)


def test_what_is_no_snapshot_is_one_sentence(tmp_path, a_file):
    with pytest.raises(NoSnapshot, match="There is no snapshot"):
        load(tmp_path / "accounts-0.parquet")
    with pytest.raises(NotASnapshot, match="not a Parquet file"):
        load(a_file("hello", "accounts-0.parquet"))


def test_a_snapshot_is_read_back_as_it_was_saved(tmp_path):
    source = tmp_path / "list.csv"
    source.write_text("Id,Company,Zip,Parent,Revenue\nA1,Acme,02139,,$1.2M\nA2,Acme West,94105,A1,n/a\n")
    accounts = read(source)

    again = read(save(accounts, tmp_path))

    assert again.snapshot_id == accounts.snapshot_id
    assert again.frame.equals(accounts.frame)
    assert again.families.sizes.equals(accounts.families.sizes)
