"""What people get wrong, from end to end: one sentence and exit code 2, or the good part carved and the rest told."""

from __future__ import annotations

import polars as pl
import pytest

HEADER = "account_id,name,latitude,longitude,potential,parent_id,language"
PEOPLE = "person_id,name,languages\nP1,Ann,English\nP2,Bo,English\nP3,Cem,Welsh\n"


def grid_with(**changes: dict[str, object]) -> str:
    """The 3×3 grid as a CSV, some cells of some accounts changed."""
    lines = [HEADER]
    for n in range(1, 10):
        cells = {
            "account_id": f"A{n}",
            "name": f"Company {n}",
            "latitude": 43 - (n - 1) // 3,
            "longitude": -95 + (n - 1) % 3,
            "potential": 1,
            "parent_id": "",
            "language": "English",
        }
        lines.append(",".join(str(value) for value in (cells | changes.get(f"A{n}", {})).values()))
    return "\n".join([*lines, ""])


@pytest.fixture
def carve(patchbook_says, grid):
    """Carves the grid with other accounts or another plan: the exit code, what was said, the result's folder."""

    def run(*, accounts: str | bytes | None = None, plan: dict[str, str] | None = None, more: str = ""):
        text = accounts if accounts is not None else grid_with()
        (grid.parent / "accounts.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        (grid.parent / "people.csv").write_text(PEOPLE)
        for old, new in (plan or {}).items():
            assert old in grid.read_text()
            grid.write_text(grid.read_text().replace(old, new))
        grid.write_text(grid.read_text() + more)
        code, printed, complained = patchbook_says("carve", grid, "--out", grid.parent / "result", "--seconds", 2)
        return code, printed + complained, grid.parent / "result"

    return run


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ("", "accounts.csv is empty"),
        (f"{HEADER}\n", "accounts.csv has a header but no rows"),
        ("name,potential\nAlpha,1\nAlpha,2\n", "accounts.csv has no column that is the account_id"),
        (grid_with(A2={"potential": -5}), "negative for 1 account, first A2 with -5"),
        (grid_with(A2={"potential": "inf"}), "infinite for 1 account, first in line 3 of accounts.csv: found 'inf'"),
        (grid_with(**{f"A{n}": {"potential": 0} for n in range(1, 10)}), "is 0 for all 9 accounts"),
    ],
    ids=["empty", "only a header", "no id column", "a negative measure", "an infinite measure", "a measure of zeros"],
)
def test_accounts_nothing_can_be_made_of(carve, accounts, said):
    code, told, result = carve(accounts=accounts)

    assert code == 2
    assert said in told
    assert told.count("\n") == 1
    assert not result.exists()


@pytest.mark.parametrize(
    ("plan", "more", "said"),
    [
        (
            {"tolerance": "tolerence"},
            "",
            "line 4: 'tolerence' is not a setting of a measure; did you mean",
        ),
        ({"  potential": "\tpotential"}, "", "line 4: the line is indented with a tab"),
        (
            {"balance:": 'where: "potentail > 0", balance:'},
            "",
            "no field is called 'potentail'; did you mean",
        ),
        ({"from: potential": "from: revenue"}, "", "plan.yaml line 4 (measures.potential)"),
        ({"accounts.csv": "acounts.csv"}, "", "line 2: the file 'acounts.csv' is not in"),
        ({"seats: 3": "seats: 12"}, "", "has 9 accounts for 12 seats"),
        ({}, "locks:\n  - {account: A1, seat: Fild 1}\n", "names 'Fild 1', but Field has no such seat"),
    ],
    ids=[
        "a typo",
        "a tab",
        "an unknown field",
        "an unknown column",
        "a missing file",
        "few accounts",
        "a lock to nowhere",
    ],
)
def test_plans_that_cannot_be_meant(carve, plan, more, said):
    code, told, result = carve(plan=plan, more=more)

    assert code == 2
    assert said in told
    assert told.count("\n") == 1
    assert not result.exists()


def test_two_locks_in_one_family_name_both_accounts(carve):
    locks = "locks:\n  - {account: A1, seat: Field 1}\n  - {account: A2, seat: Field 2}\n"

    code, told, _ = carve(accounts=grid_with(A2={"parent_id": "A1"}), more=locks)

    assert code == 2
    assert "A1 and A2 are one family but are locked to Field 1 and Field 2" in told


def test_a_doubled_id_is_rejected_with_the_line_of_the_first(carve):
    code, _, result = carve(accounts=grid_with(A9={"account_id": "A1"}))

    assert code == 0
    assert pl.read_csv(result / "rejected.csv").row(0)[:3] == (10, "account_id", "A1")
    assert pl.read_csv(result / "assignments.csv").height == 8


def test_forty_percent_bad_rows_do_not_cost_the_good_ones(carve):
    lines = grid_with().splitlines()
    broken = [f"{line},too,many" if n in {2, 4, 6, 8} else line for n, line in enumerate(lines)]

    _, _, result = carve(accounts="\n".join(broken))

    assert pl.read_csv(result / "assignments.csv")["account_id"].to_list() == ["A1", "A3", "A5", "A7", "A9"]
    assert pl.read_csv(result / "rejected.csv")["line"].to_list() == [3, 5, 7, 9]


def test_lines_in_two_encodings_are_both_read(carve):
    mixed = grid_with(A1={"name": "Café"}).encode().replace(b"Company 2", "Café".encode("latin-1"))

    code, _, result = carve(accounts=mixed)

    assert code == 0
    assert pl.read_csv(result / "assignments.csv")["name"].to_list()[:2] == ["Café", "Café"]


def test_a_loop_of_parents_is_told_and_carved(carve):
    code, _, result = carve(accounts=grid_with(A1={"parent_id": "A2"}, A2={"parent_id": "A1"}))

    assert code == 0
    assert pl.read_csv(result / "problems.csv")["kind"].to_list() == ["parent loop"]


def test_an_account_larger_than_everything_has_a_seat_of_its_own(carve):
    code, told, result = carve(accounts=grid_with(A5={"potential": 1000}))

    assert code == 0
    assert "1 territory holds an account larger than its share." in told
    accounts = sorted(pl.read_csv(result / "territories.csv")["accounts"])
    assert accounts[0] == 1
    assert accounts[1:] in ([3, 5], [4, 4])  # a share is four, give or take 30 %


def test_a_person_nobody_suits_is_told_by_name(carve):
    code, _, result = carve(
        plan={
            "accounts: accounts.csv": "accounts: accounts.csv\npeople: people.csv",
            "seats: 3": "seats: from people, require: {language: languages}",
        }
    )

    problems = pl.read_csv(result / "problems.csv").filter(pl.col("kind") == "no eligible account")
    assert code == 1
    assert "Cem may take no account of Field" in problems["message"][0]


@pytest.mark.parametrize(("seats", "code"), [(3, 0), (4, 1)])
def test_a_tolerance_of_nothing_is_met_where_it_can_be(carve, seats, code):
    found, _, result = carve(plan={"30%": "0%", "seats: 3": f"seats: {seats}"})

    assert found == code
    assert pl.read_csv(result / "assignments.csv").height == 9


@pytest.mark.parametrize("contiguous", ["counties", "neighbours"])
def test_an_island_does_not_make_one_piece_impossible(carve, contiguous):
    honolulu = {"latitude": 21.3, "longitude": -157.8}

    code, _, result = carve(accounts=grid_with(A9=honolulu), plan={"balance:": f"contiguous: {contiguous}, balance:"})

    assert code == 0
    assert pl.read_csv(result / "territories.csv")["contiguous"].to_list() == ["yes"] * 3
