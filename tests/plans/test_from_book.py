"""A plan of learned rules and their exceptions gives the book back exactly."""

from __future__ import annotations

import polars as pl
import pytest

from patchbook.plans.carve import carve
from patchbook.plans.file import load
from patchbook.plans.from_book import Book, NoAssignment, book_of, plan_of, write
from patchbook.plans.out.folder import write as write_folder
from patchbook.rules.learn import learn
from tests.plans.conftest import some_accounts, write_rows

REPS = ("West", "East", "", "South")


@pytest.fixture
def a_file(tmp_path):
    """Accounts with a column that says which territory each is in, nearly by state."""
    path = tmp_path / "accounts.csv"
    write_rows(path, some_accounts(60, patch=lambda i: REPS[i % 12 % 4] if i != 13 else "South"))
    return path


def carved_again(path) -> dict[str, str | None]:
    assignments = carve(load(path)).assignments
    return dict(assignments.select("account_id", "territory").iter_rows())


@pytest.mark.parametrize("fidelity", [0.4, 0.9, 1.0])
def test_the_plan_written_gives_exactly_the_assignment_there_was(a_file, tmp_path, fidelity):
    book = book_of(a_file, column="patch")
    learned = learn(book.accounts, book.territory, fidelity=fidelity)
    (tmp_path / "rules").mkdir()

    written = write(book, learned, tmp_path / "rules" / "plan.yaml")

    wanted = dict(zip(book.accounts["account_id"], book.territory.fill_null("House"), strict=True))
    assert carved_again(written[0]) == wanted
    assert len(written) == 1 + bool(learned.exceptions.height)


def test_a_carve_becomes_rules_that_give_the_same(carved, tmp_path):
    result = carved()
    write_folder(result, tmp_path / "out")
    book = book_of(tmp_path / "out")
    learned = learn(book.accounts, book.territory, fidelity=0.9)

    plan = write(book, learned, tmp_path / "rules.yaml")[0]

    assert carved_again(plan) == dict(result.assignments.select("account_id", "territory").iter_rows())


def test_a_carve_can_be_learned_with_all_fields_of_its_accounts(carved, tmp_path):
    write_folder(carved(), tmp_path / "out")

    book = book_of(tmp_path / "out", accounts=tmp_path / "accounts.csv")

    assert "industry" in book.accounts.columns
    assert book.territory.null_count() == 0


def test_exceptions_stand_in_a_list_before_the_rules_and_the_rest_comes_last(tmp_path):
    accounts = pl.DataFrame({"account_id": ["A1", "A2", "A3", "A4"], "state": ["GA", "GA", "GA", "FL"]})
    book = Book(name="b", file=tmp_path / "a.csv", accounts=accounts, territory=pl.Series(["E", "E", "S", "S"]))

    plan, exceptions = plan_of(book, learn(accounts, book.territory, fidelity=0.7), beside=tmp_path / "plan.yaml")

    assert exceptions.rows() == [("A3", "S")]
    assert [layer.name for layer in plan.layers] == ["Exceptions", "S", "E"]
    assert [getattr(layer, "where", None) for layer in plan.layers] == [None, "state = 'FL'", "TRUE"]


def test_the_column_of_territories_is_no_field_of_the_rules(a_file):
    for column in ("patch", "owner"):
        assert column not in book_of(a_file, column=column).accounts.columns


def test_a_book_that_is_told_wrongly_is_one_sentence(a_file, carved, tmp_path):
    with pytest.raises(NoAssignment, match="name the column with their territories: --territory"):
        book_of(a_file)
    with pytest.raises(NoAssignment, match="has no column 'pach'; did you mean 'patch'"):
        book_of(a_file, column="pach")
    with pytest.raises(NoAssignment, match="a file of accounts has its own"):
        book_of(a_file, column="patch", accounts=a_file)
    write_folder(carved(), tmp_path / "out")
    with pytest.raises(NoAssignment, match="leave --territory out"):
        book_of(tmp_path / "out", column="patch")
