"""Any assignment can be judged by a plan, whoever made it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from patchbook.plans.file import load
from patchbook.plans.prepare import Prepared, prepare
from patchbook.plans.score import BadAssignments, Score, read_assignments
from patchbook.plans.score import score as score_of

COLUMNS = ["West", "Middle", "East"] * 3
PEOPLE = {"West": "Ann", "Middle": "Bo", "East": "Cem"}
PLAN = """\
plan: Grid
accounts: accounts.csv
people: people.csv
measures:
  visits: {from: visits, tolerance: 10%}
layers:
  - carve:
      name: Field
      seats: from people
      balance: [visits]
      compact: true
      keep: {families: true, protect: "name = 'Company 3'"}
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("grid")
    lines = ["account_id,name,latitude,longitude,visits,parent_id,owner"]
    for n in range(9):
        parent = "A1" if n == 3 else ""
        owner = ["Ann", "Ann", "Cem"][n % 3]
        lines.append(f"A{n + 1},Company {n + 1},{43 - n // 3}.0,{n % 3 - 95}.0,2,{parent},{owner}")
    (folder / "accounts.csv").write_text("\n".join(lines) + "\n")
    (folder / "people.csv").write_text("person_id,name\nP1,Ann\nP2,Bo\nP3,Cem\n")
    (folder / "plan.yaml").write_text(PLAN)
    return prepare(load(folder / "plan.yaml"))


def score(prepared: Prepared, assignments: pl.DataFrame) -> Score:
    return score_of(prepared.plan, assignments, prepared=prepared)


def assigned(who: list[str | None], column: str = "territory") -> pl.DataFrame:
    return pl.DataFrame(
        {"account_id": [f"A{n}" for n in range(1, 10)], column: who},
        schema={"account_id": pl.String, column: pl.String},
    )


def values(judged: Score) -> dict[tuple[str, str | None], float | None]:
    return {(figure.measure.key, figure.of): figure.value for figure in judged.figures}


def test_a_perfect_assignment_breaks_nothing(plan: Prepared) -> None:
    judged = score(plan, assigned([PEOPLE[name] for name in COLUMNS], "person"))

    assert judged.feasible
    assert judged.assigned == 9
    assert values(judged)["deviation", "visits"] == 0
    assert values(judged)["compactness", None] == 1
    # Ann had the first two columns and keeps one of them.
    assert values(judged)["disruption", "accounts"] == pytest.approx(3 / 9)


def test_people_may_be_called_by_id_and_seats_by_name(plan: Prepared) -> None:
    by_id = score(plan, assigned([{"West": "P1", "Middle": "P2", "East": "P3"}[name] for name in COLUMNS], "person"))
    by_seat = score(
        plan, assigned([{"West": "Field 1", "Middle": "field 2", "East": "Field 3"}[n] for n in COLUMNS], "seat")
    )

    assert values(by_id) == values(by_seat)


def test_strange_names_of_territories_take_the_seats_that_are_left(plan: Prepared) -> None:
    judged = score(plan, assigned(["Red", "Green", "Cem"] * 3))

    assert judged.feasible
    assert values(judged)["range", "visits"] == 1


def test_what_is_out_of_tolerance_is_named(plan: Prepared) -> None:
    judged = score(plan, assigned(["Ann", "Bo", "Cem", "Ann", "Bo", "Cem", "Ann", "Ann", "Cem"], "person"))

    assert not judged.feasible
    assert any("+33.3%" in message for message in judged.broken)
    assert values(judged)["deviation", "visits"] == pytest.approx(1 / 3)


def test_a_family_in_two_hands_and_a_protected_account_that_moves_are_named(plan: Prepared) -> None:
    judged = score(plan, assigned(["Bo", "Ann", "Ann", "Ann", "Bo", "Cem", "Bo", "Cem", "Cem"], "person"))

    assert "Field: the family of A1 is divided between 2 seats" in judged.broken
    assert [message for message in judged.broken if "Cem" in message] == [
        "Field: A3 is locked to Field 3 (Cem) but is elsewhere"
    ]


def test_more_territories_than_seats_are_named(plan: Prepared) -> None:
    judged = score(plan, assigned(["T1", "T2", "T3", "T1", "T2", "T3", "T4", "T2", "T3"]))

    assert "Field: 1 of the territories are more than its 3 seats: T4" in judged.broken


def test_accounts_left_out_and_accounts_unknown_are_listed(plan: Prepared) -> None:
    frame = assigned([PEOPLE[name] for name in COLUMNS], "person").head(8)
    stranger = pl.DataFrame({"account_id": ["X1"], "person": ["Ann"]})

    judged = score(plan, pl.concat([frame, stranger]))

    assert judged.missing == ("A9",)
    assert judged.unknown == ("X1",)
    assert "Field: 1 account is assigned to nobody" in judged.broken


def test_a_file_without_the_needed_columns_is_one_sentence(plan: Prepared) -> None:
    with pytest.raises(BadAssignments, match="they need account_id and one of seat, person or territory"):
        score(plan, pl.DataFrame({"id": ["A1"]}))


def test_an_account_in_two_lines_is_one_sentence(plan: Prepared) -> None:
    with pytest.raises(BadAssignments, match="Account A1 is assigned in more than one line"):
        score(plan, pl.DataFrame({"account_id": ["A1", "A1"], "person": ["Ann", "Bo"]}))


def test_the_apostrophe_of_an_escaped_cell_is_taken_off(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("account_id,territory,other\nA1,'=East,x\nA2,'Quoted,y\n")

    assert read_assignments(tmp_path / "a.csv")["territory"].to_list() == ["=East", "'Quoted"]


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadAssignments, match="There is no file"):
        read_assignments(tmp_path / "none.csv")


def test_the_score_can_be_written_as_json(plan: Prepared) -> None:
    told = score(plan, assigned([PEOPLE[name] for name in COLUMNS], "person")).to_dict()

    assert json.loads(json.dumps(told))["feasible"] is True
    assert {"measure", "of", "value", "unit", "better"} == set(told["measures"][0])
