import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchbook.accounts import read
from patchbook.accounts.families import find_families


def families(parents: dict[str, str | None], names=None):
    ids, named = pl.Series(list(parents)), pl.Series(list(parents.values()), dtype=pl.String)
    return find_families(ids, named, names)


def test_everybody_under_one_ultimate_parent_is_one_family():
    found = families({"A": None, "B": "A", "C": "B", "D": "C", "E": None})

    assert found.family_id.to_list() == ["A", "A", "A", "A", "E"]
    assert found.sizes.rows() == [("A", 4)]


def test_a_loop_of_parents_is_reported_and_kept_together():
    found = families({"A": "C", "B": "A", "C": "B", "D": "C", "E": None})

    assert found.loops == (("A", "C", "B"),)
    assert found.family_id.to_list() == ["A", "A", "A", "A", "E"]


def test_an_account_that_is_its_own_parent_is_simply_a_head():
    found = families({"A": "A", "B": "A"})

    assert found.family_id.to_list() == ["A", "A"]
    assert found.loops == ()


def test_children_of_a_parent_the_file_lacks_are_one_family():
    found = families({"A": "X", "B": "X", "C": "A"})

    assert found.family_id.to_list() == ["X", "X", "X"]
    assert found.orphans.rows() == [("A", "X"), ("B", "X")]


def test_a_parent_may_be_named_instead_of_numbered():
    found = families({"1": None, "2": "acme inc", "3": "Nobody"}, pl.Series(["Acme Inc", "Acme West", "Cog"]))

    assert found.family_id.to_list() == ["1", "1", "Nobody"]


def test_a_file_with_loops_and_orphans_is_read_and_says_so(a_file):
    accounts = read(a_file("id,parent_id\nA,B\nB,A\nC,Z\n"), geocode=False)

    assert accounts.frame["family_id"].to_list() == ["A", "A", "Z"]
    assert accounts.problems.rows() == [
        ("parent loop", "A", None, "A → B → A are each other's parents."),
        ("orphan", "C", "parent_id", "Its parent Z is not among the accounts."),
    ]


@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=25))
def test_pointer_jumping_agrees_with_walking_up(parents):
    named = {f"{row}": None if parent is None else f"{parent}" for row, parent in enumerate(parents)}

    found = families(named)

    for account, family in zip(named, found.family_id.to_list(), strict=True):
        path = [account]
        while (above := named.get(path[-1])) is not None and above not in path:
            path.append(above)
        if above is None:
            assert family == path[-1]
        elif above == path[-1]:
            assert family == above
        else:
            loop = path[path.index(above) :]
            assert family == min(loop, key=int)
            assert any(set(loop) == set(told) for told in found.loops)


def test_a_chain_of_a_hundred_thousand_takes_a_moment():
    count = 100_000
    ids = pl.Series([f"{number}" for number in range(count)])

    found = find_families(ids, pl.Series([None, *ids[:-1].to_list()]))

    assert found.family_id.unique().to_list() == ["0"]


@pytest.mark.parametrize("parent", [None, pl.Series([None, None], dtype=pl.String)])
def test_without_parents_everybody_is_alone(parent):
    assert find_families(pl.Series(["A", "B"]), parent).family_id.to_list() == ["A", "B"]
